"""The cross-fitted choice of a rate, and intervals that include it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actlab.statistics import (
    Choice,
    at_edge,
    choose_cross_fitted,
    cross_fitted_difference,
    cross_fitted_interval,
    mean_interval,
    paired_interval,
    quantile_band,
)

tables = st.tuples(st.integers(1, 4), st.integers(2, 9)).flatmap(
    lambda s: st.lists(st.lists(st.integers(0, 3).map(lambda v: v / 3), min_size=s[1], max_size=s[1]), min_size=s[0],
                       max_size=s[0])
)  # fmt: skip


@given(tables, tables)
def test_choice_is_its_definition(table, other):
    scores = np.array(table)
    losses = np.resize(np.array(other).ravel(), scores.shape)
    choice = choose_cross_fitted(scores, losses)
    for half in (0, 1):
        voters = range(1 - half, scores.shape[1], 2)
        ranked = []
        for rate in range(len(scores)):
            mine = sorted(losses[rate, i] for i in voters)
            ranked.append((-round(math.fsum(scores[rate, i] for i in voters) / len(voters), 9),
                           mine[(len(mine) - 1) // 2], rate))  # fmt: skip
        assert choice.halves[half] == min(ranked)[2]
        assert all(choice.rate[i] == choice.halves[half] for i in range(half, scores.shape[1], 2))
    assert choice.rate.dtype == np.int64


def test_no_seed_votes_on_its_own_rate():
    scores = np.zeros((3, 6))
    scores[2, ::2] = 0.9  # good on even seeds only
    scores[1, 1::2] = 0.8  # good on odd seeds only
    choice = choose_cross_fitted(scores)
    assert choice.halves == (1, 2)
    assert choice.rate.tolist() == [1, 2, 1, 2, 1, 2]
    assert choice.pick(scores).tolist() == [0.0] * 6
    assert choice.pick(np.arange(18).reshape(3, 6)).tolist() == [6, 13, 8, 15, 10, 17]


def test_ties_go_to_the_smaller_loss_then_the_smaller_rate():
    scores = np.full((3, 4), 0.5)
    assert choose_cross_fitted(scores).halves == (0, 0)
    losses = np.array([[3.0] * 4, [1.0] * 4, [1.0] * 4])
    assert choose_cross_fitted(scores, losses).halves == (1, 1)
    losses[1, 1::2] = math.nan  # a vote of the odd seeds, for the even ones
    assert choose_cross_fitted(scores, losses).halves == (2, 1)
    losses[:] = math.inf
    assert choose_cross_fitted(scores, losses).halves == (0, 0)


def test_a_median_loss_is_not_moved_by_one_divergence():
    scores = np.full((2, 6), 0.5)
    losses = np.array([[1.0] * 6, [0.9] * 6])
    losses[1, 1] = math.inf
    assert choose_cross_fitted(scores, losses).halves == (1, 1)


def test_rounding_does_not_break_ties():
    scores = np.array([[0.1, 0.1, 0.2, 0.2, 0.3, 0.3], [0.3, 0.3, 0.2, 0.2, 0.1, 0.1]])
    losses = np.array([[2.0] * 6, [1.0] * 6])
    assert choose_cross_fitted(scores, losses).halves == (1, 1)
    assert choose_cross_fitted(scores[::-1], losses).halves == (1, 1)
    assert choose_cross_fitted(scores + np.array([[1e-9], [0.0]]), losses).halves == (0, 0)  # not rounding


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_failed_scores_count_as_the_worst(bad):
    scores = np.array([[0.9, 0.9, bad, bad], [0.6, 0.6, 0.6, 0.6]])
    assert choose_cross_fitted(scores).halves == (1, 1)  # mean 0.45 against 0.6
    scores[1] = 0.4
    assert choose_cross_fitted(scores).halves == (0, 0)
    assert choose_cross_fitted(scores, worst=-math.inf).halves == (1, 1)  # one failure outweighs everything
    scores[1, :2] = bad
    assert choose_cross_fitted(scores, worst=-math.inf).halves == (0, 0)  # as many failures: the mean of the others
    scores[:] = bad
    assert choose_cross_fitted(scores, worst=-math.inf).halves == (0, 0)
    assert choose_cross_fitted(scores).halves == (0, 0)


def test_failures_first_then_the_mean_of_the_others():
    bad = math.nan
    scores = np.repeat([[bad, 0.5, 0.6, 0.7], [0.2, bad, 0.8, 0.9], [bad, bad, 1.0, 1.0]], 2, axis=1)
    assert choose_cross_fitted(scores, worst=-math.inf).halves == (1, 1)  # 0.6 against 0.633 with one failure each
    scores[0] = np.repeat([0.1, 0.1, 0.1, 0.1], 2)
    assert choose_cross_fitted(scores, worst=-math.inf).halves == (0, 0)
    uneven = np.repeat([[-3.0, bad], [-2.0, bad]], 2, axis=1)
    assert choose_cross_fitted(uneven, worst=-math.inf).halves == (1, 1)
    assert choose_cross_fitted(uneven * [[1], [2]], worst=-math.inf).halves == (0, 0)


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [4, 2, 0, 1, 3]])
def test_the_tie_breaker_is_the_lower_middle_loss(order):
    scores = np.full((2, 10), 0.5)
    losses = np.array([[1.0, 2.0, 3.0, 9.0, 9.0], [2.5, 2.5, 2.5, 2.5, 2.5]])[:, order]
    assert choose_cross_fitted(scores, np.repeat(losses, 2, axis=1)).halves == (1, 1)
    losses = np.array([[3.0, 3.0, 3.0, 4.0, 4.0], [1.0, 2.0, 3.5, 3.6, 3.7]])[:, order]
    assert choose_cross_fitted(scores, np.repeat(losses, 2, axis=1)).halves == (0, 0)
    four = np.array([[1.0, 2.0, 8.0, 9.0], [2.5, 2.5, 2.5, 2.5]])
    assert choose_cross_fitted(scores[:, :8], np.repeat(four, 2, axis=1)).halves == (0, 0)


def test_negative_scores_need_their_worst():
    losses = -np.array([[0.5, 0.5], [0.1, math.nan]])
    assert choose_cross_fitted(losses, worst=-1.0).halves == (0, 1)


def test_edges():
    assert at_edge(0, 5) == "low"
    assert at_edge(4, 5) == "high"
    assert at_edge(2, 5) is None
    assert at_edge(1, 5) is None
    assert at_edge(3, 5) is None
    assert at_edge(0, 1) == "both"
    assert at_edge(0, 2) == "low"
    assert at_edge(1, 2) == "high"


def test_interval_of_a_clear_choice_is_that_of_its_rate():
    rng = np.random.default_rng(1)
    test = rng.random((3, 31)) * 0.2 + np.array([[0.1], [0.7], [0.3]])
    found = cross_fitted_interval(test, test, level=0.9)
    assert found == mean_interval(test[1], level=0.9)
    other = rng.random((2, 31)) * 0.2 + np.array([[0.1], [0.5]])
    assert cross_fitted_difference(test, test, other, other, level=0.9) == paired_interval(test[1], other[1], level=0.9)


def test_exact_interval_averages_the_halves():
    rng = np.random.default_rng(2)
    test = rng.random((2, 31)) * 0.2 + np.array([[0.1], [0.7]])
    even, odd = mean_interval(test[1, ::2], level=0.95), mean_interval(test[1, 1::2], level=0.95)
    found = cross_fitted_interval(test, test, level=0.9, exact=True)
    assert found.low == pytest.approx((16 * even.low + 15 * odd.low) / 31)
    assert found.high == pytest.approx((16 * even.high + 15 * odd.high) / 31)
    assert found.estimate == pytest.approx(test[1].mean())
    assert found.level == 0.9
    even, odd = (mean_interval(test[1, start:30:2], level=0.75) for start in (0, 1))
    found = cross_fitted_interval(test[:, :30], test[:, :30], level=0.5, exact=True)
    assert found.low == pytest.approx((even.low + odd.low) / 2)
    assert found.high == pytest.approx((even.high + odd.high) / 2)
    zero = np.zeros((1, 31))
    difference = cross_fitted_difference(test, test, zero, zero, level=0.9, exact=True)
    d = [mean_interval(test[1, s::2], level=0.95, bounds=(-1, 1)) for s in (0, 1)]
    assert difference.low == pytest.approx((16 * d[0].low + 15 * d[1].low) / 31)
    assert difference.high == pytest.approx((16 * d[0].high + 15 * d[1].high) / 31)


def test_cross_fitting_passes_on_bounds_and_tie_breakers():
    rng = np.random.default_rng(3)
    test = rng.random((2, 30)) + 4.0
    flat, losses = np.full((2, 30), 4.5), np.array([[2.0] * 30, [1.0] * 30])
    assert cross_fitted_interval(test, flat, tie_breaker=losses, bounds=(4, 5)) == mean_interval(test[1], bounds=(4, 5))
    found = cross_fitted_difference(test, flat, test, flat, tie_breaker_a=losses, bounds=(4, 5))
    assert found == paired_interval(test[1], test[0])
    found = cross_fitted_difference(test, flat, test, flat, tie_breaker_b=losses, bounds=(4, 5), level=0.5)
    assert found == paired_interval(test[0], test[1], level=0.5)
    low = np.full((2, 30), math.nan)
    low[1] = 4.2
    assert cross_fitted_interval(test, low, bounds=(4, 5)) == mean_interval(test[1], bounds=(4, 5))
    assert cross_fitted_interval(test - 5, low - 5, bounds=(-1, 0)) == mean_interval(test[1] - 5, bounds=(-1, 0))


def test_choice_is_plain_data():
    assert Choice(np.array([0, 1]), (0, 1)).pick([[0.1, 0.2], [0.3, 0.4]]).tolist() == [0.1, 0.4]


@given(st.lists(st.lists(st.floats(-5, 5), min_size=3, max_size=3), min_size=1, max_size=9),
       st.lists(st.floats(0, 1), min_size=1, max_size=4))  # fmt: skip
def test_quantiles_of_finite_curves_are_numpys(x, q):
    np.testing.assert_allclose(quantile_band(x, q), np.quantile(np.array(x), q, axis=0), atol=1e-12)


def test_a_diverged_net_counts_as_infinite():
    x = [[1.0, math.nan, math.nan], [2.0, 3.0, math.inf], [4.0, 5.0, math.nan]]
    band = quantile_band(x, (0.0, 0.25, 0.5, 0.75, 1.0))
    assert band[:, 0].tolist() == [1.0, 1.5, 2.0, 3.0, 4.0]
    assert band[:, 1].tolist() == [3.0, 4.0, 5.0, math.inf, math.inf]
    assert band[:, 2].tolist() == [math.inf] * 5
    assert quantile_band(x).shape == (3, 3)
    assert quantile_band(x)[:, 0].tolist() == pytest.approx([1.2, 2.0, 3.6])
    assert quantile_band([[-math.inf], [-math.inf]], [0.5])[0, 0] == -math.inf
