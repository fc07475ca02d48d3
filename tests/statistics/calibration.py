"""Calibration of a sweep's statistics, by simulation through the code that makes its tables.

    python tests/statistics/calibration.py [STUDIES] [SEEDS OF A STUDY]

* *Null*: studies of six arms that are the same function with independent seeds. How many claim any difference? A claim
  is a corrected p of at most 0.05: of the intervals of the means, and of the sign-flip test.
* *Coverage*: six arms of different failure rates, accuracy near 1: how often do the simultaneous intervals all hold?
* *Power*: the smallest true difference of one arm that is found in 80 % of the studies.

Scores are drawn from those of real nets, trained once by a sweep, or from a model of accuracies near 1 with 2 % failing
seeds. Each study goes through `analysis._summary`, the function behind every table.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile

import numpy as np

from actlab.statistics import many_means
from actlab.study.sweep import Store, read_plan, sweep
from actlab.study.sweep.analysis import _summary
from actlab.study.sweep.judge import Judged, Setting
from actlab.study.sweep.read import read_nets

ARMS = 6
POOL = """
activations = "relu"
depth = 2
width = 8
learning_rates = 0.5
seeds = 4096
epochs = 40
test_points = 2000
"""


def studies(scores):
    """The rows of the summary of many studies at once; `scores` is (studies, arms, seeds)."""
    settings = [
        Setting(
            {"data": str(k)},
            study.shape[1],
            tuple(Judged(arm, (), own, np.zeros(len(own)), 0.5, (0, 0), 1.0) for arm, own in enumerate(study)),
            False,
        )
        for k, study in enumerate(scores)
    ]
    return _summary(tuple(map(str, range(scores.shape[1]))), settings, many_means)


def claims(scores):
    """Shares of studies that claim any difference: by the means' intervals, by the sign-flip test."""
    table = studies(scores).drop_nulls("difference")
    count = len(scores)
    means = table.filter(table["p_value"] <= 0.05)["setting"].n_unique()
    flips = table.filter(table["sign_flip_p"] <= 0.05)["setting"].n_unique()
    return means / count, flips / count


def coverage(scores, truth):
    """Share of studies whose intervals of all differences hold the true ones, `truth` (arms,)."""
    table = studies(scores).drop_nulls("difference")
    wanted = np.tile((truth - truth[0])[1:], len(scores))
    low, high = (table[name].to_numpy() for name in ("difference_low", "difference_high"))
    return float(((low <= wanted) & (wanted <= high)).reshape(len(scores), -1).all(axis=1).mean())


def near_one(chance, studies_, seeds, failing):
    """Accuracies near 1; a share `failing` (arms,) of the seeds gives 0.5. With the true means."""
    good = chance.beta(180, 4, (studies_, len(failing), seeds))
    lost = chance.random(good.shape) < failing[:, None]
    return np.where(lost, 0.5, good), (1 - failing) * 180 / 184 + failing * 0.5


def power(chance, pool, seeds, found):
    """The smallest shift of one arm that `found` (a function of scores) sees in 80 % of 200 studies."""
    low, high = 0.0, 0.5
    for _ in range(7):
        shift = (low + high) / 2
        scores = chance.choice(pool, (200, ARMS, seeds))
        scores[:, 1] = np.clip(scores[:, 1] - shift, 0, 1)
        low, high = (low, shift) if found(scores) >= 0.8 else (shift, high)
    return high


def pooled():
    """Test accuracies of real nets, one a seed."""
    with tempfile.TemporaryDirectory() as folder:
        plan = read_plan(POOL)
        sweep(plan, folder)
        store = Store(folder)
        (nets,) = read_nets(store, plan, store.contents()).values()
        return nets.test_score


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("studies", type=int, nargs="?", default=2000)
    words.add_argument("seeds", type=int, nargs="?", default=64)
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    chance = np.random.default_rng(given.seed)
    pool = pooled()
    null = claims(chance.choice(pool, (given.studies, ARMS, given.seeds)))
    failing = np.array([0.02, 0.02, 0.0, 0.05, 0.01, 0.02])
    scores, truth = near_one(chance, given.studies, given.seeds, failing)
    null_failing = claims(near_one(chance, given.studies, given.seeds, np.full(ARMS, 0.02))[0])
    told = {
        "studies": given.studies, "seeds": given.seeds,
        "standard_error_of_5_percent": math.sqrt(0.0475 / given.studies),
        "pool": {"mean": float(pool.mean()), "sd": float(pool.std()), "smallest": float(pool.min())},
        "null_claims": {"means": null[0], "sign_flips": null[1]},
        "null_claims_2_percent_failing": {"means": null_failing[0], "sign_flips": null_failing[1]},
        "coverage_near_1_2_percent_failing": coverage(scores, truth),
        "coverage_pool": coverage(chance.choice(pool, (given.studies, ARMS, given.seeds)), np.zeros(ARMS)),
        "power_80_percent": {
            "means": power(chance, pool, given.seeds, lambda s: claims_of_arm(s, "p_value")),
            "sign_flips": power(chance, pool, given.seeds, lambda s: claims_of_arm(s, "sign_flip_p")),
        },
    }  # fmt: skip
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


def claims_of_arm(scores, column):
    """Share of studies that claim a difference of arm 1."""
    table = studies(scores)
    return float((table.filter(table["arm"] == "1")[column] <= 0.05).mean())


if __name__ == "__main__":
    main()
