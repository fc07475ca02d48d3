"""Slow, literal second implementations that the tests compare to."""

from __future__ import annotations

import itertools
import math

import numpy as np


def shuffled(n):
    """The order of betting, by repeated subtraction and Python's sort."""
    golden = (math.sqrt(5.0) - 1.0) / 2.0
    return sorted(range(n), key=lambda i: math.fmod((i + 1) * golden, 1.0))


def largest_capital(values, m, comparisons=1):
    """Start with 1, bet on each value in [0, 1] that the mean exceeds m; the largest capital on the way."""
    n = len(values)
    capital, largest = 1.0, -math.inf
    total, squares = 0.5, 0.25
    variance = 0.25
    for seen, index in enumerate(shuffled(n), start=1):
        stake = math.sqrt(2.0 * math.log(2.0 * comparisons / 0.05) / (n * variance))
        if m > 0.0:
            stake = min(stake, 0.9 / m)
        capital *= 1.0 + stake * (values[index] - m)
        largest = max(largest, capital)
        total += values[index]
        squares += (values[index] - total / (seen + 1)) ** 2
        variance = squares / (seen + 1)
    return largest


def p_value(values, m, comparisons=1):
    """Two-sided p-value of "the mean is m" for values in [0, 1]."""
    mean = sum(values) / len(values)
    if mean == m:
        return 1.0
    if mean > m:
        return min(1.0, 2.0 * comparisons / largest_capital(values, m, comparisons))
    return min(1.0, 2.0 * comparisons / largest_capital([1.0 - v for v in values], 1.0 - m, comparisons))


def scanned_interval(values, alpha, points, comparisons=1):
    """The smallest and largest of `points` that are not rejected."""
    kept = [m for m in points if p_value(values, m, comparisons) > alpha]
    return min(kept), max(kept)


def percentile_bootstrap(x, rng, level=0.95, resamples=400):
    """The interval that this room does not offer: it covers too little when failures are rare."""
    means = x[rng.integers(0, len(x), (resamples, len(x)))].mean(axis=1)
    return tuple(np.quantile(means, [(1 - level) / 2, (1 + level) / 2]))


def enumerated_sign_flip(d):
    """Share of the 2^n sign patterns whose sum is at least as far from 0."""
    observed = abs(sum(d))
    hits = [abs(sum(s * v for s, v in zip(signs, d, strict=True))) >= observed - 1e-9
            for signs in itertools.product((-1, 1), repeat=len(d))]  # fmt: skip
    return sum(hits) / len(hits)
