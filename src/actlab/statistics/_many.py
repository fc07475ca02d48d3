"""Intervals and tests for many samples at once, as arrays: what a sweep of thousands of settings needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics import _betting
from actlab.statistics._checks import as_sample, check_bounds, check_share, to_unit
from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab._arrays import Array


@dataclass(frozen=True)
class Means:
    """Means with their intervals, an entry a sample; in the unit of the samples.

    Parameters
    ----------
    p_value
        Of "the mean is 0", corrected for the family; at most ``1 − level`` exactly where the interval excludes 0. NaN
        where 0 is not inside the bounds.
    """

    estimate: Array
    low: Array
    high: Array
    p_value: Array


def many_means(
    rows: ArrayLike, *, comparisons: int = 1, level: float = 0.95, bounds: tuple[float, float] = (0.0, 1.0)
) -> Means:
    """Betting intervals for the means of the rows of `rows` ``(samples, n)``.

    Parameters
    ----------
    rows
        A sample a row, in the order of the seeds, within `bounds`.
    comparisons
        How many samples make a family: the intervals of any `comparisons` of them hold together with probability
        `level`, at least (Bonferroni).
    level
        Coverage, at least; in finite samples, for any distribution within the bounds.
    bounds
        The smallest and largest values that were possible before the data were seen.

    Raises
    ------
    UserError
        `rows` is empty or not two-dimensional, or holds NaN, infinity or a value outside `bounds`; `level` is not in
        (0, 1); `comparisons` is below 1; `bounds` do not ascend.

    References
    ----------
    Waudby-Smith and Ramdas (2024), as in `mean_interval`.
    """
    rows = np.ascontiguousarray(as_sample(rows, 2))  # or the order of the sum would depend on who made it
    level, (a, b) = check_share(level, "level"), check_bounds(bounds)
    if comparisons < 1:
        raise UserError("statistics.comparisons", value=comparisons)
    unit = to_unit(rows, (a, b))
    low, high = _betting.level_set(unit, 1.0 - level, comparisons)
    estimate = np.clip(rows.mean(axis=1), rows.min(axis=1), rows.max(axis=1))  # equal values: exactly that value
    p = _betting.p_values(unit, -a / (b - a), comparisons) if a < 0 < b else np.full(len(rows), np.nan)
    return Means(
        estimate,
        np.clip(np.minimum(a + (b - a) * low, estimate), a, b),
        np.clip(np.maximum(a + (b - a) * high, estimate), a, b),
        p,
    )


def many_p_values(
    rows: ArrayLike, value: float, *, comparisons: int = 1, bounds: tuple[float, float] = (0.0, 1.0)
) -> Array:
    """Two-sided p-values ``(samples,)`` of "the mean is `value`", corrected for a family of `comparisons`.

    At most ``1 − level`` where the interval of `many_means` at that level excludes `value`, at a hundredth of its cost.

    Parameters
    ----------
    rows, comparisons, bounds
        As in `many_means`.
    value
        Within `bounds`.

    Raises
    ------
    UserError
        As `many_means`, and where `value` lies outside `bounds`.
    """
    rows = np.ascontiguousarray(as_sample(rows, 2))
    bounds = check_bounds(bounds)
    if comparisons < 1:
        raise UserError("statistics.comparisons", value=comparisons)
    against = float(to_unit(np.atleast_1d(np.float64(value)), bounds)[0])
    return _betting.p_values(to_unit(rows, bounds), against, comparisons)
