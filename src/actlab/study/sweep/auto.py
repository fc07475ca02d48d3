"""Which seeds each cell needs: those that the plan names, or, with ``seeds = "auto"``, as many as it takes.

With "auto" the first `PILOT` seeds of every candidate choose each arm's best, on validation points; only that one is
trained further, and only the seeds after the pilot are judged. They grow by half again and again, for all arms of a
setting together (so that they stay paired), until every interval is as narrow as asked, or `most` is reached.
Intervals are those of a confidence sequence, which may be looked at as often as one likes. What comes next depends on
the nets alone, so an interrupted sweep, two processes and a cluster all go the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics import sequence_means
from actlab.study.sweep.plan import FIRST, PILOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from actlab._arrays import Array
    from actlab.study.sweep.grid import Grid
    from actlab.study.sweep.plan import Seeds
    from actlab.study.sweep.read import CellNets


def wanted_seeds(seeds: Seeds, grid: Grid, nets: Mapping[str, CellNets]) -> dict[str, range]:
    """Cell → the seeds it is to have, given the nets that are there."""
    if seeds.until is None:
        return {cell.name: range(seeds.most) for cell in grid.cells()}
    wanted = dict.fromkeys((cell.name for cell in grid.cells()), min(PILOT, seeds.most))
    for group in grid.settings():
        best = []
        for places in group.values():
            if all(place.cell.name in nets for place in places):
                found = [nets[place.cell.name] for place in places]
                choice = pilot_choice(found)
                if choice is not None:
                    best.append(places[choice].cell.name)
        if len(best) < len(group):  # the pilot comes first
            continue
        target = _target([nets[name].test_score[PILOT:] for name in best], seeds)
        for name in best:
            wanted[name] = max(wanted[name], target)
    return {name: range(stop) for name, stop in wanted.items()}


def _target(scores: Sequence[Array], seeds: Seeds) -> int:
    """The first size of the schedule at which all intervals are narrow enough; or the next one that is not there yet.

    It looks at the first nets of that size only, however many more there may be from other plans.
    """
    assert seeds.until is not None
    judged = FIRST
    while PILOT + judged < seeds.most:
        if any(len(score) < judged for score in scores):
            return PILOT + judged
        found = sequence_means(np.stack([score[:judged] for score in scores]))
        if (found.high - found.low <= seeds.until).all():
            return PILOT + judged
        judged += judged // 2
    return seeds.most


def pilot_choice(found: Sequence[CellNets]) -> int | None:
    """Which candidate the pilot seeds prefer: mean validation score, then median loss; None where some are missing."""
    if min(map(len, found)) < PILOT:
        return None
    if len(found) == 1:
        return 0
    score = [float(np.round(own.validation_score[:PILOT].mean(), 12)) for own in found]
    loss = [float(np.median(np.nan_to_num(own.validation_loss[:PILOT], nan=np.inf, posinf=np.inf))) for own in found]
    return min(range(len(found)), key=lambda k: (-np.nan_to_num(score[k]), loss[k], k))
