"""How nets are trained: optimiser, course of the learning rate, batches."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import Literal, get_args

from actlab.nets.spec import check_choice
from actlab.text import UserError

Schedule = Literal["constant", "cosine"]


@dataclass(frozen=True)
class Sgd:
    """Stochastic gradient descent: w ← w − ηg."""


@dataclass(frozen=True)
class Momentum:
    """Heavy-ball momentum: v ← βv + g, w ← w − ηv (Polyak, 1964; as PyTorch writes it)."""

    beta: float = 0.9

    def __post_init__(self) -> None:
        _check_decay(self)


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma, Ba, 2015, algorithm 1); weight decay, if any, is added to the gradient."""

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        _check_decay(self)


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay: w shrinks by ηλw beside the step (Loshchilov, Hutter, 2019, algorithm 2)."""


Optimiser = Sgd | Momentum | Adam | AdamW
OPTIMISERS: dict[str, type[Sgd | Momentum | Adam | AdamW]] = {
    "sgd": Sgd,
    "momentum": Momentum,
    "adam": Adam,
    "adamw": AdamW,
}


_CALL = re.compile(r"(?P<name>\w*)\s*(?:\((?P<numbers>.*)\))?")


def optimiser(text: str) -> Optimiser:
    """The optimiser that a text names: ``"adam"``, ``"momentum(0.8)"``, ``"adam(0.9, epsilon=1e-6)"``.

    Numbers that are not given have their usual values. `UserError` for an unknown name or number.
    """
    found = _CALL.fullmatch(text.strip().lower())
    check_choice("optimiser", found["name"] if found else text, tuple(OPTIMISERS))
    assert found is not None
    kind = OPTIMISERS[found["name"]]
    names = [field.name for field in fields(kind)]
    given: dict[str, float] = {}
    for place, part in enumerate((found["numbers"] or "").split(",") if (found["numbers"] or "").strip() else ()):
        name, equals, value = part.rpartition("=")
        name = name.strip() if equals else names[place] if place < len(names) else ""
        try:
            if name not in names or name in given:
                raise ValueError
            given[name] = float(value)
        except ValueError:
            known = ", ".join(names) or "–"
            raise UserError("nets.bad_number", text=text.strip()[:60], part=part.strip()[:30], known=known) from None
    return kind(**given)


def optimiser_text(rule: Optimiser) -> str:
    """What `optimiser` reads as that rule: its name, and the numbers that are not the usual ones; momentum's always."""
    name = next(name for name, kind in OPTIMISERS.items() if type(rule) is kind)
    if isinstance(rule, Momentum):
        return f"{name}({rule.beta!r})"
    numbers = [
        f"{field.name}={getattr(rule, field.name)!r}"
        for field in fields(rule)
        if field.default != getattr(rule, field.name)
    ]
    return f"{name}({', '.join(numbers)})" if numbers else name


@dataclass(frozen=True)
class TrainSpec:
    """How nets are trained, seed and learning rate aside: mini-batches, every net with its own order of the samples.

    Parameters
    ----------
    epochs, batch_size
        Passes over the training points; points per step (the last batch of an epoch may be smaller).
    optimiser
        `Sgd`, `Momentum`, `Adam` or `AdamW`.
    schedule
        The course of the learning rate over all steps: ``"constant"``, or ``"cosine"`` from its full height to 0 along
        half a cosine (Loshchilov, Hutter, 2017).
    warm_up
        Steps over which the rate first rises: step t of them (from 1) takes t/warm_up of it.
    weight_decay
        λ ≥ 0, on all trained parameters.
    clip
        The gradient of all parameters together is scaled to at most this Euclidean norm (Pascanu, Mikolov, Bengio,
        2013), before weight decay. None: no bound.

    target
        A net is done at the first checkpoint at which its validation loss (its training loss, where there are no
        validation points) is at most this. None: it trains to the end.

    Raises
    ------
    UserError
        For an unknown schedule or a number out of its range.
    """

    epochs: int
    batch_size: int
    optimiser: Optimiser = Sgd()
    schedule: Schedule = "constant"
    warm_up: int = 0
    weight_decay: float = 0.0
    clip: float | None = None
    target: float | None = None

    def __post_init__(self) -> None:
        check_choice("schedule", self.schedule, get_args(Schedule))
        for name, value, least in (
            ("epochs", self.epochs, 0),
            ("batch_size", self.batch_size, 1),
            ("warm_up", self.warm_up, 0),
            ("weight_decay", self.weight_decay, 0),
        ):
            if not (math.isfinite(value) and value >= least):
                raise UserError("nets.at_least", name=name, value=value, least=least)
        if self.clip is not None and not (math.isfinite(self.clip) and self.clip > 0):
            raise UserError("nets.positive", name="clip", value=self.clip)
        if self.target is not None and not (math.isfinite(self.target) and self.target > 0):
            raise UserError("nets.positive", name="target", value=self.target)

    def steps_per_epoch(self, points: int) -> int:
        """Optimiser steps in one pass over `points` training points."""
        return -(-points // self.batch_size)

    def steps(self, points: int) -> int:
        """Optimiser steps in all."""
        return self.epochs * self.steps_per_epoch(points)


def _check_decay(rule: Momentum | Adam) -> None:
    for field in fields(rule):
        value = getattr(rule, field.name)
        if field.name == "epsilon":
            if not (math.isfinite(value) and value > 0):
                raise UserError("nets.positive", name=field.name, value=value)
        elif not 0 <= value < 1:
            raise UserError("nets.below_one", name=field.name, value=value)
