"""What a claim has trained: nets that differ in their seed only, and what is measured in them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab import functions
from actlab.data import Draw, Sample, resolve
from actlab.data._chance import WITHIN, uniforms
from actlab.nets import NetSpec, Sgd, TrainSpec, checkpoint_steps, optimiser
from actlab.study.sweep.cell import NUMERICS, arithmetic, canonical

if TYPE_CHECKING:
    from actlab._arrays import Integers
    from actlab.data import Source
    from actlab.functions import Activation
    from actlab.nets.spec import Loss, Norm

#: To be raised when a record holds something else than before under the same specification.
RECORDS = 1
#: Validation and test points of generators, fresh for every seed.
VALIDATION, TEST = 500, 10_000
#: Test sequences, which cost many times as much.
TEST_ALONG = 1_000
#: Steps at which nets are looked at; more where the steps to a target count.
CHECKPOINTS, CHECKPOINTS_TO_TARGET = 10, 48
_LOSS: dict[str, tuple[int, Loss]] = {
    "binary": (1, "binary"),
    "multiclass": (0, "classes"),
    "regression": (1, "squares"),
}
# Streams of random numbers of our own, beside those of `actlab.data._chance`.
_FLIPS = WITHIN + 40


@dataclass(frozen=True)
class Job:
    """Nets that differ in their seed only, and what is measured in them.

    Parameters
    ----------
    data
        As `actlab.compare` takes it, by name; `columns` further ones of noise.
    activation, hidden, rate, epochs, batch_size, init, norm, rule, clip
        As in `actlab.compare`; `init` None is what suits the activation; no hidden layer is a linear model.
    target
        A validation loss at which a net is done; None: nets train to the end.
    shift
        Added to every column of X, in standard deviations: data that are not centred.
    flips
        Share of the training labels that are replaced by another one.
    squares
        Two classes learned by squared error on linear outputs, in the place of cross-entropy on a sigmoid.
    measures
        Names of `actlab.study.claims.measures`, taken beside what is always recorded.
    """

    data: str
    activation: str
    hidden: tuple[int, ...] = (8, 8)
    rate: float = 0.1
    epochs: int = 400
    batch_size: int = 64
    init: str | None = None
    norm: Norm = "none"
    rule: str = "sgd"
    clip: float | None = None
    target: float | None = None
    columns: int = 0
    shift: float = 0.0
    flips: float = 0.0
    squares: bool = False
    measures: tuple[str, ...] = ()

    def but(self, **changes: Any) -> Job:
        """The same but for these."""
        return replace(self, **changes)

    @cached_property
    def phi(self) -> Activation:
        """The activation."""
        return functions.get(self.activation)

    @cached_property
    def source(self) -> Source:
        """Where the points come from, before they are shifted or mislabelled."""
        plain = resolve(self.data)
        if plain.conditional:
            return plain
        points = TEST if plain.steps is None else TEST_ALONG
        return resolve(self.data, n_validation=VALIDATION, n_test=points, noise_columns=self.columns or None)

    @property
    def net(self) -> NetSpec:
        """The nets."""
        source = self.source
        outputs, loss = (1, "squares") if self.squares else _LOSS[source.task]
        return NetSpec(
            source.dimension,
            self.hidden,
            self.phi,
            self.init or self.phi.default_init,
            outputs or len(source.classes),
            loss,  # type: ignore[arg-type]
            self.norm,
            0,
            source.steps,
        )

    @property
    def training(self) -> TrainSpec:
        """How they are trained."""
        rule = optimiser(self.rule) if self.rule != "sgd" else Sgd()
        return TrainSpec(self.epochs, self.batch_size, rule, clip=self.clip, target=self.target)

    @property
    def steps(self) -> int:
        """Optimiser steps of each net, at most."""
        return self.training.steps(self.source.n_train)

    @property
    def checkpoints(self) -> Integers:
        """Steps at which the nets are looked at."""
        return checkpoint_steps(self.steps, CHECKPOINTS if self.target is None else CHECKPOINTS_TO_TARGET)

    def draw(self, seed: int) -> Draw:
        """The points of a seed."""
        drawn = self.source.draw(seed)
        train, validation, test = drawn.train, drawn.validation, drawn.test
        if self.flips:
            chance = uniforms(seed, _FLIPS, len(train), 2)
            kinds = len(self.source.classes)
            other = (train.y + 1 + np.floor(chance[:, 1] * (kinds - 1))) % kinds
            train = Sample(train.X, np.where(chance[:, 0] < self.flips, other, train.y))
        if self.shift:
            train, validation, test = (Sample(s.X + self.shift, s.y) for s in (train, validation, test))
        return Draw(train, validation, test)

    def specification(self, seeds: int) -> dict[str, Any]:
        """Plain JSON values that identify the record: no clock, no host, no label."""
        own = {name: value for name, value in vars(self).items() if name in self.__dataclass_fields__}
        return own | {
            "data": self.source.specification(),
            "activation": self.phi.formula,
            "init": self.net.init,
            "hidden": list(self.hidden),
            "measures": list(self.measures),
            "seeds": seeds,
            "records": RECORDS,
            "numerics": NUMERICS,
            "arithmetic": arithmetic(),
        }

    def name(self, seeds: int) -> str:
        """24 hexadecimal digits of the SHA-256 of the specification."""
        return name_of(self.specification(seeds))


def name_of(specification: dict[str, Any]) -> str:
    """24 hexadecimal digits of the SHA-256 of a specification."""
    return hashlib.sha256(canonical(specification).encode()).hexdigest()[:24]
