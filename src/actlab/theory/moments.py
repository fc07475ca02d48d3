"""Gaussian moments of φ and φ′ at any variance: everything in the theory of wide layers is made of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.functions.evaluate import quickly
from actlab.functions.moments import scaled_mean
from actlab.functions.switches import switch_points

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.functions import Activation

#: Below this variance a pre-activation is 0 for every purpose; moments at 0 are limits from above.
SMALLEST: Final = 1e-20
_PROBES: Final = (1e-8, 1e-4, 1e-2, 1.0, 1e2, 1e4, 1e8)
# Places (beside the kinks) between which g is taken to be smooth, however large the variance: most bend near 0.
FEATURES: Final = tuple(sorted({sign * 2.0**k for k in range(-2, 7) for sign in (-1, 1)} | {0.0}))


@dataclass(frozen=True)
class Moments:
    """Moments for z = √q·ξ, ξ ~ N(0, 1); NaN where one does not exist.

    Attributes:
        q: the variance of the pre-activation.
        mean: E[φ(z)].
        second: E[φ(z)²].
        slope_mean: E[φ′(z)].
        slope_second: E[φ′(z)²], called μ₁ by Pennington et al. (2017); NaN where φ jumps (its slope there is infinite).
        slope_fourth: E[φ′(z)⁴], called μ₂ there; NaN where φ jumps.
        growth: d E[φ(z)²]/dq = E[φ′² + φφ″], what kinks and jumps add to it included. By Stein's identity it is
            E[(ξ² − 1)φ²]/(2q), and E[ξφφ′]/√q where φ has no jump.
    """

    q: float
    mean: float
    second: float
    slope_mean: float
    slope_second: float
    slope_fourth: float
    growth: float

    @property
    def value_curvature(self) -> float:
        """E[φφ″], kinks included (Schoenholz et al. 2017, eq. 10)."""
        return self.growth - self.slope_second

    @property
    def slope_ratio(self) -> float:
        """μ₂/μ₁² = E[φ′⁴]/E[φ′²]²: 1 where the slope is ±1 throughout, 2 for the rectifier."""
        return self.slope_fourth / self.slope_second / self.slope_second if self.slope_second > 0 else math.nan


def breaks_of(activation: Activation) -> tuple[float, ...]:
    """Every point at which φ or φ′ may be unsmooth: the switch points of both."""
    found = {*switch_points(activation.expression), *switch_points(activation.derivative_expression)}
    return tuple(sorted(found))


@lru_cache(maxsize=8192)
def moments(activation: Activation, q: float) -> Moments:
    """The moments of φ at variance `q` ≥ 0; ten digits or better. At 0 they are limits from above."""
    if q >= SMALLEST and q not in _PROBES and _nowhere(activation):
        return Moments(q, *[math.nan] * 6)
    return _moments(activation, q)


@lru_cache(maxsize=1024)
def _nowhere(activation: Activation) -> bool:
    """Whether E[φ²] cannot be had at any of a few variances, small to large.

    Then it is not sought at the hundreds between them, where it would take as many panels in vain: what keeps it from
    converging (sin(1/x) at 0) lies within reach of a Gaussian at all of them.
    """
    return all(math.isnan(_moments(activation, q).second) for q in _PROBES)


@lru_cache(maxsize=8192)
def _moments(activation: Activation, q: float) -> Moments:
    root_q = math.sqrt(max(q, SMALLEST))
    program = activation.program("both")
    marks = (*breaks_of(activation), *(FEATURES if q > 1 else ()))

    def integrand(z: Array, root: Array) -> Array:
        value, slope = quickly(program, root_q * z)
        f, g = value * root, slope * root
        return np.stack([f * root, f * f, g * root, g * g, (g * slope) * (g * slope), z * f * g, (z * z - 1) * f * f])

    mean, second, slope_mean, slope_second, slope_fourth, mixed, curved = scaled_mean(
        integrand, tuple(b / root_q for b in marks)
    ).tolist()
    jumps = bool(activation.facts.jumps)
    if q < SMALLEST:
        at_zero = float(activation(0.0))
        mean, second = at_zero, at_zero**2
    return Moments(
        q=q,
        mean=mean,
        second=second,
        slope_mean=slope_mean,
        slope_second=math.nan if jumps else slope_second,
        slope_fourth=math.nan if jumps else slope_fourth,
        growth=curved / (2 * max(q, SMALLEST)) if jumps else mixed / root_q,
    )
