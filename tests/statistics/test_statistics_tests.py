"""Sign flips, Holm, simultaneous pairs, superiority and the detectable difference."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statistics_oracles import enumerated_sign_flip
from statistics_oracles import p_value as loop_p_value

from actlab.statistics import (
    holm,
    mean_interval,
    mean_p_value,
    paired_interval,
    sign_flip_test,
    simultaneous_pairs,
    smallest_detectable_difference,
    superiority,
)

differences = st.lists(st.integers(-8, 8).map(lambda v: v / 8), min_size=1, max_size=9)


@given(differences)
def test_sign_flip_is_the_enumeration(d):
    assert sign_flip_test(d) == pytest.approx(enumerated_sign_flip(d), abs=1e-12)


@pytest.mark.parametrize("n", [13, 14])
def test_sign_flip_is_exact_up_to_fourteen(n):
    assert sign_flip_test([0.25] * n) == 2.0 / 2**n
    assert sign_flip_test([0.25] * n + [0.0] * 30) == 2.0 / 2**n  # zeros do not count


def test_sign_flip_beyond_fourteen_never_gives_zero():
    assert sign_flip_test([0.25] * 15, flips=99) in (0.01, 0.02)
    assert sign_flip_test([0.25] * 40) == 1 / 10_000
    assert sign_flip_test([0.25] * 100, flips=1) == 0.5


@pytest.mark.parametrize("n", [15, 20, 63, 64, 65, 200, 1500])
def test_sign_flip_monte_carlo_against_scipy(n):
    rng = np.random.default_rng(n)
    d = rng.normal(0.7 / math.sqrt(n), 0.5, n)
    reference = stats.permutation_test(
        (d,), np.mean, permutation_type="samples", n_resamples=9999, rng=np.random.default_rng(1)
    ).pvalue
    assert sign_flip_test(d) == pytest.approx(
        reference, abs=4 * math.sqrt(2 * reference * (1 - reference) / 9999) + 1e-3
    )


def test_sign_flip_is_uniform_when_arms_are_exchangeable():
    rng = np.random.default_rng(4)
    p = np.array([sign_flip_test(rng.normal(0, 1, 30), flips=199) for _ in range(400)])
    for level in (0.05, 0.2, 0.5, 0.8):
        assert np.mean(p <= level) == pytest.approx(level, abs=4 * math.sqrt(level * (1 - level) / 400))


def test_sign_flip_does_not_depend_on_unit_or_sign_and_repeats():
    d = np.random.default_rng(6).normal(0.1, 1.0, 40)
    p = sign_flip_test(d)
    assert sign_flip_test(-d) == p
    assert sign_flip_test(d * 1e150) == p
    assert sign_flip_test(d * 1e-150) == p
    assert sign_flip_test(d) == p


def test_sign_flip_counts_equal_sums_in_spite_of_rounding():
    assert sign_flip_test([0.1, 0.2, -0.3]) == 1.0
    assert sign_flip_test([0.1, 0.2, 0.3, 0.7, -0.6]) == enumerated_sign_flip([1, 2, 3, 7, -6])


@pytest.mark.parametrize("flips", [1, 99, 511, 512, 513, 2000])
def test_sign_flip_draws_as_many_patterns_as_asked_for(flips):
    assert sign_flip_test([1.0] * 8 + [-1.0] * 8, flips=flips) == 1.0  # every pattern is at least as far from 0
    assert sign_flip_test([1.0] * 64, flips=flips) == 1 / (1 + flips)


def test_sign_flip_flips_every_difference():
    d = np.full(195, 1e-9)
    d[-3:] = 1.0  # the last three must agree, 1 in 4; the sum of the others must then not lie on the other side of 0
    d[:192:2] *= -1
    expected = 0.25 * stats.binom.sf(95, 192, 0.5)
    assert sign_flip_test(d) == pytest.approx(expected, abs=0.015)


def test_all_zero_differences():
    assert sign_flip_test([0.0]) == 1.0
    assert sign_flip_test([0.0] * 100) == 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_its_definition(p):
    corrected = holm(p)
    k = len(p)
    ranked = sorted(range(k), key=lambda i: p[i])
    largest = 0.0
    for position, i in enumerate(ranked):
        largest = max(largest, (k - position) * p[i])
        assert corrected[i] == pytest.approx(min(1.0, largest), abs=1e-12)
    for alpha in (0.05, 0.3):  # stepwise: stop at the first that is not small enough
        rejected = set()
        for position, i in enumerate(ranked):
            if p[i] > alpha / (k - position):
                break
            rejected.add(i)
        if all(abs(c - alpha) > 1e-9 for c in corrected):
            assert {i for i in range(k) if corrected[i] <= alpha} == rejected


def test_holm_example():
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])
    np.testing.assert_allclose(holm([0.9]), [0.9])
    np.testing.assert_allclose(holm([0.0, 1.0]), [0.0, 1.0])


columns = st.integers(2, 5).flatmap(
    lambda k: st.lists(st.lists(st.integers(0, 10).map(lambda v: v / 10), min_size=k, max_size=k), min_size=1,
                       max_size=40)
)  # fmt: skip


@settings(max_examples=60)
@given(columns, st.sampled_from([0.5, 0.8, 0.95]), st.booleans(), st.floats(0.0, 0.5))
def test_intervals_agree_with_corrected_tests(table, level, every, shift):
    values = np.array(table)
    values[:, -1] = np.clip(values[:, -1] + shift, 0, 1)
    for pair in simultaneous_pairs(values, reference=None if every else 0, level=level, flips=9):
        if abs(pair.p_value - (1 - level)) > 1e-9:
            assert pair.interval.excludes(0.0) == (pair.p_value <= 1 - level) == pair.differs


def test_pairs_by_hand():
    rng = np.random.default_rng(1)
    values = rng.random((50, 3)) * 0.5 + np.array([0.0, 0.3, 0.5])
    first, second = simultaneous_pairs(values, reference=1, level=0.9)
    assert (first.arm, first.reference, second.arm, second.reference) == (0, 1, 2, 1)
    assert first.interval.estimate == pytest.approx((values[:, 0] - values[:, 1]).mean())
    assert first.interval.level == 0.9
    d = (values[:, 2] - values[:, 1] + 1) / 2
    assert second.p_value == pytest.approx(loop_p_value(d.tolist(), 0.5, comparisons=2), rel=1e-6)
    assert second.sign_flip_p == sign_flip_test(values[:, 2] - values[:, 1])
    np.testing.assert_allclose(
        [first.sign_flip_holm, second.sign_flip_holm], holm([first.sign_flip_p, second.sign_flip_p])
    )
    assert first.differs
    assert first.interval.high < 0.0


def test_all_pairs():
    values = np.random.default_rng(2).random((30, 4))
    pairs = simultaneous_pairs(values, reference=None, flips=9)
    assert [(p.reference, p.arm) for p in pairs] == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    for p in pairs:
        assert p.interval.estimate == pytest.approx(values[:, p.arm].mean() - values[:, p.reference].mean())
    three = simultaneous_pairs(values, flips=9)
    assert all(wide.interval.width > p.interval.width for wide, p in zip(pairs, three, strict=False))


def test_two_arms_are_one_paired_interval():
    values = np.random.default_rng(3).random((40, 2))
    few = simultaneous_pairs(values, flips=7)[0].sign_flip_p * 8
    assert few == pytest.approx(round(few))  # eighths: the number of flips is passed on
    (only,) = simultaneous_pairs(values)
    assert only.interval == paired_interval(values[:, 1], values[:, 0])
    assert only.p_value == mean_p_value(values[:, 1] - values[:, 0], 0.0, bounds=(-1, 1))
    assert only.sign_flip_holm == only.sign_flip_p


def test_more_comparisons_make_wider_intervals_and_larger_p_values():
    values = np.random.default_rng(3).random((60, 6)) * 0.3
    values[:, 1] += 0.12
    two, six = simultaneous_pairs(values[:, :2], flips=9)[0], simultaneous_pairs(values, flips=9)[0]
    assert six.interval.low < two.interval.low < two.interval.high < six.interval.high
    assert two.p_value < six.p_value < 6 * two.p_value


def test_equal_arms_do_not_differ():
    values = np.tile(np.random.default_rng(3).random((60, 1)), 3)
    for pair in simultaneous_pairs(values):
        assert (pair.p_value, pair.sign_flip_p, pair.sign_flip_holm, pair.differs) == (1.0, 1.0, 1.0, False)


def test_pairs_in_other_bounds():
    values = np.random.default_rng(3).random((60, 3)) * 0.8
    for percent, share in zip(
        simultaneous_pairs(values * 100, bounds=(0, 100)), simultaneous_pairs(values), strict=True
    ):
        assert percent.interval.low == pytest.approx(100 * share.interval.low)
        assert percent.interval.high == pytest.approx(100 * share.interval.high)
        assert percent.p_value == pytest.approx(share.p_value)
    shifted = simultaneous_pairs(values - 5, bounds=(-5, -4))[0]
    assert shifted.interval.low == pytest.approx(simultaneous_pairs(values)[0].interval.low)


def test_superiority_counts_wins_and_half_the_ties():
    a, b = [3.0, 1.0, 2.0, 2.0, math.inf, math.inf], [1.0, 3.0, 2.0, 1.0, math.inf, -math.inf]
    found = superiority(a, b, level=0.8)
    assert found.estimate == pytest.approx((1 + 0 + 0.5 + 1 + 0.5 + 1) / 6)
    assert found == mean_interval([1, 0, 0.5, 1, 0.5, 1], level=0.8)
    assert superiority(b, a).estimate == pytest.approx(1 - found.estimate)


def test_superiority_is_the_paired_version():
    a, b = np.arange(10.0), np.arange(10.0) - 0.5
    assert superiority(a, b).estimate == 1.0
    assert stats.mannwhitneyu(a, b).statistic / 100 == 0.55  # the unpaired version


def test_detectable_difference_formula():
    d = np.random.default_rng(4).normal(0.01, 0.1, 120)
    found = paired_interval(d, np.zeros(120))
    arm = max(found.estimate - found.low, found.high - found.estimate)
    expected = arm + 0.8416212335729143 * d.std(ddof=1) / math.sqrt(120)
    assert smallest_detectable_difference(d) == pytest.approx(expected)
    assert smallest_detectable_difference(d, power=0.5) == pytest.approx(arm)
    assert smallest_detectable_difference(-d) == pytest.approx(expected)
    assert smallest_detectable_difference(d * 10, bounds=(-10, 10)) == pytest.approx(10 * expected)


def test_detectable_difference_grows_with_level_power_comparisons_and_shrinks_with_seeds():
    d = np.random.default_rng(4).normal(0.0, 0.1, 400)
    base = smallest_detectable_difference(d[:100])
    assert smallest_detectable_difference(d[:100], level=0.99) > base
    assert smallest_detectable_difference(d[:100], power=0.9) > base
    assert smallest_detectable_difference(d[:100], comparisons=5) > base
    assert smallest_detectable_difference(d) < 0.7 * base
    wide = simultaneous_pairs(np.stack([np.full(100, 0.5), *[0.5 + d[:100] / 2] * 5], axis=1), flips=1)[0].interval
    arm = max(wide.estimate - wide.low, wide.high - wide.estimate)
    assert smallest_detectable_difference(d[:100] / 2, comparisons=5, power=0.5) == pytest.approx(arm, rel=1e-6)


def test_detectable_difference_of_one_seed_and_of_equal_differences():
    assert smallest_detectable_difference([0.3]) == pytest.approx(1.3)  # the interval is everything
    assert smallest_detectable_difference([1.0], power=0.9) == pytest.approx(2.0)
    assert smallest_detectable_difference([-0.9, 0.9], power=0.99) == 2.0  # at most what is possible
    assert 0.0 < smallest_detectable_difference([0.0] * 50) < 0.2
