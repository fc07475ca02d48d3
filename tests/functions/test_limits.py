"""Limits at ±∞, and programs that keep them."""

import numpy as np
import pytest

from actlab.functions.catalogue import names
from actlab.functions.compile import compile_both
from actlab.functions.derivative import derivative
from actlab.functions.interpret import run_program
from actlab.functions.limits import ends
from actlab.functions.parser import parse


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("x*sigmoid(x)", -0.0, np.inf), ("x*normcdf(x)", -0.0, np.inf), ("tanh(x)", -1, 1), ("x**2", np.inf, np.inf),
     ("sin(x)", np.nan, np.nan), ("x*sin(x)", np.nan, np.nan), ("x/(1 + abs(x))", -1, 1), ("exp(-x**2)", 0, 0),
     ("sin(x)/x", 0, 0), ("log1p(exp(x)) - x", np.inf, 0),
     ("exp(exp(x)) - x**2", -np.inf, np.inf), ("x*exp(x) - exp(x)", 0, np.inf),
     ("log(abs(x)) + x*exp(-x**2)", np.inf, np.inf), ("x**3 - x", -np.inf, np.inf), ("x - tanh(x)", -np.inf, np.inf),
     ("x*tanh(x)/(1 + x**2)", 0, 0), ("0.5*x*(1 + tanh(0.7978845608*(x + 0.044715*x**3)))", -0.0, np.inf),
     ("sqrt(1 + x**2) - x", np.inf, 0), ("exp(x)*exp(-x)", 1, 1), ("3 + x*exp(-x**2)", 3, 3)],
)  # fmt: skip
def test_limits(text: str, low: float, high: float) -> None:
    found = ends(parse(text))
    for limit, expected in ((found.low, low), (found.high, high)):
        assert limit == expected or (np.isnan(limit) and np.isnan(expected)), found


@pytest.mark.parametrize("text", [*(f"{name}()" for name in names()), "x/(1 + abs(x))", "x*exp(-x**2)"])
def test_evaluation_programs_are_exact_at_the_ends(text: str) -> None:
    tree = parse(text)
    value, slope = run_program(compile_both(tree), np.array([-np.inf, np.inf]))
    for found, of in ((value, tree), (slope, derivative(tree))):
        at = ends(of)
        assert np.isnan([at.low, at.high]).any() == (text in ("sin()", "cos()"))  # waves have no limit
        np.testing.assert_array_equal(found, [at.low, at.high])
