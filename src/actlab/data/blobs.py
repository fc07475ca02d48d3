"""Blobs: Gaussian clouds around the corners of a regular polygon."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.data._checks import checked_parameter
from actlab.data._elementary import circle
from actlab.data._planar import Planar
from actlab.data.source import Label, TaskKind

__all__ = ["Blobs"]

FEWEST, MOST = 2, 20


@dataclass(frozen=True)
class Blobs(Planar):
    """k Gaussian clouds of standard deviation `noise`, centred on the corners of a regular k-gon in the unit circle.

    `sklearn.datasets.make_blobs` with these centres; its own are random, and then some seeds have an easier task than
    others. The Bayes rule takes the nearest centre: each class has a wedge of angle 2π/k. With the default k = 3 and
    noise 0.4 its accuracy is 0.97.
    """

    noise: float = 0.4
    k: int = 3

    family = "blobs"
    parameter: ClassVar[str] = "k"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "k", checked_parameter(self.family, self.k, FEWEST, MOST))

    @property
    def name(self) -> str:
        """``"blobs"`` with three of them, else ``"blobs:k"``."""
        return self.family if self.k == 3 else f"{self.family}:{self.k}"

    @property
    def task(self) -> TaskKind:  # type: ignore[override]
        """Multi-class, from three of them."""
        return "binary" if self.k == 2 else "multiclass"

    @property
    def classes(self) -> tuple[Label, ...]:
        """0 … k − 1."""
        return tuple(range(self.k))

    def place(self, position: Array, label: Array) -> Array:  # noqa: ARG002
        """The centres ``(n, 2)``: class j at j/k of a turn."""
        return circle(label / self.k)

    @property
    def mean(self) -> Array:
        """The origin."""
        return np.zeros(2)

    @property
    def sd(self) -> Array:
        """√(½ + noise²), both columns; two blobs lie on the first axis."""
        spread = np.array([1.0, 0.0]) if self.k == 2 else np.array([0.5, 0.5])
        return np.sqrt(spread + self.noise**2)

    @property
    def bayes_accuracy(self) -> float:
        """1 − (1/π) ∫₀^(π − π/k) exp(−sin²(π/k) / (2 σ² sin²θ)) dθ (Craig 1991, for k-ary phase-shift keying)."""
        x, w = np.polynomial.legendre.leggauss(200)
        top = math.pi - math.pi / self.k
        theta = (x + 1) / 2 * top
        wrong = np.exp(-((math.sin(math.pi / self.k) / (self.noise * np.sin(theta))) ** 2) / 2)
        return 1 - float((w * wrong).sum()) * top / (2 * math.pi)

    def _distance(self, X: Array) -> Array:
        if self.k == 2:
            return -X[:, 0]
        # The standardisation turns no angle, so each region stays a wedge with its apex at the origin. To the side of
        # its axis the nearest point of a wedge's rim lies on the nearer ray, or is the apex.
        turned = np.arctan2(X[:, 1], X[:, 0])[:, None] - 2 * math.pi * np.arange(self.k) / self.k
        from_axis = np.abs((turned + math.pi) % (2 * math.pi) - math.pi)
        from_ray = from_axis - math.pi / self.k
        radius = np.hypot(X[:, 0], X[:, 1])[:, None]
        distance = radius * np.where(np.abs(from_ray) < math.pi / 2, np.sin(np.abs(from_ray)), 1.0)
        return np.asarray(np.where(from_ray < 0, distance, -distance))
