"""ONNX models of activations, run by onnxruntime."""

from __future__ import annotations

import logging
import math

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

import actlab  # noqa: E402
from actlab.functions import get, names  # noqa: E402
from actlab.onnx import export, model  # noqa: E402
from actlab.text import UserError  # noqa: E402

FORMULAS = ("x*tanh(softplus(x))**2", "where(x > 1, log1p(x), expm1(x)/2)")


def runner(made):
    session = runtime.InferenceSession(made if isinstance(made, str) else made.SerializeToString())
    name = session.get_inputs()[0].name
    return lambda x: session.run(None, {name: x})[0]


def relative(found, wanted):
    """The largest relative error; below the normal numbers of float32 runtimes may do as they like."""
    return float((np.abs(found - wanted) / np.maximum(np.abs(wanted), np.finfo(np.float32).tiny)).max())


@pytest.mark.parametrize("name", [*names(), *FORMULAS])
def test_equal_to_a_millionth(name):
    x = np.linspace(-10, 10, 20_001, dtype=np.float32)
    found, wanted = runner(model(name))(x), get(name)(x)
    assert found.dtype == np.float32
    normal = np.abs(wanted) > np.finfo(np.float32).tiny
    assert relative(found[normal], wanted[normal]) <= 1e-6
    np.testing.assert_allclose(found[~normal], wanted[~normal], rtol=0, atol=1e-38)


@pytest.mark.parametrize("name", ["gelu", "silu", "relu", "leaky_relu", "tanh", "softplus", "elu", "sign", "step"])
def test_ends(name):
    x = np.array([math.inf, -math.inf, math.nan], dtype=np.float32)
    np.testing.assert_array_equal(runner(model(name))(x), get(name)(x))


@pytest.mark.parametrize("name", ["gelu", "silu", "tanh", "elu"])
def test_float64(name):
    x = np.linspace(-10, 10, 2001)
    assert relative(runner(model(name, dtype="float64"))(x), get(name)(x)) < 1e-8


@pytest.mark.parametrize("shape", [(), (3,), (0, 2), (2, 3, 4)])
def test_any_shape(shape):
    assert runner(model("gelu"))(np.ones(shape, dtype=np.float32)).shape == shape


def test_a_file(tmp_path):
    export("leaky_relu", tmp_path / "leaky.onnx", alpha=0.05)
    x = np.linspace(-2, 2, 5, dtype=np.float32)
    np.testing.assert_allclose(runner(str(tmp_path / "leaky.onnx"))(x), get("leaky_relu", alpha=0.05)(x), rtol=1e-6)
    assert actlab.onnx.model is model


def test_refused(tmp_path):
    for call, key in (
        (lambda: model("gelu", dtype="int8"), "frameworks.onnx_dtype"),
        (lambda: export(object(), tmp_path / "a.onnx"), "frameworks.onnx_example"),
        (lambda: model("gelo"), "functions.unknown_name_near"),
    ):
        with pytest.raises(UserError) as caught:
            call()
        assert caught.value.key == key


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # the exporter's own
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_module_with_activations(tmp_path):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    pytest.importorskip("onnxscript", reason="torch.onnx needs onnxscript")
    from actlab.torch import Activation, replace

    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    torch.manual_seed(0)
    body = torch.nn.Sequential(
        torch.nn.Linear(4, 16), Activation("gelu"), torch.nn.Linear(16, 16), Activation(FORMULAS[0]),
        torch.nn.Linear(16, 16), torch.nn.ReLU(), torch.nn.Linear(16, 2), Activation("softplus"),
    ).eval()  # fmt: skip
    replace(body, "relu", "silu")
    x = torch.randn(32, 4)
    export(body, tmp_path / "body.onnx", x)
    wanted = body(x).detach().numpy()
    np.testing.assert_allclose(runner(str(tmp_path / "body.onnx"))(x.numpy()), wanted, rtol=2e-6, atol=1e-6)
    for name in ("gelu", "silu", "elu", "gelu_tanh"):
        wide = torch.linspace(-10, 10, 4001)
        export(Activation(name), tmp_path / f"{name}.onnx", wide)
        found = runner(str(tmp_path / f"{name}.onnx"))(wide.numpy())
        assert relative(found, get(name)(wide.numpy())) <= 1e-6
    export(Activation("mish"), tmp_path / "direct.onnx")
    assert runner(str(tmp_path / "direct.onnx"))(np.ones((2, 2), np.float32)).shape == (2, 2)
