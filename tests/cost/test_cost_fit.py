"""The fit of success against width, against SciPy's optimiser and simulated truth."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from actlab.cost.fit import logistic_fits, percentiles, resampled, shares, smallest_widths

WIDTHS = np.array([2, 3, 4, 6, 8, 12, 16])


def penalised(widths, successes, seeds):
    """Firth's estimate by maximising log-likelihood + ½ log det of the information, with a general optimiser."""
    X = np.stack([np.ones(len(widths)), np.log(widths)], axis=1)

    def minus(beta):
        eta = X @ beta
        p = 1 / (1 + np.exp(-eta))
        information = X.T @ (X * (seeds * p * (1 - p))[:, None])
        return -(successes @ eta - seeds * np.logaddexp(0, eta).sum()) - 0.5 * np.linalg.slogdet(information)[1]

    return minimize(minus, [0.0, 0.5], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 9999}).x


@pytest.mark.parametrize(
    "successes",
    [[0, 1, 4, 12, 18, 20, 20], [0, 0, 0, 20, 20, 20, 20], [3, 5, 9, 8, 11, 12, 14], [0, 0, 0, 0, 0, 1, 0]],
)
def test_the_estimate_is_firths(successes):
    a, b = logistic_fits(WIDTHS, np.array([successes]), 20)
    np.testing.assert_allclose([a[0], b[0]], penalised(WIDTHS, np.array(successes), 20), rtol=1e-4, atol=1e-4)


def test_many_fits_are_each_their_own():
    rows = np.array([[0, 1, 4, 12, 18, 20, 20], [20] * 7, [0] * 7])
    a, b = logistic_fits(WIDTHS, rows, 20)
    for k, row in enumerate(rows):
        one = logistic_fits(WIDTHS, row[None], 20)
        np.testing.assert_allclose([a[k], b[k]], [one[0][0], one[1][0]], rtol=1e-6, atol=1e-6)
    assert smallest_widths(WIDTHS, rows, 20, 0.95).tolist()[1:] == [2, math.inf]


def test_the_threshold_is_between_failure_and_success():
    (width,) = smallest_widths(WIDTHS, np.array([[0, 0, 0, 64, 64, 64, 64]]), 64, 0.95)
    assert 4 < width <= 6
    (never,) = smallest_widths(WIDTHS, np.array([[0, 5, 10, 20, 30, 40, 50]]), 64, 0.95)
    assert never == math.inf
    assert smallest_widths(np.array([5]), np.array([[64], [10]]), 64, 0.95).tolist() == [5, math.inf]


def test_the_interval_covers_the_truth():
    """Success is logistic in truth: the 95 % interval of the width holds the true one in nearly all of 60 studies."""
    rng = np.random.default_rng(3)
    truth = shares(np.arange(2, 17), np.array([-6.0]), np.array([5.0]))[0]
    true_width = 2 + int(np.argmax(truth >= 0.95))
    p = shares(WIDTHS, np.array([-6.0]), np.array([5.0]))[0]
    held = 0
    for _ in range(60):
        success = (rng.random((len(WIDTHS), 64)) < p[:, None]).astype(float)
        draws = rng.integers(0, 64, size=(200, 64))
        low, high = percentiles(smallest_widths(WIDTHS, resampled(success, draws), 64, 0.95))
        held += low <= true_width <= high
    assert held >= 50  # 95 % is 57; a width is whole, and Firth's fit is a little shy


def test_percentiles_may_be_infinite():
    values = np.array([1.0] * 90 + [math.inf] * 10)
    assert percentiles(values) == (1.0, math.inf)
    assert percentiles(np.arange(101.0)) == (2.0, 98.0)
