"""Models, inputs and outputs of all sorts work under the doctor, or one sentence says what was not seen."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional
from watched_runs import batches, loss_of, moved, sites, small, watched

import actlab

# --- modules of all sorts


def test_lazy_modules_from_their_first_call():
    data = batches()

    def make():
        return nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(3))

    d = watched(make, data)
    assert sites(d) == [("relu", "0")]
    assert moved(d) == {"0.weight", "0.bias", "2.weight", "2.bias"}
    assert sites(actlab.check(make(), data, loss=functional.cross_entropy)) == [("relu", "0")]


@pytest.mark.parametrize("kind", ["weight", "old", "spectral"])
def test_computed_weights_still_name_their_layer(kind):
    norm = {"weight": nn.utils.parametrizations.weight_norm, "old": nn.utils.weight_norm,
            "spectral": nn.utils.parametrizations.spectral_norm}[kind]  # fmt: skip

    def make():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = nn.Sequential(norm(nn.Linear(6, 8)), nn.ReLU(), norm(nn.Linear(8, 8)), nn.Tanh(), nn.Linear(8, 3))
        with torch.no_grad():
            model[0].bias -= 60.0
        return model

    d = watched(make)
    assert sites(d) == [("relu", "0"), ("tanh", "2")]
    assert ("ACT001", "0") in {(f.code, f.layer) for f in d.findings}
    assert "4.weight" in moved(d)


def test_models_without_activations_and_without_parameters():
    d = watched(lambda: nn.Linear(6, 3))
    assert d.readings.sites == ()
    assert moved(d) == {"weight", "bias"}
    assert "0 activation call" in str(d)
    d = actlab.check(nn.Softmax(-1), [torch.randn(4, 3)])
    assert d.readings.has_gradients is False


def test_eval_mode_and_frozen_parts():
    def make():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 3)).eval()
        model[0].requires_grad_(False)
        return model

    d = watched(make)
    assert sites(d) == [("relu", "1")]
    assert moved(d) == {"1.weight", "1.bias", "4.weight", "4.bias"}
    frozen = small().requires_grad_(False)
    d = actlab.check(frozen, batches(), loss=functional.cross_entropy)
    assert any("does not depend on any parameter" in sentence for sentence in d.skipped)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN, nn.LSTMCell, nn.GRUCell, nn.RNNCell])
def test_fused_recurrences_are_seen(kind):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.r, self.out = kind(3, 8), nn.Linear(8, 3)

        def forward(self, x):
            if not isinstance(self.r, nn.RNNCellBase):
                return self.out(self.r(x.transpose(0, 1))[0][-1])
            h = None
            for t in range(x.shape[1]):
                h = self.r(x[:, t], h)
            return self.out(h[0] if isinstance(h, tuple) else h)

    torch.manual_seed(3)
    data = [(torch.randn(16, 5, 3), y) for _, y in batches()]
    d = watched(Net, data)
    (output,) = [s for s in d.readings.sites if s.kind == "recurrent"]
    assert output.site.layer == "r"
    inside = [s for s in d.readings.sites if s.kind == "activation"]  # its candidate, computed anew
    assert inside
    assert not any("fused" in sentence for sentence in d.skipped)
    assert all((s.site.layer, s.site.function) == ("r", "tanh") for s in inside)


# --- what comes in and goes out


class Nested(nn.Module):
    def __init__(self, out):
        super().__init__()
        self.a, self.b, self.out = nn.Linear(6, 8), nn.Linear(8, 3), out

    def forward(self, x):
        h = torch.relu(self.a(x["inner"][0] if isinstance(x, dict) else x))
        y = self.b(h)
        return {"logits": y, "aux": (h, [h])} if self.out == "dict" else (y, None, {"h": h})


@pytest.mark.parametrize("out", ["dict", "tuple"])
@pytest.mark.parametrize("into", ["dict", "tensor"])
def test_nested_inputs_and_outputs(out, into):
    data = [({"inner": (x, None)} if into == "dict" else x, y) for x, y in batches()]
    d = watched(lambda: Nested(out), data)
    assert sites(d) == [("relu", "a")]
    assert d.readings.geometry.inputs.shape == (16, 6)


class Cast(nn.Module):
    """Everything inside of autocast, in bfloat16 (or float16)."""

    def __init__(self, dtype):
        super().__init__()
        self.net, self.dtype = small(), dtype

    def forward(self, x):
        with torch.autocast("cpu", dtype=self.dtype):
            return self.net(x)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast_is_read_as_it_is_computed(dtype):
    d = watched(lambda: Cast(dtype))
    assert sites(d) == [("relu", "net.0")]
    model = Cast(dtype)
    x = batches()[0][0]
    with torch.autocast("cpu", dtype=dtype):
        z = model.net[0](x)
    assert z.dtype is dtype
    (site,) = actlab.check(model, [x]).readings.sites
    assert site.signal.var_z == pytest.approx(float(z.detach().double().var(correction=0)), rel=1e-6)


def test_loss_scaling_moves_what_it_moves_without_us():
    def run(look):
        model = small()
        scaler = torch.amp.GradScaler("cpu", init_scale=2.0**40, growth_interval=2)  # overflows: steps are left out
        optimiser = torch.optim.SGD(model.parameters(), lr=0.05)
        watch = actlab.watch(model)
        if look:
            watch.enter()
        for k in range(6):
            x, y = batches()[k % 3]
            optimiser.zero_grad()
            with torch.autocast("cpu", dtype=torch.float16):
                output = model(x)
            scaler.scale(loss_of(output, y)).backward()
            scaler.step(optimiser)
            scaler.update()
        if look:
            watch.__exit__(None, None, None)
        return model, scaler.get_scale(), watch

    plain, watched_run = run(False), run(True)
    assert plain[1] == watched_run[1]
    for a, b in zip(plain[0].parameters(), watched_run[0].parameters(), strict=True):
        assert torch.equal(a, b)
    assert watched_run[2].diagnosis().readings.steps == 6


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_other_precisions(dtype):
    data = [(x.to(dtype), y) for x, y in batches()]
    assert sites(watched(lambda: small().to(dtype), data)) == [("relu", "0")]
