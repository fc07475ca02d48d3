"""What the planted faults taught the checks: starts that are measured, stacks, bursts, layers without a gradient."""

from __future__ import annotations

import copy

import evidence
import pitfalls
import pytest
import survey
import torch
from torch import nn
from torch.nn import functional

import actlab
import actlab.doctor
from actlab.doctor import check, watch
from actlab.doctor.remedy import remedy_for
from actlab.text import LANGUAGES, use_language


def said(model, batches=None, loss=functional.cross_entropy):
    return [
        (f.code, f.layer, f.cause) for f in check(model, batches or pitfalls.classes(), loss=loss).at_least("warning")
    ]


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(0)


def test_inputs_of_the_wrong_size_are_found_where_no_batch_norm_follows():
    raw = [(200.0 + 50.0 * x, y) for x, y in pitfalls.classes()]
    bare, normed = pitfalls.stack(nn.ReLU), pitfalls.stack(nn.ReLU)
    normed[0] = nn.Sequential(normed[0], nn.BatchNorm1d(32))
    assert ("ACT005", "0", "inputs") in said(bare, raw)
    assert "inputs" not in {cause for _, _, cause in said(normed, raw)}
    (finding,) = [f for f in check(bare, raw).findings if f.cause == "inputs"]
    assert finding.value == pytest.approx(torch.cat([x for x, _ in raw])[:64].square().mean().sqrt().item(), rel=1e-5)
    assert finding.remedies[0] == "centre_inputs"
    for lang in LANGUAGES:
        with use_language(lang):
            assert finding.shown in finding.message
            assert finding.why


@pytest.mark.parametrize(("factor", "cause"), [(60.0, "measured_large"), (1e-3, "measured_small"), (1.0, None)])
def test_a_first_layer_is_measured(factor, cause):
    model = pitfalls.stack(nn.ReLU, gain=pitfalls.HE)
    model[0].weight.data *= factor
    model[0].bias.data += 3.0 * torch.randn(32)  # biases say nothing of the weights
    found = [c for code, layer, c in said(model) if (code, layer) == ("ACT005", "0")]
    assert found == ([cause] if cause else [])


class Residual(nn.Module):
    """The stem's output goes around the first layer of the branch: no stack, though no activation lies between."""

    def __init__(self, around):
        super().__init__()
        self.stem, self.into, self.out, self.around = nn.Linear(8, 32), nn.Linear(32, 32), nn.Linear(32, 3), around

    def forward(self, x):
        h = self.stem(x)
        branch = torch.relu(self.into(h))
        return self.out(h + branch if self.around else branch)


def test_what_goes_around_is_no_stack():
    assert ("ACT008", "into", "missing") in said(Residual(False))
    assert "ACT008" not in {code for code, _, _ in said(Residual(True))}


def convolutions(*parts):
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 3))


@pytest.mark.parametrize(
    ("parts", "layer"),
    [
        ((nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3), nn.ReLU()), "1"),
        ((nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3), nn.ReLU()), "2"),
        ((nn.Conv2d(1, 8, 3), nn.GroupNorm(2, 8), nn.Conv2d(8, 8, 3), nn.ReLU()), None),
        ((nn.Conv2d(1, 8, 1), nn.Conv2d(8, 8, 3), nn.ReLU()), None),
        ((nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3, groups=8), nn.ReLU()), None),
        ((nn.Conv2d(1, 8, 3), nn.Conv2d(8, 8, 3, groups=8)), "1"),  # no activation anywhere
    ],
)
def test_convolutions_in_a_row(parts, layer):
    x = torch.randn(64, 1, 8, 8)
    found = [
        where for code, where, _ in said(convolutions(*parts), [(x, torch.randint(0, 3, (64,)))]) if code == "ACT008"
    ]
    assert found == ([layer] if layer else [])


def test_a_head_that_the_loss_does_not_ask_for_is_no_fault():
    class Heads(nn.Module):
        def __init__(self, first):
            super().__init__()
            self.first = first
            self.body, self.spare, self.out = nn.Linear(8, 16), nn.Linear(16, 2), nn.Linear(16, 3)

        def forward(self, x):
            h = torch.relu(self.body(x))
            if self.first:
                return self.spare(h), self.out(h)
            return self.out(h), self.spare(h)

    def loss(out, y):
        return functional.cross_entropy(max(out, key=lambda o: o.shape[1]), y)

    assert said(Heads(False), loss=loss) == []
    assert [(f, w) for f, w, _ in said(Heads(True), loss=loss)] == [("ACT003", "spare")]


def test_a_burst_that_a_norm_hides_is_found():
    model = pitfalls.stack(nn.ReLU)
    for k in (0, 2, 4):
        model[k] = nn.Sequential(model[k], nn.BatchNorm1d(32))
    optimiser = torch.optim.SGD(model.parameters(), lr=30.0)
    batches = pitfalls.classes()
    with watch(model, first=40) as w:
        for step in range(40):
            if step == 3:
                optimiser.param_groups[0]["lr"] = 1e-3
            optimiser.zero_grad()
            functional.cross_entropy(model(batches[step % 4][0]), batches[step % 4][1]).backward()
            optimiser.step()
    (finding,) = [f for f in w.diagnosis().findings if f.code == "ACT010"]
    assert finding.cause == "burst"
    assert finding.value > 1.0


def tried(name, model, batches, loss=functional.cross_entropy):
    d = check(model, batches, loss=loss)
    remedy = remedy_for(name, None, d.readings, model, [x for x, _ in batches])
    torch.manual_seed(1)
    applied = remedy.apply(copy.deepcopy(model))
    held = {"model": copy.deepcopy(model), "torch": torch, "actlab": actlab}
    torch.manual_seed(1)
    exec(remedy.patch, held)
    for a, b in zip(held["model"].state_dict().values(), applied.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    return applied


def test_weights_that_are_not_finite_start_anew():
    model = pitfalls.stack(nn.ReLU)
    model[2].weight.data[0, 0] = torch.inf
    before = model[4].weight.clone()
    applied = tried("reset_layer", model, pitfalls.classes())
    assert torch.isfinite(applied[2].weight).all()
    assert torch.equal(applied[4].weight, before)


def test_queries_and_keys_start_anew_and_nothing_else():
    model = pitfalls.Attends(5000.0)
    applied = tried("reset_scores", model, pitfalls.classes())
    changed = {
        n for (n, a), b in zip(model.named_parameters(), applied.parameters(), strict=True) if not torch.equal(a, b)
    }
    assert {n.partition(".")[0] for n in changed} == {"q", "k"}


def test_inputs_are_cleaned():
    batches = pitfalls.classes()
    batches[0][0][0, 0] = torch.nan
    model = pitfalls.stack(nn.ReLU)
    applied = tried("clean_inputs", model, batches)
    assert torch.isfinite(applied(batches[0][0])).all()
    assert torch.equal(applied(batches[1][0]), model(batches[1][0]))


def test_a_way_around_is_put_where_shapes_are_kept():
    parts = [nn.Conv2d(2, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8)]
    parts += [nn.ReLU(), nn.Conv2d(8, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=2, dilation=2), nn.Tanh()]
    model = nn.Sequential(*parts, nn.Flatten(), nn.Linear(288, 3))
    x = torch.randn(16, 2, 8, 8)
    applied = tried("residual", model, [(x, torch.randint(0, 3, (16,)))])
    assert [type(part).__name__ for part in applied].count("Skip") == 2
    assert [len(applied[k].part) for k in (2, 7)] == [3, 2]
    h = applied[:2](x)
    assert torch.equal(applied[2](h), h + applied[2].part(h))
    spread = [applied[k].part[0].weight.std().item() for k in (2, 7)]
    fits = [actlab.get(name).facts.gain / (8 * 9 * 2) ** 0.5 for name in ("relu", "tanh")]
    assert spread == pytest.approx(fits, rel=0.15)
    assert applied(x).shape == (16, 3)


def test_slopes_are_learned_where_a_module_can_keep_them():
    model = pitfalls.stack(nn.ReLU)
    applied = tried("prelu", model, pitfalls.classes())
    assert [type(applied[k]) for k in (1, 3, 5)] == [nn.PReLU] * 3

    class Written(nn.Module):
        def __init__(self):
            super().__init__()
            self.into, self.out = nn.Linear(8, 16), nn.Linear(16, 3)

        def forward(self, x):
            return self.out(torch.relu(self.into(x)))

    model = Written()
    d = check(model, pitfalls.classes(), loss=functional.cross_entropy)
    assert remedy_for("prelu", None, d.readings, model, []) is None
    assert remedy_for("residual", None, d.readings, model, []) is None


@pytest.mark.parametrize(("rate", "name"), [(20.0, "lower_rate"), (2e-6, "raise_rate")])
def test_a_rate_is_put_right_in_one_go(rate, name):
    model = pitfalls.stack(nn.Tanh, gain=1.0)
    optimiser = torch.optim.SGD(model.parameters(), lr=rate)
    x, y = pitfalls.classes()[0]
    with watch(model) as w:
        for _ in range(3):
            optimiser.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimiser.step()
    readings = w.diagnosis().readings
    remedy = remedy_for(name, None, readings, model, [])
    first = sorted(w.first_update for w in readings.weights if w.kind == "linear")[1:3]
    assert 0.3 * 1e-2 < remedy.rate * sum(first) / 2 < 3.0 * 1e-2


def test_harm_is_a_rule_and_early_doubt_is_right():
    assert survey.harmful([0.2, 0.1, 0.1, 0.01, 0.3])
    assert not survey.harmful([0.2, 0.2, 0.2, 0.0, 0.2])
    assert not survey.harmful([0.05, 0.05, 0.05, 0.5, 0.5])
    assert survey.hopeless([0.5, 0.0])
    assert survey.hopeless([0.05, 0.05, 0.05])
    assert not survey.hopeless([0.05, 0.05, 0.5, 0.5])


def test_the_gap_is_closed_from_the_sick_to_the_healthy():
    trial = {"sick": [1.0, 0.9, 0.8], "healthy": [0.1, 0.1, 0.2]}
    assert evidence.closed(trial, [0.1, 0.1, 0.1]) == pytest.approx(1.0)
    assert evidence.closed(trial, [0.9, 0.9, 0.9]) == 0.0
    assert evidence.closed(trial, [0.5, 0.5, 0.5]) == pytest.approx(0.5)


@pytest.mark.parametrize(("gain", "alarm"), [(3.0, False), (6.0, True)])
def test_gradients_may_grow_as_much_as_long_residual_nets_let_them(gain, alarm):
    """The usual ResNet-50 reaches 150 at its first weights, a RegNetY 260; these stacks 274 and 35,000."""
    d = check(pitfalls.stack(nn.ReLU, depth=8, width=64, gain=gain), pitfalls.classes(), loss=functional.cross_entropy)
    found = [f for f in d.findings if (f.code, f.cause) == ("ACT004", "gradient")]
    assert [f.severity for f in found] == ["error"] * alarm


@pytest.mark.parametrize(("times", "alarm"), [(16.0, False), (30.0, True)])
def test_weights_drawn_by_fan_out_may_be_as_large_as_a_squeeze_makes_them(times, alarm):
    model = pitfalls.stack(nn.ReLU, depth=4, width=256, gain=pitfalls.HE)
    nn.init.normal_(model[4].weight, std=pitfalls.HE * times**0.5 / 16)
    assert bool([f for f in said(model) if f[0] == "ACT005" and f[1] == "4"]) == alarm
