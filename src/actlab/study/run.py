"""Trains the nets of a plan, a few seeds at a time, so that whatever stops it leaves whole seeds behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from actlab import nets
from actlab.nets import CURVES, TRACES, PointSets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from actlab._arrays import AnyArray, Array, Integers
    from actlab.data import Draw, Source
    from actlab.study.plan import Plan

TRAINED, COLLAPSED, DIVERGED = 0, 1, 2
STATUS = ("trained", "collapsed", "diverged")

#: Seeds trained between two looks at the clock: blocks stay full, and an interruption costs at most these.
CHUNK = 64


def times(checkpoints: int) -> list[int]:
    """The checkpoints of which the gradient at every step is kept."""
    return sorted({0, checkpoints // 2, checkpoints - 1})


@dataclass(frozen=True)
class Task:
    """One condition of the data.

    ``"fresh"``: new points for every seed, or a new split of fixed points. ``"tuning"``: a fixed set's training points,
    split anew for every seed into training and validation. ``"refit"``: all of a fixed set's training points.
    """

    source: Source
    kind: Literal["fresh", "tuning", "refit"]

    @property
    def points(self) -> int:
        """Training points of each net."""
        return self.source.n_train + (self.source.n_validation if self.kind == "refit" else 0)

    def draw(self, seed: int) -> Draw:
        """The three samples that the nets of `seed` see."""
        return self.source.refit() if self.kind == "refit" else self.source.draw(seed)


@dataclass
class Cell:
    """The nets of one arm at one learning rate, an entry a seed; the first `done` are there."""

    rate: float
    status: Integers
    # (seeds, 6): train loss, train accuracy, validation loss, validation accuracy, test loss, accuracy; of a regression
    # R² in the place of accuracy, −∞ where that is not a number
    losses: Array
    curves: Array  # (seeds, checkpoints, 4)
    traces: Array  # (seeds, checkpoints, layers, len(TRACES))
    arrival: Array  # (seeds,) steps to the target loss, ∞ where it was not reached; NaN without one
    learned: Array  # (seeds, learned numbers): those of φ, hidden layer by hidden layer
    through_time: Array  # (seeds, `times`, hidden layers, steps) of recurrent nets; no steps of others
    done: int = 0

    @property
    def validation_loss(self) -> Array:
        """``(seeds,)`` mean cross-entropy in nats, or mean squared error; NaN without validation points."""
        return self.losses[:, 2]

    @property
    def validation_accuracy(self) -> Array:
        """``(seeds,)`` share of right answers, or of the variance explained; NaN without validation points."""
        return np.clip(self.losses[:, 3], 0.0, 1.0)

    @property
    def test_loss(self) -> Array:
        """``(seeds,)`` mean cross-entropy in nats, or mean squared error."""
        return self.losses[:, 4]

    @property
    def test_accuracy(self) -> Array:
        """``(seeds,)`` share of right answers, or of the variance explained: R², where that is negative 0."""
        return np.clip(self.losses[:, 5], 0.0, 1.0)

    def make_room(self, more: Cell) -> None:
        """Room for further seeds, that of `more`, behind those that there is room for."""
        for entry in fields(self):
            own = getattr(self, entry.name)
            if isinstance(own, np.ndarray):
                setattr(self, entry.name, np.concatenate([own, getattr(more, entry.name)]))


@dataclass
class Runner:
    """Trains cells and keeps what they gave.

    Parameters
    ----------
    plan
        What to train.
    tell
        Called with (nets done, nets planned so far), about ten times a second and when some nets are finished.
    """

    plan: Plan
    tell: Callable[[float, int], None] | None = None
    cells: dict[tuple[Task, int, float], Cell] = field(default_factory=dict)
    interrupted: bool = False
    planned: int = 0
    finished: int = 0
    steps: int = 0
    _draws: dict[tuple[Task, range], tuple[PointSets, PointSets, PointSets]] = field(default_factory=dict)

    def train(self, task: Task, wanted: Sequence[tuple[int, float]], seeds: int | None = None) -> None:
        """Train every (arm, rate) of `wanted` for the first `seeds` seeds, all of the plan if not said, but those nets
        that are there.
        """
        stop = self.plan.seeds if seeds is None else seeds
        there = {pair: cell.done if (cell := self.cells.get((task, *pair))) else 0 for pair in wanted}
        new = [pair for pair in wanted if there[pair] < stop]
        if self.interrupted or not new:
            return
        self.planned += sum(stop - there[pair] for pair in new)
        checkpoints = self.plan.checkpoints(task.points)
        for pair in new:
            room = self._empty(*pair, len(checkpoints), stop - there[pair])
            if there[pair]:
                self.cells[(task, *pair)].make_room(room)
            else:
                self.cells[(task, *pair)] = room
        for chunk in _chunks(sorted({*(there[pair] for pair in new), stop})):
            own = [pair for pair in new if there[pair] <= chunk.start]
            sets = self._points(task, chunk)
            for arm in sorted({arm for arm, _ in own}):
                if not self._train_arm(task, arm, [rate for a, rate in own if a == arm], chunk, sets, checkpoints):
                    self.interrupted = True
                    return
            for pair in own:
                self.cells[(task, *pair)].done = chunk.stop

    def _empty(self, arm: int, rate: float, checkpoints: int, seeds: int) -> Cell:
        layers = len(self.plan.hidden) + 1
        return Cell(
            rate,
            np.zeros(seeds, dtype=np.int64),
            np.full((seeds, 6), np.nan),
            np.full((seeds, checkpoints, len(CURVES)), np.nan),
            np.full((seeds, checkpoints, layers, len(TRACES)), np.nan),
            np.full(seeds, np.nan),
            np.full((seeds, len(self.plan.arms[arm].activation.learned) * len(self.plan.hidden)), np.nan),
            np.full((seeds, len(times(checkpoints)), layers - 1, self.plan.source.steps or 0), np.nan),
        )

    def _points(self, task: Task, seeds: range) -> tuple[PointSets, PointSets, PointSets]:
        """The seeds' training, validation and test points side by side; drawn once, on a few threads."""
        key = (task, seeds)
        if key not in self._draws:
            if task.kind == "refit":
                draws = [task.draw(0)]
            else:
                with ThreadPoolExecutor() as pool:
                    draws = list(pool.map(task.draw, seeds))
            self._draws[key] = (
                PointSets.stack([draw.train for draw in draws]),
                PointSets.stack([draw.validation for draw in draws]),
                PointSets.stack([draw.test for draw in draws]),
            )
        return self._draws[key]

    def _train_arm(
        self,
        task: Task,
        arm: int,
        rates: list[float],
        seeds: range,
        sets: tuple[PointSets, PointSets, PointSets],
        checkpoints: Integers,
    ) -> bool:
        """Train an arm's nets for some seeds; False where Ctrl-C came first."""
        spec = self.plan.spec(self.plan.arms[arm])
        train_sets, validation_sets, test_sets = sets
        # One net per seed and rate, the rates of a seed side by side: they share their data in the cache.
        net_seeds = np.repeat(np.arange(seeds.start, seeds.stop), len(rates))
        which = np.zeros(len(net_seeds), np.int64) if task.kind == "refit" else net_seeds - seeds.start
        trained = nets.train(
            spec,
            self.plan.training(self.plan.arms[arm]),
            seeds=net_seeds,  # type: ignore[arg-type]
            learning_rates=np.tile(rates, len(seeds)),  # type: ignore[arg-type]
            train_sets=train_sets,
            validation_sets=validation_sets,
            set_of_net=which,  # type: ignore[arg-type]
            checkpoints=checkpoints,
            threads=self.plan.threads,
            progress=self._progress(len(net_seeds)),
        )
        if trained.interrupted:
            return False
        scores = nets.score(spec, trained.weights, test_sets, which, threads=self.plan.threads)  # type: ignore[arg-type]
        self.finished += len(net_seeds)
        self.steps += int(trained.steps.sum())
        if self.tell is not None:  # the core speaks about ten times a second, and of a short training not at all
            self.tell(self.finished, self.planned)
        final, accuracy = trained.curves[:, -1, :], scores.accuracy
        if self.plan.source.task == "regression":
            final[:, 1] = explained(final[:, 0], train_sets, which)
            final[:, 3] = explained(final[:, 2], validation_sets, which)
            accuracy = explained(scores.loss, test_sets, which)
        arrival = np.full(len(net_seeds), np.nan)
        if self.plan.target_loss is not None:
            column = CURVES.index("train_loss" if task.kind == "refit" else "validation_loss")
            arrival = arrivals(trained.curves[:, :, column], checkpoints, self.plan.target_loss)
        places = [np.r_[place.learned] for place in spec.places() if place.learned is not None]
        status = status_of(trained.weights, scores, accuracy)
        for k, rate in enumerate(rates):
            cell, own, rows = self.cells[task, arm, rate], slice(k, None, len(rates)), slice(seeds.start, seeds.stop)
            cell.status[rows] = status[own]
            cell.losses[rows, :4] = final[own]
            cell.losses[rows, 4] = scores.loss[own]
            cell.losses[rows, 5] = accuracy[own]
            cell.curves[rows] = trained.curves[own]
            cell.traces[rows] = trained.traces[own]
            cell.through_time[rows] = trained.through_time[own][:, times(len(checkpoints))]
            cell.arrival[rows] = arrival[own]
            if places:
                cell.learned[rows] = trained.weights[own][:, np.concatenate(places)]
        return True

    def _progress(self, count: int) -> Callable[[float], None] | None:
        if self.tell is None:
            return None
        tell = self.tell
        return lambda share: tell(self.finished + share * count, self.planned)


def _chunks(marks: Sequence[int]) -> Iterator[range]:
    """Seeds from the first mark to the last, `CHUNK` at a time; none of the chunks lies across a mark."""
    for first, last in pairwise(marks):
        for start in range(first, last, CHUNK):
            yield range(start, min(start + CHUNK, last))


def arrivals(loss: Array, steps: Integers, target: float) -> Array:
    """Steps ``(nets,)`` at which the loss ``(nets, checkpoints)`` first falls to `target`; ∞ where it does not.

    Between two checkpoints the loss is taken as linear in log(step): checkpoints are spaced so.
    """
    below = loss <= target
    found = np.full(len(loss), np.inf)
    for net in np.flatnonzero(below.any(axis=1)):
        k = int(np.argmax(below[net]))
        if k == 0 or steps[k - 1] == 0 or not np.isfinite(loss[net, k - 1]):
            found[net] = steps[k]
            continue
        share = (loss[net, k - 1] - target) / (loss[net, k - 1] - loss[net, k])
        found[net] = float(steps[k - 1]) ** (1 - share) * float(steps[k]) ** share
    return found


def explained(loss: Array, sets: PointSets, which: Integers) -> Array:
    """R² ``(nets,)``: 1 less the mean squared error over the variance of y in the net's set.

    −∞ where that is not a number; NaN where there are no points.
    """
    if sets.points == 0:
        return np.full(len(which), np.nan)
    variance = sets.y.astype(np.float64).var(axis=1)[which]
    with np.errstate(all="ignore"):
        explained = 1 - loss / variance
    return np.where(np.isfinite(explained), explained, -np.inf)


def status_of(weights: AnyArray, scores: nets.Scores, accuracy: Array) -> Integers:
    """Diverged: a weight or an answer is not finite. Collapsed: one class for every test point.

    In a regression: no better than the mean, R² ≤ 0.
    """
    diverged = ~np.isfinite(weights).all(axis=1) | (scores.finite < 1)
    regression = np.isnan(scores.largest_share)
    collapsed = np.where(regression, accuracy <= 0, scores.largest_share == 1)
    return np.where(diverged, DIVERGED, np.where(collapsed, COLLAPSED, TRAINED))
