"""Twofold arithmetic: every result within its bound of mpmath's, and what is settled the bits of the careful path."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mpmath import mpf

import actlab
from actlab import _core
from actlab.functions.catalogue import names
from actlab.functions.evaluate import run
from actlab.functions.program import FIRST_CONSTANT, OPCODE

WORK = 700  # bits of the judge, whose functions do not cancel
FUNCTION = 2.0**-94  # what the functions claim, of their size; core/isa/twofold/ball.h
ISAS = pytest.mark.parametrize("isa", _core.instruction_sets())
JUDGE = {
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": mp.log,
    "log1p": mp.log1p,
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "tanh": mp.tanh,
    "sech2": lambda x: 4 * mp.exp(2 * x) / (mp.exp(2 * x) + 1) ** 2,
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    "erf": mp.erf,
    "normcdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    "normpdf": lambda x: mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi),
    "atan": mp.atan,
    "sin": mp.sin,
    "cos": mp.cos,
    "sqrt": mp.sqrt,
}
# Where a form, a piece or a reduction begins, and how far out a function is asked for.
BORDERS = {
    "exp": (0.34657359, 1.0397, 690.0), "expm1": (0.34657359, 1.0397, 45.0), "log": (0.70710678, 1.41421356, 1.0),
    "log1p": (0.41421356, -0.29289322, -0.999), "sigmoid": (0.3466, 40.0), "tanh": (0.1733, 20.0),
    "sech2": (0.1733, 300.0), "softplus": (0.3466, 40.0), "erf": (1.0, 0.8397, 1.98874, 3.5797, 5.833),
    "normcdf": (1.1875, 2.8125, 5.0625, 8.25, 12.5, 18.75, 27.0, 36.0), "normpdf": (0.8325, 36.0), "sqrt": (1.0,),
    "sin": (0.785398, 1.570796, 3.14159265, 355.0, 400_000.0), "cos": (0.785398, 1.570796, 4.712389, 400_000.0),
    "atan": (0.41421356, 2.41421356, 1.0),
}  # fmt: skip


def instructions(rows, constants=()):
    """A program from (name, destination, operands) and the numbers that operands 256 and up stand for."""
    code = [
        [OPCODE[name], d, d if name != "exp_expm1" else d + 1, *operands, *(0,) * (3 - len(operands))]
        for name, d, operands in rows
    ]
    return np.array(code, np.uint16), np.array(constants, np.float64), 8


def balls(program, x, isa=""):
    """(value or derivative of each x) as a list of pairs of mpf: the number and the bound of its error."""
    found = _core.twofold(*program, np.ascontiguousarray(x, np.float64), isa)
    with mp.workprec(WORK):
        return [[(mpf(float(h)) + mpf(float(low)), mpf(float(r))) for h, low, r in each] for each in found]


def arguments(name, rng):
    """Both signs, all sizes that are not out of reach, and the neighbourhoods of the borders."""
    spread = np.ldexp(rng.uniform(1, 2, 120), rng.integers(-60, 9, 120))
    near = np.concatenate(
        [
            b * (1 + rng.choice([0, 1, -1], 12) * np.ldexp(rng.uniform(0, 1, 12), rng.integers(-52, -2, 12)))
            for b in BORDERS[name]
        ]
    )
    x = np.concatenate([spread, near, np.array(BORDERS[name])])
    if name in ("log", "sqrt"):
        return np.concatenate([x, np.ldexp(x, 600), np.ldexp(x, -600)])
    x = np.concatenate([x, -x])
    return x[x > -1] if name == "log1p" else x


@ISAS
@pytest.mark.parametrize("name", JUDGE)
def test_functions_keep_their_bounds(name, isa):
    x = arguments(name, np.random.default_rng(sorted(JUDGE).index(name)))
    worst = 0.0
    for at, ((value, bound), _) in zip(x.tolist(), balls(instructions([(name, 1, (0,))]), x, isa), strict=True):
        with mp.workprec(WORK):
            want = JUDGE[name](mpf(at))
            if abs(want) < 2.0**-900:
                continue
            assert mp.isfinite(bound), at
            assert abs(value - want) <= bound, at
            worst = max(worst, float(abs(value - want) / abs(want)))
            if name not in ("log1p", "sin", "cos"):  # those say more beside their zeros
                assert bound <= 1.01 * FUNCTION * abs(want), at
    if name not in ("log1p", "sin", "cos"):
        assert worst < FUNCTION / 8  # a margin: this is a sample


@ISAS
@pytest.mark.parametrize("name", JUDGE)
def test_functions_of_two_parts_keep_their_bounds(name, isa):
    """Arguments that no double holds: a x + b, rounded nowhere."""
    rng = np.random.default_rng(len(name))
    scale = {"sin": 1.0, "cos": 1.0}.get(name, 1 / 3)
    shift = 1.0 if name in ("log", "sqrt", "log1p") else 1e-9
    x = rng.normal(0, 1, 60) * 10 ** rng.uniform(-3, 1.3, 60)
    if shift == 1.0:
        x = np.abs(x)
    program = instructions([("mul", 3, (0, 256)), ("add", 3, (3, 257)), (name, 1, (3,))], [scale, shift])
    for at, ((value, bound), _) in zip(x.tolist(), balls(program, x, isa), strict=True):
        with mp.workprec(WORK):
            want = JUDGE[name](mpf(at) * mpf(scale) + mpf(shift))
            if abs(want) < 2.0**-900:
                continue
            assert abs(value - want) <= bound, at
            assert bound <= 2.0**-85 * max(abs(want), 2.0**-10 if name == "log" else 0), at  # near 1 log cancels


@ISAS
def test_tanh_of_softplus_keeps_its_bound(isa):
    x = np.concatenate([np.linspace(-30, 18, 97), [1e-9, -1e-9, -200.0]])
    code = np.array([[OPCODE["tanh_softplus_pair"], 1, 2, 0, 0, 0]], np.uint16)
    for at, found in zip(x.tolist(), balls((code, np.zeros(0), 3), x, isa), strict=True):
        with mp.workprec(WORK):
            e = mp.exp(mpf(at))
            m = e * (e / 2 + 1)
            for (value, bound), want in zip(found, (m / (m + 1), (e + e * e) / (m + 1) ** 2), strict=True):
                assert abs(value - want) <= bound <= 2.0**-80 * want, at


JOINING = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "min": min, "max": max, "pow": lambda a, b: a**b,
}  # fmt: skip
SMOOTH = (
    "exp",
    "log1p",
    "sigmoid",
    "tanh",
    "softplus",
    "erf",
    "normcdf",
    "normpdf",
    "atan",
    "sin",
    "cos",
    "sqrt",
    "sech2",
    "expm1",
)


@st.composite
def chains(draw):
    """Up to eight steps, each of the one before and x, or a number."""
    steps = []
    for _ in range(draw(st.integers(2, 8))):
        if draw(st.booleans()):
            steps.append((draw(st.sampled_from(SMOOTH)), None))
        else:
            other = draw(st.one_of(st.none(), st.floats(-4, 4).filter(lambda v: abs(v) > 1e-3)))
            steps.append((draw(st.sampled_from(sorted(JOINING))), other))
    return steps


@given(chains(), st.lists(st.floats(-30, 30), min_size=3, max_size=9), st.sampled_from(_core.instruction_sets()))
@example(
    [("tanh", None), ("add", None), ("sub", None), ("log1p", None)], [-14.0, -15.0, -18.0], _core.instruction_sets()[0]
)
@example([("max", None), ("sqrt", None)], [0.0, 0.0, 1.5459835300826e-302], _core.instruction_sets()[0])
@example([("mul", 1e-200), ("div", 3e-300)], [1e-105, -2.5e-101, 1.0], _core.instruction_sets()[0])
@settings(max_examples=150, deadline=None)
def test_chains_keep_their_bounds_and_their_bits(steps, x, isa):
    rows, constants, last = [], [], 0
    for k, (name, other) in enumerate(steps):
        operands = (last,) if name in SMOOTH else (last, 0 if other is None else FIRST_CONSTANT + len(constants))
        if other is not None and name not in SMOOTH:
            constants.append(other)
        last = 1 if k == len(steps) - 1 else 3 + k % 2
        rows.append((name, last, operands))
    program = instructions(rows, constants)
    x = np.array(x)
    everywhere = np.array([[-1e300, 1e300]])
    found = np.empty_like(x)
    _core.evaluate(*program, x, found, None, everywhere, None, isa)
    np.testing.assert_array_equal(found.view(np.int64), _core.careful(*program, x)[0].view(np.int64))
    for at, ((value, bound), _) in zip(x.tolist(), balls(program, x, isa), strict=True):
        if not (mp.isfinite(bound) and mp.isfinite(value)):
            continue
        with mp.workprec(WORK):
            y = mpf(at)
            for name, other in steps:
                y = JUDGE[name](y) if name in SMOOTH else JOINING[name](y, mpf(at) if other is None else mpf(other))
            assert isinstance(y, mpf), (at, "complex")
            assert abs(value - y) <= bound, at


@ISAS
@pytest.mark.parametrize("name", names())
def test_built_ins_have_the_bits_of_the_careful_path(name, isa):
    program = actlab.get(name).program("both")
    rng = np.random.default_rng(3)
    for dtype in (np.float64, np.float32):
        x = np.concatenate([rng.normal(0, 3, 150), np.ldexp(rng.uniform(-2, 2, 50), rng.integers(-40, 7, 50))]).astype(
            dtype
        )
        value, derivative = np.empty_like(x), np.empty_like(x)
        everywhere = np.array([[-3e38, 3e38]])
        numbers = (program.code, program.constants, program.n_registers)
        _core.evaluate(*numbers, x, value, derivative, everywhere, everywhere, isa)
        first, second, _ = _core.careful(*numbers, x)
        np.testing.assert_array_equal(value, first)
        np.testing.assert_array_equal(derivative, second)


@pytest.mark.parametrize(
    "formula", [*names(), "sin(3*x)", "exp(-x*x)*sin(x)", "log(1+x*x)", "sqrt(1+x*x)-x", "atan(x)**3"]
)
def test_ordinary_numbers_are_settled(formula):
    """All but a few of them: what is not takes a hundred times as long."""
    program = actlab.get(formula).program("both")
    x = np.linspace(-6, 6, 999)[1::2] + 1e-3
    found = _core.twofold(program.code, program.constants, program.n_registers, x)
    size, bound = np.abs(found[:, :, 0]), found[:, :, 2]
    assert np.mean((bound <= 2.0**-70 * size) | (size == 0)) > 0.98
    assert np.isfinite(run(program, x, True, True)[0]).all()
