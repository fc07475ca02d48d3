"""Engines in turn: every engine works for about as long in every round, and ratios are taken within a round."""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

PAUSE = 0.05  # between turns: threads of PyTorch and of BLAS spin for a while after their work


@dataclass(frozen=True)
class Turn:
    """What one engine did in its turn."""

    steps: float  # net-steps: one step of one net
    seconds: float

    @property
    def speed(self) -> float:
        return self.steps / self.seconds


class Engine(Protocol):
    """Something that trains the nets of one `Work`, as far as a turn goes; it is warm before the first turn."""

    name: str

    def turn(self, seconds: float) -> Turn:
        """Train for about so long."""


class Repeated:
    """A turn is one training with as many epochs as fill it, or as many trainings with `epochs` epochs as fill it."""

    name = ""

    def __init__(self, steps_per_epoch: int, epochs: int | None = None) -> None:
        self._steps_per_epoch, self._epochs = steps_per_epoch, epochs
        self._speed = 0.0

    def train(self, epochs: int) -> float:
        """Seconds that `epochs` epochs of all nets take."""
        raise NotImplementedError

    def turn(self, seconds: float) -> Turn:
        epochs = self._epochs or max(1, round(seconds * self._speed / self._steps_per_epoch))
        trainings, passed = 0, 0.0
        while passed < seconds and (self._epochs or not trainings):
            passed += self.train(epochs)
            trainings += 1
        turn = Turn(trainings * epochs * self._steps_per_epoch, passed)
        self._speed = turn.speed
        return turn


@dataclass(frozen=True)
class Measured:
    """Speeds of every engine, a number a round."""

    speeds: dict[str, list[float]]

    def median(self, name: str) -> float:
        return statistics.median(self.speeds[name])

    def ratio(self, name: str, other: str) -> float:
        """The median of the ratios within rounds."""
        return statistics.median(a / b for a, b in zip(self.speeds[name], self.speeds[other], strict=True))

    def best(self, names: Sequence[str]) -> str:
        return max(names, key=self.median)


def in_turn(engines: Sequence[Engine], rounds: int, seconds: float) -> Measured:
    """`rounds` turns of every engine; who begins changes from round to round."""
    speeds: dict[str, list[float]] = {engine.name: [] for engine in engines}
    for engine in engines:  # not counted: wakes the clock, and tells how long an epoch takes
        engine.turn(seconds / 4)
    for turn in range(rounds):
        first = turn % len(engines)
        for engine in [*engines[first:], *engines[:first]]:
            gc.collect()
            time.sleep(PAUSE)
            speeds[engine.name].append(engine.turn(seconds).speed)
    return Measured(speeds)
