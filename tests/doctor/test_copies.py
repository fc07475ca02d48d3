"""Models that are compiled, scripted, copied or spread work under the doctor, or it says what it did not see."""

from __future__ import annotations

import copy
import io

import pytest
import torch
from torch import nn
from torch.nn import functional
from watched_runs import batches, loss_of, moved, sites, small, train, watched

import actlab
from actlab.text import LANGUAGES, UserError, use_language


def test_parts_that_compile_themselves():
    def make():
        model = small()
        model[0].compile(backend="eager")
        return model

    d = watched(make)
    assert d.readings.sites == ()
    assert any(s.startswith("0: compiled") for s in d.skipped)
    assert len(moved(d)) == 4
    d = actlab.check(make(), batches(), loss=functional.cross_entropy)  # runs as it was written
    assert sites(d) == [("relu", "0")]
    assert d.skipped == ()


def test_the_model_inside_of_a_compiled_one():
    """Hooks put on before compiling are read by the compiler: it must get through, and the numbers be the same."""
    plain = small()
    train(torch.compile(plain, backend="eager", fullgraph=True))
    model = small()
    with actlab.watch(model) as w:
        train(torch.compile(model, backend="eager", fullgraph=True))
    for a, b in zip(plain.parameters(), model.parameters(), strict=True):
        assert torch.equal(a, b)
    with pytest.raises(UserError, match=r"torch\.compile"):
        w.diagnosis()


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_scripted_models():
    whole = torch.jit.script(small())
    with pytest.raises(UserError) as error:
        actlab.watch(whole)
    assert error.value.key == "doctor.script"
    d = watched(lambda: nn.Sequential(torch.jit.script(small()), nn.Tanh(), nn.Linear(3, 3)))
    assert any("TorchScript" in sentence for sentence in d.skipped)
    assert [function for function, _ in sites(d)] == ["tanh"]


def test_models_without_numbers():
    with torch.device("meta"):
        model = small()
    for look in (lambda: actlab.watch(model), lambda: actlab.check(model, batches())):
        for lang in LANGUAGES:
            with use_language(lang), pytest.raises(UserError, match=r"meta.*to_empty"):
                look()


def test_data_parallel_on_the_processor():
    d = watched(lambda: nn.DataParallel(small()))
    assert sites(d) == [("relu", "module.0")]
    assert d.skipped == ()


def test_replicas_in_threads_are_left_alone():
    """What DataParallel does on several devices: copies that share the hooks run elsewhere."""
    model = small()
    with actlab.watch(model) as w:
        replica = model._replicate_for_data_parallel()
        assert replica._is_replica
        for name, child in model.named_children():
            replica._modules[name] = child
        loss_of(replica(batches()[0][0]), batches()[0][1]).backward()
        train(model, steps=1)
    d = w.diagnosis()
    assert d.readings.steps_passed == 1
    assert any("DataParallel" in sentence for sentence in d.skipped)


class Sharded(torch.Tensor):
    """A parameter that looks like a DTensor from outside."""

    _local_tensor = None


def test_sharded_models_say_that_nothing_was_measured():
    model = small()
    model[0].weight = nn.Parameter(model[0].weight.detach().as_subclass(Sharded))
    with actlab.watch(model) as w:
        pass
    for d in (w.diagnosis(), actlab.check(model, batches())):
        assert d.findings == ()
        (sentence,) = d.skipped
        assert sentence.startswith("0.weight: ")
        assert "FSDP" in sentence


def test_copies_and_files_made_inside_of_the_block():
    """An average of weights by deepcopy, a checkpoint of the whole model: neither takes the watch along."""
    model = small()
    with actlab.watch(model) as w:
        train(model, steps=1)
        average = copy.deepcopy(model)
        file = io.BytesIO()
        torch.save(model, file)
        seen = w.diagnosis().readings.steps_passed
        loss_of(average(batches()[0][0]), batches()[0][1]).backward()
        file.seek(0)
        loaded = torch.load(file, weights_only=False)
        loaded(batches()[0][0])
        assert w.diagnosis().readings.steps_passed == seen
        train(model, steps=1)
    assert w.diagnosis().readings.steps_passed == seen + 1
    assert torch.equal(loaded[0].weight, average[0].weight)
