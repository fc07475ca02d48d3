"""Two circles, one inside the other."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from actlab._arrays import Array
from actlab.data._elementary import circle
from actlab.data._planar import Planar

__all__ = ["Circles"]

FACTOR = 0.5  # radius of the inner circle; the outer has 1


@dataclass(frozen=True)
class Circles(Planar):
    """Two noisy concentric circles: class 0 of radius 1, class 1 of radius ½, angles uniform (cf. `make_circles`).

    The default noise 0.1 leaves the circles 5 standard deviations apart: Bayes accuracy 0.994. The distance of a point
    of circle r from the centre has a Rice distribution, density ∝ ρ exp(−(ρ² + r²)/2σ²) I₀(ρr/σ²), so the Bayes
    boundary is a circle, whose radius solves ln I₀(ρ/σ²) − ln I₀(ρ/2σ²) = (1 − ¼)/2σ².
    """

    noise: float = 0.1

    family = "circles"

    def place(self, position: Array, label: Array) -> Array:
        """Points ``(n, 2)`` on the circles."""
        return circle(position) * np.where(label == 0, 1.0, FACTOR)[:, None]

    @property
    def mean(self) -> Array:
        """The origin."""
        return np.zeros(2)

    @property
    def sd(self) -> Array:
        """Half of the mean squared radius, per column."""
        return np.full(2, np.sqrt((1 + FACTOR**2) / 4 + self.noise**2))

    @property
    def bayes_accuracy(self) -> float:
        """From the Rice distribution of the radius, a non-central χ² with 2 degrees of freedom; exact to 1e-10."""
        from scipy.special import chndtr

        variance = self.noise**2
        cut = _boundary_radius(self.noise) ** 2 / variance
        inner, outer = (float(chndtr(cut, 2, r * r / variance)) for r in (FACTOR, 1.0))
        return (inner + 1 - outer) / 2

    def _distance(self, X: Array) -> Array:
        # Both columns have the same standard deviation, so a circle stays a circle.
        return np.asarray(_boundary_radius(self.noise) / self.sd[0] - np.hypot(X[:, 0], X[:, 1]))


@lru_cache(maxsize=64)
def _boundary_radius(noise: float) -> float:
    """Radius of the Bayes boundary, in the generator's own units."""
    from scipy.special import i0e

    variance = noise**2
    gap = (1 - FACTOR**2) / (2 * variance)

    def log_ratio(rho: float) -> float:  # of the outer circle over the inner; grows with rho
        z, w = rho / variance, FACTOR * rho / variance
        return float((np.log(i0e(z)) + z) - (np.log(i0e(w)) + w)) - gap

    low, high = 0.0, 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if log_ratio(middle) < 0 else (low, middle)
    return (low + high) / 2
