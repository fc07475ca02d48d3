"""What a plan asks for, given what is there: its grid, extended where that is called for, and each cell's seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actlab.study.sweep.auto import wanted_seeds
from actlab.study.sweep.grow import extended
from actlab.study.sweep.read import read_nets
from actlab.study.tune import MOST_EXTENSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from actlab.study.sweep.grid import Grid
    from actlab.study.sweep.plan import SweepPlan
    from actlab.study.sweep.read import CellNets
    from actlab.study.sweep.store import Contents, Store


@dataclass(frozen=True)
class Asked:
    """What is to be trained by now.

    Parameters
    ----------
    grid
        That of the plan, with the learning rates added so far.
    seeds
        Cell → its seeds.
    nets
        Cell → its nets that are there; none where nobody had to look.
    """

    grid: Grid
    seeds: dict[str, range]
    nets: Mapping[str, CellNets]


def asked(plan: SweepPlan, store: Store, contents: Contents, *, read: bool = False) -> Asked:
    """What `plan` asks for; `read`: with the nets, whether or not anything depends on them."""
    grid = plan.grid
    nets: dict[str, CellNets] = {}
    if read or plan.grows or plan.seeds.until is not None:
        nets = read_nets(store, grid.cells(), contents, plan.seeds.most)
    new: set[str] | None = None
    for _ in range(MOST_EXTENSIONS if plan.grows else 0):
        known = {cell.name for cell in grid.cells()}
        wider = extended(plan, grid, nets, new)
        if wider is grid:
            break
        added = [cell for cell in wider.cells() if cell.name not in known]
        nets |= read_nets(store, added, contents, plan.seeds.most)
        grid, new = wider, {place.cell.name for place in wider.places if place.added}
    return Asked(grid, wanted_seeds(plan.seeds, grid, nets), nets)
