"""Claims and coverage by simulation, short; `tests/statistics/calibration.py` makes 2,000 studies of each."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "statistics"))

from calibration import ARMS, claims, coverage, near_one, studies


def test_studies_of_one_function_seldom_claim_a_difference():
    """Six arms, independent seeds, 2 % of them failing; 300 studies: 5 % ± three standard errors."""
    scores, _ = near_one(np.random.default_rng(7), 300, 30, np.full(ARMS, 0.02))
    means, flips = claims(scores)
    assert means <= 0.05
    assert 0.012 <= flips <= 0.088


def test_simultaneous_intervals_cover():
    failing = np.array([0.02, 0.02, 0.0, 0.05, 0.01, 0.02])
    scores, truth = near_one(np.random.default_rng(8), 150, 30, failing)
    assert coverage(scores, truth) >= 0.94


def test_a_true_difference_is_found():
    scores, _ = near_one(np.random.default_rng(9), 50, 40, np.zeros(ARMS))
    scores[:, 3] = np.clip(scores[:, 3] - 0.3, 0, 1)
    table = studies(scores)
    found = table.filter(arm="3")
    assert (found["p_value"] <= 0.05).mean() >= 0.9
    assert (found["sign_flip_p"] <= 0.05).all()
    assert found["difference"].mean() == pytest.approx(-0.3, abs=0.01)
