"""How variance and correlation of pre-activations go from layer to layer in a wide random net.

With weights N(0, σw²/fan-in) and biases N(0, σb²), the pre-activations of an infinitely wide layer are Gaussian, and
two numbers describe them: the variance q of one input, and the correlation c of two (Poole et al. 2016, eqs. 3 and 5;
Schoenholz et al. 2017, eqs. 3 and 4).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from actlab.functions.moments import scaled_mean
from actlab.theory.moments import FEATURES, SMALLEST, both_of, breaks_of, moments, narrow_of, steep
from actlab.theory.pairs import pair_means
from actlab.theory.series import series_means, turns_throughout

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.functions import Activation
    from actlab.theory.pairs import Functions

_SAME = 1e-14  # closer to ±1 than this the two inputs are one


class Pair(NamedTuple):
    """Moments of two correlated pre-activations u₁, u₂; NaN where one does not exist or cannot be computed.

    Attributes:
        values: E[φ(u₁)φ(u₂)].
        slopes: E[φ′(u₁)φ′(u₂)]; NaN where φ jumps.
    """

    values: float
    slopes: float


@lru_cache(maxsize=65536)
def pair(activation: Activation, q1: float, q2: float, c: float, only_values: bool = False) -> Pair:
    """`Pair` for u₁ ~ N(0, q1), u₂ ~ N(0, q2) with correlation c; to 1e-8 of √(E[φ(u₁)²]E[φ(u₂)²]) or better.

    With `only_values` slopes are NaN: where φ turns more and more they take many times as long as values.
    """
    first, second = moments(activation, q1), moments(activation, q2)
    scale = np.sqrt([first.second * second.second, first.slope_second * second.slope_second])
    there = np.isfinite(scale) & [True, not only_values]
    both = both_of(activation)

    def functions(x: Array) -> Array:
        found = (f for f, asked in zip(both(x), there, strict=True) if asked)
        return np.stack(list(found))

    found = np.full(2, np.nan)
    if there.any():
        breaks = breaks_of(activation)
        if abs(c) >= 1 - _SAME:
            found[there] = _joined(functions, breaks, q1, q2, 1.0 if c > 0 else -1.0)
        else:
            found[there] = series_means(activation, q1, q2, c, not there[1])[there[: 2 - (not there[1])]]
            there &= np.isnan(found)
            if there.any() and not any(turns_throughout(activation, q) for q in (q1, q2)):
                beside = steep(activation), narrow_of(activation)
                found[there] = pair_means(functions, breaks, q1, q2, c, scale[there], *beside)
    return Pair(float(found[0]), float(found[1]))


def _joined(functions: Functions, breaks: tuple[float, ...], q1: float, q2: float, sign: float) -> Array:
    """One Gaussian, ξ: u₁ = √q₁ξ and u₂ = ±√q₂ξ."""
    a, b = math.sqrt(max(q1, SMALLEST)), sign * math.sqrt(max(q2, SMALLEST))
    marks = tuple({x / root for x in (*breaks, *FEATURES) for root in (a, b)})
    return scaled_mean(lambda z, root: (functions(a * z) * root) * (functions(b * z) * root), marks)


def next_variance(activation: Activation, q: float, sigma_w2: float, sigma_b2: float) -> float:
    """The variance map: q′ = σw²E[φ(√q ξ)²] + σb² (Poole et al. 2016, eq. 3)."""
    return sigma_w2 * moments(activation, q).second + sigma_b2


def next_correlation(activation: Activation, c: float, q: float, sigma_w2: float, sigma_b2: float) -> float:
    """The correlation map at variance q: c′ = (σw²E[φ(u₁)φ(u₂)] + σb²)/(σw²E[φ²] + σb²) (Poole et al. 2016, eq. 5).

    At a fixed point of the variance map the denominator is q*. NaN where the next layer has no variance.
    """
    total = next_variance(activation, q, sigma_w2, sigma_b2)
    if c >= 1:
        return 1.0
    if not total > 0:
        return np.nan
    found = (sigma_w2 * pair(activation, q, q, c, only_values=True).values + sigma_b2) / total
    return found if math.isnan(found) else min(max(found, -1.0), 1.0)  # not beyond by rounding


def correlation_slope(activation: Activation, c: float, q: float, sigma_w2: float) -> float:
    """χ(c) = σw²E[φ′(u₁)φ′(u₂)], the derivative of the correlation map at a fixed variance; at c = 1 it is χ₁.

    Price's theorem (1958); Schoenholz et al. (2017), eqs. 5 and 9.
    """
    if c >= 1:
        return sigma_w2 * moments(activation, q).slope_second
    return sigma_w2 * pair(activation, q, q, c).slopes
