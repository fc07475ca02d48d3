"""What a patient is: a small net with a task that it learns when it is healthy, and how it is trained and judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn import functional

Batches = list[tuple[torch.Tensor, torch.Tensor]]


@dataclass
class Patient:
    """A net and all that training needs. A fault changes any of it.

    Attributes:
        model: the net.
        batches: (input, target) pairs; the last quarter is held back, and judges.
        loss: called with output and target.
        error: the same, gives what is wrong of what can be: 0 is perfect, 1 what the best constant answer gets.
        hidden: paths of the layers whose output is a hidden activation's input (a norm, where one stands between).
        weights: paths of the layers with matrices before hidden activations, in the order of the forward pass; each
            entry of `hidden` has its own.
        output: path of the last layer.
        first: paths of the layers that the input goes to.
        scores: paths of the layers that make queries and keys.
        rate, optimiser, steps: of training.
    """

    model: nn.Module
    batches: Batches
    loss: Callable[..., torch.Tensor]
    error: Callable[[Any, torch.Tensor], float]
    hidden: tuple[str, ...]
    weights: tuple[str, ...]
    output: str
    first: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()
    rate: float = 0.1
    optimiser: Callable[..., torch.optim.Optimizer] = torch.optim.SGD
    steps: int = 150
    tags: frozenset[str] = field(default_factory=frozenset)

    @property
    def shown(self) -> Batches:
        """Batches that are trained on."""
        return self.batches[: -max(1, len(self.batches) // 4)]

    @property
    def held(self) -> Batches:
        """Batches that judge."""
        return self.batches[-max(1, len(self.batches) // 4) :]


def sgd(parameters, lr):
    return torch.optim.SGD(parameters, lr=lr, momentum=0.9)


def adam(parameters, lr):
    return torch.optim.Adam(parameters, lr=lr)


def train(patient: Patient, seed: int, steps: int | None = None) -> None:
    """Train as `Diagnosis.try_remedies` does: the batches in turn, random numbers from `seed`."""
    torch.manual_seed(seed)
    model = patient.model.train()
    optimiser = patient.optimiser([p for p in model.parameters() if p.requires_grad], lr=patient.rate)
    shown = patient.shown
    for step in range(patient.steps if steps is None else steps):
        x, y = shown[step % len(shown)]
        optimiser.zero_grad()
        value = patient.loss(model(x), y)
        value.backward()
        optimiser.step()


def judged(patient: Patient) -> float:
    """Error on the batches held back: 0 perfect, 1 as good as knowing nothing or worse."""
    patient.model.eval()
    with torch.no_grad():
        errors = [patient.error(patient.model(x), y) for x, y in patient.held]
    mean = sum(errors) / len(errors)
    return min(mean, 1.0) if mean == mean else 1.0


def wrong(classes: int) -> Callable[[Any, torch.Tensor], float]:
    """Share of wrong classes (on axis 1) over that of a guess."""
    return lambda out, y: float((out.argmax(1) != y).float().mean()) / (1.0 - 1.0 / classes)


def wrong_side(out: torch.Tensor, y: torch.Tensor) -> float:
    """Share of wrong answers of a score whose sign says yes or no, over that of a guess."""
    return float(((out > out.new_zeros(())) != (y > 0.5)).float().mean()) / 0.5


def unexplained(of: Callable[[Any], torch.Tensor] = lambda out: out) -> Callable[[Any, torch.Tensor], float]:
    """Share of the target's variance that is left over."""

    def error(out: Any, y: torch.Tensor) -> float:
        return float(functional.mse_loss(of(out), y) / (y - y.mean(0)).square().mean())

    return error
