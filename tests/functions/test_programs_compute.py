"""Programs compute their tree: those of built-ins, of chosen formulas and of random ones, against the plain tree."""

import numpy as np
import pytest
from formula_strategies import functions
from hypothesis import given, settings
from program_checks import GRID, check

from actlab.functions.catalogue import names
from actlab.functions.compile import compile_both, compile_derivative, compile_value
from actlab.functions.derivative import derivative
from actlab.functions.evaluate import quickly
from actlab.functions.expression import Call, Expression, Number, nodes
from actlab.functions.interpret import evaluate_numpy, run_program
from actlab.functions.parser import parse
from actlab.functions.rounding import evaluate_with_error
from actlab.text import UserError


def compare(tree: Expression, slope: Expression, fused: bool) -> None:
    for program, want in [
        (compile_value(tree, fused), (tree, None)),
        (compile_derivative(tree, fused), (None, slope)),
        (compile_both(tree, fused), (tree, slope)),
    ]:
        check(program)
        value, found_slope = run_program(program, GRID)
        for found, exact_tree in zip((value, found_slope), want, strict=True):
            if exact_tree is None:
                continue
            exact = evaluate_numpy(exact_tree, GRID)
            sure = np.isfinite(exact) & _steady(exact_tree)
            assert found is not None
            np.testing.assert_allclose(found[sure], exact[sure], rtol=1e-7, atol=1e-9)
            if not fused:  # an operation at a time: what the tree cannot say, the program does not say either
                firm = ~_on_edge(exact_tree)
                assert np.array_equal(np.isnan(found)[firm], np.isnan(exact)[firm])


def _on_edge(tree: Expression) -> np.ndarray:
    """Where rounding alone decides which branch, which side of a pole, or whether there is a value at all.

    The plain tree in float64 is no judge there: (tanh(x) - x) at 0 is a zero of either sign, with 1/0 on either side;
    expm1(-40) is the whole number -1, to which any x may be raised, only when it is rounded.
    """
    edge = np.zeros(GRID.shape, dtype=bool)
    with np.errstate(all="ignore"):
        for node in nodes(tree):
            if not isinstance(node, Call) or node.op not in (
                "lt",
                "le",
                "eq",
                "ne",
                "min",
                "max",
                "sign",
                "div",
                "pow",
                "sqrt",
                "log",
            ):
                continue
            (left, left_error), (right, right_error) = (
                evaluate_with_error(part, GRID) for part in (*node.arguments, Number(0.0))[:2]
            )
            if node.op == "div":
                edge |= ~(np.abs(right) > right_error)
            elif node.op in ("sqrt", "log"):
                edge |= (left_error > 0) & (np.abs(left) <= left_error)
            elif node.op == "pow":
                edge |= (left <= left_error) & (right_error > 0) & (np.abs(right - np.rint(right)) <= right_error)
            else:
                edge |= np.abs(left - right) <= 1e-9 * (1 + np.abs(left))
    return edge


def _steady(tree: Expression) -> np.ndarray:
    """Where rounding is not magnified: nothing is on an edge, and neither a shift of x nor rounding moves the value."""
    near = evaluate_numpy(tree, GRID * (1 + 1e-12) + 1e-13)
    exact = evaluate_numpy(tree, GRID)
    with np.errstate(all="ignore"):
        _, error = evaluate_with_error(tree, GRID)
        calm = np.abs(near - exact) + error <= 1e-9 * (1 + np.abs(exact))
    return calm & ~_on_edge(tree) & (np.abs(exact) < 1e8)


@pytest.mark.parametrize("text", ["x**expm1(x)", "sigmoid(exp(x)/(tanh(x) - x))"])
def test_what_rounding_decides_is_not_held_against_programs(text: str) -> None:
    """Found by the random trees below, whose judge was wrong about them at -40 and at 0."""
    tree = parse(text)
    assert 0 < _on_edge(tree).sum() < 20
    compare(tree, derivative(tree), False)


@pytest.mark.parametrize("fused", [False, True])
@pytest.mark.parametrize(
    "text",
    [*(f"{name}()" for name in names()), "x", "x**2", "x**7", "x**-3", "x**16", "x**17", "abs(x)**0.5", "abs(x)**-0.5",
     "abs(x)**2.5", "2**x", "x/4", "x/3", "x/5e-324*0 + x/7", "max(x, sin(x))", "min(x, sin(x))", "where(x == 1, 2, x)",
     "where(x != 1, x, 2)", "where(x <= 1, x, 2)", "x*where(x > 0, 1, 0)", "relu(x)**2", "sin(x)*cos(x)",
     "exp(x) + expm1(x)", "sigmoid(x - 2) + sigmoid(2 - x)", "sigmoid(exp(x) - x)*sigmoid(x - exp(x))",
     "sigmoid(-1.5*x)*sigmoid(1.5*x)", "sigmoid(-x)", "softplus(x) + sigmoid(-x)", "exp(x)", "0.5*x**2", "3*(2*x)",
     "x*sin(x) - cos(x)", "sin(x) - x*cos(x)", "x*sin(x) + x*cos(x)", "x - tanh(x)", "normpdf(x)", "erf(x)*x", "x + 1",
     "tanh(x) + sech2(x)", "log1p(x**2)", "sqrt(1 + x**2)", "sign(x)*x", "atan(2*x)"],
)  # fmt: skip
def test_programs_compute_the_tree(text: str, fused: bool) -> None:
    tree = parse(text)
    compare(tree, derivative(tree), fused)


@settings(max_examples=150, deadline=None)
@given(functions)
def test_the_core_runs_random_programs_as_the_interpreter_does(tree) -> None:
    try:
        program, slope = compile_both(tree), derivative(tree)
    except UserError:
        return
    # As float64 gives them: where more digits are used is asked for at length, and elsewhere (test_certify.py).
    for found, expected, of in zip(quickly(program, GRID), run_program(program, GRID), (tree, slope), strict=True):
        sure = np.isfinite(expected) & _steady(of)
        np.testing.assert_allclose(found[sure], expected[sure], rtol=1e-7, atol=1e-9)
        odd = np.isnan(found) != np.isnan(expected)
        assert not np.any(odd & _steady(of))


@settings(max_examples=250, deadline=None)
@given(functions)
def test_programs_of_random_trees(tree) -> None:
    try:
        slope = derivative(tree)
    except UserError:
        return
    for fused in (False, True):
        compare(tree, slope, fused)
