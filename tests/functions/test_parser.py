"""Reading formulas: precedence as in Python, our own words, one tree a formula."""

import math

import numpy as np
import pytest
from formula_strategies import functions
from hypothesis import given, settings
from hypothesis import strategies as st

from actlab.functions._grammar import definition, function_names
from actlab.functions.build import call
from actlab.functions.catalogue import builtins
from actlab.functions.expression import Call, Number, Parameter, X
from actlab.functions.interpret import evaluate_numpy
from actlab.functions.parser import parse, single_call
from actlab.functions.printing import to_text, to_unicode
from actlab.text import UserError


def same(left: str, right: str) -> bool:
    return parse(left) is parse(right)


def at(text: str, x: float) -> float:
    return float(evaluate_numpy(parse(text), x))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), (".5", 0.5), ("5.", 5), ("1e-3", 1e-3), ("1E3", 1e3), ("2.5e+2", 250), (".5e1", 5), ("007", 7),
        ("0", 0), ("0.0e9", 0), ("0e5", 0), ("pi", math.pi), ("π", math.pi), ("e", math.e), ("1e308", 1e308),
        ("5e-324", 5e-324), ("123456789012345678901234567890", 1.2345678901234568e29),
    ],
)  # fmt: skip
def test_numbers(text: str, number: float) -> None:
    assert parse(f"{text} + x") is call("add", Number(number), X)
    assert at(f"x + ({text})", 0.0) == number


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("-x**2", "-(x**2)"),
        ("2**3**2*x", "512*x"),
        ("x**2**3", "x**8"),
        ("(x**2)**3 + 0*x", "(x**2)**3"),
        ("2**-x", "2**(-x)"),
        ("x**-2", "x**(-2)"),
        ("x**+2", "x**2"),
        ("x^2", "x**2"),
        ("x - exp(x) - sin(x)", "(x - exp(x)) - sin(x)"),
        ("x/exp(x)/sin(x)", "(x/exp(x))/sin(x)"),
        ("x/exp(x)*sin(x)", "(x/exp(x))*sin(x)"),
        ("x + exp(x)*sin(x)", "x + (exp(x)*sin(x))"),
        ("x*exp(x) + sin(x)", "(x*exp(x)) + sin(x)"),
        ("x*exp(x)**2", "x*(exp(x)**2)"),
        ("x - exp(x)/sin(x)", "x - (exp(x)/sin(x))"),
        ("-x*exp(x)", "(-x)*exp(x)"),
        ("x*-exp(x)", "-(x*exp(x))"),
        ("x--2", "x + 2"),
        ("x+-2", "x - 2"),
        ("+x", "x"),
        ("-+-x", "x"),
        ("x − 2", "x - 2"),
        ("x – 2", "x - 2"),
        ("2×x", "2*x"),
        ("2·x", "2*x"),
        ("2.5e−3·x", "0.0025*x"),
        ("2⋅x", "2*x"),
        ("2∗x", "2*x"),
        ("x÷2", "x/2"),
        ("  x\t*\n tanh( softplus (x) )\r", "x*tanh(softplus(x))"),
        ("ln(x)", "log(x)"),
        ("pow(x, 3)", "x**3"),
        ("clip(x, -1, 2)", "min(max(x, -1), 2)"),
        ("max(x, 0, 1 - x)", "max(max(x, 0), 1 - x)"),
        ("min(x, 0, 1 - x, sin(x))", "min(min(min(x, 0), 1 - x), sin(x))"),
        ("Tanh(x)", "tanh(x)"),
        ("LN(x)", "log(x)"),
        ("relu(x)", "max(x, 0)"),
        ("relu()", "max(x, 0)"),
        ("ReLU(2*x)", "max(2*x, 0)"),
        ("swish(x)", "x*sigmoid(x)"),
        ("gelu(x + 1)", "(x + 1)*normcdf(x + 1)"),
        ("logistic(x)", "sigmoid(x)"),
        ("sigmoid()", "sigmoid(x)"),
        ("tanh()", "tanh(x)"),
        ("softplus()", "softplus(x)"),
        ("erf()", "erf(x)"),
        ("leaky_relu(x)", "where(x > 0, x, 0.01*x)"),
        ("leaky_relu(x, alpha=.05)", "where(x > 0, x, 0.05*x)"),
        ("leaky_relu(alpha=.05)", "where(x > 0, x, 0.05*x)"),
        ("leaky_relu(alpha = 1/4)", "where(x > 0, x, 0.25*x)"),
        ("leaky_relu(alpha=.05,)", "leaky_relu(alpha=.05)"),
        ("leaky_relu(x, alpha=-1)", "where(x > 0, x, -x)"),
        ("elu(x**2, alpha=2)", "where(x**2 > 0, x**2, 2*expm1(x**2))"),
        ("leaky_relu(elu(x, alpha=2), alpha=.1)", "where(elu(x, alpha=2) > 0, elu(x, alpha=2), .1*elu(x, alpha=2))"),
        ("where(x > 0, x, 0)", "where(0 < x, x, 0)"),
        ("where(x >= 1, x, 0)", "where(1 <= x, x, 0)"),
        ("where(x < 1 + 1, x, 0)", "where(2 > x, x, 0)"),
        ("where(x <= 1, x, 0)", "where(1 >= x, x, 0)"),
        ("1 + where(x == 1, x, 0)", "where(1 == x, x, 0) + 1"),
        ("where(x != 1, x, 0)", "where(1 != x, x, 0)"),
        ("((((x))))", "x"),
        ("x·σ(x)", "x*sigmoid(x)"),
        ("x·Φ(x)", "x*normcdf(x)"),
        ("x² + x³", "x**2 + x**3"),
        ("−x²", "-(x**2)"),
        ("x⁻²", "x**-2"),
        ("x¹²", "x**12"),
        ("x²**3", "(x**2)**3"),
        ("x² ³", "(x**2)**3"),
        ("2**x²", "2**(x**2)"),
        ("tanh²(x)", "tanh(x)**2"),
        ("σ²(2·x)·x", "sigmoid(2*x)**2*x"),
        ("leaky_relu²(x, alpha=.5)", "leaky_relu(x, alpha=.5)**2"),
        ("sech²(x)", "sech2(x)"),
        ("|x|", "abs(x)"),
        ("x/(1 + |x|)", "x/(1 + abs(x))"),
        ("||x| − 1|·|x|", "abs(abs(x) - 1)*abs(x)"),
        ("-|x - 1|²", "-(abs(x - 1)**2)"),
        ("√(x² + 4)", "sqrt(x**2 + 4)"),
        ("where(x ≥ 1, x, 0)", "where(x >= 1, x, 0)"),
        ("where(x ≤ 1, x, where(x ≠ 2, x, 3))", "where(x <= 1, x, where(x != 2, x, 3))"),
    ],
)  # fmt: skip
def test_these_read_alike(left: str, right: str) -> None:
    assert same(left, right)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("x < 1", ("lt", X, Number(1.0))),
        ("x <= 1", ("le", X, Number(1.0))),
        ("x > 1", ("lt", Number(1.0), X)),
        ("x >= 1", ("le", Number(1.0), X)),
        ("x == 1", ("eq", Number(1.0), X)),
        ("x != 1", ("ne", Number(1.0), X)),
    ],
)
def test_comparisons(text: str, tree: tuple) -> None:
    assert parse(f"where({text}, x, 2)") is Call("where", (Call(tree[0], tree[1:]), X, Number(2.0)))


def test_primitives_are_themselves() -> None:
    for op in ("exp", "expm1", "log", "log1p", "sqrt", "sigmoid", "tanh", "softplus", "erf", "normcdf", "normpdf",
               "sech2", "atan", "sin", "cos", "abs", "sign"):  # fmt: skip
        assert parse(f"{op}(x)") is Call(op, (X,))
    for op in ("min", "max"):
        assert parse(f"{op}(x, sin(x))") is Call(op, (X, parse("sin(x)")))


def test_function_names_lists_primitives_and_built_ins() -> None:
    names = function_names()
    assert list(names) == sorted(names)
    assert {"where", "clip", "ln", "pow", "exp", "relu", "mish", "leaky_relu"} <= set(names)
    assert not {"add", "neg", "lt", "mul", "div", "sub", "eq", "x"} & set(names)


def test_open_parameters() -> None:
    tree = parse("max(x, slope*x)", ["slope"])
    assert tree is call("max", X, call("mul", Parameter("slope"), X))
    assert parse("leaky_relu(x, alpha=a)", ["a"]) is parse("where(x > 0, x, a*x)", ["a"])
    for builtin in builtins():
        assert definition(builtin).has_x


def test_words_that_are_primitive_and_built_in() -> None:
    assert parse("softplus(x, beta=2)") is parse("softplus(2*x)/2")
    assert parse("softplus(beta=2)") is parse("softplus(2*x)/2")
    assert parse("softplus(leaky_relu(x, alpha=.1))") is call("softplus", parse("leaky_relu(x, alpha=.1)"))
    assert parse("softplus(where(x == 1, x, 2))").depth == 4
    for op in ("sigmoid", "tanh", "softplus", "erf", "sin", "cos", "sign"):
        assert parse(f"{op}()") is call(op, X)


def test_single_calls() -> None:
    def values(text: str) -> tuple[str, dict[str, float]] | None:
        found = single_call(text)
        return None if found is None else (found[0].name, found[1])

    assert values("leaky_relu(alpha=.05)") == ("leaky_relu", {"alpha": 0.05})
    assert values(" LeakyReLU( x , alpha=.05) ") == ("leaky_relu", {"alpha": 0.05})
    assert values("leaky_relu(x)") == ("leaky_relu", {"alpha": 0.01})
    assert values("relu(x)") == ("relu", {})
    for text in ("relu(2*x)", "relu(x) + 1", "x", "exp(x)", "2*relu(x)", "relu(x)*1", "clip(x, 0, 1)"):
        assert values(text) is None


# --- against Python's own reading, on arithmetic that is safe to evaluate ---

_leaf = st.sampled_from(["x", "2", "3", "0.5", "1.25"])


def _arithmetic(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(children, st.sampled_from(["+", "-", "*", "/", " + ", " * "]), children).map("".join),
        st.tuples(children, st.sampled_from(["**2", "**-1", "**3**1", "**0.5"])).map("".join),
        children.map(lambda s: f"-{s}"),
        children.map(lambda s: f"({s})"),
        children.map(lambda s: f"+{s}"),
    )


@settings(max_examples=400, deadline=None)
@given(st.recursive(_leaf, _arithmetic, max_leaves=12), st.sampled_from([0.75, 1.5, 3.0]))
def test_precedence_is_that_of_python(text: str, x: float) -> None:
    try:
        expected = eval(text, {"__builtins__": {}}, {"x": x})  # our own strategy's text: digits, x and operators
    except (ZeroDivisionError, OverflowError):
        return
    if isinstance(expected, complex) or not math.isfinite(expected):
        return
    try:
        found = at(text, x)
    except UserError:  # a constant formula, or a constant part that overflows
        return
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


@settings(max_examples=300, deadline=None)
@given(functions)
def test_printed_formulas_read_back_to_the_same_tree(tree) -> None:
    text = to_text(tree)
    if len(text) <= 2000:
        assert parse(text) is tree


@settings(max_examples=300, deadline=None)
@given(functions)
def test_lines_for_the_terminal_read_back_to_the_same_function(tree) -> None:
    """Not to the same tree: e^x − 1 is expm1(x), ln(1 + x) is log1p(x)."""
    line = to_unicode(tree)
    if "{" in line or len(line) > 2000:  # cases stand one beside the other there
        return
    x = np.array([-2.5, -0.7, 0.3, 1.9])
    with np.errstate(all="ignore"):
        expected, found = evaluate_numpy(tree, x), evaluate_numpy(parse(line), x)
    held = np.isfinite(expected) & np.isfinite(found) & (np.abs(expected) < 1e6)
    assert found[held] == pytest.approx(expected[held], rel=1e-6, abs=1e-6)
    assert np.array_equal(np.isfinite(found), np.isfinite(expected))
