"""The public face: get, evaluation by the core, names, equality, pickles."""

import math
import pickle
import subprocess
import sys

import mpmath as mp
import numpy as np
import pytest

import actlab.functions as room
from actlab.functions.activation import Activation, get
from actlab.functions.catalogue import builtins, find, names, words
from actlab.functions.derivative import derivative
from actlab.functions.interpret import evaluate_mpmath, run_program
from actlab.functions.parser import parse
from actlab.text import UserError, tr, use_language


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("relu", "relu"), ("ReLU", "relu"), (" gelu ", "gelu"), ("swish", "silu"), ("SiLU", "silu"),
        ("linear", "identity"),
        ("logistic", "sigmoid"), ("leaky_relu", "leaky_relu"), ("leaky_relu()", "leaky_relu"),
        ("leaky_relu(alpha=.05)", "leaky_relu(alpha=0.05)"), ("LeakyReLU(x, alpha = 1/4)", "leaky_relu(alpha=0.25)"),
        ("leaky_relu(alpha=0.01)", "leaky_relu"), ("elu(alpha=2)", "elu(alpha=2)"), ("relu(x)", "relu"), ("x", "x"),
        ("  x *\ttanh( softplus(x) ) ", "x * tanh( softplus(x) )"), ("relu(2*x)", "relu(2*x)"),
        ("max(x, 0)", "max(x, 0)"),
    ],
)  # fmt: skip
def test_names(asked: str, name: str) -> None:
    f = get(asked)
    assert f.name == name
    assert get(f.name) == f
    assert get(f.formula) == f
    assert repr(f) == f"actlab.get({name!r})"


def test_parameters() -> None:
    f = get("leaky_relu", alpha=0.05)
    assert f == get("leaky_relu(alpha=.05)")
    assert f.name == "leaky_relu(alpha=0.05)"
    assert f.builtin is find("leaky_relu")
    assert get("leaky_relu", alpha=np.float32(0.25)).name == "leaky_relu(alpha=0.25)"
    assert get("leaky_relu", alpha=1).expression is parse("x")
    g = get("max(x, a*x + b)", a=0.1, b=2)
    assert g == get("max(x, 0.1*x + 2)")
    assert g.name == g.formula
    assert get("leaky_relu(x, alpha=slope)", slope=0.05) == f


def test_equality_is_that_of_the_expression() -> None:
    assert get("relu") == get("max(x, 0)") == get("max(0, x)")
    assert hash(get("relu")) == hash(get("max(x, 0)"))
    assert get("relu") != get("elu")
    assert get("relu") != "relu"
    assert get("max(0, x)").builtin is find("relu")
    assert get("x*tanh(softplus(x))").default_init == "he"
    assert get("relu") is get("relu")
    assert get(get("relu")) is get("relu")
    assert len({get("swish"), get("silu"), get("sigmoid(x)*x")}) == 1


def test_pickles() -> None:
    for asked in (*names(), "leaky_relu(alpha=.05)", "x*sin(x)", "max(x, " * 50 + "x" + ")" * 50):
        f = get(asked)
        g = pickle.loads(pickle.dumps(f))
        assert (g, g.name, g.builtin) == (f, f.name, f.builtin)
        assert g.program("both") == f.program("both")


@pytest.mark.parametrize(
    ("asked", "values", "key"),
    [
        ("gleu", {}, "unknown_name_near"),
        ("qqqqqqq", {}, "unknown_name"),
        ("relu", {"alpha": 1}, "no_parameters"),
        ("leaky_relu", {"beta": 1}, "unknown_parameter"),
        ("leaky_relu", {"alpha": 1e6}, "parameter_range"),
        ("elu", {"alpha": -0.1}, "parameter_range"),
        ("leaky_relu", {"alpha": math.nan}, "parameter_value"),
        ("leaky_relu", {"alpha": math.inf}, "parameter_value"),
        ("leaky_relu", {"alpha": "0.1"}, "parameter_value"),
        ("leaky_relu", {"alpha": None}, "parameter_value"),
        ("leaky_relu", {"alpha": [1]}, "parameter_value"),
        ("leaky_relu", {"alpha": True}, "parameter_value"),
        ("leaky_relu", {"alpha": 10**400}, "parameter_value"),
        ("max(x, a*x)", {}, "unknown_word"),
        ("max(x, a*x)", {"b": 1}, "unknown_word"),
        ("max(x, a*x)", {"a": 1, "b": 1}, "parameter_unused"),
        ("max(x, a*x)", {"a": 1, "x": 1}, "parameter_name"),
        ("max(x, e*x)", {"e": 1}, "parameter_name"),
        ("max(x, tanh*x)", {"tanh": 1}, "parameter_name"),
        ("a*x", {"a": 0}, "constant"),
        ("x/a", {"a": 0}, "division_by_zero"),
        (get("relu"), {"alpha": 1}, "already_bound"),
    ],
)
def test_errors(asked, values: dict, key: str) -> None:
    with pytest.raises(UserError) as caught:
        get(asked, **values)
    assert caught.value.key == f"functions.{key}"
    if "name" in caught.value.values and not isinstance(asked, Activation):
        assert caught.value.values["name"] in (*values, asked)
    for lang in ("en", "ko"):
        assert "{" not in caught.value.message(lang)
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)


def test_errors_in_both_languages() -> None:
    for lang, sentence in [
        ("en", "There is no activation called gleu. Did you mean gelu?"),
        ("ko", "gleu라는 활성화 함수는 없습니다. 혹시 gelu를 찾으셨습니까?"),
    ]:
        with use_language(lang), pytest.raises(UserError) as caught:
            get("gleu")
        assert caught.value.message(lang) == sentence
    with pytest.raises(UserError) as caught:
        get("leaky_relu", alpha=200)
    assert caught.value.message("en") == "alpha of leaky_relu must be a number from -100 to 100, not 200."
    assert caught.value.message("ko") == "leaky_relu의 alpha는 -100 이상 100 이하의 수여야 합니다. 입력한 값: 200."


# --- evaluation ---


def test_kinds_and_shapes_come_back() -> None:
    f = get("leaky_relu(alpha=0.5)")
    for dtype in (np.float32, np.float64):
        for shape in ((), (3,), (2, 3), (0,), (2, 0, 3), (1, 1, 1, 4)):
            x = np.full(shape, -2, dtype)
            value, slope = f.value_and_derivative(x)
            for array, number in ((value, -1), (slope, 0.5), (f(x), -1), (f.derivative(x), 0.5)):
                assert isinstance(array, np.ndarray)
                assert array.shape == shape
                assert array.dtype == dtype
                assert np.all(array == number)
    value, slope = f.value_and_derivative(-2)
    assert (type(value), value, type(slope), slope) == (float, -1.0, float, 0.5)
    assert type(f(np.float32(-2))) is np.float32
    assert type(f.derivative(np.float64(-2))) is np.float64
    assert f(True) == 1.0
    assert f(np.array([-2, 3])).dtype == np.float64
    assert f(np.array([-2, 3], np.int8)).tolist() == [-1.0, 3.0]
    assert f([[-2, 3], [4, 5]]).tolist() == [[-1, 3], [4, 5]]


def test_strides_do_not_matter_and_the_input_is_left_alone() -> None:
    f = get("mish")
    x = np.random.default_rng(1).normal(size=(40, 50))
    before = x.copy()
    for view in (x.T, x[::3, ::-2], np.asfortranarray(x), np.broadcast_to(x[0], (3, 50))):
        np.testing.assert_array_equal(f(view), f(np.ascontiguousarray(view)))
    frozen = x.copy()
    frozen.setflags(write=False)
    np.testing.assert_array_equal(f(frozen), f(x))
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(f(x.astype(">f8")), f(x))


@pytest.mark.parametrize(
    "thing",
    ["1", b"1", None, 1j, np.array(["a"]), np.float16(1), np.array([1], object), [[1], [1, 2]], {}, np.longdouble(1)],
)
def test_what_is_not_a_real_number_is_refused(thing: object) -> None:
    for call in (get("relu"), get("relu").derivative, get("relu").value_and_derivative):
        with pytest.raises(UserError) as caught:
            call(thing)
        assert caught.value.key == "functions.not_numbers"


@pytest.mark.parametrize(
    "name", [*names(), "leaky_relu(alpha=.3)", "where(x > 0, 1, x)", "abs(x)", "sin(x)", "1/(1 + x**2)"]
)
def test_special_values(name: str) -> None:
    f = get(name)
    for dtype in (np.float32, np.float64):
        value, slope = f.value_and_derivative(np.array([np.nan, -np.inf, np.inf], dtype))
        assert np.isnan(value[0])
        assert np.isnan(slope[0])
        np.testing.assert_array_equal(value[1:], np.array(f.facts.limits, dtype))
        np.testing.assert_array_equal(slope[1:], np.array(f.facts.derivative_limits, dtype))


def test_odd_functions_keep_the_sign_of_zero() -> None:
    for name in ("identity", "tanh", "silu", "gelu", "mish", "elu", "selu", "leaky_relu"):
        found = get(name)(np.array([-0.0, 0.0]))
        assert np.signbit(found).tolist() == [True, False], name


def _points() -> np.ndarray:
    rng = np.random.default_rng(7)
    exponents = np.exp2(rng.uniform(-20, 7, 90)) * rng.choice([-1, 1], 90)
    troubled = [
        -88.7,
        -89.2,
        -103.9,
        -38.4,
        -14.2,
        -10.2,
        -6.1,
        -5.5,
        -3.0,
        -1.2784645,
        -0.7517916,
        -0.0,
        9.0,
        16.6,
        44.0,
    ]
    return np.concatenate([exponents, troubled, [1e-30, -1e-30, 1e-40, 3.0e38, -3.0e38]]).astype(np.float32)


# Their plain trees cancel: to be evaluated in another form.
CANCELLING = ("tanhshrink", "squareplus")


@pytest.mark.parametrize("name", [name for name in names() if name not in CANCELLING])
def test_float32_is_within_one_unit_of_mpmath(name: str) -> None:
    f = get(name)
    x = _points()
    value, slope = f.value_and_derivative(x)
    np.testing.assert_array_equal(f(x), value)
    np.testing.assert_array_equal(f.derivative(x), slope)
    for found, tree in ((value, f.expression), (slope, derivative(f.expression))):
        for at, y in zip(x.tolist(), found, strict=True):
            with mp.workdps(80):
                exact = evaluate_mpmath(tree, at)
                unit = float(np.spacing(np.float32(abs(float(exact))))) if abs(exact) < 3.4e38 else math.inf
                assert abs(mp.mpf(float(y)) - exact) <= unit, (name, at, float(y), float(exact))


@pytest.mark.parametrize("name", [*names(), "x*sin(x) + atan(x)", "exp(-x**2)", "x/(1 + abs(x))"])
def test_the_core_and_the_interpreter_of_programs_agree(name: str) -> None:
    f = get(name)
    x = np.linspace(-9, 9, 1001)
    for fused in (False, True):
        program = f.program("both", fused)
        from actlab.functions.evaluate import run

        found = run(program, x, True, True)
        for a, b in zip(found, run_program(program, x), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-14)


def test_results_do_not_depend_on_the_company() -> None:
    f = get("mish")
    x = np.random.default_rng(3).normal(size=1000).astype(np.float32)
    whole = f(x)
    for k in (0, 1, 17, 511, 999):
        assert f(x[k]) == whole[k]
        np.testing.assert_array_equal(f(x[k:]), whole[k:])


# --- the catalogue ---


def test_the_catalogue_is_consistent() -> None:
    seen = [word.lower() for builtin in builtins() for word in (builtin.name, *builtin.aliases)]
    assert len(seen) == len(set(seen))
    assert sorted(seen) == list(words())
    assert set(names()) == {
        "identity",
        "relu", "leaky_relu", "elu", "selu", "relu6", "prelu", "rrelu", "celu", "threshold", "relu_squared",
        "hard_swish", "sparse_plus",
        "sigmoid", "tanh", "hard_sigmoid", "scaled_tanh", "hard_tanh", "softsign", "arctan", "erf", "sparse_sigmoid",
        "step", "sign",
        "softplus", "gelu", "silu", "mish", "gelu_tanh", "quick_gelu", "squareplus", "logsigmoid",
        "hardshrink", "softshrink", "tanhshrink",
        "sin", "cos", "gaussian", "exponential",
    }  # fmt: skip
    for builtin in builtins():
        assert builtin.reference.endswith(")")
        for lang in ("en", "ko"):
            assert tr(f"functions.use.{builtin.use}", lang)
        for parameter in builtin.parameters:
            assert parameter.low <= parameter.default <= parameter.high
        assert get(builtin.name).latex
        assert get(builtin.name).text
    assert find("nothing") is None


def test_default_initialisation() -> None:
    he = {
        "relu", "leaky_relu", "elu", "gelu", "silu", "mish", "softplus", "relu6", "prelu", "rrelu", "celu", "threshold",
        "relu_squared", "hard_swish", "sparse_plus", "gelu_tanh", "quick_gelu", "squareplus", "logsigmoid",
        "exponential",
    }  # fmt: skip
    for name in names():
        assert get(name).default_init == ("he" if name in he else "lecun")
    assert get("max(x, 0)**2").default_init == "he"
    assert get("x/(1 + abs(x))").default_init == "lecun"
    assert get("sin(x)").default_init == "lecun"
    assert get("leaky_relu(alpha=0.9)").default_init == "he"
    assert get("max(x, 0.9*x)").default_init == "lecun"


def test_scaling_constants_of_selu() -> None:
    """The fixed point of the paper: mean 0 and variance 1 are kept."""
    found = get("selu").facts
    assert found.mean == pytest.approx(0, abs=1e-15)
    assert found.second_moment == pytest.approx(1, abs=1e-15)


def test_the_package_exports_what_it_says() -> None:
    assert len(room.__all__) == len(set(room.__all__))
    for name in room.__all__:
        assert getattr(room, name) is not None
    assert isinstance(get("relu"), Activation)


def test_the_door_is_light() -> None:
    code = (
        "import sys, actlab.functions as f; g = f.get('gelu'); g(1.0); g.program(); "
        "sys.exit(any(m in sys.modules for m in ('mpmath', 'polars', 'torch', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, env=_environment()).returncode == 0
    code = "import sys, actlab.functions as f; sys.exit(any(m in sys.modules for m in ('scipy', 'mpmath')))"
    assert subprocess.run([sys.executable, "-c", code], check=False, env=_environment()).returncode == 0


def _environment() -> dict[str, str]:
    import os
    from pathlib import Path

    import actlab

    return {**os.environ, "PYTHONPATH": str(Path(actlab.__file__).parents[1])}
