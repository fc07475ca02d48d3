"""Derived facts against the table of the theory, mpmath quadrature and closed forms."""

import math

import mpmath as mp
import numpy as np
import pytest
from formula_strategies import functions
from hypothesis import example, given, settings

from actlab.functions.activation import get
from actlab.functions.catalogue import builtins, names
from actlab.functions.derivative import derivative
from actlab.functions.facts import facts, switch_points
from actlab.functions.interpret import evaluate_mpmath
from actlab.functions.moments import gaussian_mean
from actlab.functions.parser import parse
from actlab.text import UserError

# φ, E[φ²], gain, E[φ′²] for z ~ N(0, 1): six digits from the literature (reference/theory.md)
TABLE = [
    ("relu", 0.5, 1.414214, 0.5),
    ("tanh", 0.394294, 1.592537, 0.464403),
    ("gelu", 0.425221, 1.533530, 0.455851),
    ("silu", 0.355776, 1.676532, 0.379482),
    ("mish", 0.452342, 1.486848, 0.479084),
    ("elu", 0.644945, 1.245198, 0.668102),
    ("selu", 1.0, 1.0, 1.071575),
    ("softplus", 0.921246, 1.041867, 0.293379),
    ("sigmoid", 0.293379, 1.846229, 0.044836),
    ("erf(x)", 0.464559, 1.467167, 0.569410),
]


@pytest.mark.parametrize(("name", "second", "gain", "slope_second"), TABLE)
def test_moments_of_the_table(name: str, second: float, gain: float, slope_second: float) -> None:
    found = get(name).facts
    assert found.second_moment == pytest.approx(second, abs=6e-7)
    assert found.gain == pytest.approx(gain, abs=6e-7)
    assert found.derivative_second_moment == pytest.approx(slope_second, abs=6e-7)


@pytest.mark.parametrize(
    "name", [*names(), "tanh(40*x)", "max(x, 0)**2", "x**3", "abs(sin(3*x))", "clip(x, -0.3, 1.2)"]
)
def test_moments_against_mpmath(name: str) -> None:
    f = get(name)
    slope = derivative(f.expression)
    cuts = [-mp.inf, -8, -3, -1, *(-0.2, 0.2), 1, 3, 8, mp.inf]
    cuts = sorted({*cuts, *(s for s in f.facts.switch_points if abs(s) < 8), 0})
    with mp.workdps(20):
        for tree, power, found in [
            (f.expression, 1, f.facts.mean),
            (f.expression, 2, f.facts.second_moment),
            (slope, 1, f.facts.derivative_mean),
            (slope, 2, f.facts.derivative_second_moment),
        ]:
            exact = mp.quad(lambda z, t=tree, p=power: evaluate_mpmath(t, z) ** p * mp.npdf(z), cuts, maxdegree=5)
            assert found == pytest.approx(float(exact), rel=1e-9, abs=1e-10)


def test_moments_in_closed_form() -> None:
    assert get("x").facts.second_moment == pytest.approx(1, abs=1e-14)
    assert get("x**2").facts.second_moment == pytest.approx(3, rel=1e-13)
    assert get("x**5").facts.second_moment == pytest.approx(945, rel=1e-12)
    assert get("exp(x)").facts.mean == pytest.approx(math.exp(0.5), rel=1e-13)
    assert get("exp(3*x)").facts.second_moment == pytest.approx(math.exp(18), rel=1e-11)
    assert get("sin(x)").facts.second_moment == pytest.approx((1 - math.exp(-2)) / 2, rel=1e-13)
    assert get("where(x > 0.1234567, 1, 0) + 0*x").facts.mean == pytest.approx(0.5 * math.erfc(0.1234567 / 2**0.5))
    assert get("abs(x)**0.5").facts.second_moment == pytest.approx(math.sqrt(2 / math.pi), rel=1e-9)
    assert get("erf(x)").facts.second_moment == pytest.approx(2 / math.pi * math.asin(2 / 3), rel=1e-13)
    slope = 0.3
    assert get("leaky_relu", alpha=slope).facts.second_moment == pytest.approx((1 + slope**2) / 2, rel=1e-14)


def test_moments_that_do_not_exist_are_nan() -> None:
    for text in ("exp(x**2)", "1/x", "log(x)"):
        found = get(text).facts
        assert math.isnan(found.second_moment), text
        assert math.isnan(found.gain)
        assert not found.zero_centred


def test_gaussian_mean_takes_several_functions_at_once() -> None:
    found = gaussian_mean(lambda z: np.stack([z, z * z, np.abs(z), (z > 0.3) * 1.0]), (0.0, 0.3))
    np.testing.assert_allclose(found, [0, 1, math.sqrt(2 / math.pi), 0.5 * math.erfc(0.3 / 2**0.5)], atol=1e-14)
    # a jump nobody named is found by halving
    np.testing.assert_allclose(
        gaussian_mean(lambda z: np.stack([(z > 0.3) * 1.0])), [0.5 * math.erfc(0.3 / 2**0.5)], atol=1e-9
    )


@pytest.mark.parametrize(
    ("text", "switches", "kinks"),
    [
        ("x", (), ()),
        ("tanh(x)", (), ()),
        ("relu(x)", (0.0,), (0.0,)),
        ("relu(2*x - 1)", (0.5,), (0.5,)),
        ("elu(x)", (0.0,), ()),
        ("selu(x)", (0.0,), (0.0,)),
        ("hard_sigmoid(x)", (-3.0, 3.0), (-3.0, 3.0)),
        ("abs(x - 0.3)", (0.3,), (0.3,)),
        ("abs(x)*x", (0.0,), ()),
        ("sign(x + 1)*x", (-1.0,), (-1.0,)),
        ("max(x, x**2)", (0.0, 1.0), (0.0, 1.0)),
        ("where(x**2 < 2, x, 0)", (-math.sqrt(2), math.sqrt(2)), (-math.sqrt(2), math.sqrt(2))),
        ("max(x - 60, 0)", (60.0,), (60.0,)),
        ("max(exp(x) - 2, 0)", (math.log(2),), (math.log(2),)),
        ("where(x > 0, x, x + 0*x)", (), ()),
        ("relu(x) + relu(x - 1)", (0.0, 1.0), (0.0, 1.0)),
    ],
)
def test_kinks(text: str, switches: tuple, kinks: tuple) -> None:
    found = facts(parse(text))
    assert found.switch_points == pytest.approx(switches, abs=1e-12)
    assert found.kinks == pytest.approx(kinks, abs=1e-12)
    assert switch_points(parse(text)) == found.switch_points


@pytest.mark.parametrize(
    ("name", "low", "high", "limits", "monotone", "centred"),
    [
        ("identity", -math.inf, math.inf, (-math.inf, math.inf), "increasing", True),
        ("relu", 0, math.inf, (0, math.inf), "increasing", False),
        ("leaky_relu", -math.inf, math.inf, (-math.inf, math.inf), "increasing", False),
        ("elu", -1, math.inf, (-1, math.inf), "increasing", False),
        ("selu", -1.7580993408473766, math.inf, (-1.7580993408473766, math.inf), "increasing", True),
        ("sigmoid", 0, 1, (0, 1), "increasing", False),
        ("tanh", -1, 1, (-1, 1), "increasing", True),
        ("hard_sigmoid", 0, 1, (0, 1), "increasing", False),
        ("softplus", 0, math.inf, (0, math.inf), "increasing", False),
        ("gelu", -0.16997120747990, math.inf, (0, math.inf), None, False),
        ("silu", -0.27846454276107, math.inf, (0, math.inf), None, False),
        ("mish", -0.30884341301725, math.inf, (0, math.inf), None, False),
        ("-x", -math.inf, math.inf, (math.inf, -math.inf), "decreasing", True),
        ("exp(-x**2)", 0, 1, (0, 0), None, False),
        ("sin(x)", -1, 1, (math.nan, math.nan), None, True),
        ("x**3", -math.inf, math.inf, (-math.inf, math.inf), "increasing", True),
    ],
)
def test_shape(name: str, low: float, high: float, limits: tuple, monotone: str | None, centred: bool) -> None:
    found = get(name).facts
    assert found.range == pytest.approx((low, high), abs=1e-12)
    assert found.limits == pytest.approx(limits, nan_ok=True)
    assert found.monotone == monotone
    assert found.zero_centred is centred


@pytest.mark.parametrize(
    ("name", "largest", "at"),
    [
        ("identity", 1, 0), ("relu", 1, 0), ("leaky_relu", 1, 0), ("elu", 1, 0), ("selu", 1.7580993408473766, 0),
        ("sigmoid", 0.25, 0), ("tanh", 1, 0), ("hard_sigmoid", 1 / 6, 0), ("softplus", 1, math.inf),
        ("gelu", 1.1289041451851545, math.sqrt(2)), ("silu", 1.0998393201288668, 2.399357280520),
        ("mish", 1.0884981612517279, 1.490571), ("sin(x)", 1, 0), ("-2*x", 2, 0), ("softplus(-x)", 1, -math.inf),
        ("x**2", math.inf, math.inf), ("min(3*x, 0)", 3, 0), ("exp(-x)", math.inf, -math.inf),
    ],
)  # fmt: skip
def test_steepest_slope(name: str, largest: float, at: float) -> None:
    found = get(name).facts
    assert found.max_derivative == pytest.approx(largest, rel=1e-12)
    assert abs(found.max_derivative_at) == pytest.approx(abs(at), abs=1e-5)


def test_where_there_is_no_value_there_is_no_fact() -> None:
    found = facts(parse("log(where(x > -3, -3, x))"))
    assert all(map(math.isnan, (*found.range, found.mean, found.gain)))
    assert not found.finite


def test_finite() -> None:
    for name in names():
        assert get(name).facts.finite
    for text in ("log(x)", "1/x", "exp(x**2)", "abs(x)**0.5", "sqrt(x)"):
        assert not get(text).facts.finite


def test_derivative_limits() -> None:
    assert get("leaky_relu").facts.derivative_limits == (0.01, 1.0)
    assert get("mish").facts.derivative_limits == (0.0, 1.0)
    assert get("tanh").facts.derivative_limits == (0.0, 0.0)


def test_facts_are_computed_once_and_cannot_be_changed() -> None:
    f = get("mish")
    assert f.facts is f.facts
    with pytest.raises(AttributeError):
        f.facts.gain = 2.0


def test_the_rule_for_formulas_gives_the_built_ins_their_own_initialisation() -> None:
    for builtin in builtins():
        left, right = (abs(s) for s in get(builtin.name).facts.derivative_limits)
        by_rule = "he" if min(left, right) < 0.5 * max(left, right) else "lecun"
        # selu: self-normalisation holds for 1/fan_in only; relu6 is a rectifier where signals are
        assert builtin.init == by_rule or builtin.name in ("selu", "relu6")


@settings(max_examples=60, deadline=None)
@given(functions)
@example(parse("log(log(sigmoid(x)))"))  # no value anywhere
@example(parse("sqrt(-1 - x**2)"))
def test_facts_of_random_trees_do_not_fail(tree) -> None:
    try:
        found = facts(tree)
    except UserError:
        return
    assert found.gain > 0 or math.isnan(found.gain)
    assert not found.range[0] > found.range[1]
    assert list(found.switch_points) == sorted(found.switch_points)
    assert set(found.jumps) <= set(found.kinks) <= set(found.switch_points)
    assert math.isnan(found.max_derivative) or found.lipschitz >= found.max_derivative
