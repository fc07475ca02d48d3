"""Intervals, paired tests and simultaneous comparisons; knows nothing of nets.

A sample is one number per seed. Numbers lie in known bounds (an accuracy in [0, 1], a difference of accuracies in
[−1, 1]), and nothing else is assumed of them: intervals for means are betting intervals, those for medians
order statistics; both hold in finite samples.
"""

from actlab.statistics._choice import Choice, at_edge, choose_best, choose_cross_fitted
from actlab.statistics._crossfit import cross_fitted_difference, cross_fitted_interval
from actlab.statistics._detectable import seeds_to_detect, smallest_detectable_difference
from actlab.statistics._effect import standardised_difference
from actlab.statistics._holm import holm
from actlab.statistics._interval import Interval
from actlab.statistics._many import Means, many_means, many_p_values
from actlab.statistics._mean import mean_interval, mean_intervals, mean_p_value, paired_interval, superiority
from actlab.statistics._median import median_interval
from actlab.statistics._pairs import PairComparison, simultaneous_pairs
from actlab.statistics._quantiles import quantile_band
from actlab.statistics._ranks import mean_ranks, ranks
from actlab.statistics._sequence import sequence_means
from actlab.statistics._signflip import sign_flip_test, sign_flip_tests

__all__ = [
    "Choice",
    "Interval",
    "Means",
    "PairComparison",
    "at_edge",
    "choose_best",
    "choose_cross_fitted",
    "cross_fitted_difference",
    "cross_fitted_interval",
    "holm",
    "many_means",
    "many_p_values",
    "mean_interval",
    "mean_intervals",
    "mean_p_value",
    "mean_ranks",
    "median_interval",
    "paired_interval",
    "quantile_band",
    "ranks",
    "seeds_to_detect",
    "sequence_means",
    "sign_flip_test",
    "sign_flip_tests",
    "simultaneous_pairs",
    "smallest_detectable_difference",
    "standardised_difference",
    "superiority",
]
