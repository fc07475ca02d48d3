"""Calibration of a sweep's statistics, by simulation through the code behind `actlab report`.

    python tests/statistics/calibration.py [STUDIES] [SEEDS OF A STUDY] [--pool DIR]

With `--pool` the nets stay in DIR, and a run that was stopped goes on there, as any sweep does.

* *Null*: studies of six arms that are the same function with independent seeds. How many claim any difference? A claim
  is a corrected p of at most 0.05: of the intervals of the means, and of the sign-flip test.
* *Coverage*: how often do the simultaneous intervals of all differences hold the true ones? Six arms that are one
  function; and six with failure rates of their own, accuracy near 1.
* *Power*: the smallest true difference of one arm that is found in 80 % of the studies, and what a page says that could
  have been seen.

The nets are real ones, no two of which share a seed: 2,000 studies × 6 arms × 64 seeds at two learning rates are 1.5
million, trained by a sweep into a directory and read back. Each study is a setting of one plan, and goes through
`analysis.tables`: cross-fitted choice of the learning rate on validation points, test scores, intervals, tests. Where a
difference is wanted whose size is known, the scores of one arm are shifted; where 2 % of the seeds are to fail at
accuracies near 1, the scores are drawn from a model of that.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time

import numpy as np

from actlab.study.sweep import Store, read_plan, sweep
from actlab.study.sweep.analysis import tables
from actlab.study.sweep.read import CellNets, read_nets

ARMS = 6
RATES = (0.2, 0.8)
#: The nets of all arms of all studies: one function, a seed each.
POOL = """
activations = "relu"
depth = 1
width = 4
learning_rates = {rates}
grow_rates = false
seeds = {seeds}
epochs = 4
batch_size = 8
train_points = 64
validation_points = 100
test_points = 200
"""
#: A study a noise; what the arms are called does not matter, as their nets come from the pool.
STUDIES = """
activations = ["relu", "tanh", "elu", "gelu", "silu", "sigmoid"]
noise = {noise}
learning_rates = {rates}
grow_rates = false
seeds = {seeds}
"""


def analysed(test, validation=None):
    """The summary of many studies at once.

    `test` is ``(studies, arms, seeds)``, or ``(studies, arms, rates, seeds)`` with the validation scores beside it.
    """
    test = test[:, :, None] if test.ndim == 3 else test
    validation = test if validation is None else validation
    count, arms, rates, seeds = test.shape
    assert arms == ARMS
    noise = [float(f"{value:.6f}") for value in np.linspace(0.1, 0.9, count)]
    plan = read_plan(STUDIES.format(noise=noise, rates=list(RATES[:rates]), seeds=seeds))
    zeros, ones = np.zeros(seeds), np.ones(seeds)
    number = {value: k for k, value in enumerate(noise)}
    nets = {}
    for place in plan.grid.places:
        k, r = number[place.cell.source.noise], RATES.index(place.cell.rate)
        nets[place.cell.name] = CellNets(
            np.zeros(seeds, dtype=np.int64), zeros, validation[k, place.arm, r], zeros, test[k, place.arm, r],
            0.5 * ones, ones, False,
        )  # fmt: skip
    return tables(plan, plan.grid, nets).summary


def claims(table):
    """Shares of studies that claim any difference: by the means' intervals, by the sign-flip test."""
    count = table["noise"].n_unique()
    return tuple(table.filter(table[name] <= 0.05)["noise"].n_unique() / count for name in ("p_value", "sign_flip_p"))


def coverage(table, truth):
    """Share of studies whose intervals of all differences hold the true ones, `truth` (arms,)."""
    table = table.drop_nulls("difference")
    wanted = np.resize((truth - truth[0])[1:], len(table))
    low, high = (table[name].to_numpy() for name in ("difference_low", "difference_high"))
    return float(((low <= wanted) & (wanted <= high)).reshape(-1, ARMS - 1).all(axis=1).mean())


def near_one(chance, studies, seeds, failing):
    """Accuracies near 1; a share `failing` (arms,) of the seeds gives 0.5. With the true means."""
    good = chance.beta(180, 4, (studies, len(failing), seeds))
    lost = chance.random(good.shape) < failing[:, None]
    return np.where(lost, 0.5, good), (1 - failing) * 180 / 184 + failing * 0.5


def power(test, validation, column):
    """The smallest true difference of arm 1 that is found in 80 % of the studies, to a tenth of a point."""
    low, high = 0.0, 0.5
    while high - low > 0.001:
        shift = (low + high) / 2
        low, high = (low, shift) if share_found(shift, test, validation, column) >= 0.8 else (shift, high)
    return high


def share_found(shift, test, validation, column):
    """Share of studies that claim a difference of arm 1, whose accuracy is `shift` lower than it was.

    Every net of it is so much worse; none below 0, where the few that are not count with what is left.
    """
    worse = [np.array(scores) for scores in (test, validation)]
    for scores in worse:
        scores[:, 1] = np.clip(scores[:, 1] - shift, 0, 1)
    table = analysed(*worse)
    return float((table.filter(table["arm"] == "tanh")[column] <= 0.05).mean())


def pooled(studies, seeds, folder):
    """Test and validation accuracies of real nets ``(studies, arms, rates, seeds)``, and the seconds they took."""
    begun = time.perf_counter()
    plan = read_plan(POOL.format(rates=list(RATES), seeds=studies * ARMS * seeds))
    sweep(plan, folder)
    store = Store(folder)
    cells = plan.grid.cells()
    nets = read_nets(store, cells, store.contents(), plan.seeds.most)
    found = []
    for what in ("test_score", "validation_score"):
        rates = [getattr(nets[cell.name], what).reshape(studies, ARMS, seeds) for cell in cells]
        found.append(np.stack(rates, axis=2))
    failed = [float((nets[cell.name].status > 0).mean()) for cell in cells]
    return *found, {"nets": sum(map(len, nets.values())), "failed": failed, "seconds": time.perf_counter() - begun}


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("studies", type=int, nargs="?", default=2000)
    words.add_argument("seeds", type=int, nargs="?", default=64)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--pool")
    given = words.parse_args()
    chance = np.random.default_rng(given.seed)
    with tempfile.TemporaryDirectory() as folder:
        test, validation, told = pooled(given.studies, given.seeds, given.pool or folder)
    best = np.take_along_axis(test, validation.mean(axis=3, keepdims=True).argmax(axis=2, keepdims=True), axis=2)
    table = analysed(test, validation)
    means, flips = claims(table)
    same = np.full(ARMS, 0.02)
    unlike = np.array([0.02, 0.02, 0.0, 0.05, 0.01, 0.02])
    means_failing, flips_failing = claims(analysed(near_one(chance, given.studies, given.seeds, same)[0]))
    scores, truth = near_one(chance, given.studies, given.seeds, unlike)
    few = slice(0, min(400, given.studies))
    told = {
        "studies": given.studies, "seeds": given.seeds,
        "standard_error_of_5_percent": math.sqrt(0.0475 / given.studies),
        "pool": told | {"mean": float(best.mean()), "sd": float(best.std()), "smallest": float(best.min())},
        "null_claims": {"means": means, "sign_flips": flips},
        "null_claims_2_percent_failing_near_1": {"means": means_failing, "sign_flips": flips_failing},
        "coverage": coverage(table, np.zeros(ARMS)),
        "coverage_unlike_failures_near_1": coverage(analysed(scores), truth),
        "found_in_80_percent": {
            "means": power(test[few], validation[few], "p_value"),
            "sign_flips": power(test[few], validation[few], "sign_flip_p"),
            "as_the_page_says": float(table["detectable"].median()),
        },
    }  # fmt: skip
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
