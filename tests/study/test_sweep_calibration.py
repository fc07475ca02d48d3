"""Claims and coverage by simulation, short; `tests/statistics/calibration.py` makes 2,000 studies of each."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "statistics"))

from calibration import ARMS, analysed, claims, coverage, near_one, pooled


def test_studies_of_one_function_seldom_claim_a_difference():
    """Six arms, independent seeds, 2 % of them failing; 300 studies: 5 % ± three standard errors."""
    scores, _ = near_one(np.random.default_rng(7), 300, 30, np.full(ARMS, 0.02))
    means, flips = claims(analysed(scores))
    assert means <= 0.05
    assert 0.012 <= flips <= 0.088


def test_simultaneous_intervals_cover():
    failing = np.array([0.02, 0.02, 0.0, 0.05, 0.01, 0.02])
    scores, truth = near_one(np.random.default_rng(8), 150, 30, failing)
    assert coverage(analysed(scores), truth) >= 0.94


def test_a_true_difference_is_found():
    scores, _ = near_one(np.random.default_rng(9), 50, 40, np.zeros(ARMS))
    scores[:, 3] = np.clip(scores[:, 3] - 0.3, 0, 1)
    table = analysed(scores)
    found = table.filter(arm="gelu")
    assert (found["p_value"] <= 0.05).mean() >= 0.9
    assert (found["sign_flip_p"] <= 0.05).all()
    assert found["difference"].mean() == pytest.approx(-0.3, abs=0.01)


def test_real_nets_go_the_same_way(tmp_path):
    """Forty studies of twelve seeds, two learning rates each: trained, read back, chosen, judged."""
    test, validation, told = pooled(40, 12, tmp_path)
    assert test.shape == validation.shape == (40, ARMS, 2, 12)
    assert told["nets"] == test.size
    table = analysed(test, validation)
    assert len(table) == 40 * ARMS
    assert set(table["chosen"].unique()) > {"0.2", "0.8"}
    k = 17 * ARMS + 3  # by hand: each half at the rate that the other half likes best
    half = [int(validation[17, 3][:, 1 - n :: 2].mean(axis=1).round(12).argmax()) for n in (0, 1)]
    own = np.where(np.arange(12) % 2 == 0, test[17, 3, half[0]], test[17, 3, half[1]])
    assert table["estimate"][k] == pytest.approx(own.mean())
    means, flips = claims(table)
    assert means <= 0.05
    assert flips <= 0.2
