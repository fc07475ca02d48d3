"""Where variance and correlation come to rest, whether they stay there, and how many layers they take.

Poole et al. (2016); Schoenholz, Gilmer, Ganguli, Sohl-Dickstein (2017), "Deep information propagation".
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from actlab.theory.maps import correlation_slope, next_correlation, next_variance
from actlab.theory.moments import moments, second_and_growth

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab._arrays import Array
    from actlab.functions import Activation

Phase = Literal["ordered", "critical", "chaotic", "explodes", "unknown", "undefined"]

LOW, HIGH = 1e-8, 1e8  # fixed points are looked for between these variances
GRID: Final = np.geomspace(LOW, HIGH, 129)
_STEPS: Final = 60
_NEARLY: Final = 1e-9  # |χ₁ − 1| below this is critical: it is what ten digits can tell
#: Variance that stands for 0 where a ratio of two vanishing moments is asked for.
NEAR_ZERO: Final = 1e-12


@dataclass(frozen=True)
class FixedPoint:
    """A variance that the layers keep: q = σw²E[φ²] + σb².

    Attributes:
        q: the variance; 0 where the signal dies out.
        slope: dq′/dq there; stable where |slope| < 1.
        every: whether every variance is kept (φ(λx) = λφ(x) for λ > 0 and σw² = 1/E[φ²], σb² = 0); slope is then 1.
    """

    q: float
    slope: float
    every: bool = False

    @property
    def stable(self) -> bool:
        """Whether a variance near it moves towards it; False where every variance is kept."""
        return abs(self.slope) < 1


@dataclass(frozen=True)
class Depth:
    """How far signals travel at one initialisation. Depths are in layers; inf where nothing is lost exponentially.

    Attributes:
        q: the variance that the signal comes to rest at, from q = 1 at the input; inf where it grows without bound.
        c: the correlation that any two inputs come to rest at (c*).
        chi1: χ₁ = σw²E[φ′²]: what the squared gradient is multiplied by in every layer, and the slope of the
            correlation map at c = 1. Where the signal grows without bound, what it tends to; NaN where it has no limit.
        phase: "ordered" (χ₁ < 1, gradients vanish, all inputs become alike), "chaotic" (χ₁ > 1, gradients explode,
            near inputs become unlike), "critical" (χ₁ = 1), "explodes" (no variance is kept), "unknown" (χ₁ does not
            exist, as φ jumps or its slope is infinite somewhere, or cannot be computed) or "undefined" (E[φ²] does not
            exist at the variances that the signal comes to, or cannot be computed).
        variance: ξq, 1/ξq = −ln(χ₁ + σw²E[φφ″]) (Schoenholz et al. 2017, eq. 10).
        correlation: ξc, 1/ξc = −ln(σw²E[φ′(u₁)φ′(u₂)]) at c* (Schoenholz et al. 2017, eq. 9).
        gradient: 1/|ln χ₁|, the layers in which the squared gradient changes e-fold (Schoenholz et al. 2017, eq. 16).
    """

    sigma_w2: float
    sigma_b2: float
    q: float
    c: float
    chi1: float
    phase: Phase
    variance: float
    correlation: float
    gradient: float


@lru_cache(maxsize=1024)
def homogeneous(activation: Activation) -> bool:
    """Whether φ(λx) = λφ(x) for every λ > 0, judged by its moments: the rectifier, its leaky kin, |x|, x."""
    found = [moments(activation, q) for q in (1e-4, 1.0, 1e4)]
    ratios = [m.second / m.q for m in found] + [m.growth for m in found] + [m.slope_second for m in found]
    return all(math.isfinite(r) and abs(r - ratios[0]) <= 1e-10 * ratios[0] for r in ratios)


@lru_cache(maxsize=256)
def _on_grid(activation: Activation) -> tuple[Array, Array]:
    """E[φ²] and its slope d E[φ²]/dq on `GRID`."""
    second, growth = zip(*(second_and_growth(activation, float(q)) for q in GRID), strict=True)
    return np.array(second), np.array(growth)


@lru_cache(maxsize=4096)
def fixed_points(activation: Activation, sigma_w2: float, sigma_b2: float) -> tuple[FixedPoint, ...]:
    """Every variance in [1e-8, 1e8] that the layers keep, ascending, and 0 where it is one."""
    found = []
    at_zero = moments(activation, 0.0)
    if homogeneous(activation):
        slope = sigma_w2 * moments(activation, 1.0).second
        if abs(slope - 1) <= _NEARLY and sigma_b2 == 0:
            return (FixedPoint(1.0, 1.0, every=True),)
        q = sigma_b2 / (1 - slope) if slope != 1 else math.inf
        return (FixedPoint(q, slope),) if 0 <= q < math.inf else ()
    if sigma_b2 == 0 and at_zero.second == 0:
        found.append(FixedPoint(0.0, sigma_w2 * at_zero.growth))

    def over(q: float) -> tuple[float, float]:
        """How far the map lies above the diagonal, and its slope."""
        value, growth = second_and_growth(activation, q)
        return sigma_w2 * value + sigma_b2 - q, sigma_w2 * growth - 1

    second, growth = _on_grid(activation)
    gap, steep = sigma_w2 * second + sigma_b2 - GRID, sigma_w2 * growth - 1
    above, rising = gap > 0, steep > 0  # a fixed point may lie on the grid itself
    there = np.isfinite(second) & np.isfinite(growth)
    for k, (low, high) in enumerate(pairwise(GRID.tolist())):
        places = []
        if not there[k : k + 2].all():  # of exp, say, moments end where float64 does
            continue
        if above[k] != above[k + 1]:
            places = [meeting(over, low, high)]
        elif rising[k] != rising[k + 1] and rising[k] != above[k]:  # the map turns on its way to the diagonal …
            first, last = steep[k : k + 2].tolist()
            tangents = (gap[k] * last - gap[k + 1] * first + first * last * (high - low)) / (last - first)
            if (tangents > 0) != above[k]:  # they meet beyond it; a map that bends one way lies on this side of them
                turn = math.exp(root(lambda t: over(math.exp(t))[1], math.log(low), math.log(high), 1e-8))
                if (over(turn)[0] > 0) != above[k]:  # … and has met it: two fixed points between two of the grid
                    places = [meeting(over, low, turn), meeting(over, turn, high)]
        found += [FixedPoint(q, sigma_w2 * second_and_growth(activation, q)[1]) for q in places]
    return tuple(found)


def meeting(f: Callable[[float], tuple[float, float]], low: float, high: float) -> float:
    """A zero of f, which gives value and slope, between two points at which it has opposite signs.

    Newton's steps, or the middle where one leaves the bracket; the last is so small that its square is rounding.
    """
    sign = math.copysign(1.0, f(low)[0])
    x = 0.5 * (low + high)
    for _ in range(_STEPS):
        value, slope = f(x)
        if math.isnan(value) or value == 0:
            break
        low, high = (x, high) if value * sign > 0 else (low, x)
        following = x - value / slope if slope != 0 else math.nan
        small = abs(following - x) <= 1e-8 * abs(x)
        x, before = following if low <= following <= high else 0.5 * (low + high), x
        if (small and x == following) or high - low <= 1e-14 * abs(x) or x == before:
            break
    return x


def root(f: Callable[[float], float], low: float, high: float, tolerance: float = 1e-13) -> float:
    """A zero of f between two points at which it has opposite signs (Brent 1973), or is 0 but for rounding at one.

    NaN where f has no value at one of them, or on the way.
    """
    from scipy.optimize import brentq

    ends = (f(low), f(high))
    if math.isnan(ends[0]) or math.isnan(ends[1]):
        return math.nan
    if ends[0] * ends[1] >= 0:
        return low if abs(ends[0]) <= abs(ends[1]) else high
    try:
        return float(brentq(f, low, high, xtol=tolerance, rtol=1e-14))
    except ValueError:  # a NaN: there a moment cannot be had
        return math.nan


def resting_point(activation: Activation, sigma_w2: float, sigma_b2: float, start: float = 1.0) -> FixedPoint | None:
    """The fixed point that a signal of variance `start` comes to; None where it grows without bound.

    The variance map mostly rises, so the signal moves one way until it meets one; where the map falls (a bump), the
    nearest stable one is meant.
    """
    points = fixed_points(activation, sigma_w2, sigma_b2)
    if any(p.every for p in points):
        return points[0]
    rises = sigma_w2 * moments(activation, start).second + sigma_b2 > start
    ahead = [p for p in points if (p.q >= start if rises else p.q <= start)]
    if ahead:
        first = ahead[0] if rises else ahead[-1]
        if first.stable or abs(first.slope - 1) <= _NEARLY:  # at a slope of 1 the rest is reached, but slowly
            return first
    stable = [p for p in points if p.stable]
    return min(stable, key=lambda p: abs(math.log(max(p.q, LOW) / start)), default=None)


def resting_correlation(activation: Activation, q: float, sigma_w2: float, sigma_b2: float) -> float:
    """c*: the stable fixed point of the correlation map on [0, 1].

    The map is a power series in c with no negative coefficient, so it is convex on [0, 1]: where its slope at 1 is at
    most 1 it meets the diagonal at 1 only; otherwise it meets it once more, below (Poole et al. 2016). A map that
    stays within rounding of the diagonal (φ linear) keeps every correlation, and NaN is given.
    """
    q = max(q, NEAR_ZERO)
    chi1 = correlation_slope(activation, 1.0, q, sigma_w2)

    def excess(c: float) -> float:
        return next_correlation(activation, c, q, sigma_w2, sigma_b2) - c

    at_zero = excess(0.0)
    if abs(at_zero) < 1e-12 and abs(excess(0.5)) < 1e-12:
        return math.nan
    # φ that vanishes as q → 0 shares its variance out differently: the map's own slope at 1 is what counts.
    total = next_variance(activation, q, sigma_w2, sigma_b2)
    slope = chi1 * q / total if total > 0 else math.nan
    if not math.isnan(slope) and slope <= 1 + _NEARLY:
        return 1.0
    if math.isnan(at_zero):
        return math.nan
    if at_zero <= 1e-13:
        return 0.0
    below = 0.5
    while excess(1 - below) >= 0:
        below /= 16
        if below < 1e-12:
            return 1.0
    return root(excess, 1 - 16 * below if below < 0.25 else 0.0, 1 - below)


@lru_cache(maxsize=4096)
def depth(activation: Activation, sigma_w2: float, sigma_b2: float) -> Depth:
    """`Depth` of signals at weights of variance σw²/fan-in and biases of variance σb²."""
    rest = resting_point(activation, sigma_w2, sigma_b2)
    if rest is None and _ends_unknown(activation, sigma_w2, sigma_b2):
        nan = math.nan
        return Depth(sigma_w2, sigma_b2, nan, nan, nan, "undefined", nan, nan, nan)
    if rest is None and not homogeneous(activation):
        limit = _chi1_of_large_signals(activation, sigma_w2)
        return Depth(
            sigma_w2, sigma_b2, math.inf, math.nan, limit, "explodes", math.nan, math.nan, _gradient_layers(limit)
        )
    q = rest.q if rest is not None else 1.0  # of a homogeneous φ every moment is known at any variance
    chi1 = correlation_slope(activation, 1.0, q, sigma_w2)
    c = resting_correlation(activation, q, sigma_w2, sigma_b2)
    if not math.isnan(c):
        slope = correlation_slope(activation, c, max(q, NEAR_ZERO), sigma_w2)
    else:  # every correlation is kept, or none can be computed
        halfway = next_correlation(activation, 0.5, max(q, NEAR_ZERO), sigma_w2, sigma_b2)
        slope = 1.0 if abs(halfway - 0.5) < 1e-12 else math.nan
    phase: Phase = "unknown"
    if rest is None:
        phase, q = "explodes", math.inf
    elif not math.isnan(chi1):
        phase = "critical" if abs(chi1 - 1) <= _NEARLY else "ordered" if chi1 < 1 else "chaotic"
    return Depth(
        sigma_w2,
        sigma_b2,
        q,
        c,
        chi1,
        phase,
        _layers(rest.slope) if rest is not None else math.nan,
        _layers(slope),
        _gradient_layers(chi1),
    )


def _ends_unknown(activation: Activation, sigma_w2: float, sigma_b2: float, start: float = 1.0) -> bool:
    """Whether a signal that meets no fixed point shrinks, or whether nothing can be said at all.

    A signal that grows does so without bound, be it that moments end on its way: those of exp(x) do where float64 does.
    One that shrinks would come to 0, or to a fixed point that cannot be seen.
    """
    second = second_and_growth(activation, start)[0]
    return math.isnan(second) or sigma_w2 * second + sigma_b2 < start


def _chi1_of_large_signals(activation: Activation, sigma_w2: float) -> float:
    """σw²E[φ′²] as the variance grows without bound; NaN where it goes nowhere.

    φ that approaches straight lines does so with an error of 1/√q, which two variances tell and take out.
    """
    near, far = (moments(activation, q).slope_second for q in (HIGH / 100, HIGH))
    if not (math.isfinite(near) and math.isfinite(far)) or abs(far - near) > 1e-2 * abs(far):
        return math.nan
    limit = sigma_w2 * (10 * far - near) / 9
    return 1.0 if abs(limit - 1) <= 1e-6 else limit


def _gradient_layers(chi1: float) -> float:
    """Layers in which the squared gradient changes e-fold: 1/|ln χ₁|; inf for χ₁ = 1."""
    if not chi1 > 0:
        return math.nan
    return 1 / abs(math.log(chi1)) if abs(chi1 - 1) > _NEARLY else math.inf


def _layers(slope: float) -> float:
    """Layers in which a deviation shrinks e-fold: −1/ln|slope|; inf for 1, 0 for a slope that nine digits call 0."""
    size = abs(slope)
    if math.isnan(size) or size > 1 + _NEARLY:
        return math.nan
    if abs(size - 1) <= _NEARLY:
        return math.inf
    return -1 / math.log(size) if size > _NEARLY else 0.0
