"""Golden texts: formulas, terminal lines, LaTeX."""

import pytest
from formula_strategies import functions
from hypothesis import given, settings

from actlab.functions.activation import get
from actlab.functions.build import call
from actlab.functions.derivative import derivative
from actlab.functions.expression import Parameter, X
from actlab.functions.latex import to_latex
from actlab.functions.parser import parse
from actlab.functions.printing import to_text, to_unicode
from actlab.text import UserError

GOLDEN = [
    ("x", "x", "x", "x"),
    ("max(0, x)", "max(x, 0)", "max(x, 0)", r"\max(x, 0)"),
    ("tanh(softplus(x))*x", "x*tanh(softplus(x))", "x·tanh(softplus(x))", r"x\,\tanh(\operatorname{softplus}(x))"),
    ("x*normcdf(x)", "x*normcdf(x)", "x·Φ(x)", r"x\,\Phi(x)"),
    ("1 + x", "x + 1", "x + 1", "x + 1"),
    ("x - 3", "x - 3", "x − 3", "x - 3"),
    ("3 - x", "3 - x", "3 − x", "3 - x"),
    ("x - (1 + exp(x))", "x - (exp(x) + 1)", "x − (e^x + 1)", r"x - \left(e^{x} + 1\right)"),
    ("-x**2", "-x**2", "−x²", "-x^{2}"),
    ("(-x)**2", "(-x)**2", "(−x)²", r"\left(-x\right)^{2}"),
    ("-(x*sin(x))", "-(x*sin(x))", "−(x·sin(x))", r"-x\,\sin(x)"),
    ("x**-2", "x**-2", "x⁻²", "x^{-2}"),
    ("x**0.5", "x**0.5", "x^0.5", "x^{0.5}"),
    ("2**x", "2**x", "2^x", "2^{x}"),
    ("x**1e300", "x**1e+300", "x^1e+300", r"x^{1 \cdot 10^{300}}"),
    ("(1 + x)**3", "(x + 1)**3", "(x + 1)³", r"\left(x + 1\right)^{3}"),
    ("x**(1+x)", "x**(x + 1)", "x^(x + 1)", "x^{x + 1}"),
    ("2*x*3", "3*(2*x)", "3·(2·x)", r"3 \cdot 2\,x"),
    ("-2*x", "-2*x", "−2·x", r"-2\,x"),
    ("x*(-2*sin(x))", "x*(-2*sin(x))", "x·(−2·sin(x))", r"x\,(-2\,\sin(x))"),
    ("x + -2*sin(x)", "x - 2*sin(x)", "x − 2·sin(x)", r"x - 2\,\sin(x)"),
    ("x/(1 + abs(x))", "x/(abs(x) + 1)", "x/(|x| + 1)", r"\frac{x}{\left|x\right| + 1}"),
    ("x/(2*x)/sin(x)", "x/(2*x)/sin(x)", "x/(2·x)/sin(x)", r"\frac{\frac{x}{2\,x}}{\sin(x)}"),
    ("sqrt(x)", "sqrt(x)", "√(x)", r"\sqrt{x}"),
    ("exp(-x**2)", "exp(-x**2)", "e^(−x²)", "e^{-x^{2}}"),
    ("2*expm1(x)", "2*expm1(x)", "2·(e^x − 1)", r"2\,\left(e^{x} - 1\right)"),
    ("log1p(x) + log(x)", "log(x) + log1p(x)", "ln(x) + ln(1 + x)", r"\ln(x) + \ln(1 + x)"),
    ("atan(x) + erf(x)", "erf(x) + atan(x)", "erf(x) + arctan(x)", r"\operatorname{erf}(x) + \arctan(x)"),
    ("sech2(x)", "sech2(x)", "sech²(x)", r"\operatorname{sech}^{2}(x)"),
    ("normpdf(x) + sigmoid(x)", "sigmoid(x) + normpdf(x)", "σ(x) + normpdf(x)", r"\sigma(x) + \varphi(x)"),
    ("sign(x)*cos(x)", "sign(x)*cos(x)", "sign(x)·cos(x)", r"\operatorname{sign}(x)\,\cos(x)"),
    ("pi*x", "pi*x", "π·x", r"\pi\,x"),
    ("e*x", "e*x", "2.718281828459045·x".replace("2.718281828459045", "e"), r"2.718281828459045\,x"),
    ("1e-7*x", "1e-07*x", "1e−07·x", r"1 \cdot 10^{-7}\,x"),
    ("x + 1e30", "x + 1e+30", "x + 1e+30", r"x + 1 \cdot 10^{30}"),
    ("sin(x/2)", "sin(x/2)", "sin(x/2)", r"\sin\left(\frac{x}{2}\right)"),
    (
        "where(x > 0, x, alpha*x)", "where(x > 0, x, alpha*x)", "{x (x > 0); α·x (x ≤ 0)}",
        r"\begin{cases} x & x > 0 \\ \alpha\,x & x \le 0 \end{cases}",
    ),
    (
        "where(x >= 0, 1, my_slope)", "where(x >= 0, 1, my_slope)", "{1 (x ≥ 0); my_slope (x < 0)}",
        r"\begin{cases} 1 & x \ge 0 \\ \mathit{my\_slope} & x < 0 \end{cases}",
    ),
    (
        "where(x < sin(x), 1, 2)", "where(x < sin(x), 1, 2)", "{1 (x < sin(x)); 2 (x ≥ sin(x))}",
        r"\begin{cases} 1 & x < \sin(x) \\ 2 & x \ge \sin(x) \end{cases}",
    ),
    (
        "where(x <= sin(x), 1, 2)", "where(x <= sin(x), 1, 2)", "{1 (x ≤ sin(x)); 2 (x > sin(x))}",
        r"\begin{cases} 1 & x \le \sin(x) \\ 2 & x > \sin(x) \end{cases}",
    ),
    (
        "where(x == 1, 1, 2)", "where(x == 1, 1, 2)", "{1 (x = 1); 2 (x ≠ 1)}",
        r"\begin{cases} 1 & x = 1 \\ 2 & x \ne 1 \end{cases}",
    ),
    (
        "where(x != sin(x), 1, 2)", "where(x != sin(x), 1, 2)", "{1 (x ≠ sin(x)); 2 (x = sin(x))}",
        r"\begin{cases} 1 & x \ne \sin(x) \\ 2 & x = \sin(x) \end{cases}",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "text", "line", "latex"), GOLDEN)
def test_golden(formula: str, text: str, line: str, latex: str) -> None:
    tree = parse(formula, ["alpha", "my_slope"])
    assert to_text(tree) == text
    assert to_unicode(tree) == line
    assert to_latex(tree) == latex
    assert parse(text, ["alpha", "my_slope"]) is tree


def test_derivatives_print() -> None:
    assert get("silu").latex == r"x\,\sigma(x)"
    slope = derivative(get("silu").expression)
    assert to_latex(slope) == r"\sigma(x) + x\,\sigma(x)\,\sigma(-x)"
    assert to_text(slope) == "sigmoid(x) + x*(sigmoid(x)*sigmoid(-x))"
    assert to_unicode(derivative(get("mish").expression)) == "tanh(softplus(x)) + x·(σ(x)·sech²(softplus(x)))"


def test_greek_letters() -> None:
    assert to_latex(Parameter("beta")) == r"\beta"
    assert to_unicode(Parameter("beta")) == "β"
    assert to_text(Parameter("beta")) == "beta"


def test_what_is_too_large_is_not_written() -> None:
    tree = X
    for _ in range(40):
        tree = call("mul", tree, tree)
    for writer in (to_text, to_unicode, to_latex):
        with pytest.raises(UserError, match=r"large|커"):
            writer(tree)


@settings(deadline=None)
@given(functions)
def test_everything_prints(tree) -> None:
    for writer in (to_unicode, to_latex):
        text = writer(tree)
        assert text
        assert "\0" not in text
        assert text.count("{") == text.count("}")
        assert text.count("(") == text.count(")")
