"""Every call is seen, at its place, with the right numbers: against counts and numbers from elsewhere."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
import zoo
from torch import nn
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from actlab.doctor import check, watch
from actlab.doctor.record import Record
from actlab.doctor.tracer import Tracer

#: What PyTorch calls the operations one floor below the functions that the tracer sees.
OPERATIONS = {
    "relu", "gelu", "silu", "sigmoid", "tanh", "softplus", "hardswish", "leaky_relu", "elu", "mish", "clamp",
    "_prelu_kernel", "glu", "_softmax",
}  # fmt: skip
FUSED = {"lstm", "gru", "rnn_tanh", "attention", "log_softmax"}


class Count(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.calls = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        name = name if name.startswith("_") else name.rstrip("_")
        if name in OPERATIONS:
            self.calls[name] += 1
        return func(*args, **(kwargs or {}))


def counted(inner, calls):
    def with_count(site, *rest):
        calls[site] += 1
        return inner(site, *rest)

    return with_count


def traced(model, *inputs):
    """A record of one forward pass, and how often each site was called in it."""
    record, calls = Record(model), Counter()
    for name in ("activation", "rows", "recurrent"):
        setattr(record, name, counted(getattr(record, name), calls))
    record.steps_passed = 1
    record.begin([], True)
    tracer = Tracer(model, record)
    tracer.start()
    output = model(*inputs)
    tracer.stop()
    return record, calls, output


@pytest.mark.parametrize("name", [name for name in zoo.CASES if name not in ("lstm", "gru", "plain_rnn")])
def test_every_call_is_seen(name):
    case = zoo.made(name)
    *inputs, _ = case.batches[0]
    torch.manual_seed(1)
    _, calls, output = traced(case.model, *inputs)
    seen = sum(n for site, n in calls.items() if site.function not in FUSED)
    torch.manual_seed(1)
    with Count() as count:
        again = case.model(*inputs)
    assert seen == sum(count.calls.values()) > 0
    for a, b in zip(tensors(output), tensors(again), strict=True):
        assert torch.equal(a, b)


def tensors(output):
    if isinstance(output, dict):
        return list(output.values())
    return list(output) if isinstance(output, tuple) else [output]


def readings(model, batches, loss=None, **settings):
    return check(model, batches, loss=loss, **settings).readings


def places(found):
    return [(s.site.path, s.site.function, s.site.feeder, s.site.ordinal) for s in found.sites]


def test_one_line_for_several_layers_is_several_places():
    case = zoo.made("functions")
    found = places(readings(case.model, case.batches))
    assert found[:3] == [("", "leaky_relu(alpha=0.2)", f"layers.{k}", 1) for k in range(3)]
    assert found[3:] == [("own", "sigmoid", "layers.2", 1), ("", "tanh", "layers.2", 1), ("", "relu", "layers.2", 1),
                         ("", "relu", "layers.2", 2)]  # fmt: skip


def test_one_module_for_two_calls_is_two_places():
    case = zoo.made("pictures")
    found = places(readings(case.model, case.batches))
    assert ("0.2.relu", "relu", "0.2.bn1", 1) in found
    assert ("0.2.relu", "relu", "0.2.bn2", 1) in found


def test_a_loop_over_time_is_one_place():
    case = zoo.made("elman")
    (site,) = readings(case.model, case.batches[:1]).sites
    assert site.site.feeder == "on"
    assert site.signal.points == 16 * 5


def test_attention_is_looked_into():
    case = zoo.made("transformer")
    found = readings(case.model, case.batches)
    kinds = Counter(s.site.function for s in found.sites)
    assert kinds["attention"] == 2  # the module's own and the call by hand
    assert kinds["softmax"] == kinds["gelu"] == 1
    for site in found.sites:
        if site.sharpness is not None:
            assert 0.5 < site.sharpness.mean <= 1.0
            assert site.sharpness.saturated == 0.0


def test_attention_with_weights_is_looked_into():
    """`need_weights=True` writes its softmax out, inside of a function that modes see as a whole."""
    attention = nn.MultiheadAttention(8, 2, batch_first=True)
    x = torch.randn(4, 5, 8)
    _, calls, (a, weights) = traced(attention, x, x, x)
    assert [(site.path, site.function) for site in calls] == [("", "softmax")]
    b, same = attention(x, x, x)
    assert torch.equal(a, b)
    assert torch.equal(weights, same)


class Order(nn.Module):
    def __init__(self, inplace):
        super().__init__()
        self.conv, self.act, self.out = nn.Conv2d(2, 5, 3), nn.ReLU(inplace=inplace), nn.Linear(5, 2)

    def forward(self, x):
        return self.out(self.act(self.conv(x)).mean((2, 3)))


@pytest.mark.parametrize("inplace", [False, True])
def test_numbers_are_those_of_numpy(inplace):
    """z is read before an in-place call writes over it; channels are units; every statistic against NumPy float64."""
    torch.manual_seed(0)
    model, x = Order(inplace), torch.randn(8, 2, 6, 6)
    (site,) = readings(model, [(x, torch.zeros(8, 2))], functional.mse_loss).sites
    z = model.conv(x).detach().double().movedim(1, -1).reshape(-1, 5).numpy()  # 8 · 16 points: all are looked at
    assert site.signal.points == len(z) == 128
    assert site.signal.mean_abs_z == pytest.approx(np.abs(z).mean(), rel=1e-6)
    assert site.signal.mean_abs_a == pytest.approx(np.maximum(z, 0).mean(), rel=1e-6)
    assert site.signal.var_z == pytest.approx(z.var(), rel=1e-6)
    np.testing.assert_allclose(site.signal.unit_mean, z.mean(0), rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(site.signal.unit_var, z.var(0), rtol=1e-6)
    np.testing.assert_allclose(site.derivative.mean_square, (z > 0).mean(0))
    assert site.reference == pytest.approx(0.5)


@pytest.mark.parametrize("inplace", [False, True])
def test_gradients_are_those_of_autograd(inplace):
    torch.manual_seed(0)
    model, x, y = Order(inplace), torch.randn(8, 2, 6, 6), torch.randn(8, 2)
    found = readings(model, [(x, y)], functional.mse_loss)
    z = model.conv(x)
    z.retain_grad()
    a = z.relu()
    a.retain_grad()
    functional.mse_loss(model.out(a.mean((2, 3))), y).backward()
    (site,) = found.sites
    assert site.flow.z == pytest.approx(float(z.grad.norm()), rel=1e-5)
    assert site.flow.a == pytest.approx(float(a.grad.norm()), rel=1e-5)
    weights = {w.name: w for w in found.weights}
    for name, p in model.named_parameters():
        assert weights[name].gradient == pytest.approx(float(p.grad.norm()) / p.numel() ** 0.5, rel=1e-5)
    assert [w.layer for w in found.weights if w.order > 0] == ["conv", "out"]


def test_prelu_has_a_slope_for_each_unit():
    model = nn.Sequential(nn.Linear(3, 4), nn.PReLU(4), nn.Linear(4, 1))
    model[1].weight.data[:] = torch.tensor([0.0, 0.5, 1.0, 2.0])
    x = torch.randn(40, 3)
    (site,) = readings(model, [x]).sites
    z = model[0](x).detach().numpy()
    slope = np.where(z > 0, 1.0, [0.0, 0.5, 1.0, 2.0])
    np.testing.assert_allclose(site.derivative.mean_square, np.square(slope).mean(0))
    np.testing.assert_allclose(site.reference, 0.5 * (1 + np.square([0.0, 0.5, 1.0, 2.0])))


def test_updates_are_those_of_the_optimiser():
    case = zoo.made("mlp")
    optimiser = torch.optim.SGD(case.model.parameters(), lr=0.1)
    ratios = []
    with watch(case.model) as w:
        for x, y in case.batches:
            optimiser.zero_grad()
            case.loss(case.model(x), y).backward()
            before = case.model[0].weight.detach().clone()
            optimiser.step()
            ratios.append(float((case.model[0].weight.detach() - before).norm() / before.norm()))
    found = {weight.name: weight for weight in w.diagnosis().readings.weights}
    assert found["0.weight"].updates == 3
    assert found["0.weight"].update == pytest.approx(np.median(ratios), rel=1e-4)


def test_accumulated_steps_are_waited_for():
    """Two backward passes for one step of the optimiser: the forward pass in between is no update."""
    case = zoo.made("mlp")
    optimiser = torch.optim.SGD(case.model.parameters(), lr=0.1)
    with watch(case.model) as w:
        for k in range(4):
            x, y = case.batches[k % 3]
            case.loss(case.model(x), y).backward()
            if k % 2:
                optimiser.step()
                optimiser.zero_grad()
    assert w.diagnosis().readings.weights[0].updates == 2


def test_steps_are_sampled():
    case = zoo.made("mlp")
    x, y = case.batches[0]
    with watch(case.model, first=3, every=4) as w:
        for _ in range(12):
            case.loss(case.model(x), y).backward()
            with torch.no_grad():
                case.model(x)  # validation in between is no step
    found = w.diagnosis().readings
    assert (found.steps_passed, found.steps) == (12, 3 + 2)


def test_compiled_models_are_watched_from_outside():
    model = zoo.made("mlp").model
    compiled = torch.compile(model, backend="eager")
    x, y = zoo.made("mlp").batches[0]
    with watch(compiled) as w:
        functional.cross_entropy(compiled(x), y).backward()
    d = w.diagnosis()
    assert not d.readings.sites
    assert any("torch.compile" in sentence for sentence in d.skipped)
    assert d.readings.has_gradients
    assert check(compiled, [(x, y)], loss=functional.cross_entropy).readings.sites


def test_a_fused_recurrence_is_its_output_and_the_activation_inside():
    case = zoo.made("lstm")
    d = check(case.model, case.batches, loss=case.loss)
    assert d.skipped == ()
    inside, site = d.readings.sites
    assert (inside.kind, inside.site.path, inside.site.function) == ("activation", "rnn", "tanh")
    assert (site.kind, site.site.path) == ("recurrent", "rnn")
    assert site.flow.a > 0


@pytest.mark.parametrize("turned", [False, True])
def test_a_view_of_a_weight_is_the_weight(turned):
    """``torch.addmm(bias, x, weight.t())`` uses the weight as ``nn.Linear`` does."""

    class Views(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(6, 4), nn.Linear(4, 2)

        def forward(self, x):
            z = torch.addmm(self.first.bias, x, self.first.weight.t()) if turned else self.first(x)
            return self.last(z.relu())

    torch.manual_seed(0)
    found = readings(Views(), [torch.randn(8, 6)])
    assert places(found) == [("", "relu", "first", 1)]
    (weight,) = [w for w in found.weights if w.name == "first.weight"]
    assert (weight.kind, weight.fan_in, weight.constant) == ("linear", 6, False)
    model = Views()
    with torch.no_grad():
        model.first.weight[:] = torch.arange(6.0)  # four equal units
    (weight,) = [w for w in readings(model, [torch.randn(8, 6)]).weights if w.name == "first.weight"]
    assert weight.constant
