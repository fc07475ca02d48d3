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

    Raises
    ------
    UserError
        `d` is empty, not one-dimensional or not finite; `flips` is below 1.

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


def sign_flip_tests(rows: ArrayLike, *, flips: int = 9999) -> Array:
    """`sign_flip_test` of every row of `rows` ``(samples, n)`` at once; the same random signs serve all of them.

    Zeros stay in, which changes nothing but the draw of the signs. p-values ``(samples,)``, uncorrected.

    Raises `UserError` as `sign_flip_test`.
    """
    if flips < 1:
        raise UserError("statistics.flips", value=flips)
    rows = finite(as_sample(rows, 2))
    n = rows.shape[1]
    largest = np.abs(rows).max(axis=1)
    values = rows / np.where(largest > 0, largest, 1.0)[:, None]
    reached = np.abs(values.sum(axis=1)) - _TIE * n
    exact = n <= EXACT_UP_TO
    patterns = 2**n if exact else flips
    hits = np.zeros(len(rows))
    for start in range(0, patterns, _ROWS):
        count = min(_ROWS, patterns - start)
        signs = _every(start, count, n) if exact else _random(start, count, n)
        hits += np.count_nonzero(np.abs(2.0 * (signs @ values.T) - values.sum(axis=1)) >= reached, axis=0)
    p: Array = hits / patterns if exact else (1.0 + hits) / (1.0 + patterns)
    return p


def _every(start: int, count: int, n: int) -> Array:
    """The sign patterns of those numbers, as 0 and 1."""
    signs: Array = (np.arange(start, start + count)[:, None] >> np.arange(n) & 1).astype(np.float64)
    return signs


def _random(start: int, count: int, n: int) -> Array:
    """Random patterns ``start … start + count``: the raw bits of a bit generator are the same in every NumPy."""
    words = -(-n // 64)
    source = np.random.PCG64(_SEED)
    source.advance(start * words)
    raw = np.asarray(source.random_raw(count * words)).astype("<u8").view(np.uint8).reshape(count, words * 8)
    return np.unpackbits(raw, axis=1, count=n).astype(np.float64)


def _sums(values: Array, patterns: AnyArray) -> Array:
    """Σ ±values for every row of 0/1 `patterns`."""
    sums: Array = 2.0 * (patterns @ values) - values.sum()
    return sums
