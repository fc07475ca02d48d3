"""The generators whose classes are curves: moons and spiral."""

from abc import abstractmethod
from functools import lru_cache
from typing import ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.data._planar import Planar
from actlab.data._segments import Segments
from actlab.data.curve import NoisyCurve, noisy_curve

__all__ = ["Curved"]


class Curved(Planar):
    """A generator whose class 1 is class 0, a noisy curve, turned by half a turn about the population's mean.

    The Bayes boundary is the zero level of the log-likelihood ratio. It is traced once per process and noise (under a
    second) when it is first asked for.
    """

    speed: ClassVar[float]  # greatest of |d place(t, 0) / dt|

    @property
    def curve(self) -> NoisyCurve:
        """The densities of the two classes, in the generator's own units."""
        return _curve(type(self), self.noise)

    @property
    def bayes_accuracy(self) -> float:
        """½ ∫ max(f₀, f₁), to about 1e-5."""
        return _bayes_accuracy(type(self), self.noise)

    def distance_in(self, X: Array, mean: Array, sd: Array) -> Array:
        """`signed_distance` of points X ``(n, 2)`` that were standardised by another `mean` and `sd` ``(2,)``."""
        distance = _segments(type(self), self.noise, tuple(mean.tolist()), tuple(sd.tolist())).distance(X)
        return np.asarray(np.sign(self.curve.log_ratio(X * sd + mean)) * distance)

    def _distance(self, X: Array) -> Array:
        return self.distance_in(X, self.mean, self.sd)

    @abstractmethod
    def place(self, position: Array, label: Array) -> Array:
        """Points ``(n, 2)`` on the curves."""


@lru_cache(maxsize=32)
def _curve(kind: type[Curved], noise: float) -> NoisyCurve:
    source = kind(noise=noise)
    return noisy_curve(lambda t: source.place(t, np.zeros(len(t))), kind.speed, source.mean, noise)


@lru_cache(maxsize=32)
def _bayes_accuracy(kind: type[Curved], noise: float) -> float:
    return _curve(kind, noise).bayes_accuracy()


@lru_cache(maxsize=32)
def _boundary(kind: type[Curved], noise: float) -> Array:
    return _curve(kind, noise).boundary(kind(noise=noise).sd)


@lru_cache(maxsize=32)
def _segments(kind: type[Curved], noise: float, mean: tuple[float, ...], sd: tuple[float, ...]) -> Segments:
    return Segments((_boundary(kind, noise) - np.array(mean)) / np.array(sd))
