"""The median's interval: coverage by simulation, exact probabilities, infinite entries."""

import math

import numpy as np
import pytest
from scipy.stats import binom, quantile_test

from actlab.statistics import median_interval
from actlab.text import UserError


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("n", [1, 2, 5, 6, 9, 64, 257])
def test_the_order_statistics_have_the_level_and_no_closer_ones_do(n: int, level: float) -> None:
    found = median_interval(np.arange(1.0, n + 1), level=level)
    if math.isinf(found.low):
        assert 1 - 2 * 0.5**n < level
        return
    k = int(found.low)
    assert found.high == n + 1 - k
    covered = 1 - 2 * binom.cdf(k - 1, n, 0.5)
    assert covered >= level
    if 2 * (k + 1) <= n + 1:
        assert 1 - 2 * binom.cdf(k, n, 0.5) < level


def test_it_agrees_with_scipy() -> None:
    x = np.random.default_rng(4).gamma(0.7, size=101)
    theirs = quantile_test(x, q=0, p=0.5).confidence_interval(0.95)
    ours = median_interval(x)
    assert ours.low <= theirs.low  # theirs is one-sided twice or shorter by one order statistic, never by more
    assert ours.high >= theirs.high
    ordered = np.sort(x)
    assert abs(np.searchsorted(ordered, ours.low) - np.searchsorted(ordered, theirs.low)) <= 1
    assert ours.estimate == np.median(x)


def test_coverage() -> None:
    rng = np.random.default_rng(5)
    held = [median_interval(np.where(rng.random(40) < 0.3, np.inf, rng.exponential(size=40))) for _ in range(2000)]
    # 30 % never arrive: the median is the 5/7 quantile of an exponential
    true = -math.log(1 - 5 / 7)
    assert np.mean([i.low <= true <= i.high for i in held]) >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 2000)


def test_infinite_entries() -> None:
    found = median_interval([1, 2, 3, math.inf, math.inf, math.inf, math.inf, math.inf, math.inf])
    assert (found.estimate, found.high) == (math.inf, math.inf)
    assert found.low == 2.0
    assert median_interval([3.0]).excludes(1e9) is False


def test_errors() -> None:
    for x, level in (([], 0.95), ([math.nan], 0.95), ([1.0], 1.0), ([[1.0]], 0.9)):
        with pytest.raises(UserError):
            median_interval(x, level=level)
