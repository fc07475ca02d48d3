"""Programs: short, deterministic, and in the format of core/program.h."""

import pickle
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from program_checks import GRID, check, words

from actlab.functions.activation import get
from actlab.functions.build import call
from actlab.functions.compile import compile_both, compile_derivative, compile_value
from actlab.functions.derivative import derivative
from actlab.functions.evaluate import run
from actlab.functions.expression import Call, Expression, Number, X
from actlab.functions.interpret import evaluate_numpy, run_program
from actlab.functions.lowering import X_ID, Lowering
from actlab.functions.parser import parse
from actlab.functions.program import OPCODE, OPERATIONS
from actlab.functions.schedule import assemble
from actlab.text import UserError

HEADER = Path(__file__).parents[2] / "core" / "program.h"


def test_operations_are_those_of_the_core() -> None:
    header = HEADER.read_text(encoding="utf-8").partition("ACTLAB_OPS(ACTLAB_OP)")[2].partition("enum class")[0]
    found = [(name, int(a), int(d)) for name, a, d in re.findall(r"ACTLAB_OP\((\w+), (\d), (\d)\)", header)]
    assert found == list(OPERATIONS)
    assert [tuple(entry) for entry in import_module("actlab._core").operations()] == list(OPERATIONS)


@pytest.mark.parametrize(
    ("name", "length"),
    [("identity", 1), ("relu", 1), ("leaky_relu", 3), ("elu", 3), ("selu", 6), ("sigmoid", 1), ("tanh", 1),
     ("hard_sigmoid", 6), ("softplus", 1), ("gelu", 2), ("silu", 2), ("mish", 2),
     ("gelu_tanh", 4), ("swish", 2)],
)  # fmt: skip
def test_training_programs_are_short(name: str, length: int) -> None:
    assert len(get(name).program("both", fused=True)) == length


def test_listings() -> None:
    assert get("gelu").program("both", fused=True).listing() == (
        "r3, r4 = normcdf_normpdf(r0)\nr1, r2 = gate(r0, r3, r4)"
    )
    assert get("tanh").program("both").listing() == "r1, r2 = tanh_sech2(r0)"
    assert get("relu").program("value").listing() == "r1 = max_const(0, r0)"
    assert get("leaky_relu").program("derivative").listing() == "r2 = select_lt(0, r0, 1, 0.01)"
    assert (
        get("silu").program("value").listing() == "r3 = sigmoid(r0)\nr3 = mul(r0, r3)\nr1 = select_le(r0, -inf, -0, r3)"
    )
    assert get("identity").program("value").listing() == "r1 = copy(r0)"
    assert get("identity").program("both").listing() == "r2 = copy(1)"


@pytest.mark.parametrize(
    ("left", "right"),
    [("max(x, 0)", "relu"), ("tanh(softplus(x))*x", "mish"), ("x*normcdf(x)", "gelu"), ("sigmoid(x)*x", "swish"),
     ("where(x > 0, x, 0.05*x)", "leaky_relu(alpha=.05)"), ("min(max(x + 3, 0), 6)/6", "hard_sigmoid")],
)  # fmt: skip
def test_a_formula_and_its_built_in_run_the_same_program(left: str, right: str) -> None:
    for kind in ("value", "derivative", "both"):
        for fused in (False, True):
            assert get(left).program(kind, fused) == get(right).program(kind, fused)
            assert get(left).program(kind, fused).code.tobytes() == get(right).program(kind, fused).code.tobytes()


def test_evaluation_programs_do_not_fuse_and_do_not_reorder() -> None:
    tree = parse("x*sin(x) + x/3 + 5*(7*cos(x))")
    plain, fused = words(compile_both(tree)), words(compile_both(tree, fused=True))
    assert not {"fma", "fms", "fnma"} & set(plain)
    assert {"fma", "fnma"} & set(fused)
    assert "div" in plain
    assert "div" not in fused
    value, _ = run_program(compile_both(tree), GRID)
    np.testing.assert_array_equal(value, evaluate_numpy(tree, GRID))


def test_peepholes() -> None:
    assert words(compile_value(parse("x**8"))) == ["mul"] * 3
    assert words(compile_value(parse("x**7"))) == ["mul"] * 4
    assert words(compile_value(parse("x**17"))) == ["pow"]
    assert words(compile_value(parse("x**2.5"))) == ["pow"]
    assert words(compile_value(parse("x**0.5"))) == ["sqrt"]
    assert words(compile_value(parse("x**-1"))) == ["div"]
    assert words(compile_value(parse("x**-0.5"))) == ["sqrt", "div"]
    assert words(compile_value(parse("x/8"))) == ["mul"]
    assert words(compile_value(parse("x/-8"))) == ["mul"]
    assert words(compile_value(parse("x/7"))) == ["div"]
    assert words(compile_value(parse("x/7"), fused=True)) == ["mul"]
    assert words(compile_value(parse("x/1e-310"), fused=True)) == ["div"]  # its reciprocal is infinite
    assert words(compile_value(parse("min(x, 3)"))) == ["min_const"]
    assert words(compile_value(parse("where(x < 1, x, 2)"))) == ["select_lt"]
    assert words(compile_value(parse("where(x >= 1, x, 2)"))) == ["select_le"]
    assert words(compile_value(parse("where(x == 1, x, 2)"))) == ["eq", "where"]
    assert words(compile_value(parse("where(x > 0, 1, 0)"))) == ["lt"]
    assert words(compile_value(parse("x*where(x > 0, 1, 0)"), fused=True)) == ["select_lt"]
    assert words(compile_value(parse("3*(2*x)"), fused=True)) == ["mul"]
    assert compile_value(parse("3*(2*x + 1)"), fused=True).listing() == "r1 = fma(6, r0, 3)"
    assert compile_value(parse("2*(x + 0.25*x**3)"), fused=True).listing() == ("r1 = square_fma_mul(0.5, r0, 2, r0)")
    assert words(compile_value(parse("x*x + 2*(x + 0.25*x**3)"), fused=True)) == ["mul", "fma", "fma"]  # x² is needed
    assert words(compile_value(parse("x*sin(x) - 3"), fused=True)) == ["sin", "fma"]
    assert words(compile_value(parse("x*sin(x) - cos(2*x)"), fused=True))[-1] == "fms"
    assert words(compile_value(parse("cos(2*x) - x*sin(x)"), fused=True))[-1] == "fnma"
    shared = words(compile_value(parse("(x*sin(x) + 1)*exp(x*sin(x))"), fused=True))
    assert "fma" not in shared  # the product has two uses


def test_pairs() -> None:
    for text, pair in [
        ("sigmoid(x)*sigmoid(-x)", "sigmoid_pair"),
        ("sigmoid(2 - x) + 3*sigmoid(x - 2)", "sigmoid_pair"),
        ("sigmoid(-3*x) + 2*sigmoid(3*x)", "sigmoid_pair"),
        ("sigmoid(atan(x) - x) + 2*sigmoid(x - atan(x))", "sigmoid_pair"),
        ("tanh(x)*sech2(x)", "tanh_sech2"),
        ("softplus(x)*sigmoid(x)", "softplus_sigmoid"),
        ("normcdf(x)*normpdf(x)", "normcdf_normpdf"),
        ("exp(x)*expm1(x)", "exp_expm1"),
        ("sin(x)*cos(x)", "sin_cos"),
    ]:
        found = words(compile_value(parse(text), fused=True))
        assert pair in found, text
        assert not {"sigmoid", "tanh", "softplus", "normcdf", "exp", "sin", "neg"} & set(found), text
    assert words(compile_value(parse("sigmoid(-x)"))) == ["neg", "sigmoid"]
    assert sorted(words(compile_value(parse("softplus(x)*sigmoid(x)*sigmoid(-x)"), True))) == [
        "mul", "mul", "sigmoid_pair", "softplus",
    ]  # fmt: skip


def test_training_takes_derivatives_from_the_value() -> None:
    def both(text: str) -> list[str]:
        return words(compile_both(parse(text), fused=True))

    assert compile_both(parse("tanh(x)"), fused=True).listing() == "r1, r2 = tanh_slope(r0)"
    assert compile_both(parse("sigmoid(x)"), fused=True).listing() == "r1, r2 = sigmoid_slope(r0)"
    assert compile_both(parse("max(x, 0)"), fused=True).listing() == "r1, r2 = ramp(r0)"
    assert both("tanh(3*x)") == ["mul", "tanh_slope", "mul"]
    assert "sech2" not in both("x*tanh(softplus(x))")
    x = np.linspace(-3, 3, 101)
    for text, slope in (("tanh(x)", lambda a: 1 - a * a), ("sigmoid(x)", lambda a: a - a * a)):
        found, derived = run(compile_both(parse(text), fused=True), x, True, True)
        np.testing.assert_allclose(derived, slope(found), rtol=1e-15, atol=2e-16)
    # What a formula says itself is computed as it says: only its derivative may lose small values' digits.
    assert "tanh_sech2" in both("tanh(x) + sech2(x)")
    assert "sigmoid_pair" in both("sigmoid(x)*sigmoid(-x)")
    assert words(compile_derivative(parse("tanh(x)"), fused=True)) == ["sech2"]
    assert "tanh_sech2" in words(compile_both(parse("tanh(x)")))


def test_tanh_of_softplus_by_one_exponential() -> None:
    x = np.concatenate([GRID, np.linspace(-700, 700, 1401)])
    for text in ("tanh(softplus(x))", "x*tanh(softplus(x))", "tanh(softplus(2*x - 1))*sigmoid(2*x - 1)"):
        tree = parse(text)
        program = compile_both(tree, fused=True)
        assert sum(word.startswith("tanh_softplus") for word in words(program)) == 1
        assert not {"exp", "softplus", "tanh"} & set(words(program))
        value, slope = run_program(program, x)
        np.testing.assert_allclose(value, evaluate_numpy(tree, x), rtol=1e-12, atol=1e-300)
        np.testing.assert_allclose(slope, evaluate_numpy(derivative(tree), x), rtol=1e-9, atol=1e-14)


def test_the_slope_of_tanh_of_softplus_alone() -> None:
    lowering = Lowering(fused=True)
    (operation,) = lowering.finish([lowering.emit("tanh_softplus_slope", X_ID)])
    program = assemble([operation], {}, None, operation.results[1])
    assert words(program) == ["tanh_softplus_pair"]
    x = np.linspace(-3, 3, 13)
    expected = evaluate_numpy(derivative(parse("tanh(softplus(x))")), x)
    np.testing.assert_allclose(run_program(program, x)[1], expected, rtol=1e-13)


def test_common_parts_are_computed_once() -> None:
    assert words(compile_value(parse("sin(x**2)*exp(x**2)*tanh(x**2)"))).count("mul") == 3
    assert words(compile_both(parse("exp(x)"), fused=True)) == ["exp", "copy"]


def test_programs_do_not_depend_on_history() -> None:
    first = compile_both(parse("x*sin(x) + exp(-x**2)*tanh(x)"))
    parse("tanh(x)*exp(-x**2)*sin(x)")
    again = compile_both(parse("x*sin(x) + exp(-x**2)*tanh(x)"))
    assert first == again
    assert hash(first) == hash(again)
    assert pickle.loads(pickle.dumps(first)) == first
    assert first != get("relu").program()
    assert first != "a program"
    with pytest.raises(ValueError, match="read-only"):
        first.code[0, 0] = 1


def test_a_value_that_the_derivative_needs_along_with_x_is_copied_at_the_end() -> None:
    # φ′ = φ·(something of x): the value cannot take x's place before the derivative has read both
    program = compile_both(parse("exp(-x**2)"))
    check(program)
    value, slope = run_program(program, GRID)
    np.testing.assert_allclose(slope, -2 * GRID * value, rtol=1e-14)


def test_deep_formulas_compile_and_huge_ones_say_so() -> None:
    tree: Expression = X
    for _ in range(300):
        tree = call("sin", call("add", Number(1.0), tree))
    check(compile_both(tree))
    leaves: list[Expression] = [call("sin", call("mul", Number(1.0 + k), X)) for k in range(512)]
    while len(leaves) > 1:
        leaves = [Call("mul", (leaves[k], leaves[-1 - k])) for k in range(len(leaves) // 2)]
    program = compile_value(leaves[0])
    check(program)
    assert program.n_registers < 20
    with pytest.raises(UserError) as caught:  # every factor of the product is needed again for the derivative
        compile_both(leaves[0])
    assert caught.value.key == "functions.too_complex"


def test_too_many_registers_have_a_sentence() -> None:
    from actlab.functions.lowering import Lowering
    from actlab.functions.schedule import assemble

    lowering = Lowering(fused=False)
    values = [lowering.emit("mul", 0, lowering.constant(float(k))) for k in range(2, 302)]
    total = values[0]
    for value in values[1:]:
        total = lowering.emit("add", total, value)
    operations = sorted(lowering.finish([total]), key=lambda operation: operation.name != "mul")  # all products first
    with pytest.raises(UserError) as caught:
        assemble(operations, lowering.constants, total, None)
    assert caught.value.key == "functions.too_complex"


def test_open_parameters_do_not_compile() -> None:
    with pytest.raises(TypeError, match="open"):
        compile_value(parse("max(x, a*x)", ["a"]))


def test_opcodes_are_positions() -> None:
    assert OPCODE["copy"] == 0
    assert [OPERATIONS[OPCODE[name]][0] for name in OPCODE] == list(OPCODE)
