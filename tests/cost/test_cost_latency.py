"""Nets leave as ONNX and answer as ours do; what a net is made of, counted by hand."""

from types import SimpleNamespace

import numpy as np
import pytest

import actlab
from actlab import nets
from actlab.cost import latency, price
from actlab.cost.size import bytes_of, flops_of, operations_of
from actlab.nets import reference
from actlab.report.costs import words
from actlab.text import UserError

FUNCTIONS = [
    "relu", "sigmoid", "tanh", "leaky_relu", "elu", "selu", "celu", "softplus", "softsign", "gelu", "silu", "mish",
    "hard_swish", "erf", "leaky_relu(alpha=0.3)", "elu(alpha=0.5)", "silu(beta=2)", "prelu", "step",
    "x*tanh(softplus(x))**2", "sin(x) + 0.1*x", "gelu_tanh", "squareplus",
]  # fmt: skip


def trained(name, hidden=(7, 5), outputs=1, loss="binary"):
    spec = nets.NetSpec(3, hidden, actlab.get(name), "lecun", outputs, loss)
    rng = np.random.default_rng(1)
    X = rng.normal(size=(1, 64, 3)).astype(np.float32)
    y = (rng.random((1, 64)) * max(outputs, 2)).astype(int).astype(np.float32)
    done = nets.train(spec, nets.TrainSpec(5, 16), seeds=[3], learning_rates=[0.1], train_sets=nets.PointSets(X, y))
    return spec, done.weights[0], X[0]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_exported_nets_answer_as_ours(name):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    spec, row, X = trained(name)
    found = latency.session(latency.exported(spec, row)).run(None, {"x": X})[0]
    wanted = reference.forward(spec, spec.unpack(row.astype(np.float64)), X).z[-1]
    np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=5e-6)


def test_several_outputs_and_one_layer():
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    for hidden in ((6,), ()):
        spec, row, X = trained("gelu", hidden, 3, "classes")
        found = latency.session(latency.exported(spec, row)).run(None, {"x": X[:10]})[0]
        wanted = reference.forward(spec, spec.unpack(row.astype(np.float64)), X[:10]).z[-1]
        np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=5e-6)


def test_what_is_not_exported_is_said():
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    spec = nets.NetSpec(3, (4, 4), actlab.get("relu"), "he", norm="layer")
    with pytest.raises(UserError, match="plain nets only"):
        latency.exported(spec, nets.initial_weights(spec, [0])[0])


def test_sizes_by_hand():
    spec = nets.NetSpec(2, (8, 4), actlab.get("relu"), "he")
    assert spec.parameters == 2 * 8 + 8 + 8 * 4 + 4 + 4 + 1
    assert bytes_of(spec) == 4 * spec.parameters
    assert flops_of(spec) == 2 * (16 + 32 + 4) + (8 + 4 + 1) + 12 * operations_of(actlab.get("relu"))
    assert operations_of(actlab.get("relu")) == 1
    assert operations_of(actlab.get("silu")) == 2  # a sigmoid and a product
    assert operations_of(actlab.get("mish")) == 2  # tanh(softplus(x)), one instruction, and a product
    assert operations_of(actlab.get("x*tanh(softplus(x))**2")) == 3


def test_the_stopwatch_measures_each_shape_once(monkeypatch):
    spec = nets.NetSpec(2, (4,), actlab.get("relu"), "he")
    row = nets.initial_weights(spec, [0])[0]
    watch = latency.Stopwatch(rounds=1)
    watch.measure([(spec, row)])
    found = dict(watch.seconds)
    assert len(found) == 2 * len(latency.engines())
    assert all(seconds > 0 for seconds in found.values())
    watch.measure([(nets.NetSpec(2, (4,), actlab.get("relu"), "lecun"), row)])
    assert watch.seconds == found
    monkeypatch.setattr(latency, "has_runtime", lambda: False)
    assert latency.engines() == ("core",)


@pytest.mark.parametrize("runtime", [True, False])
def test_prices(runtime, monkeypatch):
    if runtime:
        pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    else:
        monkeypatch.setattr(price, "has_runtime", lambda: False)
    monkeypatch.setattr(price, "WIDTHS", (8, 16))
    relu, mish = price.prices([actlab.get("relu"), actlab.get("mish")])
    assert 0 < relu.core < mish.core
    assert (relu.runtime is not None) == runtime
    assert set(relu.share) == {8, 16}
    assert all(0 <= share < 1 for share in (*relu.share.values(), *mish.share.values()))


@pytest.mark.parametrize(("seeds", "needed"), [(8, True), (9, False), (64, False)])
def test_too_few_seeds_are_said(seeds, needed):
    """Firth's estimate where all of n succeed is (n + ½)/(n + 1): 9 seeds are the first to show 95 %."""
    found = SimpleNamespace(regimes=(), seeds=seeds, enough=0.95)
    told = words.lede(found)
    assert bool(told) is needed
    assert not told or "9" in told[0]


def test_a_layer_with_and_without_its_function_are_timed_by_turns(monkeypatch):
    """Were the bare layers timed before all others, a busy moment would be the function's."""
    together = []

    def fastest(calls):
        together.append(len(calls))
        return [1.0 + k for k in range(len(calls))]

    monkeypatch.setattr(price, "_fastest", fastest)
    (relu, gelu) = price.prices([actlab.get("relu"), actlab.get("gelu")])
    assert 3 * len(price.WIDTHS) in together
    assert relu.share == {w: 1 - (1.0 + k) / (5.0 + k) for k, w in enumerate(price.WIDTHS)}
    assert gelu.share == {w: 1 - (1.0 + k) / (9.0 + k) for k, w in enumerate(price.WIDTHS)}
