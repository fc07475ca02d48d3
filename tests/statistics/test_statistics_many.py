"""Many samples at once, confidence sequences, ranks, effects: against the single versions, SciPy, simulation."""

import numpy as np
import pytest
from scipy.stats import rankdata

from actlab.statistics import (
    many_means,
    mean_interval,
    mean_ranks,
    ranks,
    sequence_means,
    sign_flip_test,
    sign_flip_tests,
    simultaneous_pairs,
    standardised_difference,
)
from actlab.text import UserError


@pytest.fixture
def columns():
    rng = np.random.default_rng(5)
    scores = rng.beta(20, 1, (40, 4)) * (rng.random((40, 4)) > 0.1)
    scores[:, 3] = np.round(scores[:, 3], 1)
    return scores


def test_many_are_as_one(columns):
    found = many_means(columns.T)
    for k, column in enumerate(columns.T):
        one = mean_interval(column)
        assert (found.estimate[k], found.low[k], found.high[k]) == (one.estimate, one.low, one.high)
    assert np.isnan(found.p_value).all()


def test_differences_are_those_of_simultaneous_pairs(columns):
    found = many_means((columns[:, 1:] - columns[:, :1]).T, comparisons=3, bounds=(-1, 1))
    for k, pair in enumerate(simultaneous_pairs(columns)):
        assert (found.low[k], found.high[k]) == (pair.interval.low, pair.interval.high)
        assert found.p_value[k] == pair.p_value
        assert (found.p_value[k] <= 0.05) == ((found.low[k] > 0) or (found.high[k] < 0))


@pytest.mark.parametrize("n", [9, 33, 70])
def test_sign_flips_of_many(n):
    rng = np.random.default_rng(n)
    rows = rng.normal(0.3, 1, (6, n))
    rows[5] = 0
    found = sign_flip_tests(rows, flips=999)
    assert found[:5] == pytest.approx([sign_flip_test(row, flips=999) for row in rows[:5]], abs=1e-12)
    assert found[5] == 1


def test_sign_flips_with_zeros_are_another_draw_of_the_same():
    row = np.r_[np.zeros(10), np.random.default_rng(2).normal(0.5, 1, 30)]
    assert sign_flip_tests(row[None])[0] == pytest.approx(sign_flip_test(row), abs=0.01)


def test_ranks_as_scipy_has_them():
    scores = np.random.default_rng(1).integers(0, 4, (5, 30, 6)).astype(float)
    assert np.array_equal(ranks(scores), rankdata(-scores, axis=-1))
    found = mean_ranks(scores)
    assert found.estimate == pytest.approx(rankdata(-scores, axis=-1).mean(axis=(0, 1)))
    assert found.estimate.sum() == pytest.approx(21)
    assert ((found.low <= found.estimate) & (found.estimate <= found.high) & (found.low >= 1) & (found.high <= 6)).all()
    with pytest.raises(UserError, match="two"):
        mean_ranks(scores[:, :, :1])
    holed = scores.astype(float)
    holed[0, 1, 0] = np.nan
    with pytest.raises(UserError) as error:
        mean_ranks(holed)
    assert error.value.key == "statistics.no_rank"
    assert error.value.values == {"bad": 1, "total": scores.size}


def test_an_arm_that_always_wins_ranks_first():
    scores = np.random.default_rng(1).random((3, 200, 3)) * 0.5
    scores[:, :, 1] += 0.5
    found = mean_ranks(scores)
    assert found.estimate[1] == found.low[1] == 1
    assert found.high[1] < min(found.low[0], found.low[2])


def test_effect_size():
    """d_z of 1, 2, …, 10: 5.5 / 3.0277, times 1 − 3/35."""
    rows = np.stack([np.arange(1.0, 11.0), -np.arange(1.0, 11.0), np.full(10, 0.1)])
    found = standardised_difference(rows)
    assert found[:2] == pytest.approx([1.8166 * (1 - 3 / 35), -1.8166 * (1 - 3 / 35)], abs=1e-4)
    assert np.isnan(found[2])
    assert np.isnan(standardised_difference(rows[:, :2])).all()


# --- confidence sequences


def misses_at_any_time(samples, mean, means):
    """Share of samples whose interval misses `mean` at any of several looks."""
    missed = np.zeros(len(samples), dtype=bool)
    for n in (10, 16, 24, 36, 54, 81, 121, 200):
        found = means(samples[:, :n])
        missed |= (found.low > mean) | (found.high < mean)
    return missed.mean()


def test_looking_often_does_no_harm():
    """Accuracies near 1 with 2 % failing seeds, eight looks: all of them right in 95 % of the studies, at least."""
    rng = np.random.default_rng(11)
    samples = np.where(rng.random((600, 200)) < 0.02, 0.5, rng.beta(200, 4, (600, 200)))
    mean = 0.02 * 0.5 + 0.98 * 200 / 204
    assert misses_at_any_time(samples, mean, sequence_means) <= 0.05
    coins = (rng.random((600, 200)) < 0.5).astype(float)
    assert misses_at_any_time(coins, 0.5, sequence_means) <= 0.05
    # Those for a fixed number of seeds must not be used so, or there would be no need for the others.
    assert misses_at_any_time(coins, 0.5, many_means) > misses_at_any_time(coins, 0.5, sequence_means)


def test_a_sequence_knows_no_future():
    """The interval of the first n seeds does not change when more are drawn; it is wider than one for fixed n."""
    row = np.random.default_rng(3).beta(5, 2, (1, 300))
    early, late = sequence_means(row[:, :100]), sequence_means(row)
    again = sequence_means(np.concatenate([row[:, :100], 1 - row[:, 100:]], axis=1)[:, :100])
    assert (early.low, early.high) == (again.low, again.high)
    assert late.high - late.low < early.high - early.low
    fixed = many_means(row)
    assert late.high[0] - late.low[0] > fixed.high[0] - fixed.low[0]


def test_a_sequence_agrees_with_its_p_value():
    rng = np.random.default_rng(4)
    found = sequence_means(rng.normal(0.05, 0.2, (60, 120)).clip(-1, 1), comparisons=5, bounds=(-1, 1))
    excludes = (found.low > 0) | (found.high < 0)
    assert 5 < excludes.sum() < 55
    assert np.array_equal(excludes, found.p_value <= 0.05)


def test_errors():
    for means in (many_means, sequence_means):
        with pytest.raises(UserError):
            means([[0.5]], comparisons=0)
        with pytest.raises(UserError):
            means([[2.0]])
    with pytest.raises(UserError):
        sign_flip_tests([[1.0]], flips=0)
