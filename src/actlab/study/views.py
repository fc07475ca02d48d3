"""The ways of asking the question, each resolved to one number a seed and arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actlab.study.result import View
from actlab.study.tune import choose, rates_of

if TYPE_CHECKING:
    from actlab._arrays import Array, Integers
    from actlab.study.result import Regime
    from actlab.study.run import Runner, Task


@dataclass(frozen=True)
class Nets:
    """An arm's nets in a view, an entry a seed."""

    rate: Array
    test_accuracy: Array
    test_loss: Array
    status: Integers
    arrival: Array


@dataclass(frozen=True)
class Seen:
    """A view with its nets: `seeds` seeds of every arm from seed number `first` on."""

    view: View
    task: Task  # where the nets were trained
    first: int
    seeds: int
    arms: tuple[Nets, ...]

    @property
    def scores(self) -> Array:
        """``(seeds, arms)`` test accuracy; of a regression the variance explained."""
        return np.stack([nets.test_accuracy for nets in self.arms], axis=1)


def look(runner: Runner, task: Task, regime: Regime, tuned_on: Task | None = None) -> Seen | None:
    """The view of `task`; None where an interruption left too few seeds.

    `tuned_on` is where the best rates were chosen, `task` itself if not given.
    """
    plan = runner.plan
    chooser = tuned_on or task
    arms = range(len(plan.arms))
    first = 0
    try:
        if regime == "same":
            chosen = [np.full(plan.seeds, plan.common_rate) for _ in arms]
        else:
            # Choose on the seeds that all rates have; those of an interrupted study may be fewer than planned.
            trained = [runner.cells[chooser, arm, rate] for arm in arms for rate in rates_of(runner, chooser, arm)]
            seeds = min((cell.done for cell in trained), default=0)
            if seeds < plan.choosers:
                return None
            if plan.auto is not None:  # the seeds after the pilot are judged, as many as there are
                first, seeds = plan.choosers, plan.seeds
            chosen = [
                np.asarray(rates_of(runner, chooser, arm))[choose(runner, chooser, arm, seeds).rate] for arm in arms
            ]
        seeds = min(runner.cells[task, arm, rate].done for arm in arms for rate in set(chosen[arm].tolist()))
        seeds = min(seeds, len(chosen[0]))
    except KeyError:  # interrupted before these nets were begun
        return None
    if seeds <= first:
        return None
    found = [_nets(runner, task, arm, slice(first, seeds), chosen[arm][first:seeds]) for arm in arms]
    rates = {label: tuple(np.unique(nets.rate).tolist()) for label, nets in zip(plan.labels, found, strict=True)}
    view = View(task.source.name, regime, rates, task.source.conditional, task.source.resplits, first)
    return Seen(view, task, first, seeds - first, tuple(found))


def _nets(runner: Runner, task: Task, arm: int, seeds: slice, chosen: Array) -> Nets:
    """The nets of `arm` and `seeds` that learned at `chosen` ``(seeds,)``."""
    rates, which = np.unique(chosen, return_inverse=True)
    cells = [runner.cells[task, arm, rate] for rate in rates.tolist()]
    seed = np.arange(len(chosen))

    def entries(what: str) -> Array:
        return np.asarray(np.stack([getattr(cell, what)[seeds] for cell in cells])[which, seed])

    return Nets(
        chosen, entries("test_accuracy"), entries("test_loss"), entries("status").astype(np.int64), entries("arrival")
    )
