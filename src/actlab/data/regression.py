"""Functions to be fitted: a step, a sine, |x|, a polynomial, and a surface."""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.data._chance import gaussian_pairs, uniforms
from actlab.data._checks import checked_parameter, checked_points
from actlab.data._elementary import circle
from actlab.data._generator import Generator
from actlab.data.sample import Sample
from actlab.data.source import Label, TaskKind

__all__ = ["Absolute", "Curve", "NoisySine", "Polynomial", "Sine", "Step", "Surface"]


@dataclass(frozen=True)
class Curve(Generator):
    """A function f of x, spread evenly over [−1, 1] (or the square of it), with Gaussian noise.

    Both sides are standardised: the net sees √3 x, and y = ((f(x) − mean) / sd + noise · N(0, 1)) / √(1 + noise²),
    where mean and sd are those of f over its domain. `noise` is therefore in standard deviations of f; 0 … 10.
    """

    noise: float = 0.0

    task: ClassVar[TaskKind] = "regression"
    own_columns: ClassVar[int] = 1
    noises: ClassVar[tuple[float, float]] = (0.0, 10.0)

    @abstractmethod
    def function(self, x: Array) -> Array:
        """f of points x ``(n, own_columns)`` of the domain, ``(n,)``."""

    @property
    @abstractmethod
    def moments(self) -> tuple[float, float]:
        """Mean and standard deviation of f over its domain."""

    @property
    def classes(self) -> tuple[Label, ...]:
        """None: y is a number."""
        return ()

    @property
    def bayes_accuracy(self) -> None:
        """None: there are no classes."""

    @property
    def bayes_error(self) -> float:
        """The mean squared error of the best answer, f itself; of the mean it is 1."""
        return self.noise**2 / (1 + self.noise**2)

    def signed_distance(self, X: Array) -> None:
        """None: there is no boundary."""
        checked_points(X, self.dimension)

    def clean(self, X: Array) -> Array:
        """The best answers ``(n,)`` to standardised points X ``(n, dimension)``: f without noise, in units of y."""
        mean, sd = self.moments
        x = checked_points(X, self.dimension)[:, : self.own_columns] / math.sqrt(3)
        return (self.function(x) - mean) / (sd * math.sqrt(1 + self.noise**2))

    def _points(self, seed: int, stream: int, n: int) -> Sample:
        d = self.own_columns
        u = uniforms(seed, stream, n, d + 2)
        x = 2 * u[:, :d] - 1
        mean, sd = self.moments
        y = (self.function(x) - mean) / sd
        if self.noise:
            y = (y + self.noise * gaussian_pairs(u[:, d], u[:, d + 1])[:, 0]) / math.sqrt(1 + self.noise**2)
        return Sample(x * math.sqrt(3), y)


@dataclass(frozen=True)
class Step(Curve):
    """0 where x < 0, else 1: a discontinuous target (row D1 of the mission)."""

    family = "step"

    def function(self, x: Array) -> Array:
        """The unit step."""
        return np.asarray((x[:, 0] >= 0).astype(np.float64))

    @property
    def moments(self) -> tuple[float, float]:
        """½ and ½."""
        return 0.5, 0.5


@dataclass(frozen=True)
class Sine(Curve):
    """sin 2πx: two whole waves."""

    family = "sine"

    def function(self, x: Array) -> Array:
        """The sine."""
        return np.asarray(circle(x[:, 0])[:, 1])

    @property
    def moments(self) -> tuple[float, float]:
        """0 and √½."""
        return 0.0, math.sqrt(0.5)


@dataclass(frozen=True)
class NoisySine(Sine):
    """`Sine` with noise: no answer explains more than 1 / (1 + noise²) of the variance, 92 % by default."""

    noise: float = 0.3

    family = "noisy_sine"


@dataclass(frozen=True)
class Absolute(Curve):
    """|x|: two linear pieces, which two ReLU units fit exactly."""

    family = "abs"

    def function(self, x: Array) -> Array:
        """The absolute value."""
        return np.asarray(np.abs(x[:, 0]))

    @property
    def moments(self) -> tuple[float, float]:
        """½ and 1/√12."""
        return 0.5, 1 / math.sqrt(12)


@dataclass(frozen=True)
class Polynomial(Curve):
    """The Legendre polynomial of that degree, 1 … 12: it turns degree − 1 times, between −1 and 1."""

    degree: int = 3

    family = "polynomial"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "degree", checked_parameter(self.family, self.degree, 1, 12))

    @property
    def name(self) -> str:
        """``"polynomial"`` for degree 3, else ``"polynomial:degree"``."""
        return self.family if self.degree == 3 else f"{self.family}:{self.degree}"

    def function(self, x: Array) -> Array:
        """By Bonnet's recurrence (k + 1) P(k+1) = (2k + 1) x P(k) − k P(k−1)."""
        before, here = np.ones(len(x)), x[:, 0]
        for k in range(1, self.degree):
            before, here = here, ((2 * k + 1) * x[:, 0] * here - k * before) / (k + 1)
        return here

    @property
    def moments(self) -> tuple[float, float]:
        """0 and 1/√(2 degree + 1)."""
        return 0.0, 1 / math.sqrt(2 * self.degree + 1)


@dataclass(frozen=True)
class Surface(Curve):
    """sin πx₁ sin πx₂ over the square: a smooth board of 2 × 2 hills and hollows."""

    family = "surface"
    own_columns: ClassVar[int] = 2

    def function(self, x: Array) -> Array:
        """The product of the sines."""
        return np.asarray(circle(x[:, 0] / 2)[:, 1] * circle(x[:, 1] / 2)[:, 1])

    @property
    def moments(self) -> tuple[float, float]:
        """0 and ½."""
        return 0.0, 0.5
