"""Betting against a mean: the capital process behind every interval and p-value of this room.

To test whether the mean of x in [0, 1] is m, start with capital 1 and bet on each value in turn: the capital is
multiplied by ``1 + λ (x − m)``. If m is the mean, nobody can expect to gain, so the chance of ever multiplying the
capital by K is at most 1/K (Ville). Much capital is evidence that the mean is larger than m; bets with −λ, that is
bets on 1 − x against 1 − m, give evidence that it is smaller. Nothing is assumed but the bounds, so the result holds
for any sample size and any distribution, rare failures included.

The bets (fixed sample size n, predictable plug-in)::

    λ_t = min( sqrt(2 log(2 k / 0.05) / (n σ²_{t−1})),  c / m )
    σ²_t = (1/4 + Σ_{i≤t} (x_i − μ_i)²) / (t + 1),   μ_t = (1/2 + Σ_{i≤t} x_i) / (t + 1)

with σ²_0 = 1/4, k the number of simultaneous comparisons and c = 0.9 (the source suggests 1/2 or 3/4; where almost all
seeds agree the interval's width is proportional to 1/c, see below). Three choices make the result consistent:

* The bets do not depend on the level (0.05 stands in them always), so intervals are nested in the level, and the
  p-value, 2 over the largest capital reached, is exactly the smallest significance at which the interval excludes m.
* Each factor falls as m grows, also where λ is capped, so the capital is monotone in m and its level set an interval.
* The order of betting is a fixed shuffle that depends on n only (`order`), so that a sample that happens to come sorted
  does no harm. A different order of the seeds gives a slightly different, equally valid interval.

How narrow can it be? With large n the width is about 1.2 times that of the t-interval. With few or nearly equal values
the bounds matter: n seeds that all scored x leave room for rare failures that were not seen, as in the rule of three;
the lower end is then about ``x (1 − log(40) / (c n))``. No method that holds without further assumptions avoids this.

References
----------
I. Waudby-Smith, A. Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86 (2024) 1-27: the
hedged capital process (theorem 3), the plug-in bets (equation 26), intervals for fixed n (remark 2).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from actlab._arrays import Array, Integers, Mask

CAP = 0.9  # c: the largest share of the capital that one value can lose
DESIGN = 0.05  # the significance that the bets are tuned for; validity does not depend on it
_GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
_HALVINGS = 56  # from width 1 to below the spacing of floats near 1
_BLOCK = 2_000_000  # entries bet on at a time, which bounds the memory


def order(n: int) -> Integers:
    """The order of betting: a permutation of ``0 … n − 1`` that spreads neighbours far apart."""
    return np.argsort(np.arange(1, n + 1) * _GOLDEN % 1.0, kind="stable")


def bets(u: Array, comparisons: int) -> Array:
    """Uncapped λ, shape ``(samples, n)``, for values `u` in [0, 1] of that shape, already in the order of betting.

    Column t uses the columns before t only.
    """
    n = u.shape[1]
    seen = np.arange(2.0, n + 2.0)  # t + 1
    mean = (0.5 + u.cumsum(axis=1)) / seen
    variance = np.empty_like(u)
    variance[:, 0] = 0.25
    variance[:, 1:] = ((0.25 + ((u - mean) ** 2).cumsum(axis=1)) / seen)[:, :-1]
    stakes: Array = np.sqrt(2.0 * math.log(2.0 * comparisons / DESIGN) / (n * variance))
    return stakes


def log_capital(u: Array, stakes: Array, m: Array) -> Array:
    """The logarithm of the largest capital reached by betting that the mean exceeds `m`.

    Parameters
    ----------
    u, stakes
        Values in [0, 1] and uncapped bets, ``(samples, n)``.
    m
        The mean that is bet against in each sample, ``(samples,)``, in [0, 1].
    """
    m = m[:, None]
    with np.errstate(divide="ignore"):  # against the mean 0 any bet is safe: the cap is infinite
        capped = np.minimum(stakes, CAP / m)
    largest: Array = np.log1p(capped * (u - m)).cumsum(axis=1).max(axis=1)
    return largest


def upper_p(u: Array, stakes: Array, m: Array, comparisons: int) -> Array:
    """Corrected p-values, ``(samples,)``, of "the mean is `m`" against larger means; two-sided, hence the factor 2."""
    log_p = math.log(2.0 * comparisons) - log_capital(u, stakes, m)
    return np.exp(np.minimum(log_p, 0.0))


def p_values(u: Array, m: float, comparisons: int = 1) -> Array:
    """Two-sided p-values of "the mean is `m`", times `comparisons`, at most 1.

    Only evidence on the side of the sample mean counts: 1 where the sample mean is m itself.

    Parameters
    ----------
    u
        Values in [0, 1], ``(samples, n)``, in the order of the seeds.
    m
        In [0, 1].
    """
    u = u[:, order(u.shape[1])]
    stakes = bets(u, comparisons)
    mean = u.mean(axis=1)
    against = np.full(len(u), m)
    above = upper_p(u, stakes, against, comparisons)
    below = upper_p(1.0 - u, stakes, 1.0 - against, comparisons)
    return np.where(mean > m, above, np.where(mean < m, below, 1.0))


def level_set(u: Array, alpha: float, comparisons: int = 1) -> tuple[Array, Array]:
    """The means whose p-value exceeds `alpha`: lower and upper ends, each ``(samples,)``, for `u` as in `p_values`."""
    rows = max(1, _BLOCK // u.shape[1])
    low, high = np.empty(len(u)), np.empty(len(u))
    for start in range(0, len(u), rows):
        block = slice(start, start + rows)
        v = u[block][:, order(u.shape[1])]
        stakes = bets(v, comparisons)
        low[block] = lower_end(v, stakes, alpha, comparisons)
        high[block] = 1.0 - lower_end(1.0 - v, stakes, alpha, comparisons)
    return low, high


def lower_end(u: Array, stakes: Array, alpha: float, comparisons: int) -> Array:
    """The smallest mean that is not rejected, by bisection, as the capital is monotone; at most the sample mean.

    Where the capital was made early and lost again, the sample mean itself would be rejected; it is kept.
    """

    def rejected(m: Array) -> Mask:
        return upper_p(u, stakes, m, comparisons) <= alpha

    out, inside = np.zeros(len(u)), u.mean(axis=1)
    everything = ~rejected(out)  # not even 0 is rejected
    for _ in range(_HALVINGS):
        middle = 0.5 * (out + inside)
        reject = rejected(middle)
        out, inside = np.where(reject, middle, out), np.where(reject, inside, middle)
    return np.where(everything, 0.0, inside)
