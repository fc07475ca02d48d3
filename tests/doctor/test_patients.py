"""A small part of the planted-fault collection, so that a check that goes blind is noticed; `survey.py` runs it all."""

from __future__ import annotations

import copy

import patients
import pytest
import survey
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from patients import faults, tasks
from patients.case import judged, train

from actlab.doctor import check, watch

#: Pairs that need many different checks, on nets that train fast.
SOME = (
    ("mlp_relu", "shifted_layer"), ("mlp_relu", "unguarded_log"), ("mlp_relu", "cut"), ("mlp_tanh_deep", "large_layer"),
    ("mlp_tanh_deep", "sigmoids"), ("autoencoder", "small_init"), ("mlp_batchnorm", "no_activations"),
    ("mlp_batchnorm", "equal_init"), ("mlp_relu", "large_init"), ("lstm", "raw_inputs"), ("lstm", "not_finite"),
    ("elman", "large_recurrence"), ("encoder", "sharp_attention"), ("autoencoder", "wrong_output"),
    ("mlp_relu", "rate_high"), ("mlp_relu", "rate_low"), ("mlp_relu", "raw_inputs"), ("mlp_relu", "bad_batch"),
    ("mlp_relu", "always_on"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "fault"), SOME)
def test_the_fault_is_found_in_its_layer(name, fault):
    record = survey.run(name, fault, 0, steps=30)
    assert record["right"], record["found"]


@pytest.mark.parametrize("name", ["mlp_relu", "mlp_batchnorm", "autoencoder", "lstm", "elman", "encoder", "cnn_plain"])
def test_a_healthy_net_is_left_in_peace(name):
    assert survey.run(name, "healthy", 0, steps=40)["found"] == []


def test_a_healthy_net_learns_and_a_sick_one_does_not():
    well, sick = survey.made("mlp_gelu", 0), survey.made("mlp_gelu", 0)
    faults.ALL["shifted_layer"](sick)
    for patient in (well, sick):
        train(patient, 0)
    assert judged(well) < 0.1
    assert judged(sick) > 0.9


def test_the_lists_are_what_they_say():
    assert len(patients.TUNING) >= 20
    assert len(patients.HELD_OUT) >= 10
    assert {*patients.TUNING, *patients.HELD_OUT} == set(patients.ARCHITECTURES)
    assert set(patients.HELD_OUT).isdisjoint(patients.TUNING)


@pytest.mark.parametrize("name", patients.ARCHITECTURES)
def test_the_paths_are_layers_and_every_fault_changes_something(name, monkeypatch):
    """A fault that plants nothing would be a patient that cannot be told from a healthy one."""
    monkeypatch.setattr(tasks, "BATCHES", 4)
    healthy = survey.made(name, 0)
    for path in (*healthy.hidden, *healthy.weights, *healthy.first, *healthy.scores, healthy.output):
        healthy.model.get_submodule(path)
    planted = 0
    for fault in faults.FAULTS:
        patient = survey.made(name, 0)
        answer = fault(patient)
        if answer is None:
            continue
        planted += 1
        assert answer
        assert all(answer.values())
        assert _differs(healthy, patient), fault.__name__
    assert planted >= 5


def _differs(a, b):
    if (
        str(a.model) != str(b.model)
        or a.rate != b.rate
        or [type(m) for m in a.model.modules()] != [type(m) for m in b.model.modules()]
    ):
        return True
    if any(not torch.equal(x, y) for (x, _), (y, _) in zip(a.batches, b.batches, strict=True)):
        return True
    return any(not torch.equal(p, q) for p, q in zip(a.model.parameters(), b.model.parameters(), strict=True))


PLANTED = ["healthy", *faults.ALL]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    name=st.sampled_from(list(patients.ARCHITECTURES)),
    fault=st.sampled_from(PLANTED),
    seed=st.integers(0, 2**16),
    every=st.integers(1, 3),
    first=st.integers(1, 3),
    looked=st.integers(1, 3),
)
def test_the_next_step_is_that_of_an_unwatched_run(name, fault, seed, every, first, looked):
    """Bit for bit, on any patient, sick or well: after `watch` and `check` have been and gone."""
    results = []
    for watched in (False, True):
        patient = survey.made(name, seed)
        if fault != "healthy" and faults.ALL[fault](patient) is None:
            return
        if watched:
            check(patient.model, patient.shown[:2], loss=patient.loss)
            with watch(patient.model, every=every, first=first):
                optimiser, state = steps(patient, seed, looked)
        else:
            optimiser, state = steps(patient, seed, looked)
        steps(patient, seed, 1, optimiser, state)
        results.append(bits(patient, optimiser))
    plain, seen = results
    assert len(plain) == len(seen)
    assert all(torch.equal(a.nan_to_num(7.0), b.nan_to_num(7.0)) for a, b in zip(plain, seen, strict=True))


def steps(patient, seed, n, optimiser=None, state=None):
    """`n` steps of training; what is needed to go on."""
    if optimiser is None:
        torch.manual_seed(seed)
        optimiser = patient.optimiser([p for p in patient.model.parameters() if p.requires_grad], lr=patient.rate)
    else:
        torch.set_rng_state(state)
    for step in range(n):
        x, y = patient.shown[step]
        optimiser.zero_grad()
        patient.loss(patient.model(x), y).backward()
        optimiser.step()
    return optimiser, torch.get_rng_state()


def bits(patient, optimiser):
    held = [*copy.deepcopy(patient.model.state_dict()).values(), torch.get_rng_state()]
    held += [p.grad for p in patient.model.parameters() if p.grad is not None]
    for one in optimiser.state.values():
        held += [value for value in one.values() if isinstance(value, torch.Tensor)]
    return held
