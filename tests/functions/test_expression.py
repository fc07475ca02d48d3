"""Nodes are one object each; building simplifies by local rules only."""

import contextlib
import copy
import math
import pickle
import sys

import pytest
from formula_strategies import functions, trees
from hypothesis import given, settings

from actlab.functions.build import add, bind, call, mul, neg, sub, substitute, where
from actlab.functions.expression import ARITY, Call, Number, Parameter, Variable, X, nodes, parameters
from actlab.functions.parser import parse
from actlab.text import UserError

TWO, ZERO, ONE = Number(2.0), Number(0.0), Number(1.0)
A = Parameter("alpha")


def test_equal_expressions_are_one_object() -> None:
    assert Number(2.0) is TWO
    assert Variable() is X
    assert Parameter("alpha") is A
    assert Call("mul", (TWO, X)) is Call("mul", (TWO, X))
    assert Call("mul", (TWO, X)) is not Call("mul", (X, TWO))
    assert Number(-0.0) is ZERO
    assert math.copysign(1, Number(-0.0).value) == 1


def test_wrong_number_of_arguments_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(TypeError):
        Call("exp", (X, X))
    with pytest.raises(TypeError):
        Call("system", (X,))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_are_finite(value: float) -> None:
    with pytest.raises(UserError, match=r"finite|유한"):
        Number(value)


@settings(deadline=None)
@given(functions)
def test_copies_and_pickles_are_the_same_object(tree) -> None:
    assert copy.copy(tree) is tree
    assert copy.deepcopy(tree) is tree
    assert pickle.loads(pickle.dumps(tree)) is tree
    assert tree in {tree}


def test_pickling_parameters() -> None:
    tree = parse("where(x > 0, x, alpha*x)", ["alpha"])
    assert pickle.loads(pickle.dumps(tree)) is tree


def test_hash_and_order_do_not_depend_on_the_process() -> None:
    tree = parse("x*tanh(softplus(x))")
    assert tree.digest.hex() == "966239553d7a21035acaacf85fb2da2c"


def test_count_and_depth_are_those_of_the_written_tree() -> None:
    tree = parse("x*tanh(softplus(x))")
    assert (tree.count, tree.depth) == (5, 4)
    assert len(list(nodes(tree))) == 4  # x is shared
    assert X.count == X.depth == 1


def test_shared_nodes_are_visited_once() -> None:
    tree = X
    for _ in range(200):
        tree = Call("mul", (tree, tree))
    assert tree.count == 2**201 - 1
    assert len(list(nodes(tree))) == 201


def test_deep_trees_need_no_stack() -> None:
    tree = X
    for _ in range(5 * sys.getrecursionlimit()):
        tree = Call("exp", (tree,))
    assert pickle.loads(pickle.dumps(tree)) is tree
    assert substitute(tree, X) is tree
    assert "nodes" in repr(tree)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("tanh(softplus(x))*x", "x*tanh(softplus(x))"),
        ("x + 1", "1 + x"),
        ("x - 3", "-3 + x"),
        ("max(0, x)", "max(x, 0)"),
        ("min(exp(x), x)", "min(x, exp(x))"),
        ("where(x > 0, x, 0)", "where(0 < x, x, 0)"),
        ("where(x >= 0, x, 0)", "where(0 <= x, x, 0)"),
        ("where(x == 1, x, 0)", "where(1 == x, x, 0)"),
        ("where(x != 1, x, 0)", "where(1 != x, x, 0)"),
        ("x + 0", "x"),
        ("0 + x", "x"),
        ("x - 0", "x"),
        ("0 - x", "-x"),
        ("1*x", "x"),
        ("x*1", "x"),
        ("x*-1", "-x"),
        ("x/1", "x"),
        ("x/-1", "-x"),
        ("x**1", "x"),
        ("x + x**0", "x + 1"),
        ("x + 1**x", "x + 1"),
        ("x + 0*exp(x)", "x"),
        ("x + 0/exp(x)", "x"),
        ("--x", "x"),
        ("-(x - exp(x))", "exp(x) - x"),
        ("x + -2*exp(x)", "x - 2*exp(x)"),
        ("x - -2*exp(x)", "x + 2*exp(x)"),
        ("-2*x + exp(x)", "exp(x) - 2*x"),
        ("-2*x - exp(x)", "-(2*x + exp(x))"),
        ("-2*x + -3/exp(x)", "-(2*x + 3/exp(x))"),
        ("-(3 + x)", "-3 - x"),
        ("-(2*x)", "(-2)*x"),
        ("-(2/x)", "(-2)/x"),
        ("x - -exp(x)", "x + exp(x)"),
        ("x + -exp(x)", "x - exp(x)"),
        ("-x + exp(x)", "exp(x) - x"),
        ("(-x)*exp(x)", "-(x*exp(x))"),
        ("exp(x)*-x", "-(x*exp(x))"),
        ("2*-x", "(-2)*x"),
        ("(-x)/exp(x)", "-(x/exp(x))"),
        ("x/-exp(x)", "-(x/exp(x))"),
        ("abs(-x)", "abs(x)"),
        ("max(x, x)", "x"),
        ("min(x, x)", "x"),
        ("where(x > 0, exp(x), exp(x))", "exp(x)"),
        ("where(1 > 0, x, exp(x))", "x"),
        ("where(1 < 0, x, exp(x))", "exp(x)"),
        ("where(x < x, 1, x)", "x"),
        ("where(x <= x, x, 1)", "x"),
        ("where(x == x, x, 1)", "x"),
        ("where(x != x, 1, x)", "x"),
        ("where(x > 0, where(x > 0, x, 7), 2)", "where(x > 0, x, 2)"),
        ("where(x > 0, x, where(x > 0, 7, 2))", "where(x > 0, x, 2)"),
        ("3*where(x > 0, 1, 0)", "where(x > 0, 3, 0)"),
        ("where(x > 0, 3, 0)/6", "where(x > 0, 0.5, 0)"),
        ("-where(x > 0, 3, 1)", "where(x > 0, -3, -1)"),
        ("max(0, where(x > 0, 1, 0))", "where(x > 0, 1, 0)"),
        ("max(1, where(x > 0, 1, 0)) + x", "1 + x"),
        ("min(0, where(x > 0, 1, 0)) + x", "x"),
        ("min(1, where(x > 0, 1, 0)) + x", "where(x > 0, 1, 0) + x"),
        ("max(where(x > 0, 1, 0), where(x > 1, 3, 2)) + x", "where(x > 1, 3, 2) + x"),
        ("max(where(x > 1, 3, 2), where(x > 0, 1, 0)) + x", "where(x > 1, 3, 2) + x"),
        ("min(where(x > 0, 1, 0), where(x > 1, 3, 2)) + x", "where(x > 0, 1, 0) + x"),
        ("min(where(x > 1, 3, 2), where(x > 0, 1, 0)) + x", "where(x > 0, 1, 0) + x"),
        ("max(where(x > 2, 1, 0), where(x > 1, 1, 2)) + x", "where(x > 1, 1, 2) + x"),
        ("e**x", "exp(x)"),
        ("2**3*x", "8*x"),
        ("x*(1 + 2)", "3*x"),
        ("x*sin(0) + x", "x"),
    ],
)
def test_these_are_one_expression(left: str, right: str) -> None:
    assert parse(left) is parse(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("(x + exp(x)) + sin(x)", "x + (exp(x) + sin(x))"),
        ("(x*2)*3", "x*6"),
        ("x/3", "x*(1/3)"),
        ("max(x, 0)", "min(x, 0)"),
        ("max(where(x > 2, 1, 0), where(x > 1, 3, 0)) + x", "where(x > 1, 3, 0) + x"),
        ("min(where(x > 2, 1, 0), where(x > 1, 3, 0)) + x", "where(x > 2, 1, 0) + x"),
        ("x - exp(x)", "exp(x) - x"),
        ("where(x > 0, x, 0)", "where(x >= 0, x, 0)"),
        ("exp(x) - exp(x) + x", "x"),
    ],
)
def test_these_are_not(left: str, right: str) -> None:
    assert parse(left) is not parse(right)


def test_a_constant_part_that_is_not_finite_is_an_error() -> None:
    for op, values in [
        ("exp", [1000.0]),
        ("log", [-1.0]),
        ("log", [0.0]),
        ("sqrt", [-1.0]),
        ("pow", [0.0, -1.0]),
        ("pow", [-8.0, 1 / 3]),
        ("mul", [1e200, 1e200]),
        ("log1p", [-1.0]),
    ]:
        with pytest.raises(UserError, match=r"finite|유한"):
            call(op, *map(Number, values))
    with pytest.raises(UserError, match=r"divides|나누"):
        call("div", X, ZERO)
    with pytest.raises(UserError, match=r"divides|나누"):
        call("div", ONE, ZERO)


def test_every_primitive_folds_as_numpy_does() -> None:
    from actlab.functions.interpret import evaluate_numpy

    for op, arity in ARITY.items():
        if op == "where":
            continue
        for values in [(0.7, 0.2, 1.0), (1.5, 1.5, 0.0), (2.0, 3.0, 1.0)]:
            arguments = tuple(Number(v) for v in values[:arity])
            folded = call(op, *arguments)
            plain_op, plain = {"gt": ("lt", arguments[::-1]), "ge": ("le", arguments[::-1])}.get(op, (op, arguments))
            assert isinstance(folded, Number)
            assert folded.value == pytest.approx(float(evaluate_numpy(Call(plain_op, plain), 0.0)), rel=1e-15)
    assert call("sigmoid", Number(-800.0)).value == 0
    assert call("softplus", Number(-5.0)).value == pytest.approx(math.log1p(math.exp(-5)))
    assert call("sign", Number(-5.0)).value == -1


def test_binding_gives_numbers_to_parameters() -> None:
    tree = parse("where(x > 0, x, alpha*x)", ["alpha"])
    assert parameters(tree) == ("alpha",)
    assert bind(tree, {"alpha": 0.05}) is parse("where(x > 0, x, 0.05*x)")
    assert bind(tree, {"alpha": 1.0}) is X  # simplified again
    assert bind(tree, {}) is tree
    assert substitute(tree, x=mul(TWO, X)) is parse("where(2*x > 0, 2*x, alpha*(2*x))", ["alpha"])


@settings(deadline=None)
@given(trees, trees)
def test_operands_have_one_order(u, v) -> None:
    for op in ("add", "mul", "min", "max", "eq", "ne"):
        with contextlib.suppress(UserError):
            assert call(op, u, v) is call(op, v, u)
    assert neg(neg(u)) is u
    assert sub(u, ZERO) is u
    assert add(ZERO, u) is u
    assert where(Call("lt", (u, v)), u, u) is u
