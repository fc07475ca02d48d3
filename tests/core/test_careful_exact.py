"""The careful path, rounded once: single operations and chains of them, against exact fractions."""

import math
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
from careful_programs import HALF, careful, instructions, one, units_off
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from actlab import _core
from actlab.functions.interpret import run_program
from actlab.functions.program import FIRST_CONSTANT, OPERATIONS, Program


def rounded(exact):
    """The float64 next to a fraction."""
    try:
        return exact.numerator / exact.denominator
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def root(exact):
    """√ of a fraction to 300 bits; the last one says whether there is more."""
    shift = 300 + max(0, exact.denominator.bit_length() - exact.numerator.bit_length())
    shifted = (exact.numerator << 2 * shift) // exact.denominator
    return Fraction(
        2 * math.isqrt(shifted) + (math.isqrt(shifted) ** 2 * exact.denominator != exact.numerator << 2 * shift),
        1 << shift + 1,
    )


doubles = st.floats(allow_nan=False, allow_infinity=False)
EXACT = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "div": lambda a, b: a / b,
    "fma": lambda a, b, c: a * b + c, "fms": lambda a, b, c: a * b - c, "fnma": lambda a, b, c: c - a * b,
}  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(EXACT)), doubles, doubles, doubles)
def test_one_operation_is_rounded_correctly(name, x, y, z):
    assume(name != "div" or y != 0)
    numbers = (x, y, z)[: 3 if name.startswith("f") else 2]
    exact = EXACT[name](*map(Fraction, numbers))
    found, want = one(name, np.array([x]), *numbers[1:])[0], rounded(exact)
    if found != want:  # half way between two numbers but for less than 2^-64 of a unit: taken for half way
        trifle = Fraction(math.ulp(want)) / 2**64
        assert abs(Fraction(float(found)) - exact) <= abs(Fraction(want) - exact) + 2 * trifle


@settings(max_examples=200, deadline=None)
@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False))
def test_square_roots_are_rounded_correctly(x):
    assert one("sqrt", np.array([x]))[0] == rounded(root(Fraction(x)))


@settings(max_examples=300, deadline=None)
@given(
    doubles,
    st.lists(doubles, min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from(sorted(EXACT)), *[st.integers(0, 99)] * 3), min_size=2, max_size=9),
)
def test_chains_of_operations_round_once(x, constants, steps):
    """Every step's exact fraction, rounded at the end only: sums that cancel, products beyond the range of floats."""
    values, places, rows = (
        [Fraction(x), *map(Fraction, constants)],
        [0, *(FIRST_CONSTANT + k for k in range(len(constants)))],
        [],
    )
    for name, *picks in steps:
        chosen = [pick % len(values) for pick in picks[: 3 if name.startswith("f") else 2]]
        if name == "div" and values[chosen[1]] == 0:
            continue
        values.append(EXACT[name](*(values[k] for k in chosen)))
        rows.append((name, (3 + len(rows),), [places[k] for k in chosen]))
        places.append(rows[-1][1][0])
    rows.append(("copy", (1,), (places[-1],)))
    found, _, bits = _core.careful(*instructions(rows, constants, 3 + len(rows)), np.array([x]))
    if bits[0] == 0:  # only where something cancels to nothing after a quotient was rounded
        assert any(name == "div" for name, _, _ in rows)
        assert any(value == 0 for value in values)
    else:
        with mp.workprec(6000):
            exact = mp.mpf(values[-1].numerator) / values[-1].denominator
            assert units_off(found[0], exact) <= 0.5 + 2.0**-60


SPECIAL = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    -2.0,
    3.0,
    -3.0,
    1e300,
    -1e300,
    1e15 + 1,
    5e-324,
    math.inf,
    -math.inf,
    math.nan,
)


def _pow(a, b):
    """NumPy takes √ for the power ½; C99 has 0 for −0 and ∞ for −∞ there."""
    return np.abs(a) if b == 0.5 and (a == 0 or np.isinf(a)) else np.power(a, b)


@pytest.mark.parametrize("name", ["pow", "div", "mul", "add", "sub", "min", "max", "lt", "le", "eq", "ne"])
def test_special_values(name):
    """NumPy follows C99 and IEEE 754; where a result is an ordinary number, it is within a unit."""
    plain = {
        "pow": _pow, "div": np.divide, "mul": np.multiply, "add": np.add, "sub": np.subtract, "min": np.minimum,
        "max": np.maximum, "lt": np.less, "le": np.less_equal, "eq": np.equal, "ne": np.not_equal,
    }[name]  # fmt: skip
    for a in SPECIAL:
        for b in SPECIAL:
            program = instructions([(name, (1,), (FIRST_CONSTANT, FIRST_CONSTANT + 1))], [a, b])
            found = _core.careful(*program, np.array([0.0]))[0][0]
            with np.errstate(all="ignore"):
                wanted = float(plain(np.float64(a), np.float64(b)))
            if name in ("min", "max") and a == b == 0:
                assert found == 0
            elif np.isnan(wanted):
                assert np.isnan(found), (a, b)
            else:
                assert abs(found - wanted) <= np.spacing(abs(wanted)) if np.isfinite(wanted) else found == wanted, (
                    a,
                    b,
                )
                assert np.signbit(found) == np.signbit(wanted), (a, b)


@settings(max_examples=300, deadline=None)
@given(st.floats(1e-200, 1e200), st.floats(-1.0, 1.0), st.floats(-300, 300))
def test_powers_are_rounded_correctly(x, fraction, y):
    for exponent in (y, math.floor(y), fraction):
        with mp.workprec(400):
            assert units_off(one("pow", np.array([x]), exponent)[0], mp.power(x, exponent)) <= HALF
            if exponent == int(exponent):
                assert units_off(one("pow", np.array([-x]), exponent)[0], mp.power(-x, exponent)) <= HALF


def test_choices():
    """Exact operations, against the slow second implementation of programs."""
    x = np.array([-2.0, -1.0, -0.0, 0.0, 0.25, 1.0, 3.0])
    for name, operands, destinations in OPERATIONS:
        if name not in ("copy", "neg", "abs", "sign", "where", "select_lt", "select_le", "max_const", "min_const"):
            continue
        for constants in ([1.0, 5.0, 7.0], [-1.0, 0.0, 2.0]):
            operand = (0, *(FIRST_CONSTANT + k for k in range(3))) if "const" not in name else (FIRST_CONSTANT, 0)
            program = Program(*instructions([(name, (1,), operand[:operands])], constants))
            assert destinations == 1
            np.testing.assert_array_equal(careful(program, x)[0], run_program(program, x)[0], err_msg=name)
