"""Suprema beside holes, poles and endless oscillation; limits that comparisons and rounding would hide."""

import math

import mpmath as mp
import numpy as np
import pytest
from formula_strategies import functions
from hypothesis import given, settings
from within_reach import real_value

from actlab.functions.activation import get
from actlab.functions.derivative import derivative
from actlab.functions.facts import facts
from actlab.functions.parser import parse
from actlab.text import UserError

# formula, infimum, supremum, supremum of |φ′|
EXTREMES = [
    ("(1 - cos(x))/x**2", 0.0, 0.5, None),  # the limit at 0, where every digit cancels
    ("(exp(x) - 1 - x)/x**2", 0.0, math.inf, math.inf),
    ("(x - sin(x))/x**3", 0.0, 1 / 6, None),
    ("-(1 - cos(x))/x**2", -0.5, 0.0, None),
    ("sin(x)/x", -0.21723362821122164, 1.0, 0.43618181727145853),
    ("(x + 0*x + atan(x))**2", 0.0, math.inf, math.inf),
    ("sign(x)**2", 0.0, 1.0, 0.0),  # a value that stands alone
    ("sqrt(min(x, x/x))", 0.0, 1.0, math.inf),  # the end of where it is defined
    ("sqrt(abs(cos(x)))", 0.0, 1.0, math.inf),
    ("x*sin(1/x)", -0.21723362821122164, 1.0, math.inf),  # crests of φ′ that grow towards 0
    ("sin(exp(x))", -1.0, 1.0, math.inf),  # and towards infinity
    ("max(x, mish(x)/x**4)", -0.7754759067829203, math.inf, math.inf),  # a branch that changes at a pole
    ("gelu(x**-2)", 0.0, math.inf, math.inf),
    ("(expm1(0.5/x))**0.5", 0.0, math.inf, math.inf),
]


@pytest.mark.parametrize(("text", "low", "high", "steepest"), EXTREMES)
def test_extremes(text: str, low: float, high: float, steepest: float | None) -> None:
    found = facts(parse(text))
    assert found.range == pytest.approx((low, high), rel=1e-15, abs=1e-300)
    if steepest is not None:
        assert found.max_derivative == pytest.approx(steepest, rel=1e-14)


def test_the_steepest_slope_beside_a_hole_is_that_of_mpmath() -> None:
    found = facts(parse("(1 - cos(x))/x**2"))
    with mp.workdps(40):

        def slope(x):
            return mp.sin(x) / x**2 - 2 * (1 - mp.cos(x)) / x**3

        at = mp.findroot(lambda x: mp.diff(slope, x), mp.mpf("-2.6"))
        assert found.max_derivative == pytest.approx(float(abs(slope(at))), rel=1e-14)
        assert abs(found.max_derivative_at) == pytest.approx(float(abs(at)), rel=1e-7)


def test_crests_that_crowd_towards_a_place() -> None:
    low, high = facts(parse("x + cos(log(x))")).range
    assert (low, high) == (pytest.approx(-1.0, abs=1e-9), math.inf)


def test_an_overflow_at_every_end_is_no_accident() -> None:
    assert facts(parse("(gelu(atan(x))/(exp(-2) - elu(x)))/(x/silu(2*x))")).poles


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("where(x < x*x, softplus(-2), atan(7))", (math.log1p(math.exp(-2)),) * 2),  # ∞ < ∞ decides nothing
        ("where(x**3 < x - 2, 1.5*x, 100)", (-math.inf, 100.0)),
        ("sign(max(x, 7) - (x - 2))", (1.0, 1.0)),  # x − (x − 2) is 0 at 1e20
        ("where(0.1 < 300 - x/x, 2, x)", (2.0, 2.0)),
    ],
)
def test_limits(text: str, limits: tuple[float, float]) -> None:
    found = facts(parse(text))
    assert found.limits == pytest.approx(limits, rel=1e-6)
    assert get(text)(np.array([-math.inf, math.inf])) == pytest.approx(limits, rel=1e-6)


def test_pieces_beyond_the_last_switch_are_not_taken_for_the_function() -> None:
    """|sin x| switches again beyond 50, where nobody has looked: no pole of sin/(1 − sin) is one of sin/(1 + |sin|)."""
    found = facts(parse("softsign(sin(x)) + x**2 - x**4"))
    assert found.poles == ()
    assert found.zeros == pytest.approx((0.0, 1.1634528783705795), abs=1e-12)
    root = facts(parse("sqrt(abs(cos(x)))"))
    assert (root.undefined, root.jumps) == ((), ())
    assert root.zeros[0] == pytest.approx(-15.5 * math.pi, rel=1e-14)


def test_zeros_far_out_are_zeros() -> None:
    """sin(x)/x has crests at 4e8 that are small, and no zeros."""
    for text in ("sin(x)/x", "(1 - cos(x))/x**2", "exp(sin(1.5 - x))/x"):
        tree = parse(text)
        for zero in facts(tree).zeros:
            with mp.workdps(40):
                beside = abs(real_value(tree, mp.mpf(zero) + 1)) + abs(real_value(tree, mp.mpf(zero) - 1))
                assert abs(real_value(tree, mp.mpf(zero))) < 1e-6 * beside, (text, zero)


def test_a_step_up_from_a_plain_piece_to_a_pole_counts() -> None:
    assert facts(parse("relu(x)/x**2")).monotone is None
    assert facts(parse("sqrt(relu(-1/x))")).symmetry is None


def moment(text: str, of: int, slope: bool = False) -> float:
    """E[g(z)^of] by mpmath, in digits enough for what cancels."""
    tree = derivative(parse(text)) if slope else parse(text)
    cuts = [-12, -6, -3, -1, 0, 1, 3, 6, 12]
    with mp.workdps(50):
        return float(
            mp.quad(lambda z: real_value(tree, z) ** of * mp.npdf(z), cuts, method="gauss-legendre", maxdegree=5)
        )


@pytest.mark.parametrize(
    "text", ["(1 - cos(x))/x**2", "(1 - cos(silu(x)))/x**2", "sin(x)/x", "(x - sin(x))/x**3", "1/exp(x**2)"]
)
def test_moments_where_the_formula_cancels_or_overflows(text: str) -> None:
    found = facts(parse(text))
    assert found.mean == pytest.approx(moment(text, 1), rel=1e-10)
    assert found.second_moment == pytest.approx(moment(text, 2), rel=1e-10)
    assert found.derivative_second_moment == pytest.approx(moment(text, 2, slope=True), rel=1e-10)


@given(functions)
@settings(max_examples=60, deadline=None)
def test_no_value_lies_outside_of_the_range(tree) -> None:
    """Values of mpmath, near 0 and where something happens, against range, largest slope and symmetry."""
    try:
        found, slope = facts(tree), derivative(tree)
    except UserError:
        return
    special = [
        s for s in (*found.singular_points[:4], *found.critical_points[:6], *found.switch_points[:4]) if abs(s) < 40
    ]
    x = [
        -37.3,
        -4.2,
        -1.3,
        -0.21,
        -1e-4,
        2e-7,
        0.003,
        0.93,
        2.6,
        11.7,
        *(s + d for s in special for d in (-1e-5, 1e-3)),
    ]
    low, high = found.range
    with mp.workdps(60):
        for at in x:
            value, steep = _value(tree, at), _value(slope, at)
            if value is not None:
                assert low - 1e-9 * abs(low) - 1e-12 <= value <= high + 1e-9 * abs(high) + 1e-12
            whole = not found.undefined  # at the end of where φ is defined its slope may grow as slowly as a logarithm
            if steep is not None and whole and all(abs(at - s) > 1e-9 for s in found.switch_points):
                assert abs(steep) <= found.max_derivative * (1 + 1e-9) + 1e-12
            mirrored = _value(tree, -at)
            if value is not None and mirrored is not None and found.symmetry is not None:
                assert abs(mirrored - (value if found.symmetry == "even" else -value)) <= 1e-12 * abs(value)


def _value(tree, x):
    try:
        value = real_value(tree, mp.mpf(x))
        return value if value is not None and mp.isfinite(value) else None
    except (ZeroDivisionError, ValueError, OverflowError, TypeError, mp.libmp.NoConvergence, MemoryError):
        return None
