"""Each arm at its best learning rate: chosen on validation data, judged on test data.

With a target loss nets stop where their losses are equal, so the best rate is the one that leads there soonest.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics import Choice, at_edge, choose_best, choose_cross_fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from actlab._arrays import Array
    from actlab.study.run import Runner, Task

_SMALLEST, _LARGEST = 1e-6, 1e4
#: How often a grid is extended at most.
MOST_EXTENSIONS = 8


def rates_of(runner: Runner, task: Task, arm: int) -> list[float]:
    """The rates at which nets of this arm were trained, ascending."""
    return sorted(rate for t, a, rate in runner.cells if t == task and a == arm)


def choose(runner: Runner, task: Task, arm: int, seeds: int) -> Choice:
    """Which of `rates_of` each of the first `seeds` seeds uses: best mean score over the other half.

    Where seeds are added until intervals are narrow: best over the pilot seeds, whatever `seeds` is (`auto`).
    """
    plan = runner.plan
    cells = [runner.cells[task, arm, rate] for rate in rates_of(runner, task, arm)]
    choosing = seeds if plan.auto is None else plan.choosers
    if plan.target_loss is None:
        score = np.stack([cell.validation_accuracy[:choosing] for cell in cells])
    else:
        total = plan.epochs * plan.steps_per_epoch(task.points)
        score = np.stack([speed(cell.arrival[:choosing], total) for cell in cells])
    loss = np.stack([cell.validation_loss[:choosing] for cell in cells])
    if plan.auto is None:
        return choose_cross_fitted(score, loss)
    best = choose_best(score, loss)
    return Choice(np.full(seeds, best), (best, best))


def speed(arrival: Array, total: int) -> Array:
    """How soon nets arrived, between 0 (never, or with the last step) and 1 (at once): what a step counts falls with
    its logarithm, so that means are those of the geometric mean of the steps.
    """
    if total < 2:
        return np.isfinite(arrival).astype(np.float64)
    return np.asarray(1.0 - np.log(np.clip(arrival, 1.0, float(total))) / math.log(total))


def train_grid(runner: Runner, task: Task) -> None:
    """Train the plan's grid on `task`, and more rates for an arm as long as its best lies at the edge of its grid."""
    plan = runner.plan
    arms = range(len(plan.arms))
    seeds = plan.seeds if plan.auto is None else plan.choosers
    runner.train(task, [(arm, rate) for arm in arms for rate in plan.learning_rates], seeds)
    for _ in range(MOST_EXTENSIONS):
        if runner.interrupted:
            return
        wanted = [(arm, rate) for arm in arms for rate in _missing(runner, task, arm)]
        if not wanted:
            return
        runner.train(task, wanted, seeds)


def _missing(runner: Runner, task: Task, arm: int) -> list[float]:
    rates = rates_of(runner, task, arm)
    return beyond(rates, choose(runner, task, arm, runner.plan.seeds).halves)


def beyond(rates: Sequence[float], chosen: Iterable[int]) -> list[float]:
    """The rates that extend a grid where a chosen one lies at its edge: as far beyond as its neighbour lies within.

    Parameters
    ----------
    rates
        Those of the grid, ascending, at least two.
    chosen
        Indices of the rates that were best.
    """
    edges = {at_edge(best, len(rates)) for best in chosen}
    further = []
    if "low" in edges:
        further.append(_rounded(rates[0] * rates[0] / rates[1], rates[0]))
    if "high" in edges:
        further.append(_rounded(rates[-1] * rates[-1] / rates[-2], rates[-1]))
    return [rate for rate in further if _SMALLEST <= rate <= _LARGEST and rate not in rates]


def _rounded(rate: float, edge: float) -> float:
    """Two significant digits, 0.015 or 17, or as many as it takes to lie where it lay: beyond `edge`."""
    for digits in range(2, 17):
        short = float(f"{rate:.{digits}g}")
        if (short - edge) * (rate - edge) > 0:
            return short
    return rate
