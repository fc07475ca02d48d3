"""The edge of chaos: initialisations at which gradients neither vanish nor explode, and which functions have one.

At variance q the weights of a critical net have σw² = 1/E[φ′²], so that χ₁ = 1, and its biases σb² = q − σw²E[φ²], so
that q is kept. That is an initialisation only where σb² ≥ 0, and one that a net stays at only where |dq′/dq| < 1
(Poole et al. 2016; Schoenholz et al. 2017; Hayou, Doucet, Rousseau 2019).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from actlab.text import UserError
from actlab.theory.fixed_points import homogeneous, root
from actlab.theory.moments import has_slopes, moments

if TYPE_CHECKING:
    from actlab.functions import Activation

Reason = Literal["ok", "moments", "jumps", "flat", "bias", "unstable"]

#: Variances of pre-activations that nets in use have: standard deviations up to 4.5.
PRACTICAL: Final = (1e-4, 20.0)
FARTHEST: Final = 1e6
_LINE: Final = tuple(float(q) for q in np.geomspace(*PRACTICAL, 107))
_BEYOND: Final = tuple(float(q) for q in np.geomspace(PRACTICAL[1], FARTHEST, 95)[1:])
_SLACK: Final = 1e-9


@dataclass(frozen=True)
class CriticalPoint:
    """An initialisation on the critical line, or what stands in its way.

    Attributes:
        q: the variance of pre-activations, kept by every layer.
        sigma_w2: 1/E[φ′²], the variance of a weight times its fan-in.
        sigma_b2: q − σw²E[φ²], the variance of a bias; negative where there is no such initialisation.
        slope: dq′/dq; deviations of the variance shrink by it in every layer.
        slope_ratio: E[φ′⁴]/E[φ′²]²: how unevenly the slopes pass gradients on (1: evenly).
        reason: "ok", or why it is no critical point: "bias" (σb² < 0), "unstable" (|dq′/dq| ≥ 1), "jumps" (χ₁ does not
            exist), "flat" (φ′ = 0), "moments" (a Gaussian moment does not exist).
    """

    q: float
    sigma_w2: float
    sigma_b2: float
    slope: float
    slope_ratio: float
    reason: Reason

    @property
    def exists(self) -> bool:
        """Whether a net can be initialised there and stay there."""
        return self.reason == "ok"


@lru_cache(maxsize=8192)
def at(activation: Activation, q: float) -> CriticalPoint:
    """The point of the critical line at variance `q` > 0, existing or not."""
    if activation.facts.jumps:
        return CriticalPoint(q, math.nan, math.nan, math.nan, math.nan, "jumps")
    if not has_slopes(activation, q):
        return CriticalPoint(q, math.nan, math.nan, math.nan, math.nan, "moments")
    m = moments(activation, q)
    if not all(map(math.isfinite, (m.second, m.slope_second, m.growth))):
        return CriticalPoint(q, math.nan, math.nan, math.nan, math.nan, "moments")
    if not m.slope_second > 1e-300:
        return CriticalPoint(q, math.nan, math.nan, math.nan, math.nan, "flat")
    sigma_w2 = 1 / m.slope_second
    sigma_b2 = q - sigma_w2 * m.second
    slope = sigma_w2 * m.growth
    same = homogeneous(activation)
    if same:
        sigma_b2, slope = (0.0, 1.0) if abs(sigma_b2) <= _SLACK * q else (sigma_b2, slope)
    reason: Reason = "ok"
    if sigma_b2 < 0:
        reason = "bias"
    elif not abs(slope) < 1 and not same:
        reason = "unstable"
    return CriticalPoint(q, sigma_w2, sigma_b2, slope, m.slope_ratio, reason)


@lru_cache(maxsize=256)
def line(activation: Activation) -> tuple[CriticalPoint, ...]:
    """The critical line at practical variances (1e-4 … 20, twenty to a decade), points that do not exist among them."""
    return tuple(at(activation, q) for q in _LINE)


@lru_cache(maxsize=256)
def recommended(activation: Activation) -> CriticalPoint | None:
    """The critical point whose variance is 1, that of standardised data, or nearest to it in ratio; None for none.

    Where the line begins or ends on the way to 1 its end is located to five digits, and taken a thousandth inside.
    """
    if at(activation, 1.0).exists:
        return at(activation, 1.0)
    points = [p for p in line(activation) if p.exists]
    if not points:
        return None
    nearest = min(points, key=lambda p: abs(math.log(p.q)))
    inside, outside = math.log(nearest.q), 0.0
    outside = max(outside, inside - 0.13) if inside > 0 else min(outside, inside + 0.13)
    for _ in range(16):
        middle = 0.5 * (inside + outside)
        inside, outside = (middle, outside) if at(activation, math.exp(middle)).exists else (inside, middle)
    edge = at(activation, math.exp(inside + math.copysign(1e-3, inside)))
    return edge if edge.exists else nearest


@lru_cache(maxsize=256)
def beyond(activation: Activation) -> CriticalPoint | None:
    """Where `recommended` finds none: the critical point with the smallest variance from 20 to a million, if any."""
    return next((p for q in _BEYOND if (p := at(activation, q)).exists), None)


def with_bias(activation: Activation, sigma_b2: float) -> CriticalPoint | None:
    """The critical point with biases of variance `sigma_b2`, that of the smallest practical variance; None for none."""
    points = line(activation)
    if homogeneous(activation):
        point = at(activation, 1.0)
        return point if point.exists and sigma_b2 == 0 else None
    for one, other in pairwise(points):
        if (one.exists or other.exists) and (one.sigma_b2 - sigma_b2) * (other.sigma_b2 - sigma_b2) <= 0:
            q = math.exp(
                root(lambda t: at(activation, math.exp(t)).sigma_b2 - sigma_b2, math.log(one.q), math.log(other.q))
            )
            found = at(activation, q)
            if found.exists:
                return found
    return None


def why_none(activation: Activation) -> Reason:
    """What stands in the way most of all along the line: "ok" where nothing does."""
    reasons = [p.reason for p in line(activation)]
    return "ok" if "ok" in reasons else max(dict.fromkeys(reasons), key=reasons.count)


def no_point(activation: Activation, point: CriticalPoint) -> UserError:
    """The sentence that says why `point` is no critical point."""
    values = {"name": activation.name, "q": f"{point.q:.4g}"}
    if point.reason == "bias":
        return UserError("theory.none_bias", **values, sigma_b2=f"{point.sigma_b2:.4g}".replace("-", "−"))
    if point.reason == "unstable":
        return UserError("theory.none_unstable", **values, slope=f"{point.slope:.4g}".replace("-", "−"))
    return UserError(f"theory.none_{point.reason}", **values)
