"""Intervals for the mean of a bounded variable, of paired differences, and for the chance to be better."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics import _betting
from actlab.statistics._checks import as_sample, check_bounds, check_share, finite, same_shape, to_unit
from actlab.statistics._interval import Interval
from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab._arrays import Array


def intervals_of_rows(rows: Array, level: float, bounds: tuple[float, float], comparisons: int = 1) -> list[Interval]:
    """An interval per row of `rows` ``(samples, n)``; simultaneous over `comparisons` of them."""
    level = check_share(level, "level")
    bounds = check_bounds(bounds)
    if comparisons < 1:
        raise UserError("statistics.comparisons", value=comparisons)
    low, high = _betting.level_set(to_unit(rows, bounds), 1.0 - level, comparisons)
    size = bounds[1] - bounds[0]
    result = []
    for row, a, b in zip(rows, low, high, strict=True):
        estimate = min(max(float(row.mean()), float(row.min())), float(row.max()))  # equal values: exactly that value
        # The ends were found in [0, 1]; the minimum and maximum undo rounding on the way back.
        ends = min(bounds[0] + size * float(a), estimate), max(bounds[0] + size * float(b), estimate)
        result.append(Interval(estimate, max(ends[0], bounds[0]), min(ends[1], bounds[1]), level))
    return result


def mean_interval(x: ArrayLike, *, level: float = 0.95, bounds: tuple[float, float] = (0.0, 1.0)) -> Interval:
    """A confidence interval for the mean of a bounded variable that holds in finite samples.

    Parameters
    ----------
    x
        One value per seed, ``(n,)``, n ≥ 1, independent draws of one distribution, in the order of the seeds.
    level
        Coverage, at least.
    bounds
        The smallest and largest values that were possible before the data were seen (not those observed).

    Returns
    -------
    Interval
        In the unit of `x`. Deterministic. It holds for every distribution in the bounds: with accuracy near 1 and 2 %
        failing seeds a percentile bootstrap covers 74 %, this interval 95 % or more. Reordering the seeds changes it
        slightly, see `actlab.statistics._betting`.

    Raises
    ------
    UserError
        `x` is empty, not one-dimensional, holds NaN, infinity or a value outside `bounds`; `level` not in (0, 1).

    References
    ----------
    Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86 (2024) 1-27.
    """
    return intervals_of_rows(as_sample(x)[None, :], level, bounds)[0]


def mean_intervals(
    columns: ArrayLike, *, level: float = 0.95, bounds: tuple[float, float] = (0.0, 1.0)
) -> list[Interval]:
    """`mean_interval` of every column of `columns` ``(n, k)`` at once (each at `level`, not simultaneous).

    Raises `UserError` as `mean_interval`, and where `columns` is not two-dimensional.
    """
    return intervals_of_rows(as_sample(columns, 2).T, level, bounds)


def mean_p_value(x: ArrayLike, value: float, *, bounds: tuple[float, float] = (0.0, 1.0)) -> float:
    """The smallest significance at which `mean_interval` of `x` excludes `value`; two-sided, at most 1.

    ``mean_p_value(x, v) <= 1 − level`` if and only if ``mean_interval(x, level=level).excludes(v)``.

    Raises `UserError` as `mean_interval`.
    """
    bounds = check_bounds(bounds)
    against = float(to_unit(np.atleast_1d(np.float64(value)), bounds)[0])
    return float(_betting.p_values(to_unit(as_sample(x)[None, :], bounds), against)[0])


def paired_interval(
    a: ArrayLike, b: ArrayLike, *, level: float = 0.95, bounds: tuple[float, float] = (-1.0, 1.0)
) -> Interval:
    """`mean_interval` for the mean of ``a − b``, paired by seed.

    Parameters
    ----------
    a, b
        One value per seed and arm, both ``(n,)``; entry i of both comes from the same seed.
    level
        Coverage, at least.
    bounds
        Of the difference: (−1, 1) for accuracies.

    Raises
    ------
    UserError
        As `mean_interval`; and where the arms do not have the same seeds.
    """
    a, b = as_sample(a), as_sample(b)
    same_shape(a, b)
    return intervals_of_rows(_difference(a, b)[None, :], level, bounds)[0]


def superiority(a: ArrayLike, b: ArrayLike, *, level: float = 0.95) -> Interval:
    """P(A > B) + ½ P(A = B) for two arms at the *same* seed, with a betting interval.

    This is the paired version: the mean over seeds of 1 where a > b, ½ where a = b and 0 where a < b. It answers "on
    the same data and the same initial draws, how often does the first win?". It is not the Mann-Whitney version, which
    compares seeds of one arm with *different* seeds of the other; the two agree in general only for independent arms.

    Parameters
    ----------
    a, b
        One value per seed and arm, both ``(n,)``. Infinite values are compared as such (a diverged net loses if its
        score is −∞); NaN is an error.

    Raises
    ------
    UserError
        The arms do not have the same seeds, or one holds NaN; `level` is not in (0, 1).

    References
    ----------
    A. Vargha, H. D. Delaney, "A critique and improvement of the CL common language effect size statistics of McGraw and
    Wong", J. Educ. Behav. Stat. 25 (2000) 101-132 (the measure, ties half).
    """
    a, b = as_sample(a), as_sample(b)
    same_shape(a, b)
    finite(np.concatenate([np.where(np.isinf(x), 0.0, x) for x in (a, b)]))
    wins = 0.5 + 0.5 * (a > b) - 0.5 * (a < b)
    return intervals_of_rows(wins[None, :], level, (0.0, 1.0))[0]


def _difference(a: Array, b: Array) -> Array:
    return finite(a) - finite(b)
