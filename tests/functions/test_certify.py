"""The error analysis: what it certifies is as good as it says, what it does not is told in few intervals."""

import mpmath as mp
import numpy as np
import pytest
from formula_strategies import functions
from hypothesis import example, given, settings
from hypothesis import strategies as st
from within_reach import real_value

from actlab import _core
from actlab.functions.activation import get
from actlab.functions.catalogue import names
from actlab.functions.certify import enclose, intervals
from actlab.functions.compile import compile_both
from actlab.functions.derivative import derivative
from actlab.functions.expression import Expression
from actlab.functions.interpret import evaluate_mpmath
from actlab.functions.parser import parse
from actlab.functions.program import Program
from actlab.text import UserError

FLOAT, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)
MANTISSA, LOWEST = {FLOAT: 24, DOUBLE: 53}, {FLOAT: -149, DOUBLE: -1074}


def spread(n: int, seed: int, kind: np.dtype) -> np.ndarray:
    """Numbers of every size and both signs, most of them ordinary."""
    rng = np.random.default_rng(seed)
    low, high = LOWEST[kind], 127 if kind == FLOAT else 1023
    sizes = np.concatenate([np.exp2(rng.uniform(low, high, n // 2)), np.exp2(rng.uniform(-12, 6, n - n // 2))])
    return (rng.choice([-1.0, 1.0], n) * sizes).astype(kind).astype(np.float64)


def inside(x: np.ndarray, found: np.ndarray) -> np.ndarray:
    return np.any((x[:, None] >= found[:, 0]) & (x[:, None] <= found[:, 1]), axis=1)


def units(got: float, want: mp.mpf, kind: np.dtype) -> float:
    if not np.isfinite(got):
        return np.inf
    exponent = max(mp.frexp(want)[1] - MANTISSA[kind], LOWEST[kind]) if want else LOWEST[kind]
    return float(abs(mp.mpf(float(got)) - want) / mp.ldexp(1, exponent))


def fast(program: Program, x: np.ndarray, kind: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """The program as the core runs it where nothing is in doubt."""
    x = x.astype(kind)
    value, slope = np.empty_like(x), np.empty_like(x)
    _core.evaluate(program.code, program.constants, program.n_registers, x, value, slope)
    return value, slope


@pytest.mark.parametrize("kind", [FLOAT, DOUBLE], ids=str)
@pytest.mark.parametrize("name", names())
def test_what_is_certified_is_right(name: str, kind: np.dtype) -> None:
    f = get(name)
    program = f.program("both")
    x = spread(140, 5, kind)
    results = fast(program, x, kind)
    trees = f.expression, f.derivative_expression
    bar = 0.5 + 2.0**-8 if kind == FLOAT else 4.0
    for found, result, tree in zip(intervals(program, kind), results, trees, strict=True):
        certified = np.flatnonzero(~inside(x, found))
        assert len(certified) > 20
        with mp.workprec(2400):
            for k in certified:
                want = evaluate_mpmath(tree, mp.mpf(x[k]))
                if abs(want) < np.finfo(kind).max:
                    assert units(result[k], want, kind) <= bar, x[k]


@pytest.mark.parametrize(
    ("formula", "register", "kind", "x"),
    [
        ("x - sin(x)", 1, FLOAT, 1e-4),
        ("x - sin(x)", 1, DOUBLE, 1e-2),
        ("sqrt(1 + x**2) - 1", 1, FLOAT, 1e-7),
        ("(1 - cos(x))/x", 1, FLOAT, 1e-6),
        ("gelu(x)", 2, DOUBLE, -0.7517915246935645),
        ("silu(x)", 2, DOUBLE, -1.2784645427610738),
        ("mish(x)", 2, DOUBLE, -1.19240576),
        ("gelu(x)", 1, DOUBLE, -37.8),
        ("gelu_tanh(x)", 2, DOUBLE, 5e251),
        ("squareplus(x)", 1, DOUBLE, -1e200),
        ("exp(x) / (2 + exp(x))", 1, DOUBLE, 800.0),
        ("(x + 1e10) - 1e10", 1, DOUBLE, 0.3),
    ],
)
def test_what_is_known_to_fail_is_found(formula: str, register: int, kind: np.dtype, x: float) -> None:
    found = intervals(get(formula).program("both"), kind)[register - 1]
    assert inside(np.array([float(kind.type(x))]), found)[0]


@pytest.mark.parametrize(
    "formula", ["x", "relu(x)", "tanh(x)", "softplus(x)", "exp(x)", "sin(x)", "x*normcdf(x)", "x - tanh(x)", "abs(x)"]
)
def test_no_false_alarm_in_float32(formula: str) -> None:
    value, slope = intervals(get(formula).program("both"), FLOAT)
    assert len(value) == len(slope) == 0 or formula == "x*normcdf(x)"
    for low, high in slope:  # the zero of gelu′
        assert low <= -0.7517915 <= high
        assert high - low < 1e-4


@pytest.mark.parametrize("kind", [FLOAT, DOUBLE], ids=str)
def test_intervals_are_few_sorted_and_apart(kind: np.dtype) -> None:
    for formula in ("sin(exp(x)) - x", "silu(x)", "sin(x)*x - cos(x)"):
        for found in intervals(get(formula).program("both"), kind):
            assert found.shape == (len(found), 2)
            assert len(found) <= 16
            assert np.all(found[:, 0] <= found[:, 1])
            assert np.all(found[1:, 0] > found[:-1, 1])
            assert np.array_equal(found, found.astype(kind).astype(np.float64))


def test_only_what_is_written_is_judged() -> None:
    f = get("x - sin(x)")
    assert len(intervals(f.program("derivative"), DOUBLE)[0]) == 0
    assert len(intervals(f.program("value"), DOUBLE)[1]) == 0


@given(functions, st.lists(st.floats(-50, 50), min_size=4, max_size=8))
@example(parse("sin(exp(exp(x)))"), [7.0])
@example(parse("cos(x*exp(exp(x)))"), [7.0])
@settings(max_examples=300, deadline=None)
def test_enclosures_hold_for_random_formulas(tree: Expression, points: list[float]) -> None:
    """At single points: the exact value lies inside, and what the core computes is as near as the bound says."""
    x = np.array(points)
    try:
        program = compile_both(tree)
        trees = tree, derivative(tree)
    except UserError:
        return
    registers = enclose(program, x, x)
    computed = fast(program, x, DOUBLE)
    for index, part in enumerate(trees):
        result, got = registers[index + 1], computed[index]
        assert got is not None
        for k, at in enumerate(points):
            if result.nan[k] or not np.isfinite(result.total[k]):
                continue
            assert np.isfinite(got[k]) or result.chi[k] == np.inf or result.clo[k] == -np.inf
            try:
                with mp.workprec(1200):
                    want = real_value(part, mp.mpf(at))
                    if want is None or not mp.isfinite(want) or not np.isfinite(got[k]):
                        continue
                    assert result.lo[k] <= want <= result.hi[k]
                    assert abs(mp.mpf(float(got[k])) - want) <= mp.mpf(float(result.total[k]))
            except (ZeroDivisionError, ValueError, OverflowError, TypeError):
                continue
