"""Learning rates beyond the grid of a plan: it is extended as long as an arm's best lies at its edge.

As `actlab compare` does it (`study/tune.py`), for every arm in every setting by itself. What is added depends on the
nets of the seeds that the plan asks for and on nothing else: not on the order in which they came, nor on what other
plans have left. So a sweep that was killed, two processes and a cluster all add the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics import choose_cross_fitted
from actlab.study.sweep.auto import pilot_choice
from actlab.study.sweep.grid import Grid, Place
from actlab.study.sweep.keys import BY_NAME
from actlab.study.sweep.plan import PILOT
from actlab.study.sweep.settings import allowed
from actlab.study.tune import beyond

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from actlab.study.sweep.plan import SweepPlan
    from actlab.study.sweep.read import CellNets

_RATE = "learning_rate"


def extended(plan: SweepPlan, grid: Grid, nets: Mapping[str, CellNets], changed: Collection[str] | None = None) -> Grid:
    """`grid`, once extended wherever `nets` are complete and say that the best rate lies at an edge.

    The same grid where there is nothing to add. With `changed` only arms are looked at that have one of those cells.
    """
    places: list[Place] = []
    grown = False
    for group in grid.settings():
        for own in group.values():
            same = changed is not None and not any(place.cell.name in changed for place in own)
            added = [] if same else _added(plan, grid, own, nets)
            grown = grown or bool(added)
            places += _ascending([*own, *added]) if added else own
    return replace(grid, places=tuple(places)) if grown else grid


def without_unfinished(plan: SweepPlan, grid: Grid, nets: Mapping[str, CellNets]) -> Grid:
    """`grid` less the added rates whose nets are not complete: until they are, an arm is judged without them."""
    seeds = _seeds(plan)
    kept = tuple(p for p in grid.places if not p.added or (p.cell.name in nets and len(nets[p.cell.name]) >= seeds))
    return grid if len(kept) == len(grid.places) else replace(grid, places=kept)


def line_of(place: Place) -> tuple[tuple[str, object], ...]:
    """What places of an arm in a setting have in common that differ in their learning rate only."""
    return tuple(entry for entry in place.chosen if entry[0] != _RATE)


def _seeds(plan: SweepPlan) -> int:
    """How many seeds choose."""
    return plan.seeds.most if plan.seeds.until is None else min(PILOT, plan.seeds.most)


def _added(plan: SweepPlan, grid: Grid, own: Sequence[Place], nets: Mapping[str, CellNets]) -> list[Place]:
    """The places beyond the edges of one arm in one setting."""
    seeds = _seeds(plan)
    found = [nets[place.cell.name] for place in own if place.cell.name in nets]
    if len(found) < len(own) or min(map(len, found)) < seeds:
        return []
    chosen = _chosen(plan, [one.first(seeds) for one in found])
    added = []
    for line in dict.fromkeys(line_of(own[k]) for k in chosen):
        along = sorted((k for k, place in enumerate(own) if line_of(place) == line), key=lambda k: own[k].cell.rate)
        if len(along) < 2:  # the constraints have left one rate only: there is no grid to extend
            continue
        rates = [own[k].cell.rate for k in along]
        for rate in beyond(rates, [along.index(k) for k in chosen if k in along]):
            place = _at(own[along[0]], rate)
            if allowed(plan, place.cell, grid.arms[place.arm], _setting(plan, place)):
                added.append(place)
    return added


def _chosen(plan: SweepPlan, found: Sequence[CellNets]) -> tuple[int, ...]:
    """The candidates that are best: one for each half of the seeds, or that of the pilot."""
    if len(found) == 1:
        return (0,)
    if plan.seeds.until is not None:
        best = pilot_choice(found)
        return () if best is None else (best,)
    validation = np.stack([one.validation_score for one in found])
    return choose_cross_fitted(validation, np.stack([one.validation_loss for one in found])).halves


def _at(place: Place, rate: float) -> Place:
    """`place` at another learning rate."""
    chosen = tuple((name, rate if name == _RATE else value) for name, value in place.chosen)
    return replace(place, cell=replace(place.cell, rate=rate), chosen=chosen, added=True)


def _ascending(places: list[Place]) -> list[Place]:
    """Line by line as they were, the rates of each ascending."""
    lines = {line: n for n, line in enumerate(dict.fromkeys(map(line_of, places)))}
    return sorted(places, key=lambda place: (lines[line_of(place)], place.cell.rate))


def _setting(plan: SweepPlan, place: Place) -> dict[str, object]:
    """Of every key but the activations the value that `place` has: constraints may speak of any."""
    known = dict(place.shown) | dict(place.chosen)
    return {
        axis.key: known.get(column, axis.values[0] if axis.values else None)
        for axis in plan.axes
        if (column := BY_NAME[axis.key].column) != "activation"
    }
