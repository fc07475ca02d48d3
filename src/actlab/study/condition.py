"""The data of a study and how nets are trained on them: all seeds at once, or until every interval is narrow enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.inference import Inference
from actlab.study.run import Task
from actlab.study.tune import choose, rates_of, train_grid
from actlab.study.views import look

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.study.auto import Auto
    from actlab.study.plan import Plan
    from actlab.study.result import Regime
    from actlab.study.run import Runner
    from actlab.study.views import Seen


class Condition:
    """A data set and how it is studied: where nets are tuned, and where their results are taken."""

    def __init__(self, plan: Plan, results: Task, tuned_on: Task) -> None:
        self.plan, self.results, self.tuned_on = plan, results, tuned_on
        self.common = [(arm, plan.common_rate) for arm in range(len(plan.arms))]

    def train(self, runner: Runner) -> None:
        """Train all seeds at all rates."""
        if self.tuned_on != self.results or not self.plan.tunes:
            runner.train(self.results, self.common)
        if self.plan.tunes:
            train_grid(runner, self.tuned_on)
        if self.tuned_on != self.results and not runner.interrupted:
            runner.train(self.results, self._chosen(runner))

    def begin(self, runner: Runner) -> None:
        """Train what chooses the rates, before seeds are added."""
        if self.plan.tunes:
            if self.tuned_on != self.results:  # nets of the tuning are no results: have some before Ctrl-C comes
                runner.train(self.results, self.common, self.plan.choosers)
            train_grid(runner, self.tuned_on)

    def grow(self, runner: Runner, seeds: int) -> None:
        """Train the first `seeds` seeds at the common rate, and each arm's at the rate that was chosen."""
        if not runner.interrupted:
            runner.train(
                self.results, sorted({*self.common, *(self._chosen(runner) if self.plan.tunes else ())}), seeds
            )

    def views(self, runner: Runner) -> list[Seen]:
        """The questions that the nets answer by now."""
        regimes: list[Regime] = ["same", "best"] if self.plan.tunes else ["same"]
        found = [look(runner, self.results, regime, self.tuned_on) for regime in regimes]
        return [seen for seen in found if seen is not None]

    def _chosen(self, runner: Runner) -> list[tuple[int, float]]:
        wanted = set()
        for arm in range(len(self.plan.arms)):
            rates = rates_of(runner, self.tuned_on, arm)
            wanted |= {(arm, rates[best]) for best in choose(runner, self.tuned_on, arm, self.plan.seeds).halves}
        return sorted(wanted)


def conditions_of(plan: Plan) -> list[Condition]:
    """The data of `plan`, and the generator behind a published split beside it."""
    if not plan.source.conditional or plan.source.resplits:
        fresh = Task(plan.source, "fresh")
        return [Condition(plan, fresh, fresh)]
    refit = Task(plan.source, "refit")
    conditions = [Condition(plan, refit, Task(plan.source, "tuning") if plan.tunes else refit)]
    if plan.parent is not None:
        fresh = Task(plan.parent, "fresh")
        conditions.append(Condition(plan, fresh, fresh))
    return conditions


def train_until(auto: Auto, conditions: Sequence[Condition], runner: Runner) -> None:
    """Add seeds, the same to all conditions, until the widest interval of all their views is narrow enough."""
    for condition in conditions:
        condition.begin(runner)
    for seeds in auto.sizes:
        for condition in conditions:
            condition.grow(runner, seeds)
        if runner.interrupted or widest([seen for own in conditions for seen in own.views(runner)], auto) <= auto.until:
            return


def widest(views: Sequence[Seen], auto: Auto) -> float:
    """The width of the widest interval, of a mean score or a difference to the first arm, in any of the views."""
    inference = Inference(auto.looks)
    return max(inference.width(seen.scores) for seen in views)
