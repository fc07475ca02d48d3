"""Do the intervals contain the truth as often as they say? Simulations with fixed seeds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statistics_oracles import percentile_bootstrap

from actlab.statistics import (
    _betting,
    cross_fitted_difference,
    cross_fitted_interval,
    mean_interval,
    mean_intervals,
    paired_interval,
    sign_flip_test,
    simultaneous_pairs,
    smallest_detectable_difference,
    superiority,
)

REPLICATES = 600


def draw(name, shape, rng):
    """A sample and its true mean."""
    if name == "bernoulli":
        return (rng.random(shape) < 0.98) * 1.0, 0.98
    if name == "failing":  # 97 % accuracy, 2 % of the seeds at chance
        return np.where(rng.random(shape) < 0.02, 0.5, rng.normal(0.97, 0.004, shape)), 0.98 * 0.97 + 0.02 * 0.5
    if name == "beta":
        return rng.beta(30.0, 10.0, shape), 0.75
    if name == "skewed":
        return rng.beta(0.2, 4.0, shape), 0.2 / 4.2
    return rng.random(shape), 0.5


def coverage(rows, truth, level=0.95):
    low, high = _betting.level_set(rows, 1.0 - level)
    return np.mean((low <= truth) & (truth <= high))


@pytest.mark.parametrize("n", [8, 32, 64, 256])
@pytest.mark.parametrize("name", ["bernoulli", "failing", "beta", "skewed", "uniform"])
def test_coverage(name, n):
    rows, truth = draw(name, (REPLICATES, n), np.random.default_rng(n))
    assert coverage(rows, truth) >= 0.95
    assert coverage(rows, truth, 0.8) >= 0.8
    if n == 256 and name in ("beta", "uniform"):
        assert coverage(rows, truth, 0.5) <= 0.97  # and is not vacuous


@pytest.mark.parametrize(("n", "probability"), [(20, 0.02), (20, 0.3), (40, 0.5), (64, 0.98), (100, 0.1)])
def test_exact_coverage_for_success_counts(n, probability):
    """Over all counts, each in 30 arrangements: the binomial law gives the coverage, no data are simulated."""
    rng = np.random.default_rng(n)
    chance = stats.binom.pmf(np.arange(n + 1), n, probability)
    covered = 0.0
    for count in np.flatnonzero(chance > 1e-6):
        rows = np.stack([rng.permutation(np.arange(n) < count) for _ in range(30)]) * 1.0
        covered += chance[count] * coverage(rows, probability)
    assert covered >= 0.95


def test_a_bootstrap_would_cover_too_little():
    rng = np.random.default_rng(5)
    rows, truth = draw("failing", (300, 64), rng)
    ends = [percentile_bootstrap(row, rng) for row in rows]
    assert np.mean([low <= truth <= high for low, high in ends]) < 0.85
    assert coverage(rows, truth) >= 0.95


@pytest.mark.parametrize("name", ["beta", "uniform", "failing"])
def test_width_shrinks(name):
    widths = []
    for n in (32, 64, 256, 1024):
        rows, _ = draw(name, (100, n), np.random.default_rng(1))
        widths.append(np.mean([interval.width for interval in mean_intervals(rows.T)]))
    assert widths[1] < 0.8 * widths[0]
    assert widths[2] < 0.55 * widths[1]
    assert widths[3] < 0.55 * widths[2]


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (2.0, 2.0), (4.0, 2.0)])
def test_width_is_near_that_of_a_t_interval_on_benign_data(a, b):
    rows = np.random.default_rng(2).beta(a, b, (100, 256))
    width = np.mean([interval.width for interval in mean_intervals(rows.T)])
    textbook = 2 * stats.t.ppf(0.975, 255) * rows.std(axis=1, ddof=1).mean() / 16
    assert 1.0 <= width / textbook <= 1.35


def test_width_for_failing_nets_is_no_more_than_twice_the_textbook():
    rows, _ = draw("failing", (100, 256), np.random.default_rng(3))
    width = np.mean([interval.width for interval in mean_intervals(rows.T)])
    assert width < 0.03


def test_paired_coverage_where_one_arm_fails_now_and_then():
    rng = np.random.default_rng(9)
    hits, flipped = [], []
    for _ in range(200):
        a = np.where(rng.random(64) < 0.02, 0.5, rng.normal(0.97, 0.002, 64))
        b = rng.normal(0.9606, 0.002, 64)  # the same mean
        found = paired_interval(a, b)
        hits.append(found.low <= 0.0 <= found.high)
        flipped.append(sign_flip_test(a - b, flips=199) <= 0.05)
    assert np.mean(hits) >= 0.95
    assert np.mean(flipped) > 0.2  # the sign-flip test is no test of means, as its docstring says


def test_superiority_coverage():
    rng = np.random.default_rng(11)
    hits = []
    for _ in range(300):
        a, b = rng.integers(0, 4, (2, 64)) * 1.0  # ties on a quarter of the seeds
        found = superiority(a, b)
        hits.append(found.low <= 0.5 <= found.high)
    assert np.mean(hits) >= 0.95


def test_simultaneous_coverage():
    rng = np.random.default_rng(12)
    hits = []
    for _ in range(150):
        columns = np.clip(rng.normal(0.7, 0.1, (64, 6)), 0, 1) + np.array([0, 0, 0.05, 0.1, 0.0, -0.1])
        columns = np.clip(columns, 0, 1)
        truth = np.array([0, 0.05, 0.1, 0.0, -0.1])
        pairs = simultaneous_pairs(columns, flips=1)
        hits.append(all(p.interval.low <= t + 2e-3 and t - 2e-3 <= p.interval.high
                        for p, t in zip(pairs, truth, strict=True)))  # fmt: skip
    assert np.mean(hits) >= 0.95


def tied(name, rates, n, rng):
    test, truth = draw(name, (rates, n), rng)
    return test, test + rng.normal(0.0, 0.02, test.shape), truth


@pytest.mark.parametrize("n", [32, 64, 256])
@pytest.mark.parametrize("rates", [2, 4, 8])
@pytest.mark.parametrize("name", ["uniform", "failing", "bernoulli"])
def test_cross_fitted_coverage_with_equally_good_rates(name, rates, n):
    """The hardest case: the halves' choices depend on each other, see `_crossfit`."""
    rng = np.random.default_rng(rates * n)
    hits = []
    for _ in range(60):
        test, validation, truth = tied(name, rates, n, rng)
        found = cross_fitted_interval(test, np.clip(validation, 0, 1))
        hits.append(found.low <= truth <= found.high)
    assert np.mean(hits) >= 0.88  # 60 replicates: three standard errors under 0.95 is 0.87; pooled below


def test_cross_fitted_coverage_pooled_over_settings():
    rng = np.random.default_rng(77)
    hits, proven, widths = [], [], []
    for k in range(600):
        test, validation, truth = tied("uniform", (2, 4, 8)[k % 3], 64, rng)
        validation = np.clip(validation, 0, 1)
        found = cross_fitted_interval(test, validation)
        hits.append(found.low <= truth <= found.high)
        if k % 3 == 0:
            exact = cross_fitted_interval(test, validation, exact=True)
            proven.append(exact.low <= truth <= exact.high)
            widths.append(exact.width / found.width)
    assert np.mean(hits) >= 0.94
    assert np.mean(proven) >= 0.97
    assert 1.2 < np.mean(widths) < 2.4


def test_choosing_the_best_without_cross_fitting_would_be_optimistic():
    rng = np.random.default_rng(78)
    naive, honest = [], []
    for _ in range(200):
        test, _, truth = tied("uniform", 8, 64, rng)
        naive.append(test[test.mean(axis=1).argmax()].mean() - truth)
        honest.append(cross_fitted_interval(test, test).estimate - truth)
    assert np.mean(naive) > 0.03
    assert abs(np.mean(honest)) < 0.008


def test_cross_fitted_difference_coverage():
    rng = np.random.default_rng(79)
    hits = []
    for _ in range(300):
        shared = rng.normal(0, 0.05, (1, 64))
        a = np.clip(0.8 + shared + rng.normal(0, 0.05, (3, 64)), 0, 1)
        b = np.clip(0.7 + shared + rng.normal(0, 0.05, (2, 64)), 0, 1)
        found = cross_fitted_difference(a, a, b, b)
        hits.append(found.low <= 0.1 <= found.high)
    assert np.mean(hits) >= 0.95


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_a_detectable_difference_is_detected(power):
    rng = np.random.default_rng(13)
    n, spread = 200, 0.15
    sizes = [smallest_detectable_difference(rng.normal(0, spread, n).clip(-1, 1), power=power) for _ in range(40)]
    size = float(np.mean(sizes))
    rows = rng.normal(size, spread, (400, n)).clip(-1, 1)
    seen = np.mean([interval.low > 0 for interval in mean_intervals(rows.T, bounds=(-1.0, 1.0))])
    assert seen >= power - 0.05
    rows = rng.normal(size / 2, spread, (400, n)).clip(-1, 1)
    assert np.mean([i.low > 0 for i in mean_intervals(rows.T, bounds=(-1.0, 1.0))]) < 0.7 * power


def test_level_of_the_mean_interval_default():
    assert mean_interval([0.1, 0.9]).level == 0.95
