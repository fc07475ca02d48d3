"""Bad input gets one sentence, in both languages."""

from __future__ import annotations

import math

import numpy as np
import pytest

from actlab import statistics as s
from actlab.text import UserError, keys

SQUARE = np.full((2, 4), 0.5)
CASES = [
    ("empty", lambda: s.mean_interval([])),
    ("empty", lambda: s.mean_intervals(np.empty((0, 3)))),
    ("empty", lambda: s.sign_flip_test([])),
    ("empty", lambda: s.holm([])),
    ("empty", lambda: s.quantile_band(np.empty((0, 2)))),
    ("empty", lambda: s.simultaneous_pairs(np.empty((0, 2)))),
    ("dimensions", lambda: s.mean_interval([[0.5]])),
    ("dimensions", lambda: s.mean_interval(0.5)),
    ("dimensions", lambda: s.mean_intervals([0.5])),
    ("dimensions", lambda: s.quantile_band([0.5])),
    ("dimensions", lambda: s.choose_cross_fitted([0.5, 0.5])),
    ("not_finite", lambda: s.mean_interval([0.5, math.nan])),
    ("not_finite", lambda: s.mean_interval([0.5, math.inf])),
    ("not_finite", lambda: s.mean_interval([0.5, -math.inf])),
    ("not_finite", lambda: s.mean_p_value([0.5], math.nan)),
    ("not_finite", lambda: s.paired_interval([math.inf], [math.inf])),
    ("not_finite", lambda: s.paired_interval([0.5], [math.nan])),
    ("not_finite", lambda: s.superiority([0.5], [math.nan])),
    ("not_finite", lambda: s.superiority([math.nan], [0.5])),
    ("not_finite", lambda: s.sign_flip_test([math.nan, 0.0])),
    ("not_finite", lambda: s.simultaneous_pairs([[0.5, math.nan]])),
    ("not_finite", lambda: s.smallest_detectable_difference([0.1, math.nan])),
    ("not_finite", lambda: s.cross_fitted_interval(SQUARE * math.nan, SQUARE)),
    ("spread", lambda: s.seeds_to_detect([0.1], 0.05)),
    ("comparisons", lambda: s.seeds_to_detect([0.1, 0.2], 0.05, comparisons=0)),
    ("difference", lambda: s.seeds_to_detect([0.1, 0.2], 0.0)),
    ("difference", lambda: s.seeds_to_detect([0.1, 0.2], 2.0)),
    ("difference", lambda: s.seeds_to_detect([0.1, 0.2], math.nan)),
    ("not_finite", lambda: s.seeds_to_detect([0.1, math.nan], 0.05)),
    ("outside", lambda: s.seeds_to_detect([0.1, 3], 0.05)),
    ("below_worst", lambda: s.choose_best([[-0.5, 0.5]])),
    ("outside", lambda: s.mean_interval([0.5, 1.0000001])),
    ("outside", lambda: s.mean_interval([-1e-9])),
    ("outside", lambda: s.mean_p_value([0.5], 2.0)),
    ("outside", lambda: s.paired_interval([5.0], [3.0])),
    ("outside", lambda: s.simultaneous_pairs([[1.2, 1.3]])),
    ("outside", lambda: s.smallest_detectable_difference([1.5])),
    ("bounds", lambda: s.mean_interval([0.5], bounds=(1.0, 0.0))),
    ("bounds", lambda: s.mean_interval([0.5], bounds=(0.5, 0.5))),
    ("bounds", lambda: s.mean_interval([0.5], bounds=(-math.inf, 1.0))),
    ("bounds", lambda: s.mean_interval([0.5], bounds=(0.0, math.inf))),
    ("bounds", lambda: s.mean_p_value([0.5], 0.5, bounds=(1.0, 0.0))),
    ("bounds", lambda: s.simultaneous_pairs([[0.5, 0.5]], bounds=(1.0, 0.0))),
    ("level", lambda: s.mean_interval([0.5], level=1.0)),
    ("level", lambda: s.mean_interval([0.5], level=0.0)),
    ("level", lambda: s.mean_interval([0.5], level=math.nan)),
    ("level", lambda: s.superiority([0.5], [0.5], level=95)),
    ("power", lambda: s.smallest_detectable_difference([0.5], power=1.0)),
    ("paired", lambda: s.paired_interval([0.5], [0.5, 0.5])),
    ("paired", lambda: s.superiority([0.5, 0.5, 0.5], [0.5])),
    ("paired", lambda: s.choose_cross_fitted(SQUARE, np.zeros((2, 3)))),
    ("paired", lambda: s.cross_fitted_interval(SQUARE, np.zeros((1, 4)))),
    ("paired", lambda: s.cross_fitted_difference(SQUARE, SQUARE, SQUARE[:, :2], SQUARE[:, :2])),
    ("flips", lambda: s.sign_flip_test([0.5], flips=0)),
    ("p_values", lambda: s.holm([0.5, 1.1])),
    ("p_values", lambda: s.holm([-0.1])),
    ("p_values", lambda: s.holm([math.nan])),
    ("two_arms", lambda: s.simultaneous_pairs([[0.5], [0.5]])),
    ("reference", lambda: s.simultaneous_pairs(SQUARE, reference=4)),
    ("reference", lambda: s.simultaneous_pairs(SQUARE, reference=-1)),
    ("two_seeds", lambda: s.choose_cross_fitted([[0.5]])),
    ("below_worst", lambda: s.choose_cross_fitted([[0.5, -0.1]])),
    ("below_worst", lambda: s.choose_cross_fitted([[0.5, 0.1]], worst=math.nan)),
    ("rate_index", lambda: s.at_edge(3, 3)),
    ("rate_index", lambda: s.at_edge(-1, 3)),
    ("quantiles", lambda: s.quantile_band(SQUARE, [1.5])),
    ("quantiles", lambda: s.quantile_band(SQUARE, [-0.5])),
    ("quantiles", lambda: s.quantile_band(SQUARE, [math.nan])),
    ("comparisons", lambda: s.smallest_detectable_difference([0.5], comparisons=0)),
    ("no_rank", lambda: s.mean_ranks([[[0.5, math.nan]]])),
]


@pytest.mark.parametrize(("key", "call"), CASES)
def test_sentence(key, call):
    with pytest.raises(UserError) as caught:
        call()
    assert caught.value.key == f"statistics.{key}"
    assert len(caught.value.message("en")) > 20
    assert any("가" <= letter <= "힣" for letter in caught.value.message("ko"))


def test_every_sentence_is_said():
    said = {f"statistics.{key}" for key, _ in CASES}
    for lang in ("en", "ko"):
        assert {key for key in keys(lang) if key.startswith("statistics.")} == said


@pytest.mark.parametrize(
    ("call", "parts"),
    [
        (lambda: s.mean_interval([0.5, math.nan, math.inf]), ["2 of 3"]),
        (lambda: s.mean_interval([0.5, 1.5, 7.0], bounds=(0.25, 1.0)), ["1.5", "0.25", "to 1"]),
        (lambda: s.mean_interval([0.5], bounds=(2.0, 1.0)), ["2 and 1"]),
        (lambda: s.mean_interval([0.5], level=95), ["95"]),
        (lambda: s.mean_interval(np.zeros((2, 3))), ["1 axes", "(2, 3)"]),
        (lambda: s.paired_interval([0.5], [0.5, 0.5]), ["(1,)", "(2,)"]),
        (lambda: s.simultaneous_pairs(SQUARE, reference=7), ["0 to 3", "7"]),
        (lambda: s.simultaneous_pairs([[0.5, 1.25]]), ["1.25", "0 to 1"]),
        (lambda: s.choose_cross_fitted([[0.5]]), ["there are 1"]),
        (lambda: s.choose_cross_fitted([[0.5, -0.25]]), ["-0.25", "than 0"]),
        (lambda: s.at_edge(9, 3), ["0 to 2", "9"]),
        (lambda: s.quantile_band(SQUARE, [0.5, 1.5]), ["0.5, 1.5"]),
        (lambda: s.sign_flip_test([0.5], flips=-3), ["-3"]),
        (lambda: s.smallest_detectable_difference([0.5], comparisons=0), ["0 was given"]),
    ],
)
def test_sentences_name_what_was_wrong(call, parts):
    with pytest.raises(UserError) as caught:
        call()
    for part in parts:
        assert part in caught.value.message("en")


def test_all_names_are_there():
    assert sorted(s.__all__) == s.__all__ == sorted(set(s.__all__))
    assert all(hasattr(s, name) and getattr(s, name).__doc__ for name in s.__all__)
