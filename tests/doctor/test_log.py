"""`actlab.watch(model, log=…)`: one flat dictionary a step that was looked at, with that step's own numbers."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
import zoo
from torch import nn
from torch.nn import functional

import actlab
from actlab.text import UserError


def run(model, batches, loss, steps, rate=0.05, accumulate=1, **settings):
    """The dictionaries of a run, with the optimiser stepping every `accumulate` steps."""
    said = []
    optimiser = torch.optim.SGD(model.parameters(), lr=rate)
    with actlab.watch(model, log=said.append, **settings):
        for k in range(steps):
            *inputs, y = batches[k % len(batches)]
            if k % accumulate == 0:
                optimiser.zero_grad()
            loss(model(*inputs), y).backward()
            if (k + 1) % accumulate == 0:
                optimiser.step()
    return said


def net():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 3))
    with torch.no_grad():
        model[0].bias[:2] -= 50.0
    return model


def test_each_dictionary_is_of_its_own_step():
    """Against a run without us, step by step, by NumPy and autograd."""
    batches = zoo.made("mlp").batches
    said = run(net(), batches, functional.cross_entropy, 6)
    model = net()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05)
    assert len(said) == 6
    for k, numbers in enumerate(said):
        x, y = batches[k % 3]
        optimiser.zero_grad()
        z = model[0](x)
        z.retain_grad()
        last = model[2](model[1](z))
        last.retain_grad()
        functional.cross_entropy(model[4](model[3](last)), y).backward()
        before = model[2].weight.detach().double().clone()
        seen = z.detach().double().numpy()
        gain = np.sqrt((seen > 0).mean(0) / 0.5)
        assert numbers["actlab/step"] == k + 1
        assert numbers["actlab/0/dead_share"] == (gain == 0).mean()
        assert numbers["actlab/0/gain"] == pytest.approx(np.median(gain))
        assert numbers["actlab/0/mean"] == pytest.approx(seen.mean(), rel=1e-5)
        assert numbers["actlab/0/variance"] == pytest.approx(seen.var(), rel=1e-5)
        assert numbers["actlab/0/gradient"] == pytest.approx(float(z.grad.norm()), rel=1e-4)
        assert numbers["actlab/gradient_ratio"] == pytest.approx(float(z.grad.norm() / last.grad.norm()), rel=1e-4)
        rms = float(model[2].weight.grad.square().mean().sqrt())
        assert numbers["actlab/2.weight/gradient"] == pytest.approx(rms, rel=1e-4)
        optimiser.step()
        moved = float((model[2].weight.detach().double() - before).norm() / before.norm())
        assert numbers["actlab/2.weight/update"] == pytest.approx(moved, rel=1e-3)
        assert numbers["actlab/dead_share"] == pytest.approx((gain == 0).sum() / 16)


@pytest.mark.parametrize("name", zoo.CASES)
def test_names_stay_and_numbers_are_numbers(name):
    case = zoo.made(name)
    trained = [p for p in case.model.parameters() if p.requires_grad]
    said = []
    optimiser = torch.optim.SGD(trained, lr=0.01)
    with actlab.watch(case.model, log=said.append, first=2, every=2):
        for k in range(6):
            *inputs, y = case.batches[k % 3]
            optimiser.zero_grad()
            case.loss(case.model(*inputs), y).backward()
            optimiser.step()
    assert [n["actlab/step"] for n in said] == [1, 2, 4, 6]
    for numbers in said:
        # biases that start at 0 have no ratio in the first step
        assert {key for key in set(numbers) ^ set(said[0]) if not key.endswith("bias/update")} == set()
        assert all(type(v) is float and math.isfinite(v) for v in numbers.values())
        assert all(re.fullmatch(r"actlab(/[\w.\-]+)+", key) for key in numbers)  # names that MLflow takes
        assert numbers["actlab/update"] > 0


def test_places_behind_the_same_layer_have_names_of_their_own():
    case = zoo.made("functions")
    (numbers,) = run(case.model, case.batches, case.loss, 1)
    places = {key.rpartition("/")[0] for key in numbers if key.endswith("/dead_share")}
    assert places == {
        "actlab", "actlab/layers.0", "actlab/layers.1", "actlab/layers.2", "actlab/layers.2/sigmoid",
        "actlab/layers.2/tanh", "actlab/layers.2/relu", "actlab/layers.2/relu_2",
    }  # fmt: skip


def test_a_step_without_an_update_is_logged_too():
    case = zoo.made("mlp")
    said = run(case.model, case.batches, case.loss, 4, accumulate=2)
    assert ["actlab/update" in n for n in said] == [False, True, False, True]
    still = run(case.model, case.batches, case.loss, 2, rate=0.0)
    assert [n["actlab/step"] for n in still] == [1, 2]
    assert all("actlab/update" not in n for n in still)


def test_what_is_not_finite_is_told_and_left_out():
    model = net()
    batches = zoo.made("mlp").batches
    with torch.no_grad():
        model[2].weight[0, 0] = math.nan
    (numbers,) = run(model, batches, functional.cross_entropy, 1)
    assert numbers["actlab/not_finite"] == 1.0
    assert "actlab/0/variance" in numbers
    assert "actlab/2/variance" not in numbers


def test_softmax_and_compiled_models_have_numbers():
    case = zoo.made("transformer")
    (numbers,) = run(case.model, case.batches, case.loss, 1)
    spreads = [value for key, value in numbers.items() if key.endswith("/spread")]
    assert len(spreads) == 3
    assert all(0.5 < value <= 1.0 for value in spreads)
    case = zoo.made("mlp")
    said = run(torch.compile(case.model, backend="eager"), case.batches, case.loss, 2)
    assert all("actlab/0.weight/gradient" in n for n in said)


def test_errors_of_the_block_and_of_the_log():
    case = zoo.made("mlp")
    said = []

    def fails(output):
        output.sum().backward()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), actlab.watch(case.model, log=said.append):
        fails(case.model(case.batches[0][0]))
    assert said == []

    def broken(numbers):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"), actlab.watch(case.model, log=broken):
        case.model(case.batches[0][0]).sum().backward()
    assert all(not m._forward_hooks and not m._forward_pre_hooks for m in case.model.modules())
    with pytest.raises(UserError) as error:
        actlab.watch(case.model, log="wandb")
    assert error.value.key == "doctor.log"


def test_logging_changes_no_bit():
    runs = []
    for settings in ({}, {"log": lambda _: None}):
        case = zoo.made("pictures")
        optimiser = torch.optim.Adam(case.model.parameters(), lr=0.01)
        with actlab.watch(case.model, **settings) as w:
            for x, y in case.batches:
                optimiser.zero_grad()
                case.loss(case.model(x), y).backward()
                optimiser.step()
        runs.append((case.model.state_dict(), str(w.diagnosis())))
    for a, b in zip(runs[0][0].values(), runs[1][0].values(), strict=True):
        assert torch.equal(a, b)
    assert runs[0][1] == runs[1][1]
