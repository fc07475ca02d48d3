"""Gaussian moments of φ and φ′ at any variance: everything in the theory of wide layers is made of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.functions.evaluate import quickly
from actlab.functions.moments import narrow_places, scaled_mean
from actlab.functions.patches import patched
from actlab.functions.switches import switch_points

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab._arrays import Array
    from actlab.functions import Activation
    from actlab.functions.patches import Both

#: Below this variance a pre-activation is 0 for every purpose; moments at 0 are limits from above.
SMALLEST: Final = 1e-20
_PROBES: Final = (1e-8, 1e-4, 1e-2, 1.0, 1e2, 1e4, 1e8)
_BISECTIONS: Final = 4
_ALL: Final = (True,) * 7
_SECOND, _SLOPE_SECOND, _CURVED = 1, 3, 6  # places among the integrals
_VALUES: Final = tuple(k in (_SECOND, _CURVED) for k in range(7))
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


@lru_cache(maxsize=1024)
def breaks_of(activation: Activation) -> tuple[float, ...]:
    """Every point at which φ or φ′ may be unsmooth: the switch points of both, and where φ has no value."""
    found = {*switch_points(activation.expression), *switch_points(activation.derivative_expression)}
    return tuple(sorted(found | set(activation.facts.singular_points)))


@lru_cache(maxsize=1024)
def both_of(activation: Activation) -> Both:
    """φ and φ′ as float64 gives them, for integrals, with a smooth stand-in where the formula cancels beside a hole."""
    facts, program = activation.facts, activation.program("both")
    holes = sorted({*facts.singular_points} - {*facts.poles, *facts.jumps})
    return patched(lambda x: quickly(program, x), activation.expression, tuple(holes), not facts.undefined)


@lru_cache(maxsize=8192)
def moments(activation: Activation, q: float) -> Moments:
    """The moments of φ at variance `q` ≥ 0; ten digits or better. At 0 they are limits from above."""
    asked = _ALL if q in _PROBES else tuple(not _lost(activation, q, place) for place in range(7))
    if not asked[_SECOND]:
        return Moments(q, *[math.nan] * 6)
    mean, second, slope_mean, slope_second, slope_fourth, mixed, curved = _integrals(activation, q, asked)
    jumps = bool(activation.facts.jumps)
    if q < SMALLEST:
        at_zero = float(activation(0.0))
        mean, second = at_zero, at_zero**2
    by_slope, by_value = mixed / math.sqrt(max(q, SMALLEST)), curved / (2 * max(q, SMALLEST))
    return Moments(
        q=q,
        mean=mean,
        second=second,
        slope_mean=slope_mean,
        slope_second=math.nan if jumps else slope_second,
        slope_fourth=math.nan if jumps else slope_fourth,
        growth=by_value if jumps or math.isnan(by_slope) else by_slope,
    )


@lru_cache(maxsize=1024)
def steep(activation: Activation) -> bool:
    """Whether the slope grows without bound towards a kink, as that of √|x| and of x·log|x| does."""
    places = np.array(breaks_of(activation))
    size = np.maximum(1.0, np.abs(places))
    with np.errstate(all="ignore"):
        near, nearer = (
            np.abs(both_of(activation)(np.concatenate([places - d * size, places + d * size]))[1])
            for d in (1e-6, 1e-12)
        )
    return bool(np.any(nearer > 1.1 * near))


def has_slopes(activation: Activation, q: float) -> bool:
    """Whether E[φ′²] is sought at variance `q`: that of log(|x|) can be had at none."""
    return not activation.facts.jumps and not _lost(activation, q, _SLOPE_SECOND)


@lru_cache(maxsize=1024)
def narrow_of(activation: Activation) -> tuple[float, ...]:
    """Places beside the kinks about which φ bends at once, as tanh(1000·x) does about 0."""

    def integrand(z: Array, root: Array) -> Array:
        value, slope = both_of(activation)(z)
        return np.stack([value * value * root * root, slope * slope * root * root])

    return () if steep(activation) else narrow_places(integrand, breaks_of(activation))


@lru_cache(maxsize=8192)
def second_and_growth(activation: Activation, q: float) -> tuple[float, float]:
    """E[φ²] and d E[φ²]/dq, as `moments` has them: all that the variance map is made of.

    Where E[φ′²] cannot be had these two can, without the others, which turn and grow more.
    """
    if q < SMALLEST or q in _PROBES or not _lost(activation, q, _SLOPE_SECOND):
        found = moments(activation, q)
        return found.second, found.growth
    if _lost(activation, q, _SECOND):
        return math.nan, math.nan
    found_both = _integrals(activation, q, _VALUES)
    return found_both[_SECOND], found_both[_CURVED] / (2 * q)


def _lost(activation: Activation, q: float, place: int) -> bool:
    """Whether this integral is not sought at this variance."""
    return any(low < max(q, SMALLEST) < high for low, high in _in_vain(activation, place))


@lru_cache(maxsize=4096)
def _in_vain(activation: Activation, place: int) -> tuple[tuple[float, float], ...]:
    """Open intervals of variances in which an integral is not sought, as it cannot be had at either end.

    What keeps an integral from converging (E[φ′²] of x·sin(1/x) at 0) mostly lies within reach of a Gaussian at all of
    a few variances, small to large: then it is not tried at the hundreds between them. Or too small a variance sees
    nothing but turns. Nowhere would an integral take more panels than where it is sought in vain.
    """
    lost = [math.isnan(_integrals(activation, q, _ALL)[place]) for q in _PROBES]
    found = []
    for gone, run in groupby(range(len(_PROBES)), key=lost.__getitem__):
        if gone:
            first, *_, last = (*run,) * 2
            low = _last_lost(activation, place, _PROBES[first], _PROBES[first - 1]) if first > 0 else 0.0
            end = last + 1 == len(_PROBES)
            high = math.inf if end else _last_lost(activation, place, _PROBES[last], _PROBES[last + 1])
            found.append((low, high))
    return tuple(found)


def _last_lost(activation: Activation, place: int, lost: float, had: float) -> float:
    """The variance nearest to `had`, by a few bisections, at which an integral cannot be had."""
    asked = tuple(k == place for k in range(7))
    for _ in range(_BISECTIONS):
        middle = math.sqrt(lost * had)
        if math.isnan(_integrals(activation, middle, asked)[place]):
            lost = middle
        else:
            had = middle
    return lost


@lru_cache(maxsize=8192)
def _integrals(activation: Activation, q: float, asked: tuple[bool, ...]) -> tuple[float, ...]:
    """The seven integrals that moments are made of; NaN for those that are not asked for, or cannot be had.

    For z = √q·ξ: E[φ], E[φ²], E[φ′], E[φ′²], E[φ′⁴], E[ξφφ′], E[(ξ² − 1)φ²].
    """
    root_q = math.sqrt(max(q, SMALLEST))
    both = both_of(activation)
    marks = (*breaks_of(activation), *(FEATURES if q > 1 else ()))

    def integrand(z: Array, root: Array) -> Array:
        value, slope = both(root_q * z)
        f, g = value * root, slope * root
        every: tuple[Callable[[], Array], ...] = (
            lambda: f * root, lambda: f * f, lambda: g * root, lambda: g * g, lambda: (g * slope) * (g * slope),
            lambda: z * f * g, lambda: (z * z - 1) * f * f,
        )  # fmt: skip
        return np.stack([one() for one, wanted in zip(every, asked, strict=True) if wanted])

    found = np.full(len(asked), math.nan)
    if any(asked):
        found[np.array(asked)] = scaled_mean(integrand, tuple(b / root_q for b in marks))
    return tuple(found.tolist())
