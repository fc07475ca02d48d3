"""Intervals and p-values of a study, for a number of seeds that was settled or for one that depended on the nets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics import (
    Means,
    holm,
    many_means,
    median_interval,
    seeds_to_detect,
    sequence_means,
    sign_flip_test,
    smallest_detectable_difference,
)

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.statistics import Interval

#: The difference for which a report says how many seeds would show it: 5 points.
TOLD_DIFFERENCE = 0.05
_DIFFERENCE = (-1.0, 1.0)


@dataclass(frozen=True)
class Inference:
    """How sure a study may be of its numbers.

    Parameters
    ----------
    looks
        How often one may have looked and gone on (`Auto.looks`); 0 where the number of seeds was settled beforehand.

    Means, differences and shares of pairs then have confidence sequences, which hold at all numbers of seeds at once.
    Medians and the sign-flip test have none here: at each of the looks they are given a part of the 5 % that is as
    large as every other's, so that they hold at all looks together (Bonferroni).
    """

    looks: int = 0

    def means(self, columns: Array) -> Means:
        """Of every column of ``(seeds, arms)`` the mean score, each at 95 %."""
        return self._of(columns.T, 1, (0.0, 1.0))

    def differences(self, columns: Array) -> Means:
        """Of every column but the first the difference to it, paired by seed; together at 95 %."""
        return self._of((columns[:, 1:] - columns[:, :1]).T, columns.shape[1] - 1, _DIFFERENCE)

    def sign_flips(self, columns: Array) -> Array:
        """p-values of the sign-flip test of those differences, corrected for their number (Holm) and the looks."""
        p = [sign_flip_test(column - columns[:, 0]) for column in columns.T[1:]]
        return np.minimum(holm(p) * max(self.looks, 1), 1.0) if p else np.empty(0)

    def superiority(self, columns: Array) -> Means:
        """Of every column but the first P(it > the first) at the same seed, ties half; each at 95 %."""
        wins = 0.5 + 0.5 * np.sign(columns[:, 1:] - columns[:, :1])
        return self._of(wins.T, 1, (0.0, 1.0))

    def median(self, x: Array) -> Interval:
        """The median of ``(seeds,)``."""
        return median_interval(x, level=1.0 - 0.05 / max(self.looks, 1))

    def detectable(self, d: Array, interval: tuple[float, float]) -> float:
        """The difference that could have been seen where `d` are those of the seeds and `interval` decided."""
        return smallest_detectable_difference(d, interval=interval)

    def seeds_to_see(self, d: Array, comparisons: int) -> int:
        """About how many seeds would show a difference of 5 points, given how much the differences `d` spread."""
        return seeds_to_detect(d, TOLD_DIFFERENCE, comparisons=comparisons, sequential=self.looks > 0)

    def width(self, columns: Array) -> float:
        """The widest interval of a mean score, or of a difference to the first arm."""
        own = self.means(columns)
        widths = [own.high - own.low]
        if columns.shape[1] > 1:
            between = self.differences(columns)
            widths.append(between.high - between.low)
        return float(max(width.max() for width in widths))

    def _of(self, rows: Array, comparisons: int, bounds: tuple[float, float]) -> Means:
        return (sequence_means if self.looks else many_means)(rows, comparisons=comparisons, bounds=bounds)
