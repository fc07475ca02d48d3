"""Faults, one function each: it takes a healthy patient, plants one fault, and says what a doctor must answer.

The answer is a set of codes, each with the layers that may be named: the layer in which the fault was planted where it
was planted in one, any of the layers it was planted in where they are several. A fault that cannot be planted in a net
(no attention, no activation module, …) gives ``None``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from patients.case import Patient

Answer = dict[str, tuple[str, ...]]
ONE_SIDED = (nn.ReLU, nn.ReLU6, nn.GELU, nn.SiLU, nn.SELU, nn.ELU, nn.Mish, nn.Hardswish)
TWO_SIDED = (nn.Tanh, nn.Sigmoid)
SWAPPED = (*ONE_SIDED, *TWO_SIDED, nn.LeakyReLU)
LOSSES = (functional.cross_entropy, functional.binary_cross_entropy_with_logits, functional.mse_loss)


def _at(patient: Patient, path: str) -> Any:
    return patient.model.get_submodule(path)


def _middle(paths: tuple[str, ...]) -> str:
    return paths[len(paths) // 2]


def _kinds(patient: Patient) -> set[type]:
    return {type(m) for m in patient.model.modules() if isinstance(m, (*ONE_SIDED, *TWO_SIDED))}


def _swappable(patient: Patient) -> bool:
    return any(isinstance(m, SWAPPED) for m in patient.model.modules())


def _two_sided(patient: Patient) -> bool:
    return any(issubclass(kind, TWO_SIDED) for kind in _kinds(patient))


def _put(patient: Patient, path: str, module: nn.Module) -> None:
    if not path:
        patient.model = module
        return
    parent, _, name = path.rpartition(".")
    patient.model.get_submodule(parent)._modules[name] = module


def _shift(patient: Patient, paths: tuple[str, ...], by: float) -> bool:
    """Move the biases of layers; layers without any are left out."""
    moved = False
    with torch.no_grad():
        for path in paths:
            if getattr(_at(patient, path), "bias", None) is not None:
                _at(patient, path).bias.sub_(by)
                moved = True
    return moved


def _scale(patient: Patient, paths: tuple[str, ...], by: float) -> None:
    with torch.no_grad():
        for path in paths:
            for name, p in _at(patient, path).named_parameters(recurse=False):
                if p.dim() > 1 and "out_proj" not in name:
                    p.mul_(by)


def _silent(patient: Patient) -> str:
    return "ACT002" if _two_sided(patient) else "ACT001"


def _has_activation(patient: Patient) -> bool:
    return bool(patient.hidden) and bool(_kinds(patient) or "written" in patient.tags)


# --- one layer


def shifted_layer(patient: Patient) -> Answer | None:
    """A bias of −20 in the middle layer: its units are silent, or saturated, on every input."""
    if not _has_activation(patient) or not _shift(patient, (path := _middle(patient.hidden),), 20.0):
        return None
    return {_silent(patient): (path,)}


def large_layer(patient: Patient) -> Answer | None:
    """The middle layer's weights times 30."""
    if len(patient.weights) < 2 or "fused" in patient.tags:
        return None
    path = _middle(patient.weights)
    _scale(patient, (path,), 30.0)
    return {"ACT005": (path,), **({"ACT002": (path,)} if _two_sided(patient) else {})}


def small_layer(patient: Patient) -> Answer | None:
    """The middle layer's weights divided by 300."""
    if len(patient.weights) < 2 or "fused" in patient.tags:
        return None
    path = _middle(patient.weights)
    _scale(patient, (path,), 1 / 300)
    return {"ACT005": (path,)}


def constant_layer(patient: Patient) -> Answer | None:
    """All weights of the middle layer are 0.1: its units are one unit."""
    if not patient.hidden:
        return None
    path = _middle(patient.weights)
    nn.init.constant_(_at(patient, path).weight, 0.1)
    return {"ACT005": (path,)}


def not_finite(patient: Patient) -> Answer | None:
    """One weight of the middle layer is infinite."""
    path = _middle(patient.weights)
    next(p for p in _at(patient, path).parameters() if p.dim() > 1).data.view(-1)[3] = torch.inf
    return {"ACT011": (path,)}


def _become(patient: Patient, path: str, mixin: type) -> None:
    """The layer stays where and what it is, with something behind it: so copies of the net have it, too."""
    layer = _at(patient, path)
    layer.__class__ = type(type(layer).__name__, (mixin, type(layer)), {})


class _Log:
    def forward(self, x):
        return torch.log(super().forward(x))


def unguarded_log(patient: Patient) -> Answer | None:
    """A logarithm behind the middle layer, of numbers of both signs."""
    if not patient.hidden:
        return None
    path = _middle(patient.weights)
    _become(patient, path, _Log)
    return {"ACT011": (path,)}


class _Cut:
    def forward(self, x):
        return super().forward(x).detach()


def cut(patient: Patient) -> Answer | None:
    """A detach() behind the last hidden layer with an activation: the layers before it learn nothing."""
    if not patient.hidden:
        return None
    path = patient.weights[-1]
    _become(patient, path, _Cut)
    return {"ACT003": (*patient.first, *patient.weights)}


# --- every layer


def shifted_layers(patient: Patient) -> Answer | None:
    """A bias of −10 in every hidden layer."""
    if not _has_activation(patient) or not _shift(patient, patient.hidden, 10.0):
        return None
    return {_silent(patient): patient.hidden}


def large_init(patient: Patient) -> Answer | None:
    """All weights before activations times 6."""
    if not patient.weights or "fused" in patient.tags:
        return None
    _scale(patient, patient.weights, 6.0)
    named = (*patient.weights, *patient.hidden)
    return dict.fromkeys(("ACT004", "ACT005", *(["ACT002"] if _two_sided(patient) else [])), named)


def small_init(patient: Patient) -> Answer | None:
    """All weights before activations divided by 10."""
    if len(patient.weights) < 2 or "fused" in patient.tags:
        return None
    _scale(patient, patient.weights, 0.1)
    named = (*patient.weights, *patient.hidden)
    return dict.fromkeys(("ACT003", "ACT005", "ACT006"), named)


def equal_init(patient: Patient) -> Answer | None:
    """Every layer before an activation starts with all weights alike."""
    if not patient.hidden:
        return None
    for path in patient.weights:
        nn.init.constant_(_at(patient, path).weight, 0.05)
    return {"ACT005": patient.weights}


def sigmoids(patient: Patient) -> Answer | None:
    """Sigmoids in place of every activation, with PyTorch's own init: the old way into a vanishing gradient."""
    if len(patient.hidden) < 3 or not _swappable(patient):
        return None
    for path, module in list(patient.model.named_modules()):
        if isinstance(module, SWAPPED):
            _put(patient, path, nn.Sigmoid())
    for path in patient.weights:
        _at(patient, path).reset_parameters()
    named = (*patient.weights, *patient.hidden)
    return dict.fromkeys(("ACT003", "ACT005", "ACT006"), named)


def no_activations(patient: Patient) -> Answer | None:
    """Every activation module is taken out."""
    if not patient.hidden or not _swappable(patient) or "recurrent" in patient.tags:
        return None
    for path, module in list(patient.model.named_modules()):
        if isinstance(module, SWAPPED):
            _put(patient, path, nn.Identity())
    return {"ACT008": tuple(p for p, m in patient.model.named_modules() if hasattr(m, "weight"))}


def saturated_gates(patient: Patient) -> Answer | None:
    """A fused recurrence whose weights start 40 times too large."""
    if "fused" not in patient.tags:
        return None
    _scale(patient, patient.weights, 40.0)
    return {"ACT002": patient.weights, "ACT005": patient.weights}


def large_recurrence(patient: Patient) -> Answer | None:
    """Hidden-to-hidden weights times 8."""
    if "recurrent" not in patient.tags:
        return None
    _scale(patient, patient.weights, 8.0)
    return {"ACT002": patient.weights, "ACT004": patient.weights}


def sharp_attention(patient: Patient) -> Answer | None:
    """Queries and keys 15 times too large."""
    if not patient.scores:
        return None
    with torch.no_grad():
        for path in patient.scores:
            module = _at(patient, path)
            if isinstance(module, nn.MultiheadAttention):
                module.in_proj_weight[: 2 * module.embed_dim].mul_(15.0)
            else:
                module.weight.mul_(15.0)
                if len(patient.scores) == 1:  # no product of two
                    module.weight.mul_(15.0)
    return {"ACT012": patient.scores}


# --- inputs, outputs, steps


def raw_inputs(patient: Patient) -> Answer | None:
    """Inputs as they come from a sensor: 200 ± 50 in place of 0 ± 1."""
    if not patient.first or not patient.batches[0][0].is_floating_point():
        return None
    patient.batches = [(200.0 + 50.0 * x, y) for x, y in patient.batches]
    named = (*patient.first, *patient.hidden, *patient.weights)
    found = dict.fromkeys(("ACT001", "ACT002", "ACT004", "ACT006", "ACT010", "ACT011"), named)
    return found | {"ACT005": patient.first}


def always_on(patient: Patient) -> Answer | None:
    """A bias of +30 in every hidden layer: what all inputs have in common drowns what tells them apart."""
    if not _has_activation(patient) or _two_sided(patient) or not _shift(patient, patient.hidden, -30.0):
        return None
    return dict.fromkeys(("ACT001", "ACT006", "ACT008"), patient.hidden)


def bad_batch(patient: Patient) -> Answer | None:
    """One number of one batch is missing."""
    x, y = patient.batches[2]
    if not x.is_floating_point():
        return None
    x = x.clone()
    x.view(-1)[5] = torch.nan
    patient.batches[2] = (x, y)
    return {"ACT011": ("",)}


def rectified_output(patient: Patient) -> Answer | None:
    """A ReLU behind the last layer."""
    if not isinstance(_at(patient, patient.output), nn.Linear | nn.Conv2d) or patient.loss not in LOSSES:
        return None
    patient.model = nn.Sequential(patient.model, nn.ReLU())
    return {"ACT009": (f"0.{patient.output}", "1")}


def wrong_output(patient: Patient) -> Answer | None:
    """An activation behind the last layer that the loss applies itself, or that cannot reach the targets."""
    if patient.loss is functional.cross_entropy:
        after: nn.Module = nn.Softmax(1)
    elif patient.loss is functional.binary_cross_entropy_with_logits or patient.loss is functional.mse_loss:
        after = nn.Sigmoid()
    else:
        return None
    if not isinstance(_at(patient, patient.output), nn.Linear | nn.Conv2d):
        return None
    patient.model = nn.Sequential(patient.model, after)
    return {"ACT009": (f"0.{patient.output}", "1")}


def rate_high(patient: Patient) -> Answer | None:
    """A learning rate 100 times too large."""
    patient.rate *= 100.0
    return dict.fromkeys(("ACT001", "ACT002", "ACT010", "ACT011"), _any(patient))


def rate_low(patient: Patient) -> Answer | None:
    """A learning rate 10,000 times too small."""
    patient.rate *= 1e-4
    return {"ACT010": _any(patient)}


def _any(patient: Patient) -> tuple[str, ...]:
    return ("", *(path for path, _ in patient.model.named_modules() if path))


FAULTS: tuple[Callable[[Patient], Answer | None], ...] = (
    shifted_layer, large_layer, small_layer, constant_layer, not_finite, unguarded_log, cut, shifted_layers, large_init,
    small_init, equal_init, sigmoids, no_activations, saturated_gates, large_recurrence, sharp_attention, raw_inputs,
    wrong_output, rectified_output, always_on, bad_batch, rate_high, rate_low,
)  # fmt: skip
ALL = {fault.__name__: fault for fault in FAULTS}


@dataclass(frozen=True)
class Named:
    """What of a finding is compared."""

    code: str
    layer: str


def answered(answer: Answer, findings: list[Named]) -> bool:
    """Whether a finding has a right code and names a right layer (or what stands in its place)."""
    return any(
        f.code in answer
        and any(f.layer == path or (path and f.layer.startswith(f"{path}.")) for path in answer[f.code])
        for f in findings
    )
