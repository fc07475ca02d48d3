"""From a plan's axes to its cells: all combinations, or random draws, less what the constraints rule out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from actlab.study.arm import Arm
from actlab.study.sweep.draws import Draws
from actlab.study.sweep.keys import BY_NAME
from actlab.study.sweep.settings import allowed, cell_of, check, plain
from actlab.study.sweep.sources import Sources
from actlab.text import UserError, integer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.data import Note, Source
    from actlab.study.sweep.cell import Cell
    from actlab.study.sweep.plan import SweepPlan

_MOST_CELLS = 200_000
_CROSSED = ("data", "activations")


@dataclass(frozen=True)
class Place:
    """A cell where the plan has it.

    Parameters
    ----------
    arm
        Index of its activation.
    shown
        The settings that tables are laid out by, ``column → value``; equal for the nets that are compared.
    chosen
        The settings of which each arm takes its best.
    added
        Whether the plan has it only because its learning rates have been extended (`grow.py`).
    """

    cell: Cell
    arm: int
    shown: tuple[tuple[str, Any], ...]
    chosen: tuple[tuple[str, Any], ...]
    added: bool = False


@dataclass(frozen=True)
class Grid:
    """All cells of a plan.

    Parameters
    ----------
    arms
        The activations in order, some with settings of their own; the first is the one compared to.
    places
        In the order of the plan. A cell may stand in several places (two settings that come to the same net).
    left_out
        Cells that a constraint ruled out; in a random search draws that others replace.
    """

    arms: tuple[Arm, ...]
    places: tuple[Place, ...]
    left_out: int

    @property
    def labels(self) -> tuple[str, ...]:
        """What the arms are called."""
        return tuple(arm.name for arm in self.arms)

    def cells(self) -> list[Cell]:
        """Each cell once."""
        return list({place.cell.name: place.cell for place in self.places}.values())

    @property
    def notes(self) -> tuple[Note, ...]:
        """What was inferred of a user's own data, each thing once."""
        sources = {id(source): source for place in self.places if (source := place.cell.source) is not None}
        return tuple(dict.fromkeys(note for source in sources.values() for note in getattr(source, "notes", ())))

    def settings(self) -> list[dict[int, list[Place]]]:
        """For each setting that is shown: arm → its places, one a value of what is chosen."""
        groups: dict[tuple[tuple[str, Any], ...], dict[int, list[Place]]] = {}
        for place in self.places:
            groups.setdefault(place.shown, {}).setdefault(place.arm, []).append(place)
        return list(groups.values())


def spread(plan: SweepPlan) -> Grid:
    """The cells of `plan`."""
    arms = tuple(Arm.read(name) for name in plan.axis("activations").values)
    labels = [arm.name for arm in arms]
    for label in labels:
        if labels.count(label) > 1:
            raise UserError("study.arm_twice", name=label)
    shown = [axis.key for axis in plan.axes if axis.varies and axis.key not in ("activations", *plan.best_over)]
    seen = ("data", *(key for key in shown if key != "data"))
    places: list[Place] = []
    left_out = 0
    for step in (_drawn if plan.random is not None else _crossed)(plan, arms):
        if step is None:
            left_out += 1
            continue
        index, setting, source, cell = step
        check(cell)
        places.append(
            Place(
                cell,
                index,
                tuple((BY_NAME[key].column, plain(key, setting, source)) for key in seen),
                tuple((BY_NAME[key].column, plain(key, setting, source)) for key in plan.best_over),
            )
        )
        if len(places) > _MOST_CELLS:
            raise UserError("sweep.too_many_cells", most=integer(_MOST_CELLS))
    if not places:
        raise UserError("sweep.nothing_left", count=integer(left_out))
    return Grid(arms, tuple(places), left_out)


_Step = tuple[int, dict[str, Any], "Source", "Cell"]


def _crossed(plan: SweepPlan, arms: tuple[Arm, ...]) -> Iterator[_Step | None]:
    """All combinations, arm by arm within each; None in the place of a cell that the constraints rule out."""
    axes = [axis for axis in plan.axes if axis.key != "activations"]
    if math.prod(len(axis.values) for axis in axes) > _MOST_CELLS:
        raise UserError("sweep.too_many_cells", most=integer(_MOST_CELLS))
    sources = Sources(plan)
    for values in product(*(axis.values for axis in axes)):
        setting = dict(zip([axis.key for axis in axes], values, strict=True))
        source = sources.of(setting)
        if source is None:
            continue
        for index, arm in enumerate(arms):
            cell = cell_of(setting, source, arm)
            yield (index, setting, source, cell) if allowed(plan, cell, arm, setting) else None


def _drawn(plan: SweepPlan, arms: tuple[Arm, ...]) -> Iterator[_Step | None]:
    """As many draws as asked for that the constraints allow, for every arm on all data."""
    assert plan.random is not None
    draws = Draws([axis for axis in plan.axes if axis.key not in _CROSSED], plan.random, plan.random_seed)
    sources = Sources(plan)
    for data in plan.axis("data").values:
        for index, arm in enumerate(arms):
            made: dict[int, tuple[dict[str, Any], Source, Cell]] = {}

            def good(draw: dict[str, Any], arm: Arm = arm, made: Any = made, data: str = data) -> bool:
                setting = {"data": data} | draw
                source = sources.of(setting)
                if source is None:
                    return False
                made[id(draw)] = setting, source, cell_of(setting, source, arm)
                return allowed(plan, made[id(draw)][2], arm, setting)

            kept, passed = draws.first(good, arm.name, data)
            for draw in kept:
                yield (index, *made[id(draw)])
            for _ in range(passed):
                yield None
