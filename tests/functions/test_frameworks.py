"""Names of frameworks, and the built-ins against PyTorch in float64, value and derivative."""

import re

import numpy as np
import pytest

from actlab.functions.activation import get
from actlab.functions.catalogue import builtins, find, names
from actlab.functions.catalogue.frameworks import FRAMEWORKS, find_foreign, foreign_words, qualified_names
from actlab.functions.vector.names import canonical
from actlab.text import UserError

torch = pytest.importorskip("torch")
F = torch.nn.functional

# What PyTorch computes under each of its names, as it stands in its documentation.
TORCH = {
    "identity": torch.nn.Identity(), "relu": F.relu, "leaky_relu": F.leaky_relu, "elu": F.elu, "selu": F.selu,
    "relu6": F.relu6, "prelu": lambda x: F.prelu(x, torch.tensor([0.25], dtype=x.dtype)), "rrelu": F.rrelu,
    "celu": F.celu, "threshold": lambda x: F.threshold(x, 1.0, 0.0), "hard_swish": F.hardswish,
    "relu_squared": lambda x: F.relu(x) ** 2, "sigmoid": torch.sigmoid, "tanh": torch.tanh,
    "hard_sigmoid": F.hardsigmoid, "hard_tanh": F.hardtanh, "softsign": F.softsign, "arctan": torch.atan,
    "erf": torch.erf, "sign": torch.sign, "softplus": lambda x: F.softplus(x, threshold=1e9), "gelu": F.gelu,
    "silu": F.silu, "mish": F.mish, "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x), "logsigmoid": F.logsigmoid, "hardshrink": F.hardshrink,
    "softshrink": F.softshrink, "tanhshrink": F.tanhshrink, "sin": torch.sin, "cos": torch.cos,
    "exponential": torch.exp, "gaussian": lambda x: torch.exp(-(x**2)),
    "step": lambda x: torch.heaviside(x.detach(), torch.zeros(1, dtype=x.dtype)),
    "scaled_tanh": lambda x: 1.7159 * torch.tanh(2 * x / 3), "squareplus": lambda x: (x + torch.sqrt(x * x + 4)) / 2,
    "sparse_plus": lambda x: torch.where(x <= -1, 0, torch.where(x >= 1, x, (x + 1) ** 2 / 4)),
    "sparse_sigmoid": lambda x: 0.5 * torch.clip(x + 1, 0, 2),
}  # fmt: skip
# Absolute: PyTorch's own terms cancel near zeros of φ and φ′.
SLACK = 1e-14
# PyTorch takes its 1/6 from float32, in the derivative of a float64 input too.
SLOPE_SLACK = {"hard_sigmoid": 5e-9}


def _points() -> np.ndarray:
    rng = np.random.default_rng(3)
    kinks = [-6.0, -3.0, -1.0, -0.5, 0.0, 0.5, 1.0, 3.0, 6.0]
    return np.concatenate([rng.normal(scale=4, size=4000), np.linspace(-15, 15, 601), kinks])


def test_every_built_in_has_a_counterpart() -> None:
    assert set(TORCH) == set(names())


@pytest.mark.parametrize("name", names())
def test_against_torch(name: str) -> None:
    f = get(name)
    points = _points()
    x = torch.tensor(points, requires_grad=True)
    y = TORCH[name](x)
    slope = torch.autograd.grad(y.sum(), x, allow_unused=True)[0] if y.requires_grad else torch.zeros_like(x)
    value, derivative = f.value_and_derivative(points)
    np.testing.assert_allclose(value, y.detach().numpy(), rtol=1e-12, atol=SLACK)
    kink = np.isin(points, f.facts.kinks)
    slack = SLOPE_SLACK.get(name, SLACK)
    np.testing.assert_allclose(derivative[~kink], slope.numpy()[~kink], rtol=1e-12, atol=slack)
    for at in f.facts.kinks:  # the documented exception: ours is the left slope, except at a jump
        left = f.derivative(np.nextafter(at, -np.inf))
        assert f.derivative(at) == pytest.approx(left, abs=1e-12) or at in f.facts.jumps, (name, at)


def test_softplus_differs_from_torch_beyond_its_threshold_only() -> None:
    x = np.linspace(-5, 60, 6501)
    for beta in (0.5, 1.0, 3.0):
        difference = get("softplus", beta=beta)(x) - F.softplus(torch.tensor(x), beta=beta).numpy()
        assert np.all(np.abs(difference[beta * x <= 20]) < 1e-14)
        assert np.max(np.abs(difference)) < 2.1e-9 / beta
        assert np.max(difference) > 1e-9 / beta


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("torch:LeakyReLU", "leaky_relu"), ("TORCH:leakyrelu", "leaky_relu"), ("torch:leaky_relu", "leaky_relu"),
        ("jax:leaky_relu", "leaky_relu"), ("keras:leaky_relu", "leaky_relu(alpha=0.2)"),
        ("keras:LeakyReLU", "leaky_relu(alpha=0.3)"), ("jax:gelu", "gelu_tanh"), ("keras:gelu", "gelu"),
        ("torch:GELU", "gelu"), ("keras:hard_sigmoid", "hard_sigmoid"), ("torch:Hardsigmoid", "hard_sigmoid"),
        ("torch:PReLU", "prelu"), ("torch:RReLU", "rrelu"), ("jax:soft_sign", "softsign"), ("jax:swish", "silu"),
        ("keras:linear", "identity"), ("keras:tanh_shrink", "tanhshrink"), ("torch:LogSigmoid", "logsigmoid"),
        ("jax:hard_silu", "hard_swish"), ("keras:hard_silu", "hard_swish"), ("torch:exp", "exponential"),
        ("torch:LeakyReLU(negative_slope=0.2)", "leaky_relu(alpha=0.2)"),
        ("torch:LeakyReLU(alpha=1/4)", "leaky_relu(alpha=0.25)"), ("torch:LeakyReLU()", "leaky_relu"),
        ("keras:leaky_relu()", "leaky_relu(alpha=0.2)"), ("keras:leaky_relu(negative_slope=.01)", "leaky_relu"),
        ("torch:Hardtanh(min_val=-2)", "hard_tanh(min_val=-2)"), ("torch:Hardshrink( lambd=1 )", "hardshrink(lambd=1)"),
        ("keras:hard_shrink(threshold=1)", "hardshrink(lambd=1)"),
        ("torch:Threshold(threshold=0.1, value=-1)", "threshold(theta=0.1, value=-1)"),
        ("keras:threshold(threshold=0.1, default_value=-1)", "threshold(theta=0.1, value=-1)"),
        ("torch:Softplus(beta=2)", "softplus(beta=2)"), (" torch : ReLU ", "relu"),
    ],
)  # fmt: skip
def test_qualified_names(asked: str, expected: str) -> None:
    f = get(asked)
    assert f.name == expected
    assert get(f.name) == f
    assert f.builtin is find(expected.partition("(")[0])


def test_qualified_names_take_parameters() -> None:
    assert get("keras:leaky_relu", negative_slope=0.1) == get("leaky_relu", alpha=0.1)
    assert get("keras:leaky_relu", alpha=0.1).name == "leaky_relu(alpha=0.1)"
    assert get("torch:LeakyReLU(negative_slope=0.3)", alpha=0.1) == get("leaky_relu", alpha=0.1)


@pytest.mark.parametrize(
    ("asked", "key", "values"),
    [
        ("torch:LeakyRelu2", "unknown_name_near", {"near": "torch:LeakyReLU"}),
        ("jax:gleu", "unknown_name_near", {"near": "jax:gelu"}),
        ("keras:leaky_rellu", "unknown_name_near", {"near": "keras:leaky_relu"}),
        ("torch:qqqqqqqqq", "unknown_qualified", {"name": "torch:qqqqqqqqq"}),
        ("tf:relu", "unknown_framework", {"name": "tf"}),
        (":relu", "character", {"character": ":"}),
        ("torch:", "unknown_qualified", {}),
        ("torch:ReLU(x) + 1", "qualified_alone", {"name": "torch:ReLU"}),
        ("torch:ReLU(2*x)", "qualified_alone", {}),
        ("torch:LeakyReLU(slope=1)", "unknown_parameter", {"name": "slope"}),
        ("torch:LeakyReLU(negative_slope=1000)", "parameter_range", {}),
        ("torch:LeakyReLU(negative_slope=", "ends_early", {}),
        ("torch:Softmax", "vector_name", {"name": "softmax"}),
        ("keras:sparsemax", "vector_name", {"name": "sparsemax"}),
    ],
)
def test_wrong_qualified_names(asked: str, key: str, values: dict) -> None:
    with pytest.raises(UserError) as caught:
        get(asked)
    assert caught.value.key == f"functions.{key}"
    for name, value in values.items():
        assert caught.value.values[name] == value
    for lang in ("en", "ko"):
        assert "{" not in caught.value.message(lang)


def test_the_tables_lead_somewhere() -> None:
    for framework in FRAMEWORKS:
        for word in foreign_words(framework):
            entry = find_foreign(framework, word.upper())
            assert entry is not None
            builtin = find(entry.builtin)
            assert builtin is not None, word
            for parameter in (*entry.values, *entry.renamed.values()):
                assert builtin.parameter(parameter) is not None, word
            assert f"{framework}:{word}" in qualified_names(builtin)
            assert get(f"{framework}:{word}").builtin is builtin
    found = find("leaky_relu")
    assert found is not None
    assert qualified_names(found)[-2:] == ("keras:leaky_relu", "keras:LeakyReLU")


def test_every_activation_of_torch_nn_is_known() -> None:
    """The list is torch's own; attention is not an activation, Softmax2d is softmax along another axis."""
    for word in torch.nn.modules.activation.__all__:
        if word not in ("MultiheadAttention", "Softmax2d"):
            assert find_foreign("torch", word) is not None or canonical(f"torch:{word}") is not None, word


# The functions of one number or one vector in jax.nn 0.10.2 and keras.activations 3.15.1, read off their sources.
JAX = """celu elu gelu glu hard_sigmoid hard_silu hard_swish hard_tanh identity leaky_relu log_sigmoid log_softmax mish
    relu relu6 selu sigmoid silu soft_sign softmax softplus sparse_plus sparse_sigmoid squareplus swish tanh"""
KERAS = """celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh leaky_relu linear
    log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
    sparse_sigmoid sparsemax squareplus swish tanh tanh_shrink threshold"""


@pytest.mark.parametrize(("framework", "listed"), [("jax", JAX), ("keras", KERAS)])
def test_every_activation_of_jax_and_keras_is_known(framework: str, listed: str) -> None:
    scalars = {word for word in listed.split() if canonical(f"{framework}:{word}") is None}
    assert scalars == {word for word in foreign_words(framework) if word != "LeakyReLU"}
    for word in scalars:  # the bare word means the same function, but for its defaults and for JAX's gelu
        builtin = find(word)
        assert builtin is not None, word
        assert builtin is get(f"{framework}:{word}").builtin or (framework, word) == ("jax", "gelu")


def test_defaults_are_those_of_torch() -> None:
    for word in torch.nn.modules.activation.__all__:
        if find_foreign("torch", word) is None or word in ("Threshold", "PReLU", "RReLU"):
            continue
        x = torch.linspace(-4, 4, 101, dtype=torch.float64)
        expected = getattr(torch.nn, word)()(x).numpy()
        np.testing.assert_allclose(get(f"torch:{word}")(x.numpy()), expected, rtol=1e-12, atol=SLACK, err_msg=word)


def test_parameters_away_from_their_defaults() -> None:
    x = torch.linspace(-8, 8, 321, dtype=torch.float64)
    for ours, theirs in [
        ("leaky_relu(alpha=.3)", F.leaky_relu(x, 0.3)), ("elu(alpha=2)", F.elu(x, 2.0)),
        ("celu(alpha=2)", F.celu(x, 2.0)), ("rrelu(lower=.1, upper=.5)", F.rrelu(x, 0.1, 0.5)),
        ("hard_tanh(min_val=-2, max_val=.5)", F.hardtanh(x, -2.0, 0.5)), ("hardshrink(lambd=1)", F.hardshrink(x, 1.0)),
        ("softshrink(lambd=1)", F.softshrink(x, 1.0)), ("threshold(theta=.3, value=-2)", F.threshold(x, 0.3, -2.0)),
        ("softplus(beta=2)", F.softplus(x, 2.0, threshold=1e9)), ("silu(beta=2)", x * torch.sigmoid(2 * x)),
        ("squareplus(b=1)", (x + torch.sqrt(x * x + 1)) / 2), ("prelu(alpha=.1)", F.leaky_relu(x, 0.1)),
    ]:  # fmt: skip
        np.testing.assert_allclose(get(ours)(x.numpy()), theirs.numpy(), rtol=1e-12, atol=SLACK, err_msg=ours)


def test_built_ins_that_are_equal_are_one_function() -> None:
    assert get("silu(beta=1.702)") == get("quick_gelu")
    assert get("celu") == get("elu")
    assert get("celu").name == "celu"
    assert get("where(x > 0, x, expm1(x))").builtin is find("elu")
    assert get("softplus(x)").expression is get("softplus").expression
    assert get("softplus(beta=2)").name == "softplus(beta=2)"
    assert get("2*softplus(x, beta=3)") == get("2*(softplus(3*x)/3)")
    assert get("sin") == get("sin(x)")
    assert get("sin(x)").name == "sin"
    assert get("1 + sin()") == get("1 + sin(x)")
    assert get("swish", beta=2.0).name == "silu(beta=2)"
    for builtin in builtins():  # a formula and the built-in it equals run the same program
        formula = get(builtin.name).formula
        assert get(formula).program() == get(builtin.name).program()
        assert re.fullmatch(r"[a-z][a-z0-9_]*", builtin.name)
