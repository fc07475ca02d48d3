"""Two spiral arms."""

import math
from dataclasses import dataclass

import numpy as np

from actlab._arrays import Array
from actlab.data._curved import Curved
from actlab.data._elementary import circle

__all__ = ["Spiral"]

TURNS = 1.5
INNER, OUTER = 0.2, 1.0


@dataclass(frozen=True)
class Spiral(Curved):
    """Two noisy Archimedean arms: radius 0.2 + 0.8t at angle 3πt, t uniform over [0, 1]; class 1 is class 0 negated.

    One and a half turns: each arm is crossed three times by a line through the centre. Neighbouring arms lie 0.27
    apart, so the default noise 0.05 leaves 5.3 standard deviations between them. (After the spirals of Lang and
    Witbrock 1988, with half of their turns.)
    """

    noise: float = 0.05

    family = "spiral"
    speed = math.hypot(OUTER - INNER, 2 * math.pi * TURNS * OUTER)

    def place(self, position: Array, label: Array) -> Array:
        """Points ``(n, 2)`` on the arms."""
        radius = INNER + (OUTER - INNER) * position
        return (np.where(label == 0, radius, -radius))[:, None] * circle(TURNS * position)

    @property
    def mean(self) -> Array:
        """The origin, by symmetry."""
        return np.zeros(2)

    @property
    def sd(self) -> Array:
        """From E r² = a² + ab + b²/3 and E[r² cos 2φ] = 2b²/k², r = a + bt, φ = kt/2, where k = 6π is whole turns."""
        a, b, k = INNER, OUTER - INNER, 4 * math.pi * TURNS
        square, tilt = a * a + a * b + b * b / 3, 2 * b * b / k**2
        return np.sqrt(np.array([square + tilt, square - tilt]) / 2 + self.noise**2)
