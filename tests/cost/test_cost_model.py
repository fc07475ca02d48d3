"""A user's model: its activations' share of the time by a clock that is known, its scores beside a plain fine-tune."""

import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import actlab
from actlab.cli import main
from actlab.cost import variants
from actlab.cost.clock import Timed, by_turns
from actlab.cost.model import of_model
from actlab.statistics import Interval
from actlab.text import UserError, use_language


class Clock:
    """Time that passes only where a test says so."""

    now = 0.0

    def __call__(self):
        return self.now


class SlowForm(actlab.torch.Activation):
    """An activation by formula that takes `price` seconds more than nothing, forward and again on the way back."""

    def __init__(self, formula, price, clock):
        super().__init__(formula)
        self.price, self.clock = price, clock

    def forward(self, x):
        return _Pay.apply(super().forward(x), self.price, self.clock)

    def __deepcopy__(self, memo):
        return SlowForm(self.activation, self.price, self.clock).train(self.training)


class SlowLinear(nn.Linear):
    """A layer that takes `price` seconds forward, and twice that on the way back."""

    def __init__(self, fan_in, fan_out, price, clock):
        super().__init__(fan_in, fan_out)
        self.price, self.clock = price, [clock]

    def forward(self, x):
        return _Pay.apply(super().forward(x), self.price, self.clock[0], 2)

    def __deepcopy__(self, memo):
        copied = SlowLinear(self.in_features, self.out_features, self.price, self.clock[0]).train(self.training)
        copied.load_state_dict(self.state_dict())
        return copied


class _Pay(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, price, clock, back=1):
        ctx.price, ctx.clock = price * back, clock
        clock.now += price
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        ctx.clock.now += ctx.price
        return grad, None, None, None


def problem(batches=8, size=16, seed=0):
    rng = torch.Generator().manual_seed(seed)
    X = torch.randn(batches * size, 4, generator=rng)
    y = (X[:, 0] * X[:, 1] > 0).long()
    return list(zip(X.split(size), y.split(size), strict=True))


def accuracy(output, y):
    return (output.argmax(1) == y).float().mean()


SHORT = {"loss": functional.cross_entropy, "seeds": 2, "steps": 2, "rounds": 6}


def test_the_share_of_a_known_proportion():
    """Three layers of 6 s and two activations of 4 s: 8 of 26 s forward; with the way back 16 of 54 + 16."""
    clock = Clock()
    model = nn.Sequential(
        SlowLinear(4, 8, 6.0, clock), SlowForm("x*sigmoid(3*x)", 4.0, clock), SlowLinear(8, 8, 6.0, clock),
        SlowForm("x*sigmoid(3*x)", 4.0, clock), SlowLinear(8, 2, 6.0, clock),
    )  # fmt: skip
    found = of_model(model, problem(), candidates=["relu"], _clock=clock, **SHORT)
    (part,) = found.parts
    assert (part.calls, part.elements) == (2, 2 * 16 * 8)
    assert part.forward.estimate == pytest.approx(8 / 26)
    assert part.step.estimate == pytest.approx(16 / 70)
    assert (part.forward.low, part.forward.high) == pytest.approx((8 / 26, 8 / 26))
    (relu,) = found.changes  # by PyTorch's own kernel, which this clock does not see
    assert relu.native
    assert relu.forward.estimate == pytest.approx(-8 / 26)
    assert found.forward.estimate == pytest.approx(26)


class Mixed(nn.Module):
    """Functions, methods, and a gate that is called in the forward."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 2)

    def forward(self, x):
        h = functional.relu(self.a(x))
        return self.c(torch.sigmoid(self.b(h)) * h.relu())


def test_activations_are_found_where_they_are_called():
    model, (x, _) = Mixed(), problem()[0]
    found = {one.activation.name: one for one in variants.census(lambda: model(x), model)}
    assert {name: (one.calls, one.elements) for name, one in found.items()} == {
        "relu": (2, 2 * 16 * 8), "sigmoid": (1, 16 * 8),
    }  # fmt: skip
    result = of_model(model, problem(), candidates=["tanh"], **SHORT)
    assert result.replaced == "relu"
    assert [part.name for part in result.parts] == ["relu", "sigmoid"]
    assert result.whole.calls == 3


def test_free_activations_hand_back_what_they_gave():
    """Values as in the full pass, gradients as if the slope were 1, and nothing of the model is changed."""
    model, (x, y) = Mixed(), problem()[0]
    wanted = model(x)
    olds = [one.activation for one in variants.census(lambda: model(x), model)]
    free = variants.without(model, olds, lambda m: m(x))
    assert torch.equal(free.model(x), wanted)
    free.settle()
    functional.cross_entropy(free.model(x), y).backward()
    assert all(p.grad is not None for p in free.model.parameters())
    assert all(p.grad is None for p in model.parameters())
    free.settle()
    with torch.no_grad():
        assert torch.equal(free.model(x), wanted)
    in_place = variants.without(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5, inplace=True)),
                                [actlab.get("relu")], lambda m: m(x))  # fmt: skip
    for _ in range(50):  # what is written over in place is put back, or numbers would double every second pass
        out = in_place.model.train()(x)
        in_place.settle()
    assert out.abs().max() < 100


def test_the_control_is_a_plain_fine_tune_bit_by_bit():
    """Written out here: the orders of NumPy's generator, a manual seed, plain SGD, the last quarter held back."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Dropout(0.2), nn.Linear(16, 2))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    data, state = problem(8), torch.get_rng_state()
    result = of_model(
        model, data, loss=functional.cross_entropy, metric=accuracy, candidates=["relu"], seeds=3, steps=11,
        learning_rate=0.3, rounds=2,
    )  # fmt: skip
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    for seed in range(3):
        plain = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Dropout(0.2), nn.Linear(16, 2))
        plain.load_state_dict(before)
        torch.manual_seed(seed)
        rng = np.random.default_rng(seed)
        order = [place for _ in range(2) for place in rng.permutation(6)][:11]
        rule = torch.optim.SGD(plain.parameters(), lr=0.3)
        for place in order:
            x, y = data[place]
            rule.zero_grad()
            functional.cross_entropy(plain(x), y).backward()
            rule.step()
        plain.eval()
        with torch.no_grad():
            wanted = np.mean([float(accuracy(plain(x), y)) for x, y in data[6:]])
        assert result.control[seed] == wanted
    (relu,) = result.changes
    assert relu.gain.estimate == sorted(a - b for a, b in zip(relu.scores, result.control, strict=True))[1]


def test_the_direction_is_that_of_the_profiler():
    """Where PyTorch's own profiler sees the time in tanh, so do we, and where it sees it in products."""

    def profiled(model, x):
        shares = []
        for _ in range(7):  # the middle one: whatever else the machine does falls on some pass
            with torch.no_grad(), torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as seen:
                model(x)
            spent = {event.key: event.self_cpu_time_total for event in seen.key_averages()}
            shares.append(spent["aten::tanh"] / sum(spent.values()))
        return sorted(shares)[3]

    shares = []
    for x, layers in (
        (torch.randn(1 << 15, 4), [nn.Linear(4, 4), *(nn.Tanh() for _ in range(12))]),  # nine tenths, and a thousandth:
        (
            torch.randn(64, 768),
            [nn.Linear(768, 768), nn.Linear(768, 768), nn.Linear(768, 4), nn.Tanh()],
        ),  # no load turns it
    ):
        model = nn.Sequential(*layers)
        found = of_model(
            model, [(x, x[:, :4])] * 2, loss=functional.mse_loss, candidates=["relu"], seeds=1, steps=1, rounds=7
        )
        shares.append((profiled(model, x), found.whole.forward.estimate))
    (theirs_much, ours_much), (theirs_little, ours_little) = shares
    assert theirs_much > theirs_little
    assert ours_much > ours_little


def test_by_turns_in_another_order_each_round():
    """Each thing is timed as often, and who comes first changes; what is done after a run is outside of the clock."""
    clock, order = Clock(), []

    def thing(name, price):
        def run():
            order.append(name)
            clock.now += price

        def after():
            clock.now += 1000

        return Timed(run, after)

    found = by_turns({name: thing(name, price) for name, price in (("a", 1.0), ("b", 2.0), ("c", 3.0))}, 3, clock)
    assert {name: values.tolist() for name, values in found.items()} == {"a": [1] * 3, "b": [2] * 3, "c": [3] * 3}
    assert order[6:] == ["a", "b", "c", "b", "c", "a", "c", "a", "b"]


def test_losses_that_ask_for_probabilities():
    """A sigmoid at the end and BCELoss: shares are measured all the same, and a candidate that breaks it is said."""
    data = [(x, (y[:, None]).float()) for x, y in problem()]
    model = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 1), nn.Sigmoid())
    found = of_model(model, data, loss=nn.BCELoss(), candidates=["identity", "x"], seeds=1, steps=2, rounds=2)
    assert found.replaced == "sigmoid"
    assert not found.changes
    assert found.failed
    assert "0 and 1" in found.failed[0][1]
    assert found.to_json()["failed"]


def test_a_result_shows_itself(tmp_path):
    found = actlab.cost.of_model(
        Mixed(), problem(), candidates=["silu", "x*tanh(softplus(x))"], metric=accuracy, **SHORT
    )
    assert isinstance(found, actlab.cost.ModelCost)
    plain = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert {one["name"] for one in plain["changes"]} == {"silu", "x*tanh(softplus(x))"}
    assert plain["changes"][0]["gain"]["low"] is None  # two seeds exclude nothing
    for lang in ("en", "ko"):
        with use_language(lang):
            text = str(found)
        html = found.report(tmp_path / f"{lang}.html", lang).read_text(encoding="utf-8")
        for one in (text, html):
            assert not re.search(r"\{\w+\}|cost\.model|nan", one)
            assert bool(re.search("[가-힣]", one)) == (lang == "ko")
            assert "Mixed" in one
            assert "silu" in one
        assert html.count("<table") == 2
    below = replace(found, whole=replace(found.whole, forward=Interval(-0.08, -0.1, -0.07, 0.95)))
    with use_language("en"):
        assert "too small to be measured" in " ".join(str(below).split())
        zero = found.whole.forward.high < 0 or found.whole.step.high < 0
        assert ("too small to be measured" in " ".join(str(found).split())) == zero


@pytest.mark.parametrize(
    ("model", "data", "settings", "key"),
    [
        ("relu", problem(), {}, "frameworks.not_a_model"),
        (nn.Linear(4, 2), problem(), {}, "cost.model.no_activation"),
        (Mixed(), problem(1), {}, "cost.model.few_batches"),
        (Mixed(), torch.zeros(3), {}, "doctor.batches"),
        (Mixed(), problem(), {"old": "tanh"}, "cost.model.not_there"),
        (Mixed(), problem(), {"candidates": ["relu"]}, "cost.model.no_candidates"),
        (Mixed(), problem(), {"learning_rate": 0}, "cost.model.bad_rate"),
        (Mixed(), problem(), {"seeds": 0}, None),
        (nn.Sequential(nn.Linear(3, 2), nn.ReLU()), problem(), {}, "doctor.cannot_run"),
        (Mixed(), problem(), {"candidates": ["no_such_function"]}, None),
    ],
)
def test_bad_input_gets_one_sentence(model, data, settings, key):
    with pytest.raises(UserError) as error:
        of_model(model, data, **{**SHORT, **settings})
    assert key is None or error.value.key == key
    for lang in ("en", "ko"):
        assert "{" not in error.value.message(lang)


def test_a_lost_model_is_the_worst():
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    found = of_model(model, problem(), loss=lambda o, y: functional.cross_entropy(1e4 * o, y) ** 3, candidates=["x**5"],
                     seeds=2, steps=12, learning_rate=1e6, rounds=2)  # fmt: skip
    assert math.inf in (*found.control, *found.changes[0].scores)
    assert not any(map(math.isnan, (*found.control, *found.changes[0].scores, found.changes[0].gain.estimate)))


def test_command(capsys, tmp_path, monkeypatch):
    """A model, its batches, a loss and a metric by name; options that do not go together are refused."""
    (tmp_path / "priced_project.py").write_text(
        "import torch\n"
        "def build(): return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))\n"
        "def batches(): return [(torch.ones(3, 4), torch.ones(3, dtype=torch.long))] * 4\n"
        "def accuracy(o, y): return (o.argmax(1) == y).float().mean()\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    named = ["--model", "priced_project:build", "--data", "priced_project:batches", "--loss", "cross_entropy"]
    short = ["--seeds", "2", "--steps", "2", "--learning-rates", "0.1", "--lang", "en"]
    page = tmp_path / "page.html"
    asked = ["cost", "tanh", *named, "--metric", "priced_project:accuracy", *short, "--json", "--report", str(page)]
    assert main(asked) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["metric"], plain["seeds"], plain["steps"], plain["learning_rate"]) == (True, 2, 2, 0.1)
    assert [one["name"] for one in plain["changes"]] == ["tanh"]
    assert "tanh" in page.read_text(encoding="utf-8")
    for wrong in ([*named, "--widths", "4"], ["relu", "--steps", "3"], ["--model", "priced_project:build"]):
        assert main(["cost", *wrong, "--lang", "en"]) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
