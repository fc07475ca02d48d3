"""Who comes first, how often: ranks of arms over several data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics._many import Means, many_means
from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab._arrays import Array


def ranks(scores: ArrayLike) -> Array:
    """Ranks along the last axis: 1 for the largest, ties share the mean of their places."""
    scores = np.asarray(scores, dtype=np.float64)
    better = (scores[..., None, :] > scores[..., :, None]).sum(axis=-1)
    equal = (scores[..., None, :] == scores[..., :, None]).sum(axis=-1)
    result: Array = better + (equal + 1) / 2.0
    return result


def mean_ranks(scores: ArrayLike, *, level: float = 0.95) -> Means:
    """The mean rank of every arm over data sets, with intervals that hold for all arms together.

    At every seed the arms are ranked within each data set, and the ranks averaged over the data sets; what the
    intervals are about is the mean of that over seeds. They speak of these data sets, not of others.

    Parameters
    ----------
    scores
        ``(data sets, seeds, arms)``, larger is better, at least two arms.

    Raises
    ------
    UserError
        There are fewer than two arms, or a score is NaN; `level` is not in (0, 1).

    References
    ----------
    J. Demšar, "Statistical comparisons of classifiers over multiple data sets", JMLR 7 (2006) 1-30 (mean ranks; its
    tests take one number a data set and have no use for the seeds).
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 3 or scores.shape[2] < 2:
        raise UserError("statistics.two_arms")
    if np.isnan(scores).any():
        raise UserError("statistics.no_rank", bad=int(np.isnan(scores).sum()), total=scores.size)
    by_seed = ranks(scores).mean(axis=0)
    arms = scores.shape[2]
    return many_means(by_seed.T, comparisons=arms, level=level, bounds=(1.0, float(arms)))
