"""Confidence sequences: intervals that hold at all sample sizes at once, so that one may look and go on.

An interval for a fixed sample size covers with 95 % at that size. Who looks after every few seeds and stops when the
interval is narrow, or excludes 0, gets many chances to be misled. The betting process needs no more than that each bet
is placed before its value is seen; the capital may then be looked at as often as one likes (Ville), and the interval
of every moment holds together with those of all others. What changes against `_betting` is that bets may not depend on
the final sample size, and values are bet on in the order in which they came.

References
----------
I. Waudby-Smith, A. Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86 (2024) 1-27: the
predictable plug-in confidence sequence (theorem 3 with the bets of equation 24).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics import _betting
from actlab.statistics._checks import as_sample, check_bounds, check_share, to_unit
from actlab.statistics._many import Means
from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab._arrays import Array


def sequence_means(
    rows: ArrayLike, *, comparisons: int = 1, level: float = 0.95, bounds: tuple[float, float] = (0.0, 1.0)
) -> Means:
    """`many_means`, valid however the sample size came about: the last moment of a confidence sequence.

    Parameters
    ----------
    rows
        ``(samples, n)``, values in the order in which they were drawn. n may depend on them.
    comparisons, level, bounds
        As in `many_means`; the level is the probability that all intervals hold at *all* sample sizes.

    Raises
    ------
    UserError
        As `many_means`.
    """
    rows = np.ascontiguousarray(as_sample(rows, 2))  # or the order of the sum would depend on who made it
    level, (a, b) = check_share(level, "level"), check_bounds(bounds)
    if comparisons < 1:
        raise UserError("statistics.comparisons", value=comparisons)
    unit = to_unit(rows, (a, b))
    low, high = _lower(unit, 1.0 - level, comparisons), 1.0 - _lower(1.0 - unit, 1.0 - level, comparisons)
    estimate = np.clip(rows.mean(axis=1), rows.min(axis=1), rows.max(axis=1))
    p = np.full(len(rows), np.nan)
    if a < 0 < b:
        zero = np.full(len(rows), -a / (b - a))
        above = _betting.upper_p(unit, bets(unit, comparisons), zero, comparisons)
        below = _betting.upper_p(1.0 - unit, bets(1.0 - unit, comparisons), 1.0 - zero, comparisons)
        p = np.where(estimate > 0, above, np.where(estimate < 0, below, 1.0))
    return Means(
        estimate,
        np.clip(np.minimum(a + (b - a) * low, estimate), a, b),
        np.clip(np.maximum(a + (b - a) * high, estimate), a, b),
        p,
    )


def bets(u: Array, comparisons: int) -> Array:
    """Bets that know neither the final sample size nor the value they are placed on."""
    t = np.arange(1.0, u.shape[1] + 1.0)
    mean = (0.5 + u.cumsum(axis=1)) / (t + 1.0)
    variance = np.empty_like(u)
    variance[:, 0] = 0.25
    variance[:, 1:] = ((0.25 + ((u - mean) ** 2).cumsum(axis=1)) / (t + 1.0))[:, :-1]
    stakes: Array = np.sqrt(2.0 * math.log(2.0 * comparisons / _betting.DESIGN) / (variance * t * np.log1p(t)))
    return stakes


def _lower(u: Array, alpha: float, comparisons: int) -> Array:
    return _betting.lower_end(u, bets(u, comparisons), alpha, comparisons)
