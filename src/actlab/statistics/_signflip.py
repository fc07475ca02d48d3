"""The sign-flip test: a permutation test for paired differences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics._checks import as_sample, finite
from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab._arrays import AnyArray, Array

EXACT_UP_TO = 14  # differences; 2^14 sign patterns are fewer than a careful Monte Carlo would draw
_SEED = 20_240_229
_ROWS = 512  # patterns held in memory at a time
_TIE = 1e-12  # sums equal but for rounding count as equal


def sign_flip_test(d: ArrayLike, *, flips: int = 9999) -> float:
    """Two-sided p-value of "the two arms can be exchanged", from paired differences `d`, by the size of their mean.

    If the arms are exchangeable within a seed, every difference is as likely to be +d as −d. The p-value is the share
    of sign patterns whose mean is at least as far from 0 as the observed one: of all 2^n patterns for n ≤ 14 (zeros
    left out, as their sign does not matter), otherwise of `flips` random ones with a fixed seed, the observed pattern
    counted in: ``(1 + hits) / (1 + flips)``.

    The hypothesis is stronger than "the mean difference is 0": it says that the differences are distributed
    symmetrically around 0. An arm that is better by a little on most seeds and fails on a few can have mean difference
    0 and still be rejected most of the time. A statement about means therefore rests on the betting interval
    (`paired_interval`, `simultaneous_pairs`); this test is secondary evidence.

    Parameters
    ----------
    d
        Differences per seed, ``(n,)``, finite.
    flips
        Random patterns where n > 14; at least 1.

    References
    ----------
    E. J. G. Pitman, "Significance tests which may be applied to samples from any populations", Suppl. JRSS 4 (1937);
    B. Phipson, G. K. Smyth, "Permutation p-values should never be zero", Stat. Appl. Genet. Mol. Biol. 9 (2010) 39.
    """
    if flips < 1:
        raise UserError("statistics.flips", value=flips)
    values = finite(as_sample(d))
    values = values[values != 0.0]
    n = len(values)
    if n == 0:
        return 1.0
    values = values / np.abs(values).max()  # neither overflow nor a tolerance that depends on the unit
    reached = abs(values.sum()) - _TIE * n
    if n <= EXACT_UP_TO:
        every = np.arange(2**n)[:, None] >> np.arange(n) & 1
        return float(np.mean(np.abs(_sums(values, every)) >= reached))
    # The raw bits of a bit generator, unlike the methods of Generator, are the same in every version of NumPy.
    source = np.random.PCG64(_SEED)
    words = -(-n // 64)
    hits = 0
    for start in range(0, flips, _ROWS):
        rows = min(_ROWS, flips - start)
        raw = np.asarray(source.random_raw(rows * words)).astype("<u8").view(np.uint8).reshape(rows, words * 8)
        patterns = np.unpackbits(raw, axis=1, count=n)
        hits += int(np.count_nonzero(np.abs(_sums(values, patterns)) >= reached))
    return (1 + hits) / (1 + flips)


def _sums(values: Array, patterns: AnyArray) -> Array:
    """Σ ±values for every row of 0/1 `patterns`."""
    sums: Array = 2.0 * (patterns @ values) - values.sum()
    return sums
