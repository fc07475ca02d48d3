"""Sequences, for nets that go through time (row E2 of the mission)."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.data._chance import WITHIN, gaussians, uniforms
from actlab.data._checks import checked_parameter
from actlab.data._generator import Generator
from actlab.data.sample import Sample
from actlab.data.source import Label, TaskKind

__all__ = ["Adding", "Recall", "Sequence"]

_MOST_STEPS = 1_000
_SYMBOLS = 4


@dataclass(frozen=True)
class Sequence(Generator):
    """One answer at the end of a sequence of `length` steps, 2 … 1,000.

    Inputs are as their sources define them, not standardised.
    """

    noise: float = 0.0
    n_test: int = 2_000
    length: int = 50

    noises: ClassVar[tuple[float, float]] = (0.0, 1.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "length", checked_parameter(self.family, self.length, 2, _MOST_STEPS))

    @property
    def name(self) -> str:
        """The family with 50 steps, else ``"family:length"``."""
        return self.family if self.length == 50 else f"{self.family}:{self.length}"

    @property
    def steps(self) -> int:  # type: ignore[override]
        """Steps of each sequence."""
        return self.length

    def signed_distance(self, X: Array) -> None:
        """None: the boundary is not in a plane of points."""

    def _noise(self, seed: int, stream: int, n: int, columns: int) -> Array:
        """``(n, length, columns)`` standard normal numbers, from a stream of their own."""
        return gaussians(seed, WITHIN + stream, n, self.length * columns).reshape(n, self.length, columns)


@dataclass(frozen=True)
class Adding(Sequence):
    """The adding problem: two of the values are marked; what is their sum?

    At every step a value, uniform over [0, 1], and a marker, which is 1 at two different steps drawn evenly and 0 at
    the others. (Hochreiter and Schmidhuber 1997, section 5.4, in the form of Le, Jaitly and Hinton 2015.) y is the sum,
    standardised by its mean 1 and variance 1/6: always to answer 1 has a mean squared error of 1 here, of 0.167 there.
    `noise` is added to the values, and not to the sum.
    """

    family = "adding"
    task: ClassVar[TaskKind] = "regression"
    own_columns: ClassVar[int] = 2

    @property
    def classes(self) -> tuple[Label, ...]:
        """None: y is a number."""
        return ()

    @property
    def features(self) -> tuple[str, ...]:
        """The value, the marker, then noise."""
        return ("value", "marker", *super().features[2:])

    @property
    def bayes_accuracy(self) -> None:
        """None: there are no classes."""

    def _points(self, seed: int, stream: int, n: int) -> Sample:
        u = uniforms(seed, stream, n, self.length + 2)
        value, row = u[:, 2:], np.arange(n)
        first = (u[:, 0] * self.length).astype(np.int64)
        second = (u[:, 1] * (self.length - 1)).astype(np.int64)
        second += second >= first
        marker = np.zeros((n, self.length))
        marker[row, first] = marker[row, second] = 1
        y = (value[row, first] + value[row, second] - 1) * math.sqrt(6)
        if self.noise:
            value = value + self.noise * self._noise(seed, stream, n, 1)[:, :, 0]
        return Sample(np.stack([value, marker], axis=2), y)


@dataclass(frozen=True)
class Recall(Sequence):
    """Delayed recall: which of four symbols stood at the first step?

    At the first step one of four columns is 1, and then nothing until the answer after the last step; Gaussian noise of
    standard deviation `noise` is added to all columns at all steps. (The latching task of Bengio, Simard and Frasconi
    1994, section II, and the long time lags of Hochreiter and Schmidhuber 1997, section 5.2, with four symbols.)
    """

    noise: float = 0.2

    family = "recall"
    task: ClassVar[TaskKind] = "multiclass"
    own_columns: ClassVar[int] = _SYMBOLS

    @property
    def classes(self) -> tuple[Label, ...]:
        """0 … 3."""
        return tuple(range(_SYMBOLS))

    @property
    def bayes_accuracy(self) -> float:
        """∫ φ(z) Φ(z + 1/noise)³ dz: right where the true column of the first step is the greatest."""
        from scipy.special import ndtr

        if self.noise == 0:
            return 1.0
        z, w = np.polynomial.hermite_e.hermegauss(120)
        return float((w * ndtr(z + 1 / self.noise) ** (_SYMBOLS - 1)).sum() / math.sqrt(2 * math.pi))

    def _points(self, seed: int, stream: int, n: int) -> Sample:
        label = np.arange(n) % _SYMBOLS
        X = np.zeros((n, self.length, _SYMBOLS))
        X[np.arange(n), 0, label] = 1
        return Sample(X + self.noise * self._noise(seed, stream, n, _SYMBOLS), label.astype(np.float64))
