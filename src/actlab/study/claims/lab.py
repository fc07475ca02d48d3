"""Where a claim's nets come from: it asks for them, and they are read or trained."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import numpy as np

from actlab.statistics import choose_cross_fitted
from actlab.study.claims import work
from actlab.study.claims.records import Records
from actlab.study.tune import beyond, speed

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab._arrays import Array
    from actlab.statistics import Choice
    from actlab.study.claims.job import Job
    from actlab.study.claims.measures import Columns

Regime = Literal["same", "best"]

#: Seeds of every arm.
SEEDS = 256
#: The common rate of the "same" regime, and the grid on which each arm's best is looked for; it grows at its edges.
SAME = 0.1
GRID = (0.05, 0.15, 0.5, 1.5, 5.0)
GRID_ADAM = (0.001, 0.003, 0.01, 0.03, 0.1)
_MOST_EXTENSIONS = 4
_REPEATS = 7


class Lab:
    """Gives claims their nets.

    Parameters
    ----------
    seeds
        Nets of every arm.
    records
        Where what was trained is kept; by default in memory.
    tell
        Called with the share, in [0, 1], of the job in training that is done.
    """

    def __init__(
        self,
        seeds: int = SEEDS,
        records: Records | None = None,
        tell: Callable[[float], None] | None = None,
        threads: int = 0,
    ) -> None:
        self.seeds, self.records, self.tell, self.threads = seeds, records or Records(), tell, threads

    def nets(self, job: Job) -> Columns:
        """The record of `job` at its own rate: column → ``(seeds,)``."""
        return self.records.nets(job, self.seeds, lambda: work.train(job, self.seeds, self.threads, self.tell))

    def at(self, job: Job, regime: str) -> Columns:
        """The record of `job` at its own rate (``"same"``) or at its best (``"best"``)."""
        return self.nets(job) if regime == "same" else self.best(job)

    def best(self, job: Job) -> Columns:
        """`job` at the rate that is best for it, chosen on validation points and cross-fitted over the seeds' halves.

        With a target the best rate is the one that gets there soonest. ``rate`` is the one that each seed has.
        """
        grid, choice = self._choose(job.but(measures=()))
        records = {rate: self.nets(job.but(rate=rate)) for rate in {grid[half] for half in choice.halves}}
        rate = np.asarray(grid)[choice.rate]
        first = next(iter(records.values()))
        picked = {name: np.full(self.seeds, np.nan) for name in first}
        for one, record in records.items():
            for name, column in record.items():
                picked[name] = np.where(rate == one, column, picked[name])
        return picked | {"rate": rate}

    def _choose(self, job: Job) -> tuple[list[float], Choice]:
        """The grid as it was in the end, and what was chosen; what is measured beside does not matter for that."""
        grid = sorted(GRID if job.rule == "sgd" else GRID_ADAM)
        for extension in range(_MOST_EXTENSIONS + 1):
            found = [self.nets(job.but(rate=rate)) for rate in grid]
            choice = choose_cross_fitted(
                np.stack([self._score(job, one) for one in found]), np.stack([one["validation_loss"] for one in found])
            )
            further = beyond(grid, choice.halves)
            if not further or extension == _MOST_EXTENSIONS:
                break
            grid = sorted([*grid, *further])
        return grid, choice

    def accuracy(self, job: Job, regime: str = "same") -> Array:
        """Test accuracies ``(seeds,)``; of a regression R², not below 0."""
        return self.at(job, regime)["test_accuracy"]

    def price(self, what: str, one: Callable[[], object], other: Callable[[], object]) -> list[float]:
        """How many times as long `one` takes as `other`, in turns, `_REPEATS` × 8 times; told of this machine, once.

        Each entry is a ratio of the shortest of eight calls of either, made in turns, so that what else the machine
        does meets both.
        """

        def take() -> list[float]:
            ratios = []
            for _ in range(_REPEATS * 3):
                best = [float("inf"), float("inf")]
                for _ in range(8):
                    for k, call in enumerate((one, other)):
                        start = time.perf_counter()
                        call()
                        best[k] = min(best[k], time.perf_counter() - start)
                ratios.append(best[0] / best[1])
            return ratios

        return self.records.price({"price": what}, take)

    @staticmethod
    def _score(job: Job, found: Columns) -> Array:
        if job.target is not None:
            return speed(found["arrival"], job.steps)
        return found["validation_accuracy"]


def times(slow: Array, fast: Array) -> Array:
    """How many times as long the first takes, seed by seed; two that never arrive count as equally slow."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(np.isinf(slow) & np.isinf(fast), 1.0, slow / fast), dtype=np.float64)
