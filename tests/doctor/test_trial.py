"""Remedies on trial: what is tried is what the patch says, controls stand beside it, and intervals decide."""

from __future__ import annotations

import copy
import json

import numpy as np
import pitfalls
import pytest
import torch
from torch import nn
from torch.nn import functional

import actlab
import actlab.doctor
from actlab.doctor import check
from actlab.doctor.remedy import remedy_for
from actlab.doctor.trial import Arm
from actlab.statistics import median_interval
from actlab.text import LANGUAGES, UserError, tr, use_language


def exploding():
    return pitfalls.stack(nn.ReLU, depth=6, width=16, gain=8.0)


def trial(factory, **settings):
    torch.manual_seed(0)
    batches = pitfalls.classes(128)
    d = check(factory(), batches, loss=functional.cross_entropy)
    return d.try_remedies(factory, batches, loss=functional.cross_entropy, **settings)


@pytest.fixture(scope="module")
def tried():
    return trial(exploding, steps=20, learning_rate=0.1)


def test_a_remedy_is_proven_against_both_controls(tried):
    best = tried.best
    assert best.name in ("fitted_init", "norm")
    assert best.gain.low > 0
    assert best.over_random.low > 0
    assert np.isfinite(best.losses).all()
    assert len(best.losses) == len(tried.untouched.losses) == len(tried.random.losses) == 8
    assert tried.level == pytest.approx(1 - 0.05 / len(tried.arms))
    assert "residual" not in {arm.name for arm in tried.arms}


def test_the_table_can_be_read(tried):
    for lang in LANGUAGES:
        with use_language(lang):
            text = str(tried)
            proven = [tr(f"doctor.trial.{arm.name}") for arm in tried.arms if arm.proven]
        assert tried.patch in text
        assert f"95 %): {', '.join(proven)}.\n" in text
        assert "{" not in text.replace(tried.patch, "")


def test_a_trial_goes_to_a_machine_too(tried):
    held = json.loads(json.dumps(tried.to_json(), allow_nan=False))
    assert held["best"] == tried.best.name
    assert [arm["name"] for arm in held["arms"]] == [arm.name for arm in tried.arms]
    first = held["arms"][0]
    assert first["losses"] == tried.arms[0].losses.tolist()
    assert first["median"] == pytest.approx(np.median(tried.arms[0].losses))
    assert first["gain"]["low"] == tried.arms[0].gain.low
    assert first["proven"] is tried.arms[0].proven
    assert first["patch"] == tried.arms[0].patch
    assert "gain" not in held["untouched"]
    assert (held["seeds"], held["steps"]) == (8, 20)


def test_what_diverged_is_written_out():
    arm = Arm("untouched", np.array([np.inf, 1.0, np.inf]))
    assert arm.to_json() == {"name": "untouched", "losses": ["inf", 1.0, "inf"], "median": "inf"}


def test_a_trial_is_a_function_of_its_seeds():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    runs = []
    for _ in range(2):
        batches = [(torch.full((4, 8), float(k)), torch.zeros(4, dtype=torch.long)) for k in range(4)]
        d = check(exploding(), batches, loss=functional.cross_entropy)
        torch.set_rng_state(before)
        runs.append(d.try_remedies(exploding, batches, loss=functional.cross_entropy, seeds=[3, 9], steps=3))
        assert torch.equal(torch.get_rng_state(), before)
    for a, b in zip([*runs[0].arms, runs[0].random], [*runs[1].arms, runs[1].random], strict=True):
        np.testing.assert_array_equal(a.losses, b.losses)


def test_with_few_seeds_nothing_is_proven():
    few = trial(exploding, seeds=3, steps=5)
    assert few.best is None
    enough = median_interval(np.arange(few.seeds_needed, dtype=float), level=few.level)  # all pairs agree: it has ends
    assert np.isfinite([enough.low, enough.high]).all()
    one_less = median_interval(np.arange(few.seeds_needed - 1, dtype=float), level=few.level)
    assert not np.isfinite(one_less.low)
    assert f"At least {few.seeds_needed} are needed" in str(few)


def sample():
    """A model in which every remedy has something to do."""
    first = [nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 32)]
    return nn.Sequential(*first, nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 3), nn.Softmax(-1))


@pytest.mark.parametrize(
    "name",
    [
        "fitted_init", "norm", "leaky_relu", "relu_family", "centre_inputs", "remove_softmax", "activation_between",
        "lower_rate", "raise_rate", "prelu", "residual",
    ],
)  # fmt: skip
def test_the_patch_is_what_was_tried(name):
    """The code, run as it stands, makes the same model, bit for bit."""
    torch.manual_seed(0)
    model, batches = sample(), pitfalls.classes()
    d = check(model, batches, loss=functional.cross_entropy)
    finding = next((f for f in d.findings if name in f.remedies), None)
    remedy = remedy_for(name, finding, d.readings, model, [x for x, _ in batches])
    torch.manual_seed(1)
    tried = remedy.apply(copy.deepcopy(model))
    held = {"model": copy.deepcopy(model), "learning_rate": 1.0, "batches": batches, "torch": torch, "actlab": actlab}
    torch.manual_seed(1)
    exec(remedy.patch, held)
    assert str(held["model"]) == str(tried)
    assert held["learning_rate"] == remedy.rate
    for a, b in zip(held["model"].state_dict().values(), tried.state_dict().values(), strict=True):
        assert a == b if isinstance(a, dict) else torch.equal(a, b)
    x = batches[0][0]
    assert torch.equal(held["model"](x), tried(x))
    assert name in ("lower_rate", "raise_rate") or str(tried) != str(model) or name == "fitted_init"


def test_convolutions_get_their_norm():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))
    d = check(model, [torch.randn(8, 2, 6, 6)])
    remedy = remedy_for("norm", None, d.readings, model, [])
    assert isinstance(remedy.apply(copy.deepcopy(model))[0][1], nn.BatchNorm2d)


def test_what_cannot_be_tried_is_said():
    with pytest.raises(UserError) as error:
        trial(lambda: pitfalls.stack(nn.Tanh, gain=1.0))  # healthy: nothing to try
    assert error.value.key == "doctor.trial.nothing"
    for settings, key in (
        ({"seeds": 0}, "doctor.trial.seeds"),
        ({"seeds": True}, "doctor.trial.seeds"),
        ({"steps": 0}, "doctor.steps"),
    ):
        with pytest.raises(UserError) as error:
            trial(exploding, **settings)
        assert error.value.key == key
    d = check(exploding(), pitfalls.classes(), loss=functional.cross_entropy)
    with pytest.raises(UserError) as error:
        d.try_remedies(exploding, pitfalls.classes(64), loss=functional.cross_entropy)
    assert error.value.key == "doctor.trial.batches"
    with pytest.raises(UserError) as error:
        d.try_remedies(lambda: 3, pitfalls.classes(), loss=functional.cross_entropy)
    assert error.value.key == "frameworks.not_a_model"


def test_random_draws_from_what_nothing_speaks_for():
    """The control must not be one of the remedies on trial."""
    from actlab.doctor.trial import _remedies

    batches = pitfalls.classes(128)
    d = check(exploding(), batches, loss=functional.cross_entropy)
    remedies, _, pool = _remedies(d, exploding(), batches)
    assert {r.name for r in remedies}.isdisjoint(r.name for r in pool)
    assert pool


class Particular(nn.Module):
    """Reads the weight of its layer by name where it is not training, as PyTorch's own encoder does."""

    def __init__(self):
        super().__init__()
        self.inner, self.act, self.head = nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3)
        with torch.no_grad():
            self.inner.bias -= 20.0

    def forward(self, x):
        z = self.inner(x) if self.training else functional.linear(x, self.inner.weight, self.inner.bias)
        return self.head(self.act(z))


def encoder():
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    with torch.no_grad():
        layer.linear1.bias -= 20.0
    return nn.Sequential(nn.Unflatten(1, (1, 8)), layer, nn.Flatten(), nn.Linear(8, 3))


@pytest.mark.parametrize("factory", [Particular, encoder])
def test_a_remedy_that_the_model_cannot_take_is_not_tried(factory):
    """It is said, the others are tried, and the control does not draw it either."""
    t = trial(factory, seeds=4, steps=2)
    assert "norm" in t.not_tried
    assert "norm" not in {arm.name for arm in t.arms}
    assert t.arms
    assert all(np.isfinite(arm.losses).all() for arm in (*t.arms, t.random))


def test_what_the_model_itself_raises_reaches_the_user():
    class Broken(Particular):
        def forward(self, x):
            if not self.training:
                raise RuntimeError("not for evaluation")
            return super().forward(x)

    with pytest.raises(RuntimeError, match="not for evaluation"):
        trial(Broken, seeds=2, steps=2)
