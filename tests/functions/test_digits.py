"""Lost digits: told where mpmath finds them, and nowhere else."""

import mpmath as mp
import numpy as np
import pytest
from formula_strategies import functions
from fuzz import check
from hypothesis import given, settings

from actlab.functions.activation import get
from actlab.functions.build import call, mul, sub
from actlab.functions.digits import TOLD, as_it_stands, losses
from actlab.functions.expression import Number, X
from actlab.functions.interpret import evaluate_mpmath


@pytest.mark.parametrize(
    ("formula", "dtype", "x"),
    [
        ("x - sin(x)", "float32", 0.01),
        ("x - sin(x)", "float64", 0.01),
        ("x - tanh(x)", "float32", -0.02),
        ("sqrt(1 + x**2) - 1", "float32", 0.001),
        ("cos(x) - 1", "float32", 0.01),
        ("exp(x) - 1 - x", "float32", 0.005),
        ("log(1 + exp(x))", "float32", -20.0),
        ("(x + 1e8) - 1e8", "float32", 5.0),
        ("(x + sqrt(x**2 + 4))/2", "float32", -50.0),
    ],
)
def test_what_cancels_is_told(formula: str, dtype: str, x: float) -> None:
    told = [loss for loss in get(formula).losses if loss.dtype == dtype and loss.low <= x <= loss.high]
    assert len(told) == 1
    assert told[0].worst > TOLD
    assert 2 <= told[0].digits <= (7 if dtype == "float32" else 16)
    assert told[0].settled


@pytest.mark.parametrize(
    "formula",
    ["x", "relu(x)", "tanh(x)", "sin(x)", "x*tanh(softplus(x))", "exp(x)", "gelu(x)", "1/x"],
)
def test_what_does_not_is_not(formula: str) -> None:
    assert not [loss for loss in get(formula).losses if loss.dtype == "float32"]


def test_a_loss_is_measured_on_the_formula_as_it_stands() -> None:
    loss = get("x - sin(x)").losses[0]
    x = np.array([loss.at], np.float32)
    found = as_it_stands(get("x - sin(x)").expression, x)[0]
    with mp.workprec(300):
        want = evaluate_mpmath(get("x - sin(x)").expression, mp.mpf(float(x[0])))
        spacing = float(np.spacing(np.float32(abs(want))))
        assert float(abs(mp.mpf(float(found)) - want)) / spacing == pytest.approx(loss.worst, rel=1e-3)


@given(functions)
@settings(max_examples=100, deadline=None)
def test_core_plain_tree_and_mpmath(tree) -> None:
    """The property that ``fuzz.py`` runs on ten thousand formulas."""
    assert check(tree).problem is None


def test_a_long_formula_is_left_alone() -> None:
    tree = X
    for k in range(2, 200):
        tree = sub(tree, call("sin", mul(Number(k), X)))
    assert losses(tree) == ()
