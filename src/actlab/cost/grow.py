"""Trains nets from narrow to wide, until enough seeds reach the target: what the fit against width is made of.

At every depth and width a few *pilot* seeds choose the learning rate, by the share that reaches the target on
validation points (then by validation accuracy), and other seeds are judged at that rate on test points: no net votes on
the rate that it is judged by. Widths go up until at two in a row nearly all seeds succeed, or until they are used up;
where nobody succeeds at all the next width but one comes next.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab import nets
from actlab.nets import PointSets
from actlab.study.run import explained
from actlab.text import UserError, integer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab._arrays import AnyArray, Array
    from actlab.nets import NetSpec
    from actlab.study.plan import Plan

#: Seeds of pilot nets begin here; those of judged nets at 0.
PILOTS: Final = 1_000_000
_SETTLED, _IN_A_ROW = 0.98, 2


@dataclass(frozen=True)
class Size:
    """Nets of one arm, depth, width and rate, an entry a judged seed."""

    arm: int
    depth: int
    width: int
    rate: float
    regime: str  # "best", or "equal"
    accuracy: Array  # (seeds,) of test points; of a regression R², at least 0
    row: AnyArray  # the parameters of the net whose accuracy is the median


@dataclass
class Grower:
    """Trains sizes and keeps what they gave.

    Parameters
    ----------
    plan
        The study: arms, data, rates, epochs. Its `hidden` is put in anew for every size.
    pilots
        Pilot seeds at each size.
    target
        Test accuracy that counts as success.
    widths, depths
        Ascending.
    most
        Parameters of the largest net that is tried.
    tell
        Called with (nets done, nets planned so far).
    """

    plan: Plan
    pilots: int
    target: float
    widths: Sequence[int]
    depths: Sequence[int]
    most: int
    tell: Callable[[float, int], None] | None = None
    sizes: list[Size] = field(default_factory=list)
    finished: int = 0
    planned: int = 0
    interrupted: bool = False
    _sets: dict[tuple[int, int], tuple[PointSets, PointSets, PointSets]] = field(default_factory=dict)

    def grow(self) -> None:
        """Train every arm at every depth, each at its best rate and at the common one."""
        for arm in range(len(self.plan.arms)):
            for depth in self.depths:
                for regime in ("best", "equal") if self.plan.tunes else ("equal",):
                    self._climb(arm, depth, regime)
                    if self.interrupted:
                        return

    def leave_out_too_large(self) -> None:
        """Depths at which even the narrowest net is too large are not tried; `UserError` where none is left."""
        narrow, shallow = self.widths[0], self.depths[0]

        def needs(depth: int) -> int:
            return max(self.spec(arm, depth, narrow).parameters for arm in range(len(self.plan.arms)))

        self.depths = [depth for depth in self.depths if needs(depth) <= self.most]
        if not self.depths:
            raise UserError(
                "cost.none_small_enough", name="most_parameters", depth=shallow, width=narrow,
                parameters=integer(needs(shallow)), most=integer(self.most),
            )  # fmt: skip

    def spec(self, arm: int, depth: int, width: int) -> NetSpec:
        """The nets of one size."""
        return replace(self.plan, hidden=(width,) * depth).spec(self.plan.arms[arm])

    def _climb(self, arm: int, depth: int, regime: str) -> None:
        settled = 0
        rates = list(self.plan.learning_rates)
        widths = [w for w in self.widths if self.spec(arm, depth, w).parameters <= self.most]
        skip = False
        for width in widths:
            if skip and width != widths[-1]:
                skip = False
                continue
            rate = self.plan.common_rate if regime == "equal" else self._best_rate(arm, depth, width, rates)
            found = None if rate is None else self._judged(arm, depth, width, rate, regime)
            if found is None:
                self.interrupted = True
                return
            self.sizes.append(found)
            share = (found.accuracy >= self.target).mean()
            skip = share == 0
            settled = settled + 1 if share >= _SETTLED else 0
            if settled == _IN_A_ROW:
                return

    def _best_rate(self, arm: int, depth: int, width: int, rates: Sequence[float]) -> float | None:
        seeds = range(PILOTS, PILOTS + self.pilots)
        trained = self._train(arm, depth, width, seeds, rates, test=False)
        if trained is None:
            return None
        accuracy = trained[0].reshape(len(seeds), len(rates))
        score = (accuracy >= self.target).mean(axis=0) + 1e-3 * accuracy.mean(axis=0)
        return float(rates[int(np.argmax(score))])

    def _judged(self, arm: int, depth: int, width: int, rate: float, regime: str) -> Size | None:
        same = [s for s in self.sizes if (s.arm, s.depth, s.width, s.rate) == (arm, depth, width, rate)]
        if same:  # the best rate is the common one
            return replace(same[0], regime=regime)
        trained = self._train(arm, depth, width, range(self.plan.seeds), [rate], test=True)
        if trained is None:
            return None
        accuracy, rows = trained
        middle = int(np.argsort(accuracy)[len(accuracy) // 2])
        return Size(arm, depth, width, rate, regime, accuracy, rows[middle].copy())

    def _train(
        self, arm: int, depth: int, width: int, seeds: range, rates: Sequence[float], test: bool
    ) -> tuple[Array, AnyArray] | None:
        """Accuracy ``(seeds × rates,)`` on test or on validation points, and the nets; None after Ctrl-C."""
        spec = self.spec(arm, depth, width)
        train_sets, validation_sets, test_sets = self._points(seeds)
        which = np.repeat(np.arange(len(seeds)), len(rates))
        self.planned += len(which)
        done = self.finished
        trained = nets.train(
            spec,
            self.plan.training(self.plan.arms[arm]),
            seeds=np.repeat(np.arange(seeds.start, seeds.stop), len(rates)),  # type: ignore[arg-type]
            learning_rates=np.tile(rates, len(seeds)),  # type: ignore[arg-type]
            train_sets=train_sets,
            set_of_net=which,  # type: ignore[arg-type]
            threads=self.plan.threads,
            progress=None if self.tell is None else lambda share: self._say(done + share * len(which)),
        )
        if trained.interrupted:
            return None
        self.finished += len(which)
        self._say(self.finished)
        sets = test_sets if test else validation_sets
        scores = nets.score(spec, trained.weights, sets, which, threads=self.plan.threads)  # type: ignore[arg-type]
        accuracy = scores.accuracy
        if self.plan.source.task == "regression":
            accuracy = explained(scores.loss, sets, which)
        return np.clip(accuracy, 0.0, 1.0), trained.weights

    def _say(self, done: float) -> None:
        if self.tell is not None:
            self.tell(done, self.planned)

    def _points(self, seeds: range) -> tuple[PointSets, PointSets, PointSets]:
        key = (seeds.start, seeds.stop)
        if key not in self._sets:
            draws = [self.plan.source.draw(seed) for seed in seeds]
            self._sets[key] = (
                PointSets.stack([draw.train for draw in draws]),
                PointSets.stack([draw.validation for draw in draws]),
                PointSets.stack([draw.test for draw in draws]),
            )
        return self._sets[key]
