"""The vector functions against mpmath, PyTorch, brute force and their own Jacobians."""

import itertools
import math
import pickle

import mpmath as mp
import numpy as np
import pytest

import actlab
from actlab.functions import get, vector
from actlab.text import UserError

torch = pytest.importorskip("torch")

ROWS = np.random.default_rng(11).normal(scale=3, size=(40, 12))


def _exact(name: str, row: list[float]) -> list:
    """The definition, in the working precision of mpmath."""
    x = [mp.mpf(value) for value in row]
    half = len(x) // 2
    match name:
        case "softmax" | "softmin" | "log_softmax":
            powers = [mp.exp(-value if name == "softmin" else value) for value in x]
            total = mp.fsum(powers)
            return [mp.log(p / total) if name == "log_softmax" else p / total for p in powers]
        case "glu":
            return [a / (1 + mp.exp(-b)) for a, b in zip(x[:half], x[half:], strict=True)]
        case "swiglu":
            return [a / (1 + mp.exp(-a)) * b for a, b in zip(x[:half], x[half:], strict=True)]
        case "geglu":
            return [a * mp.ncdf(a) * b for a, b in zip(x[:half], x[half:], strict=True)]
        case "reglu":
            return [max(a, mp.mpf(0)) * b for a, b in zip(x[:half], x[half:], strict=True)]
        case "maxout":
            return [max(pair) for pair in zip(x[::2], x[1::2], strict=True)]
    return _nearest_in_the_simplex(x)


def _nearest_in_the_simplex(x: list) -> list:
    """Brute force: for every support the projection onto its face; the nearest one that is feasible."""
    best, nearest = mp.inf, []
    for size in range(1, len(x) + 1):
        for support in itertools.combinations(range(len(x)), size):
            threshold = (mp.fsum(x[i] for i in support) - 1) / size
            point = [x[i] - threshold if i in support else mp.mpf(0) for i in range(len(x))]
            if min(point) < 0:
                continue
            distance = mp.fsum((a - b) ** 2 for a, b in zip(x, point, strict=True))
            if distance < best:
                best, nearest = distance, point
    return nearest


def _rows(name: str) -> list[list[float]]:
    rng = np.random.default_rng(5)
    length = 6 if name == "sparsemax" else 10
    rows = [rng.normal(scale=scale, size=length) for scale in (1e-8, 0.1, 1.0, 5.0, 40.0) for _ in range(6)]
    rows += [np.zeros(length), np.full(length, 3.3), np.linspace(-87, 16, length), np.linspace(0, 1e-3, length)]
    rows += [np.concatenate([[30.0], np.full(length - 1, -9.0)]), 1000 + rng.normal(size=length)]
    return [row.astype(np.float32).tolist() for row in rows]


@pytest.mark.parametrize("name", vector.names())
def test_against_mpmath(name: str) -> None:
    f = vector.get(name)
    for row in _rows(name):
        with mp.workdps(60):
            exact = _exact(name, row)
            for dtype in (np.float32, np.float64):
                found = f(np.array(row, dtype))
                assert found.dtype == dtype
                assert len(found) == len(exact)
                spread = max(row) - min(row)
                for y, e in zip(found.tolist(), exact, strict=True):
                    unit = float(np.spacing(dtype(abs(float(e)))))
                    bound = unit if dtype is np.float32 else (spread + 12) * 2.0**-53 * abs(float(e)) + unit
                    if name == "sparsemax":
                        bound = max(bound, (len(row) / 2 + 4) * 2.0**-52)
                    assert abs(mp.mpf(y) - e) <= bound, (name, row, y, float(e))


def test_against_torch() -> None:
    x = torch.tensor(ROWS, requires_grad=True)
    g = np.random.default_rng(12).normal(size=ROWS.shape)
    half = x.shape[1] // 2
    functional = torch.nn.functional
    for name, y in [
        ("softmax", torch.softmax(x, -1)),
        ("log_softmax", torch.log_softmax(x, -1)),
        ("softmin", functional.softmin(x, -1)),
        ("glu", functional.glu(x)),
        ("swiglu", functional.silu(x[:, :half]) * x[:, half:]),
        ("geglu", functional.gelu(x[:, :half]) * x[:, half:]),
        ("reglu", functional.relu(x[:, :half]) * x[:, half:]),
        ("maxout", x.reshape(len(x), -1, 2).amax(-1)),
    ]:
        f = vector.get(name)
        np.testing.assert_allclose(f(ROWS), y.detach().numpy(), rtol=1e-13, atol=1e-15)  # torch loses digits
        cotangent = g[:, : y.shape[1]]
        (slope,) = torch.autograd.grad(y, x, torch.tensor(cotangent), retain_graph=True)
        found = f.vector_jacobian_product(ROWS, cotangent)
        np.testing.assert_allclose(found, slope.numpy(), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", vector.names())
def test_products_against_differences(name: str) -> None:
    f = vector.get(name)
    x, step = ROWS[:8] / 3, 1e-6
    jacobian = np.stack(
        [(f(x + step * unit) - f(x - step * unit)) / (2 * step) for unit in np.eye(x.shape[1])], axis=-1
    )
    g = np.random.default_rng(13).normal(size=f(x).shape)
    np.testing.assert_allclose(f.vector_jacobian_product(x, g), np.einsum("mok,mo->mk", jacobian, g), atol=1e-8)
    assert f.vector_jacobian_product(x.astype(np.float32), g.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("name", vector.names())
def test_layout_axis_and_company_do_not_matter(name: str) -> None:
    f = vector.get(name)
    cube = np.random.default_rng(14).normal(size=(3, 8, 5)).astype(np.float32)
    whole = f(cube, axis=1)
    assert whole.shape == (3, whole.shape[1], 5)
    for i in range(3):
        for k in range(5):
            np.testing.assert_array_equal(f(cube[i, :, k].copy()), whole[i, :, k])
    np.testing.assert_array_equal(f(np.asfortranarray(cube), axis=-2), whole)
    np.testing.assert_array_equal(f(cube.transpose(2, 0, 1)), whole.transpose(2, 0, 1))
    assert f(np.zeros((0, 4))).shape[0] == 0
    assert f([[1, 2], [3, 4]]).dtype == np.float64
    before = cube.copy()
    f.vector_jacobian_product(cube, whole, axis=1)
    np.testing.assert_array_equal(cube, before)


def test_sums_are_one() -> None:
    for name in ("softmax", "softmin", "sparsemax"):
        np.testing.assert_allclose(vector.get(name)(ROWS * 10).sum(axis=1), 1, rtol=1e-14)
    np.testing.assert_allclose(np.exp(vector.get("log_softmax")(ROWS)).sum(axis=1), 1, rtol=1e-13)
    assert np.count_nonzero(vector.get("sparsemax")(ROWS) == 0) > 300


def test_the_ends() -> None:
    inf, nan = math.inf, math.nan
    softmax, sparsemax, log_softmax = (vector.get(name) for name in ("softmax", "sparsemax", "log_softmax"))
    for f in (softmax, sparsemax):
        assert f([inf, inf, 1.0]).tolist() == [0.5, 0.5, 0.0]
        assert f([-inf, -inf]).tolist() == [0.5, 0.5]
        assert f([-inf, 3.0, -inf]).tolist() == [0.0, 1.0, 0.0]
        assert f([1e308, -1e308]).tolist() == [1.0, 0.0]
        assert f([7.0]).tolist() == [1.0]
        assert np.isnan(f([nan, 1.0])).all()
    assert log_softmax([inf, inf, 1.0]).tolist() == [-math.log(2), -math.log(2), -inf]
    assert log_softmax([0.0, -50.0])[0] == pytest.approx(-math.exp(-50), rel=1e-14)
    assert np.isnan(log_softmax([nan, 1.0])).all()
    assert np.isnan(log_softmax([1.0, nan, inf])).all()
    assert vector.get("maxout")([nan, 1.0, 2.0, -inf])[1] == 2.0
    assert np.isnan(vector.get("maxout")([nan, 1.0])).all()
    assert np.isnan(vector.get("glu")([nan, 1.0, 2.0, 3.0])).tolist() == [True, False]
    assert softmax(np.float32([-100.0, 0.0]))[0] == np.float32(math.exp(-100))  # a subnormal is kept


def test_names_and_parameters() -> None:
    assert vector.get("Softmax") == vector.get("torch:Softmax") == vector.get(vector.get("softmax"))
    assert vector.get("softmax") != vector.get("softmin")
    assert repr(vector.get("maxout", pieces=3)) == "actlab.functions.vector.get('maxout', pieces=3)"
    assert vector.get("maxout", pieces=3)([1, 5, 2, 0, -1, -2]).tolist() == [5, 0]
    assert vector.get("maxout", pieces=1)([1, 5]).tolist() == [1, 5]
    x = np.arange(4.0)
    swapped = np.array([2.0, 3.0, 0.0, 1.0])
    np.testing.assert_array_equal(vector.get("geglu", gate="second")(x), vector.get("geglu")(swapped))
    for name in vector.names():
        f = vector.get(name)
        assert pickle.loads(pickle.dumps(f)) == f
        assert hash(f) == hash(vector.get(name))
        assert f.reference.endswith(")")
        assert f.definition


@pytest.mark.parametrize(
    ("call", "key", "values"),
    [
        (lambda: vector.get("softmaxx"), "vector_unknown_near", {"near": "softmax"}),
        (lambda: vector.get("qqqq"), "vector_unknown", {"name": "qqqq"}),
        (lambda: vector.get(3), "not_text", {}),
        (lambda: vector.get("softmax", gate="first"), "vector_no_parameter", {"name": "gate"}),
        (lambda: vector.get("glu", gate="third"), "vector_gate", {"value": "'third'"}),
        (lambda: vector.get("maxout", pieces=0), "vector_pieces", {"value": "0"}),
        (lambda: vector.get("maxout", pieces=2.0), "vector_pieces", {}),
        (lambda: vector.get("maxout", pieces=True), "vector_pieces", {}),
        (lambda: vector.get("glu")([1, 2, 3]), "vector_even", {"length": 3, "function": "glu"}),
        (lambda: vector.get("maxout", pieces=3)([1, 2]), "vector_groups", {"length": 2, "pieces": 3}),
        (lambda: vector.get("softmax")(1.0), "vector_scalar", {}),
        (lambda: vector.get("softmax")([1.0], axis=1), "vector_axis", {"axis": 1, "dimensions": 1}),
        (lambda: vector.get("softmax")([1.0], axis=-2), "vector_axis", {}),
        (lambda: vector.get("softmax")([1.0], axis="0"), "vector_axis", {}),
        (lambda: vector.get("softmax")([]), "vector_empty", {}),
        (lambda: vector.get("softmax")(["a"]), "not_numbers", {}),
        (lambda: vector.get("glu").vector_jacobian_product([1, 2], [1, 2]), "vector_cotangent", {"expected": (1,)}),
        (lambda: actlab.get("softmax"), "vector_name", {"name": "softmax"}),
        (lambda: actlab.get("LogSoftmax"), "vector_name", {"name": "log_softmax"}),
        (lambda: actlab.get("torch:GLU"), "vector_name", {"name": "glu"}),
        (lambda: actlab.get("2*maxout(x)"), "vector_name", {"name": "maxout"}),
        (lambda: actlab.compare(["relu", "swiglu"]), "vector_name", {"name": "swiglu"}),
    ],
)
def test_sentences(call, key: str, values: dict) -> None:
    with pytest.raises(UserError) as caught:
        call()
    assert caught.value.key == f"functions.{key}"
    for name, value in values.items():
        assert caught.value.values[name] == value
    for lang in ("en", "ko"):
        assert "{" not in caught.value.message(lang)


def test_every_vector_function_of_the_frameworks_is_known() -> None:
    """Those of torch.nn 2.13, jax.nn 0.10.2 and keras.activations 3.15.1."""
    for word in ("torch:Softmax", "torch:LogSoftmax", "torch:Softmin", "torch:GLU", "jax:softmax", "jax:log_softmax",
                 "jax:glu", "keras:softmax", "keras:log_softmax", "keras:sparsemax", "keras:glu"):  # fmt: skip
        assert vector.get(word).name == word.partition(":")[2].lower().replace("logsoftmax", "log_softmax")


def test_every_scalar_function_of_the_frameworks_is_known() -> None:
    torch_nn = ["Threshold", "ReLU", "RReLU", "Hardtanh", "ReLU6", "Sigmoid", "Hardsigmoid", "Tanh", "SiLU", "Mish",
                "Hardswish", "ELU", "CELU", "SELU", "GELU", "Hardshrink", "LeakyReLU", "LogSigmoid", "Softplus",
                "Softshrink", "PReLU", "Softsign", "Tanhshrink"]  # fmt: skip
    beside = {"GLU", "MultiheadAttention", "Softmin", "Softmax", "Softmax2d", "LogSoftmax"}
    assert set(torch.nn.modules.activation.__all__) == {*torch_nn, *beside}  # a new one is noticed
    jax_nn = ["celu", "elu", "gelu", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "identity", "leaky_relu",
              "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_sign", "softplus", "sparse_plus",
              "sparse_sigmoid", "squareplus", "swish", "tanh"]  # fmt: skip
    keras = ["celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh",
             "leaky_relu", "linear", "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink",
             "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "tanh", "tanh_shrink",
             "threshold"]  # fmt: skip
    for framework, words in (("torch", torch_nn), ("jax", jax_nn), ("keras", keras)):
        for word in words:
            assert get(f"{framework}:{word}").builtin is not None
