"""Values and derivatives against mpmath, which differentiates the plain tree by differences at high precision."""

import math

import mpmath as mp
import numpy as np
import pytest
from formula_strategies import functions, tame
from hypothesis import given, settings
from hypothesis import strategies as st
from within_reach import real_value

from actlab.functions.activation import get
from actlab.functions.build import bind, call
from actlab.functions.catalogue import names
from actlab.functions.derivative import derivative
from actlab.functions.expression import ARITY, Call, Number, Parameter, X
from actlab.functions.facts import switch_points
from actlab.functions.interpret import evaluate_mpmath, evaluate_numpy
from actlab.functions.parser import parse
from actlab.text import UserError


def slope_by_differences(tree, x: float):
    with mp.workdps(60):
        h = mp.mpf(10) ** -20
        return (evaluate_mpmath(tree, mp.mpf(x) + h) - evaluate_mpmath(tree, mp.mpf(x) - h)) / (2 * h)


@pytest.mark.parametrize("name", names())
def test_built_ins_against_mpmath(name: str) -> None:
    tree = get(name).expression
    slope = derivative(tree)
    for x in (-30.3, -8.1, -3.7, -1.3, -0.31, -1e-3, 1e-3, 0.2, 0.9, 2.6, 3.9, 11.0, 29.7):
        exact = slope_by_differences(tree, x)
        with mp.workdps(60):
            assert abs(evaluate_mpmath(slope, x) - exact) <= 1e-25 + 1e-15 * abs(exact)
            value = evaluate_mpmath(tree, x)
        # a plain tree in float64 loses what cancels
        lost = 1e-15 if name in ("tanhshrink", "squareplus") else 0
        assert float(evaluate_numpy(tree, x)) == pytest.approx(float(value), rel=1e-12, abs=lost * abs(x) + 1e-300)
        assert float(evaluate_numpy(slope, x)) == pytest.approx(float(exact), rel=1e-10, abs=lost + 1e-22)


@pytest.mark.parametrize("op", [op for op, arity in ARITY.items() if arity == 1])
def test_every_rule_of_one_argument(op: str) -> None:
    for inner in ("x", "1.3*x + 0.2", "0.5 + x**2"):
        tree = call(op, parse(inner))
        for x in (0.3, 0.8, 1.9):
            exact = slope_by_differences(tree, x)
            with mp.workdps(60):
                assert abs(evaluate_mpmath(derivative(tree), x) - exact) <= 1e-15 * (1 + abs(exact))
    second = derivative(derivative(call(op, X)))  # closed under differentiation
    third = derivative(second)
    for x in (0.3, 1.9):
        exact = slope_by_differences(second, x)
        with mp.workdps(60):
            assert abs(evaluate_mpmath(third, x) - exact) <= 1e-14 * (1 + abs(exact))


@pytest.mark.parametrize(
    "text",
    [
        "x**3", "x**-2", "x**0.5", "x**2.7", "2**x", "x**x", "(1 + x**2)**sin(x)", "x/(1 + x)", "3/x", "x/3",
        "exp(x)/x",
        "x*exp(x)*sin(x)", "-x*cos(x)", "max(x, 0.7*x**2)", "min(sin(x), 0.4)", "where(x > 1, x**2, exp(x))",
        "x - exp(x)", "pow(x, 1.5)", "clip(x, 0.4, 1.6)",
    ],
)  # fmt: skip
def test_every_rule_of_two_arguments(text: str) -> None:
    tree = parse(text)
    for x in (0.3, 0.8, 1.9):
        exact = slope_by_differences(tree, x)
        with mp.workdps(60):
            assert abs(evaluate_mpmath(derivative(tree), x) - exact) <= 1e-15 * (1 + abs(exact))


@settings(max_examples=150, deadline=None)
@given(tame, st.floats(-3, 3))
def test_random_trees_against_mpmath(tree, x: float) -> None:
    if any(abs(x - s) < 1e-6 for s in switch_points(tree)):
        return
    try:
        slope = derivative(tree)
        with mp.workdps(60):
            value = real_value(tree, mp.mpf(x))
    except (UserError, OverflowError, MemoryError):
        return
    if value is None or not abs(value) < 1e4:
        return
    exact = slope_by_differences(tree, x)
    with mp.workdps(60):
        found = evaluate_mpmath(slope, x)
    wide = slope_by_differences(tree, x + 1e-9)
    if abs(exact) > 1e6 or abs(wide - exact) > 1e-3 * (1 + abs(exact)):
        return  # too steep or next to an unseen kink: differences are no judge there
    assert abs(found - exact) <= 1e-9 * (1 + abs(exact))
    assert float(evaluate_numpy(tree, x)) == pytest.approx(float(value), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "slope"),
    [
        ("max(x, 0)", "where(x > 0, 1, 0)"),
        ("max(0, x)", "where(x > 0, 1, 0)"),
        ("where(x > 0, x, 0.01*x)", "where(x > 0, 1, 0.01)"),
        ("min(x, 1)", "where(x > 1, 0, 1)"),
        ("max(x, -x)", "where(x > -x, 1, -1)"),
        ("tanh(x)", "sech2(x)"),
        ("softplus(x)", "sigmoid(x)"),
        ("sigmoid(x)", "sigmoid(x)*sigmoid(-x)"),
        ("normcdf(x)", "normpdf(x)"),
        ("normpdf(x)", "-(x*normpdf(x))"),
        ("sech2(x)", "-2*(tanh(x)*sech2(x))"),
        ("expm1(x)", "exp(x)"),
        ("abs(x)", "sign(x)"),
        ("x**2", "2*x"),
        ("x**3", "3*x**2"),
        ("log(x)", "1/x"),
        ("x*normcdf(x)", "normcdf(x) + x*normpdf(x)"),
        ("min(max(x + 3, 0), 6)/6", "where(max(x + 3, 0) > 6, 0, where(x + 3 > 0, 1/6, 0))"),
    ],
)
def test_derivatives_come_out_simple(text: str, slope: str) -> None:
    assert derivative(parse(text)) is parse(slope)


def test_steps_and_constants_have_slope_zero() -> None:
    assert derivative(parse("sign(x)")) is Number(0.0)
    assert derivative(parse("where(x > 0, 1, 0)")) is Number(0.0)
    assert derivative(X) is Number(1.0)
    assert derivative(Parameter("alpha")) is Number(0.0)
    assert derivative(Call("lt", (X, Number(0.0)))) is Number(0.0)
    tree = parse("where(x > 0, x, alpha*x)", ["alpha"])
    assert bind(derivative(tree), {"alpha": 0.05}) is derivative(bind(tree, {"alpha": 0.05}))


@pytest.mark.parametrize(
    ("text", "kink", "slope"),
    [
        ("relu(x)", 0.0, 0.0),
        ("leaky_relu(x, alpha=0.3)", 0.0, 0.3),
        ("elu(x, alpha=0.3)", 0.0, 0.3),
        ("elu(x)", 0.0, 1.0),
        ("selu(x)", 0.0, 1.0507009873554805 * 1.6732632423543772),
        ("hard_sigmoid(x)", -3.0, 0.0),
        ("hard_sigmoid(x)", 3.0, 1 / 6),
        ("-relu(x)", 0.0, 0.0),
        ("max(-x, 0)", 0.0, -1.0),
        ("min(x, 0)", 0.0, 1.0),
        ("min(-x, 0)", 0.0, 0.0),
        ("max(x, x**2)", 0.0, 0.0),
        ("max(x, x**2)", 1.0, 1.0),
        ("min(x, x**2)", 0.0, 1.0),
        ("min(x, x**2)", 1.0, 2.0),
        ("abs(x)", 0.0, 0.0),  # sign(0), as everywhere
        ("clip(x, -1, 1)", -1.0, 0.0),
        ("clip(x, -1, 1)", 1.0, 1.0),
    ],
)
def test_the_slope_at_a_kink_is_the_left_one(text: str, kink: float, slope: float) -> None:
    assert float(evaluate_numpy(derivative(parse(text)), kink)) == slope


@settings(deadline=None)
@given(functions)
def test_no_derivative_is_an_accident(tree) -> None:
    try:
        slope = derivative(tree)
    except UserError:  # a constant part of the derivative overflows or divides by zero
        return
    values = evaluate_numpy(slope, np.linspace(-3, 3, 7))
    assert values.shape == (7,)


def test_derivatives_of_deep_nests_stay_small() -> None:
    from actlab.functions.expression import nodes

    tree = X
    for _ in range(60):
        tree = call("tanh", call("mul", tree, call("softplus", tree)))
    slope = derivative(tree)
    assert slope.count > 1e9
    assert len(list(nodes(slope))) < 1500


def test_mpmath_and_numpy_agree_on_comparisons() -> None:
    for sign in ("<", "<=", ">", ">=", "==", "!="):
        tree = parse(f"where(x {sign} 1, x + 2, 5)")
        for x in (0.0, 1.0, 2.0):
            assert float(evaluate_mpmath(tree, x)) == float(evaluate_numpy(tree, x))


def test_open_parameters_cannot_be_evaluated() -> None:
    tree = parse("max(x, a*x)", ["a"])
    for evaluate in (evaluate_numpy, evaluate_mpmath):
        with pytest.raises(TypeError, match="open"):
            evaluate(tree, 1.0)


def test_numpy_is_silent_and_keeps_shapes() -> None:
    tree = parse("exp(x)/x")
    assert np.isnan(evaluate_numpy(tree, math.nan))
    assert evaluate_numpy(tree, np.zeros((2, 3))).shape == (2, 3)
    assert evaluate_numpy(parse("x + 1"), 3).item() == 4.0
    assert evaluate_numpy(Number(2.0), np.zeros(3)).tolist() == [2.0, 2.0, 2.0]
