"""An interval for a median that needs no assumption, and no finite sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binom

from actlab.statistics._checks import as_sample, check_share
from actlab.statistics._interval import Interval
from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def median_interval(x: ArrayLike, *, level: float = 0.95) -> Interval:
    """The median and the two order statistics that enclose the true one with probability `level` at least.

    How many of n draws lie below the true median is Binomial(n, ½) at most, whatever the distribution. That makes it
    the interval for times: a net that never arrives counts as +∞, and neither mean nor bootstrap would know what to do.

    Parameters
    ----------
    x
        ``(seeds,)``; ±∞ is a number here, NaN is an error.
    level
        In (0, 1).

    Returns
    -------
    Interval
        With few seeds (5 or less at 0.95) the ends are −∞ and ∞: the data exclude nothing.

    References
    ----------
    H. A. David, H. N. Nagaraja, "Order Statistics", 3rd ed., Wiley 2003, section 7.1.
    """
    level = check_share(level, "level")
    ordered = np.sort(as_sample(x))
    if np.isnan(ordered).any():
        raise UserError("statistics.not_finite", bad=int(np.isnan(ordered).sum()), total=len(ordered))
    n = len(ordered)
    # the largest k with P(B < k) ≤ (1 − level)/2 on either side
    k = int(binom.ppf((1 - level) / 2, n, 0.5))
    if binom.cdf(k, n, 0.5) <= (1 - level) / 2:
        k += 1
    low, high = (ordered[k - 1], ordered[n - k]) if k > 0 else (-np.inf, np.inf)
    middle = ordered[(n - 1) // 2], ordered[n // 2]
    estimate = middle[0] if middle[0] == middle[1] else 0.5 * (middle[0] + middle[1])
    return Interval(float(estimate), float(low), float(high), level)
