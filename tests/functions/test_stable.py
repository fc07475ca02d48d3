"""Equivalent forms: the same function, with its digits."""

import mpmath as mp
import numpy as np
import pytest
from formula_strategies import functions
from hypothesis import given, settings
from within_reach import real_value

from actlab.functions.activation import get
from actlab.functions.build import sub
from actlab.functions.catalogue import names
from actlab.functions.expression import X
from actlab.functions.interpret import evaluate_mpmath, evaluate_numpy
from actlab.functions.parser import parse
from actlab.functions.stable import stable


@pytest.mark.parametrize(
    ("formula", "same"),
    [
        ("log(1 + exp(x))", "softplus(x)"),
        ("log1p(exp(2*x))", "softplus(2*x)"),
        ("log(1 + x**2)", "log1p(x**2)"),
        ("1/(1 + exp(-x))", "sigmoid(x)"),
        ("1 - sigmoid(x)", "sigmoid(-x)"),
        ("sigmoid(x) - 1", "-sigmoid(-x)"),
        ("1 - tanh(x)**2", "sech2(x)"),
        ("1 - tanh(x)*tanh(x)", "sech2(x)"),
        ("1 - sech2(x)", "tanh(x)**2"),
        ("exp(x) - 1", "expm1(x)"),
        ("1 - exp(-x)", "-expm1(-x)"),
        ("1 - normcdf(x)", "normcdf(-x)"),
        ("x*tanh(log(1 + exp(x)))", "mish(x)"),
        ("2*sigmoid(2*x) - 1", "2*sigmoid(2*x) - 1"),
    ],
)
def test_forms(formula: str, same: str) -> None:
    assert stable(parse(formula)) is parse(same)
    assert get(formula).program("both") == get(same).program("both")
    assert get(formula).expression is parse(formula)  # what the function is stays as it was typed


def test_what_no_rule_knows_stays_the_same_object() -> None:
    for name in ("relu", "gelu", "mish", "hard_swish"):
        assert stable(get(name).expression) is get(name).expression


@given(functions)
@settings(max_examples=300, deadline=None)
def test_the_same_function(tree) -> None:
    form = stable(tree)
    if form is tree:
        return
    x = np.array([-7.3, -1.1, -0.2, -1e-3, 0.0, 1e-3, 0.24, 0.26, 0.9, 3.7])
    with np.errstate(all="ignore"):
        parts = evaluate_numpy(tree, x), evaluate_numpy(form, x)
    for at, plain, other in zip(x, *parts, strict=True):
        if not (np.isfinite(plain) and np.isfinite(other)):
            continue
        try:
            with mp.workprec(600):
                want, got = real_value(tree, mp.mpf(at)), real_value(form, mp.mpf(at))
                if want is None or got is None or not mp.isfinite(want):
                    continue
                # the series of u − tanh u ends at 2^-55 of its value
                assert abs(got - want) <= mp.mpf(2) ** -40 * max(1, abs(want))
        except (ZeroDivisionError, ValueError, OverflowError, TypeError):
            continue


@pytest.mark.parametrize("x", [2.0**-k for k in (2.001, 3, 5, 10, 30, 200)])
def test_the_series_of_x_less_its_tanh(x: float) -> None:
    with mp.workprec(2000):
        want = mp.mpf(x) - mp.tanh(mp.mpf(x))
        got = evaluate_mpmath(stable(sub(X, parse("tanh(x)"))), mp.mpf(x))
        assert abs(got - want) <= want * mp.mpf(2) ** -52.5


@pytest.mark.parametrize("x", [-1e3, -1e6, -30.0, -0.1, 0.0, 4.0, 1e5])
def test_squareplus_keeps_its_digits(x: float) -> None:
    f = get("squareplus")
    for tree in (f.expression, f.derivative_expression):
        with mp.workprec(400):
            want = evaluate_mpmath(tree, mp.mpf(x))
        assert evaluate_numpy(stable(tree), np.array([x]))[0] == pytest.approx(float(want), rel=2e-15, abs=0)


def test_every_builtin_is_as_it_was() -> None:
    x = np.linspace(-6, 6, 1001)
    for name in names():
        tree = get(name).expression
        np.testing.assert_allclose(evaluate_numpy(stable(tree), x), evaluate_numpy(tree, x), rtol=1e-12, atol=1e-15)
