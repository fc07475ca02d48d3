"""Choosing one of several rates without letting a net vote on the rate that it is judged by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from actlab.statistics._checks import as_sample, same_shape
from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab._arrays import Array, Integers


@dataclass(frozen=True)
class Choice:
    """The rate that each seed uses, chosen by the other half of the seeds.

    Parameters
    ----------
    rate
        ``(seeds,)`` index of the rate for every seed.
    halves
        The rate of the seeds with even index (chosen by the odd ones), and that of the odd ones.
    """

    rate: Integers
    halves: tuple[int, int]

    def pick(self, scores: ArrayLike) -> Array:
        """The entries of `scores` ``(rates, seeds)`` under this choice, ``(seeds,)``."""
        scores = as_sample(scores, 2)
        picked: Array = scores[self.rate, np.arange(scores.shape[1])]
        return picked


def choose_cross_fitted(scores: ArrayLike, tie_breaker: ArrayLike | None = None, *, worst: float = 0.0) -> Choice:
    """For each half of the seeds the rate that is best on the other half.

    The halves are fixed: seeds with even and with odd index. Each uses the rate with the largest mean of `scores` over
    the *other* half; among equals the one with the smallest median of `tie_breaker` there; then the smallest index.

    Parameters
    ----------
    scores
        ``(rates, seeds)``, larger is better (validation accuracy), at least two seeds. NaN and ±∞ count as `worst`.
    tie_breaker
        ``(rates, seeds)``, smaller is better (validation loss); NaN counts as +∞.
    worst
        The smallest possible score. A finite score below it raises `UserError`. With ``−inf`` the rates are ranked
        by the number of seeds that failed first, then by the mean of the others.

    Raises
    ------
    UserError
        Where an array is not two-dimensional or empty, the two differ in shape, or there are fewer than two seeds; and
        for scores below `worst`.

    References
    ----------
    V. Chernozhukov et al., "Double/debiased machine learning", Econometrics J. 21 (2018) C1-C68 (cross-fitting).
    """
    scores, ties = _ranked_by(scores, tie_breaker, worst)
    if scores.shape[1] < 2:
        raise UserError("statistics.two_seeds", seeds=scores.shape[1])
    even, odd = slice(0, None, 2), slice(1, None, 2)
    halves = _best(scores[:, odd], ties[:, odd]), _best(scores[:, even], ties[:, even])
    rate = np.full(scores.shape[1], halves[0], dtype=np.int64)
    rate[odd] = halves[1]
    return Choice(rate, halves)


def choose_best(scores: ArrayLike, tie_breaker: ArrayLike | None = None, *, worst: float = 0.0) -> int:
    """The rate that is best on all seeds, by the rules of `choose_cross_fitted`: for judging *other* seeds.

    Parameters and errors are those of `choose_cross_fitted`, but for the number of seeds: one is enough.
    """
    return _best(*_ranked_by(scores, tie_breaker, worst))


def _ranked_by(scores: ArrayLike, tie_breaker: ArrayLike | None, worst: float) -> tuple[Array, Array]:
    """Scores and tie-breakers ``(rates, seeds)`` without NaN."""
    scores = as_sample(scores, 2)
    scores = np.where(np.isfinite(scores), scores, worst)
    if np.isnan(worst) or np.any(scores < worst):
        raise UserError("statistics.below_worst", value=float(scores.min()), worst=worst)
    if tie_breaker is None:
        return scores, np.zeros_like(scores)
    ties = as_sample(tie_breaker, 2)
    same_shape(scores, ties)
    return scores, np.where(np.isnan(ties), np.inf, ties)


def at_edge(chosen: int, rates: int) -> Literal["low", "high", "both"] | None:
    """Whether rate `chosen` is the first or last of `rates`: the optimum may lie outside, so the grid should grow.

    ``"both"`` where there is but one rate.

    Raises `UserError` where `chosen` is no index of them.
    """
    if not 0 <= chosen < rates:
        raise UserError("statistics.rate_index", value=chosen, last=rates - 1)
    low, high = chosen == 0, chosen == rates - 1
    if low and high:
        return "both"
    return "low" if low else "high" if high else None


def _best(scores: Array, ties: Array) -> int:
    """The best row: fewest failures (−∞), largest mean, smallest median of `ties`, smallest index."""
    failed = np.isneginf(scores)
    counted = np.maximum(1, np.count_nonzero(~failed, axis=1))
    mean = np.where(failed, 0.0, scores).sum(axis=1) / counted
    # Means that differ by rounding only are equal, or the order of the seeds would decide instead of the tie-breaker.
    mean = np.round(mean, 12)
    losses = np.sort(ties, axis=1)
    median = losses[:, (losses.shape[1] - 1) // 2]  # the lower middle: between two values may lie ∞ − ∞
    return int(np.lexsort((median, -mean, failed.sum(axis=1)))[0])
