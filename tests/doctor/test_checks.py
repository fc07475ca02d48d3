"""Every check finds its pitfall, names the layer, and is silent where it is cured."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pitfalls
import pytest
import torch
from torch import nn
from torch.nn import functional

from actlab.doctor import Thresholds, check, watch
from actlab.doctor.checks import CHECKS, CODES
from actlab.text import LANGUAGES, UserError, use_language


def diagnosis(pitfall, sick):
    model = pitfall.sick if sick else pitfall.well
    batches = pitfall.batches if sick or pitfall.well_batches is None else pitfall.well_batches
    loss = pitfall.loss if sick or pitfall.well_loss is None else pitfall.well_loss
    if not pitfall.trained:
        return check(model, batches, loss=loss)
    optimiser = torch.optim.SGD(model.parameters(), lr=pitfall.rate if sick else pitfall.well_rate)
    with watch(model) as w:
        for step in range(pitfall.trained):
            x, y = batches[step % len(batches)]
            optimiser.zero_grad()
            loss(model(x), y).backward()
            optimiser.step()
    return w.diagnosis()


def made(code):
    torch.manual_seed(0)
    return pitfalls.ALL[code]()


@pytest.mark.parametrize("code", CODES)
def test_the_pitfall_is_found_and_the_cure_is_not(code):
    pitfall = made(code)
    found = [f for f in diagnosis(pitfall, True).findings if f.code == code]
    assert found
    assert pitfall.layer in {f.layer for f in found}
    worst = next(f for f in found if f.layer == pitfall.layer)
    assert pitfall.cause in ("", worst.cause)
    assert not [f for f in diagnosis(pitfall, False).findings if f.code == code]


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_finding_can_be_read(code, lang):
    pitfall = made(code)
    d = diagnosis(pitfall, True)
    with use_language(lang):
        text = str(d)
        for finding in (f for f in d.findings if f.code == code):
            held = json.loads(json.dumps(finding.to_json(), allow_nan=False))
            assert held["layer"] == finding.layer
            for sentence in (finding.title, finding.message, finding.why, *finding.advice):
                assert sentence
                assert "{" not in sentence
            assert finding.advice
        assert code in text


def test_every_check_has_its_pitfall():
    assert list(pitfalls.ALL) == list(CODES) == [f"ACT{k:03d}" for k in range(1, len(CHECKS) + 1)]


def test_thresholds_are_heard():
    pitfall = made("ACT001")
    strict = check(pitfall.well, pitfall.batches, thresholds=Thresholds(dead_start=1e-9, dead_error=2e-9))
    lax = check(pitfall.sick, pitfall.batches, thresholds=Thresholds(dead_start=1.0, dead_error=1.0))
    assert not [f for f in lax.findings if f.code == "ACT001"]
    dead = [float(np.mean(s.states == 3)) for s in strict.readings.sites]
    assert len([f for f in strict.findings if f.code == "ACT001"]) == sum(share > 0 for share in dead)
    with pytest.raises(UserError, match="dead_error"):
        Thresholds(dead_error=-1)
    with pytest.raises(UserError, match="flat_error"):
        Thresholds(flat_error=True)


def test_death_in_training_is_told_from_death_at_birth():
    torch.manual_seed(0)
    model = pitfalls.stack(nn.ReLU, gain=pitfalls.HE)
    batches = pitfalls.classes()
    with watch(model, first=40) as w:
        for step in range(40):
            model(batches[step % 4][0]).sum().backward()
            if step == 5:
                model[2].bias.data -= 20.0
    (finding,) = [f for f in w.diagnosis().findings if f.code == "ACT001" and f.layer == "2"]
    assert finding.cause == "training"
    assert finding.value > 0.9  # what was alive long ago does not hide it


def test_sparsity_is_not_death():
    """Units that are silent on nine of ten points, each on others, are sparse."""
    torch.manual_seed(0)
    model = pitfalls.stack(nn.ReLU, gain=pitfalls.HE)
    for layer in (model[0], model[2], model[4]):
        layer.bias.data -= 1.8
    d = check(model, pitfalls.classes(2048), max_batches=32)
    first = d.readings.sites[0]
    assert first.derivative.mean_square.mean() < 0.2
    assert not [f for f in d.findings if f.code == "ACT001" and f.layer == "0"]


@pytest.mark.parametrize(
    ("output", "loss", "cause"),
    [
        (nn.Sigmoid(), functional.binary_cross_entropy_with_logits, "sigmoid_twice"),
        (nn.ReLU(), functional.binary_cross_entropy_with_logits, "bounded_logits"),
        (nn.Softmax(-1), functional.binary_cross_entropy, "softmax_of_one"),
        (nn.Sigmoid(), functional.mse_loss, "range"),
        (nn.Tanh(), functional.l1_loss, "range"),
        (nn.Sigmoid(), functional.binary_cross_entropy, None),
        (nn.Identity(), functional.binary_cross_entropy_with_logits, None),
        (nn.Identity(), functional.mse_loss, None),
        (nn.Softplus(), nn.MSELoss(), "range"),
    ],
)
def test_outputs_and_losses(output, loss, cause):
    torch.manual_seed(0)
    regression = "cross" not in getattr(loss, "__name__", "")
    batches = pitfalls.values(-5, 5) if regression else pitfalls.values(0, 1)
    d = check(nn.Sequential(*pitfalls.stack(nn.ReLU, outputs=1), output), batches, loss=loss)
    assert [f.cause for f in d.findings if f.code == "ACT009"] == ([cause] if cause else [])


@pytest.mark.parametrize("log", [True, False])
def test_probabilities_are_no_logarithms(log):
    torch.manual_seed(0)
    last = nn.LogSoftmax(-1) if log else nn.Softmax(-1)
    d = check(nn.Sequential(*pitfalls.stack(nn.ReLU), last), pitfalls.classes(), loss=functional.nll_loss)
    assert [f.cause for f in d.findings if f.code == "ACT009"] == ([] if log else ["not_log"])


def test_equal_weights_are_one_unit():
    torch.manual_seed(0)
    model = pitfalls.stack(nn.ReLU, gain=pitfalls.HE)
    nn.init.constant_(model[2].weight, 0.1)
    (finding,) = [f for f in check(model, pitfalls.classes()).findings if f.code == "ACT005"]
    assert (finding.layer, finding.cause, finding.severity) == ("2", "symmetric", "error")


def test_a_bad_batch_and_bad_weights_are_told_apart():
    torch.manual_seed(0)
    batches = pitfalls.classes()
    batches[1][0][3, 2] = torch.nan
    d = check(pitfalls.stack(nn.ReLU), batches, loss=functional.cross_entropy)
    assert [f.cause for f in d.findings if f.code == "ACT011"] == ["input"]
    model = pitfalls.stack(nn.ReLU)
    model[4].weight.data[0, 0] = torch.inf
    (finding,) = [f for f in check(model, pitfalls.classes()).findings if f.code == "ACT011"]
    assert (finding.cause, finding.layer) == ("parameter", "4")
    assert "4.weight" in finding.why


def test_weights_without_a_gradient_are_found():
    class Cut(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 3)

        def forward(self, x):
            return self.c(torch.relu(self.b(torch.relu(self.a(x)) * 0.0)))

    d = check(Cut(), pitfalls.classes(), loss=functional.cross_entropy)
    assert [(f.layer, f.cause) for f in d.findings if f.code == "ACT003"] == [("a", "cut")]


def test_a_trained_model_is_not_judged_by_its_start():
    pitfall = made("ACT005")
    d = check(pitfall.sick, pitfall.batches, loss=pitfall.loss, trained=True)
    assert not [f for f in d.findings if f.code in ("ACT005", "ACT006")]


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (lambda _, b: check("no model", b), "frameworks.not_a_model"),
        (lambda m, _: check(m, []), "doctor.no_batches"),
        (lambda m, b: check(m, b[0][0]), "doctor.batches"),
        (lambda m, _: check(m, 3), "doctor.batches"),
        (lambda m, _: check(m, [torch.randn(4, 99)]), "doctor.cannot_run"),
        (lambda m, b: check(m, b, loss=lambda out, _: out), "doctor.loss_not_one"),
        (lambda m, b: check(m, b, loss=lambda out: out.sum()), "doctor.cannot_lose"),
        (lambda m, b: check(m, b, max_batches=0), "doctor.steps"),
        (lambda m, _: watch(m, every=0), "doctor.steps"),
        (lambda m, _: watch(m).__enter__().diagnosis(), "doctor.nothing_seen"),
        (lambda m, _: watch(m).__enter__().__enter__(), "doctor.watching_already"),
    ],
)
def test_bad_input_gets_one_sentence(call, key):
    with pytest.raises(UserError) as error:
        call(pitfalls.stack(nn.ReLU), pitfalls.classes())
    assert error.value.key == key
    for lang in LANGUAGES:
        assert error.value.message(lang)


def test_without_a_loss_nothing_is_said_of_gradients():
    d = check(pitfalls.stack(nn.Sigmoid, depth=8), pitfalls.classes())
    assert not [f for f in d.findings if f.code in ("ACT003", "ACT004")]
    assert any("loss=" in sentence for sentence in d.skipped)


def test_findings_of_one_cause_stand_together_wherever_they_are():
    """The worst first, each group where its first finding stands; nothing is said twice, nothing is lost."""
    d = check(pitfalls.stack(nn.Sigmoid, depth=8), pitfalls.classes(), loss=functional.cross_entropy)
    one = replace(d.findings[0], severity="error", code="ACT001")
    turns = [replace(one, layer=str(k), cause=("training", "shift")[k % 2]) for k in range(6)]
    mild = [replace(f, severity="warning") for f in turns]
    mixed = replace(d, findings=(*turns, *mild))
    assert [[(f.severity, f.layer) for f in group] for group in mixed.groups] == [
        [(severity, str(k)) for k in range(start, 6, 2)] for severity in ("error", "warning") for start in (0, 1)
    ]
