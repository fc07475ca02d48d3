"""Each arm in each setting at its best, a score per seed, and all arms of a setting on the same seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.statistics import choose_cross_fitted
from actlab.study.sweep.auto import pilot_choice
from actlab.study.sweep.grow import line_of
from actlab.study.sweep.plan import PILOT
from actlab.study.sweep.read import counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actlab._arrays import Array
    from actlab.study.sweep.grid import Place
    from actlab.study.sweep.plan import SweepPlan
    from actlab.study.sweep.read import CellNets


@dataclass(frozen=True)
class Judged:
    """An arm in a setting: a score per judged seed.

    Parameters
    ----------
    chosen
        The values of `best_over` that its nets have, one entry a half of the seeds where those differ.
    added
        Learning rates beyond those of the plan among which it chose.
    edge
        Whether a learning rate that it chose is the smallest or largest it was tried with.
    """

    arm: int
    chosen: tuple[tuple[Any, ...], ...]
    score: Array
    loss: Array
    constant: float
    failed: tuple[int, int]
    gradient_ratio: float
    added: int = 0
    edge: bool = False


@dataclass(frozen=True)
class Setting:
    """What is compared: the arms of one setting, all with the same judged seeds."""

    shown: dict[str, Any]
    seeds: int
    arms: tuple[Judged, ...]
    regression: bool


def judge(plan: SweepPlan, group: dict[int, list[Place]], nets: Mapping[str, CellNets]) -> Setting | None:
    """The arms that have nets by now, on the seeds that all of them have."""
    there = {arm: places for arm, places in group.items() if all(place.cell.name in nets for place in places)}
    judged = _judged_arms(plan, there, nets)
    if not judged:
        return None
    seeds = min(len(own.score) for own in judged.values())
    if any(len(own.score) > seeds for own in judged.values()):  # an early look: all on the same seeds
        judged = _judged_arms(plan, there, nets, seeds + (PILOT if plan.seeds.until is not None else 0))
    first = next(iter(there.values()))[0]
    return Setting(dict(first.shown), seeds, tuple(judged.values()), first.cell.source.task == "regression")


def _judged_arms(
    plan: SweepPlan, there: dict[int, list[Place]], nets: Mapping[str, CellNets], stop: int | None = None
) -> dict[int, Judged]:
    judged = {arm: _best(plan, places, nets, stop) for arm, places in sorted(there.items())}
    return {arm: own for arm, own in judged.items() if own is not None and len(own.score)}


def _best(plan: SweepPlan, places: list[Place], nets: Mapping[str, CellNets], stop: int | None = None) -> Judged | None:
    """An arm at its best of `best_over`; None where that cannot be told yet."""
    found = [nets[place.cell.name] for place in places]
    if plan.seeds.until is not None:
        return _best_of_pilot(places, found, stop)
    seeds = min([*map(len, found), *(() if stop is None else (stop,))])
    choice = np.zeros(seeds, dtype=np.int64)
    if len(places) > 1:
        if seeds < 2:
            return None
        validation = np.stack([own.validation_score[:seeds] for own in found])
        choice = choose_cross_fitted(validation, np.stack([own.validation_loss[:seeds] for own in found])).rate
    return _judged(places, found, choice, slice(0, seeds))


def _best_of_pilot(places: list[Place], found: list[CellNets], stop: int | None) -> Judged | None:
    """The first seeds choose, the others are judged, so that one may look at these as often as one likes."""
    best = pilot_choice(found)
    if best is None:
        return None
    seeds = len(found[best]) if stop is None else min(stop, len(found[best]))
    return _judged(places, found, np.full(seeds, best), slice(PILOT, seeds)) if seeds > PILOT else None


def _judged(places: list[Place], found: list[CellNets], choice: Any, own: slice) -> Judged:
    pick, seed = choice[own], np.arange(own.start, own.stop)

    def entries(what: str) -> Any:
        """Of each seed the entry of its own candidate; candidates that are not chosen may have fewer seeds."""
        values = [getattr(cell, what) for cell in found]
        return np.array([values[k][n] for k, n in zip(pick.tolist(), seed.tolist(), strict=True)])

    ratio = entries("gradient_ratio")
    finite = ratio[np.isfinite(ratio)]
    best = sorted(set(pick.tolist()))
    chosen = dict.fromkeys(tuple(value for _, value in places[k].chosen) for k in best)
    return Judged(
        arm=places[0].arm,
        chosen=tuple(chosen),
        score=entries("test_score"),
        loss=entries("test_loss"),
        constant=float(entries("constant_score").mean()),
        failed=counts(entries("status")),
        gradient_ratio=float(np.median(finite)) if len(finite) else float("nan"),
        added=sum(place.added for place in places),
        edge=any(_at_edge(places, places[k]) for k in best),
    )


def _at_edge(places: list[Place], best: Place) -> bool:
    rates = [place.cell.rate for place in places if line_of(place) == line_of(best)]
    return len(set(rates)) > 1 and best.cell.rate in (min(rates), max(rates))
