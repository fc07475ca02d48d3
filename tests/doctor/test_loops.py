"""Training loops of all sorts work under the doctor, or one sentence says what was not seen."""

from __future__ import annotations

import gc
import weakref

import pytest
import torch
from torch import nn
from watched_runs import batches, loss_of, sites, small, train, watched

import actlab
from actlab.text import UserError


@pytest.mark.parametrize("reentrant", [False, True])
def test_checkpointing_is_not_counted_twice(reentrant):
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.2)), nn.Linear(8, 3)

        def forward(self, x):
            x = x.detach().requires_grad_() if reentrant else x
            return self.b(torch.utils.checkpoint.checkpoint(self.a, x, use_reentrant=reentrant))

    d = watched(Net)
    (site,) = d.readings.sites
    assert (site.site.function, site.site.layer) == ("relu", "a.0")
    assert site.signal.points == 4 * 16


def test_an_exception_in_the_block():
    model, data = small(), batches()

    def fails(output):
        output.sum().backward()
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"), actlab.watch(model):
        fails(model(data[0][0]))
    assert torch.overrides._get_current_function_mode() is None
    assert all(not m._forward_hooks and not m._forward_pre_hooks for m in model.modules())
    assert all(p._backward_hooks is None for p in model.parameters())


def test_an_exception_caught_inside_of_the_block():
    """A batch that fails in the middle of the model is left out; the next one is seen as ever."""
    model, data = small(), batches()
    with actlab.watch(model) as w:
        with pytest.raises(RuntimeError):
            model[0](torch.randn(2, 3))
        with pytest.raises(RuntimeError):
            model(torch.randn(2, 3))
        train(model, data, steps=2)
    assert w.diagnosis().readings.sites[0].steps == 2
    assert torch.overrides._get_current_function_mode() is None


def test_nested_watches_see_the_same():
    model = small()
    with actlab.watch(model) as outer, actlab.watch(model) as inner:
        train(model)
    assert str(outer.diagnosis()) == str(inner.diagnosis())
    assert outer.diagnosis().readings.steps == 4
    with actlab.watch(model) as w, pytest.raises(UserError) as error, w:
        pass
    assert error.value.key == "doctor.watching_already"


def test_two_models_in_one_step():
    """A watch sees its own model only: generator and judge, each with its own watch."""
    one, two = small(), nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 3))
    with actlab.watch(one) as first, actlab.watch(two) as second:
        for x, y in batches():
            loss_of(two(one(x)), y).backward()
    assert sites(first.diagnosis()) == [("relu", "0")]
    assert sites(second.diagnosis()) == [("tanh", "0")]


def test_inference_and_validation_inside_of_the_block():
    model = small()
    with actlab.watch(model) as w:
        train(model, steps=2)
        with torch.inference_mode():
            model(batches()[0][0])
        with torch.no_grad():
            model(batches()[0][0])
    assert w.diagnosis().readings.steps_passed == 2


def test_hooks_of_the_users_own_that_change_the_output():
    def make():
        model = small()
        model[0].register_forward_hook(lambda m, args, output: output * 2)  # noqa: ARG005
        model.register_forward_pre_hook(lambda m, args: (args[0] + 1,))  # noqa: ARG005
        return model

    d = watched(make)
    model = make()
    x = batches()[0][0]
    z = model[0](x + 1)
    (site,) = actlab.check(make(), [x]).readings.sites
    assert site.signal.var_z == pytest.approx(float(z.detach().double().var(correction=0)), rel=1e-6)
    assert [f for f, _ in sites(d)] == ["relu"]


def test_functional_calls_with_other_parameters():
    model, (x, y) = small(), batches()[0]
    other = {name: (p.detach() * 2).requires_grad_() for name, p in model.named_parameters()}
    with actlab.watch(model) as w:
        loss_of(torch.func.functional_call(model, other, (x,)), y).backward()
    assert sites(w.diagnosis()) == [("relu", "0")]


def test_functorch_says_what_it_hides():
    model, (x, _) = small(nn.Tanh), batches()[0]

    class Rows(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = model

        def forward(self, x):
            return torch.vmap(self.net)(x)

    d = actlab.check(Rows(), [x])
    assert any("functorch" in sentence for sentence in d.skipped)


def test_the_model_is_let_go():
    model = small()
    with actlab.watch(model) as w:
        train(model, steps=2)
    gone = weakref.ref(model)
    del model, w
    gc.collect()
    assert gone() is None
