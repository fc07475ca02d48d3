"""Two moons: two interleaving half circles."""

import math
from dataclasses import dataclass

import numpy as np

from actlab._arrays import Array
from actlab.data._curved import Curved
from actlab.data._elementary import circle

__all__ = ["Moons"]

NOISE = 0.18  # row A1 of the mission: the article's


@dataclass(frozen=True)
class Moons(Curved):
    """Two noisy half circles: class 0 (cos θ, sin θ), class 1 (1 − cos θ, ½ − sin θ), θ uniform over [0, π].

    The curves are those of `sklearn.datasets.make_moons`, which puts its points at *equal steps* of θ. Here θ is random
    and independent from point to point: fresh points have to be a sample of one population, whose Bayes rule exists.
    """

    noise: float = NOISE

    family = "moons"
    speed = math.pi

    def place(self, position: Array, label: Array) -> Array:
        """Points ``(n, 2)`` on the half circles."""
        upper = circle(position / 2)
        return np.where(label[:, None] == 0, upper, np.array([1.0, 0.5]) - upper)

    @property
    def mean(self) -> Array:
        """(½, ¼): class 1 is class 0 turned by half a turn about this point."""
        return np.array([0.5, 0.25])

    @property
    def sd(self) -> Array:
        """From E cos²θ = E sin²θ = ½, E cos θ = 0 and E sin θ = 2/π."""
        return np.sqrt(np.array([0.75, 0.5625 - 1 / math.pi]) + self.noise**2)
