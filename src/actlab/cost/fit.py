"""How wide is wide enough: success against width, fitted, and the smallest width at which enough seeds succeed.

At one depth the share of seeds that reach the target is taken as logistic in the logarithm of the width, as dose and
response are, and fitted to every width tried. The likelihood is Firth's (Biometrika 80, 1993): with Jeffreys' prior
the estimate exists where no width has both successes and failures too, which is the common case here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array, Integers

_STEPS: Final = 60
_LONGEST: Final = 4.0  # of a Newton step: with few points the first ones overshoot
_STEEPEST: Final = 200.0


def logistic_fits(widths: Integers, successes: Array, seeds: int) -> tuple[Array, Array]:
    """Intercepts and slopes of logit p = a + b·ln(width), each ``(fits,)``.

    `widths` ``(k,)``, `successes` ``(fits, k)`` out of `seeds` at each width. With one width the slope is 0.
    """
    x = np.log(np.asarray(widths, dtype=np.float64))
    centre = float(x.mean())
    x = x - centre
    y = np.asarray(successes, dtype=np.float64)
    a, b = np.zeros(len(y)), np.zeros(len(y))
    if len(x) == 1:
        share = (y[:, 0] + 0.5) / (seeds + 1)
        return np.log(share / (1 - share)), b
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(a[:, None] + b[:, None] * x, -500, 500)))
        weight = np.maximum(seeds * p * (1 - p), 1e-300)
        s0, s1, s2 = weight.sum(axis=1), (weight * x).sum(axis=1), (weight * x * x).sum(axis=1)
        determinant = np.maximum(s0 * s2 - s1 * s1, 1e-300)
        hat = weight * (s2[:, None] - 2 * s1[:, None] * x + s0[:, None] * x * x) / determinant[:, None]
        score = y - seeds * p + hat * (0.5 - p)
        g0, g1 = score.sum(axis=1), (score * x).sum(axis=1)
        step = np.stack([(s2 * g0 - s1 * g1) / determinant, (s0 * g1 - s1 * g0) / determinant])
        step *= np.minimum(1.0, _LONGEST / np.maximum(np.abs(step).max(axis=0), 1e-300))
        a, b = a + step[0], np.clip(b + step[1], -_STEEPEST, _STEEPEST)
        if np.abs(step).max() < 1e-9:
            break
    return a - b * centre, b


def shares(width: AnyArray, a: Array, b: Array) -> Array:
    """The fitted share of successes, ``(fits, widths)``."""
    logit = a[:, None] + b[:, None] * np.log(np.asarray(width, dtype=np.float64))
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -500, 500))))


def smallest_widths(widths: Integers, successes: Array, seeds: int, share: float) -> Array:
    """For each row of `successes` the smallest whole width whose fitted share is at least `share`, ``(fits,)``.

    It lies between the smallest and the largest width tried: the fit is not asked beyond them. ∞ where no such width
    is enough, or where wider nets do worse; the smallest width tried where that is enough already.
    """
    a, b = logistic_fits(widths, successes, seeds)
    low, high = int(min(widths)), int(max(widths))
    whole = np.arange(low, high + 1)
    enough = shares(whole, a, b) >= share
    first = np.where(enough.any(axis=1), whole[np.argmax(enough, axis=1)].astype(float), math.inf)
    # A falling curve may cross on its way down: then its start is what suffices, and nothing wider is promised.
    return np.asarray(first)


def resampled(success: Array, draws: Integers) -> Array:
    """Numbers of successes ``(draws, widths)`` among resampled seeds; `success` ``(widths, seeds)`` of 0 and 1."""
    return np.stack([success[:, drawn].sum(axis=1) for drawn in draws])


def percentiles(values: Array, level: float = 0.95) -> tuple[float, float]:
    """The two ends of a percentile interval, entries of `values` themselves, so that ∞ may be among them."""
    ordered = np.sort(values)
    outside = (1 - level) / 2
    last = len(ordered) - 1
    return float(ordered[math.floor(outside * last)]), float(ordered[math.ceil((1 - outside) * last)])
