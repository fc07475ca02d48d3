"""The betting process against a literal loop, and the laws that intervals obey."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statistics_oracles import largest_capital, p_value, scanned_interval, shuffled

from actlab.statistics import Interval, _betting, mean_interval, mean_intervals, mean_p_value, paired_interval

units = st.floats(0.0, 1.0, allow_subnormal=False).map(lambda v: round(v, 6))
samples = st.lists(units, min_size=1, max_size=40)
levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])


@pytest.mark.parametrize("n", [1, 2, 3, 10, 257, 2000])
def test_the_order_is_a_fixed_permutation(n):
    order = _betting.order(n)
    assert order.tolist() == shuffled(n)
    assert sorted(order.tolist()) == list(range(n))
    if n >= 10:
        assert np.abs(np.diff(order)).mean() > n / 5  # neighbours are spread


@given(samples, units, st.integers(1, 12))
def test_capital_is_that_of_the_loop(values, m, comparisons):
    u = np.array([values])[:, _betting.order(len(values))]
    log_capital = _betting.log_capital(u, _betting.bets(u, comparisons), np.array([m]))[0]
    assert log_capital == pytest.approx(math.log(largest_capital(values, m, comparisons)), abs=1e-9)


@given(samples, units, st.integers(1, 12))
def test_p_values_are_those_of_the_loop(values, m, comparisons):
    p = _betting.p_values(np.array([values]), m, comparisons)[0]
    if abs(np.mean(values) - m) > 1e-12:
        assert p == pytest.approx(p_value(values, m, comparisons), rel=1e-8)
    assert 0.0 <= p <= 1.0


def test_p_value_at_the_sample_mean_is_one():
    assert _betting.p_values(np.array([[0.25, 0.75] * 40]), 0.5)[0] == 1.0


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_ends_are_those_of_a_scan(level):
    rng = np.random.default_rng(3)
    points = np.linspace(0.0, 1.0, 401)
    for n in (5, 20, 60):
        values = rng.beta(8, 2, n)
        low, high = scanned_interval(values.tolist(), 1.0 - level, points)
        found = mean_interval(values, level=level)
        assert 0.0 <= low - found.low < 1 / 400 + 1e-12
        assert 0.0 <= found.high - high < 1 / 400 + 1e-12


@given(samples, levels)
def test_ends_are_where_the_p_value_crosses(values, level):
    found = mean_interval(values, level=level)
    alpha, step = 1.0 - level, 1e-9
    for end, outwards in ((found.low, -step), (found.high, step)):
        if 0.0 < end < 1.0:
            assert p_value(values, end + outwards) <= alpha * (1 + 1e-6)
            if abs(end - np.mean(values)) > 2 * step:
                assert p_value(values, end - outwards) >= alpha * (1 - 1e-6)


@given(samples, units, levels)
def test_interval_and_p_value_agree(values, m, level):
    p = mean_p_value(values, m)
    if abs(p - (1.0 - level)) > 1e-9:
        assert mean_interval(values, level=level).excludes(m) == (p <= 1.0 - level)


@given(samples)
def test_intervals_are_nested_in_the_level(values):
    found = [mean_interval(values, level=level) for level in (0.5, 0.8, 0.95, 0.99)]
    for inner, outer in pairwise(found):
        assert outer.low <= inner.low <= inner.estimate <= inner.high <= outer.high
    assert found[2].level == 0.95


@given(samples, levels)
def test_mirror(values, level):
    found = mean_interval(values, level=level)
    mirrored = mean_interval([1.0 - v for v in values], level=level)
    assert mirrored.low == pytest.approx(1.0 - found.high, abs=1e-9)
    assert mirrored.high == pytest.approx(1.0 - found.low, abs=1e-9)


@given(samples, st.floats(-50, 50), st.floats(0.01, 50))
def test_units(values, start, size):
    found = mean_interval(values)
    bounds = (start, start + size)
    moved = mean_interval(np.clip(start + size * np.array(values), *bounds), bounds=bounds)
    assert moved.low == pytest.approx(start + size * found.low, abs=1e-6 * size + 1e-12)
    assert moved.high == pytest.approx(start + size * found.high, abs=1e-6 * size + 1e-12)
    assert bounds[0] <= moved.low <= moved.estimate <= moved.high <= bounds[1]


def test_a_sorted_sample_does_no_harm():
    rng = np.random.default_rng(8)
    rows = np.sort(rng.random((400, 64)), axis=1)
    covered = [row.low <= 0.5 <= row.high for row in mean_intervals(rows.T)]
    assert np.mean(covered) >= 0.94


def test_one_value_says_nothing():
    found = mean_interval([0.3])
    assert (found.estimate, found.low, found.high) == (0.3, 0.0, 1.0)


@pytest.mark.parametrize(("value", "n"), [(1.0, 30), (0.97, 30), (0.97, 200), (0.0, 30), (0.5, 30)])
def test_equal_values_leave_room_for_failures_not_seen(value, n):
    found = mean_interval([value] * n)
    assert found.estimate == value
    if value > 0.0:
        least = value * 0.05 / 2  # rule of three, two-sided: a share 1 − (α/2)^(1/n) of failures at 0 goes unseen
        exact = value * (0.05 / 2) ** (1 / n)
        assert max(least, exact - 2.0 / n) <= found.low <= exact
    else:
        assert found.low == 0.0
    if value == 1.0 or n == 200:
        assert (found.high == 1.0) == (value == 1.0)


def test_equal_values_do_not_round_out_of_the_interval():
    for bounds in ((0.0, 0.7), (-0.1, 0.7), (0.0, 3.0)):
        found = mean_interval([0.7] * 10, bounds=bounds)
        assert bounds[0] <= found.low <= found.estimate <= found.high <= bounds[1]
        assert found.estimate == 0.7


def test_capital_won_and_lost_again_keeps_the_estimate_inside():
    values = np.empty(400)
    values[_betting.order(400)] = [1.0] * 200 + [0.0] * 200  # in the order of betting: all successes first
    found = mean_interval(values)
    assert found.low == found.estimate == 0.5
    assert mean_p_value(values, 0.5) == 1.0
    assert mean_p_value(values, 0.49) < 1e-6
    beside = mean_intervals(np.stack([values, np.full(400, 0.9), values * 0.5], axis=1))
    assert [interval.low for interval in beside] == [0.5, mean_interval(np.full(400, 0.9)).low, 0.25]
    mirrored = mean_interval(1.0 - values)
    assert mirrored.high == mirrored.estimate == 0.5
    assert mean_p_value(1.0 - values, 0.5) == 1.0
    assert mean_p_value(1.0 - values, 0.51) < 1e-6


def test_single_precision_and_integers_are_taken_as_double():
    x = np.random.default_rng(5).random(50).astype(np.float32)
    assert mean_interval(x) == mean_interval(x.astype(np.float64))
    assert mean_interval([1, 0, 1]) == mean_interval([1.0, 0.0, 1.0])


def test_blocks_give_what_single_samples_give(monkeypatch):
    columns = np.random.default_rng(1).random((30, 17))
    whole = mean_intervals(columns, level=0.9)
    monkeypatch.setattr(_betting, "_BLOCK", 100)
    assert mean_intervals(columns, level=0.9) == whole
    monkeypatch.setattr(_betting, "_BLOCK", 1)
    assert mean_intervals(columns, level=0.9) == whole
    assert [mean_interval(column, level=0.9) for column in columns.T] == whole
    assert all(isinstance(interval, Interval) and interval.level == 0.9 for interval in whole)


@settings(max_examples=30)
@given(st.lists(st.tuples(units, units), min_size=1, max_size=30))
def test_paired_is_the_mean_of_differences(pairs):
    a, b = np.array(pairs).T
    found = paired_interval(a, b, level=0.9)
    assert found == mean_interval(a - b, level=0.9, bounds=(-1.0, 1.0))
    swapped = paired_interval(b, a, level=0.9)
    assert swapped.low == pytest.approx(-found.high, abs=1e-9)
    assert swapped.estimate == pytest.approx(-found.estimate, abs=1e-12)


def test_ten_thousand_seeds():
    x = np.random.default_rng(2).random(10_000)
    found = mean_interval(x)
    assert found.low < 0.5 < found.high
    assert found.width < 1.35 * 2 * 1.96 * x.std() / 100


def test_width_and_exclusion():
    found = Interval(0.5, 0.25, 0.75, 0.95)
    assert found.width == 0.5
    assert not found.excludes(0.25)
    assert not found.excludes(0.75)
    assert not found.excludes(0.5)
    assert found.excludes(0.2499)
    assert found.excludes(0.7501)
    assert found.excludes(math.nan)
