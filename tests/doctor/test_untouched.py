"""The model is left exactly as it was: a watched run is, bit for bit, the unwatched one."""

from __future__ import annotations

import copy
import random

import numpy as np
import pytest
import torch
import zoo

from actlab.doctor import check, watch


def train(case, steps, optimiser, start=0):
    for step in range(start, start + steps):
        *inputs, y = case.batches[step % len(case.batches)]
        optimiser.zero_grad()
        case.loss(case.model(*inputs), y).backward()
        optimiser.step()


def bits(case, optimiser):
    """Everything that the next step depends on."""
    held = [*case.model.state_dict().values(), torch.get_rng_state()]
    held += [p.grad for p in case.model.parameters() if p.grad is not None]
    for state in optimiser.state.values():
        held += [value for value in state.values() if isinstance(value, torch.Tensor)]
    return [t.detach().clone() for t in held]


def same(a, b):
    return len(a) == len(b) and all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def hooks(model):
    return [
        (len(m._forward_hooks), len(m._forward_pre_hooks), len(m._backward_hooks), len(m._forward_hooks_always_called))
        for m in model.modules()
    ] + [p._backward_hooks is None for p in model.parameters()]


def runs(name, look):
    """The same four steps, unwatched and with `look` around the two in the middle."""
    results = []
    for watched in (False, True):
        case = zoo.made(name)
        optimiser = torch.optim.Adam([p for p in case.model.parameters() if p.requires_grad], lr=0.01)
        torch.manual_seed(1)
        train(case, 1, optimiser)
        before = hooks(case.model)
        seen = [bits(case, optimiser)]
        look(case, optimiser) if watched else train(case, 2, optimiser, 1)
        seen.append(bits(case, optimiser))
        assert hooks(case.model) == before
        train(case, 1, optimiser, 3)
        results.append([*seen, bits(case, optimiser)])
    return results


@pytest.mark.parametrize("name", zoo.CASES)
def test_watching_changes_no_bit(name):
    def look(case, optimiser):
        with watch(case.model, first=1, every=2) as w:
            train(case, 2, optimiser, 1)
        assert w.diagnosis().readings.steps == 1

    plain, watched = runs(name, look)
    for before, after in zip(plain, watched, strict=True):
        assert same(before, after)


@pytest.mark.parametrize("name", zoo.CASES)
def test_checking_changes_no_bit(name):
    def look(case, optimiser):
        check(case.model, case.batches, loss=case.loss)
        train(case, 2, optimiser, 1)

    plain, watched = runs(name, look)
    for before, after in zip(plain, watched, strict=True):
        assert same(before, after)


def test_the_comparison_can_fail():
    """One random number drawn, and the runs differ: dropout comes after."""

    def look(case, optimiser):
        torch.rand(1)
        train(case, 2, optimiser, 1)

    plain, watched = runs("mlp", look)
    assert not same(plain[1], watched[1])


def test_a_failing_forward_leaves_no_trace():
    case = zoo.made("mlp")
    before = hooks(case.model)
    with pytest.raises(RuntimeError), watch(case.model):
        case.model(torch.randn(4, 99))
    assert hooks(case.model) == before
    assert torch.overrides._get_current_function_mode() is None


def test_other_random_states_and_gradients_are_kept():
    case = zoo.made("mlp")
    kept = [torch.ones_like(p) for p in case.model.parameters()]
    for p, g in zip(case.model.parameters(), kept, strict=True):
        p.grad = g

    class Batches:
        def __iter__(self):
            for batch in case.batches:
                random.random(), np.random.rand(), torch.rand(1)  # noqa: NPY002
                yield batch

    states = random.getstate(), np.random.get_state()[1].copy(), torch.get_rng_state()  # noqa: NPY002
    check(case.model, Batches(), loss=case.loss)
    assert random.getstate() == states[0]
    assert (np.random.get_state()[1] == states[1]).all()  # noqa: NPY002
    assert torch.equal(torch.get_rng_state(), states[2])
    assert all(p.grad is g for p, g in zip(case.model.parameters(), kept, strict=True))
    assert all(torch.equal(g, torch.ones_like(g)) for g in kept)


def test_an_optimiser_in_backward_does_not_move():
    """Hooks behind the accumulation of a gradient step the optimiser; `check` must not set them off."""
    case = zoo.made("mlp")
    before = copy.deepcopy(case.model.state_dict())
    for p in case.model.parameters():
        p.register_post_accumulate_grad_hook(lambda p: p.data.add_(1.0))
    check(case.model, case.batches, loss=case.loss)
    assert all(torch.equal(before[k], v) for k, v in case.model.state_dict().items())


def test_users_own_hooks_stay_and_run():
    case = zoo.made("mlp")
    called = []
    case.model[0].register_forward_hook(lambda *_: called.append("forward"))
    case.model[0].weight.register_hook(lambda _: called.append("gradient"))
    before = hooks(case.model)
    with watch(case.model):
        case.loss(case.model(case.batches[0][0]), case.batches[0][1]).backward()
    assert called == ["forward", "gradient"]
    assert hooks(case.model) == before
    case.loss(case.model(case.batches[0][0]), case.batches[0][1]).backward()
    assert called == ["forward", "gradient"] * 2
