"""Where training took the numbers of an activation that are learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from actlab.report import readings
from actlab.report.sentences._say import Said, said
from actlab.report.sentences.common import view_when
from actlab.text import integer, number

if TYPE_CHECKING:
    from actlab.study.result import Comparison

_MOST = 6  # layers told one by one


def learned(comparison: Comparison) -> list[Said]:
    """A sentence for each arm and number, on the last of the views that lead: start, and medians by layer.

    Nets that diverged are left out: where such a net's number happened to stand means nothing.
    """
    views = readings.lead_views(comparison)
    if comparison.learned is None or not views:
        return []
    view = comparison.views[views[-1]]
    table = readings.of_view(comparison.learned, view)
    out = []
    for (arm, name), every in table.group_by("arm", "number", maintain_order=True):
        mine = every.filter(readings.did_not_diverge())
        start = number(float(every["start"][0]), 2)
        told = {"when": view_when(comparison, view), "arm": arm, "name": name, "start": start}
        diverged = _nets(every) - _nets(mine)
        if mine.is_empty():
            out.append(said("learned.all_diverged", **told))
            continue
        by_layer = mine.group_by("layer").agg(pl.col("value").median()).sort("layer")
        values = [number(value, 2) for value in by_layer["value"].to_list()]
        if len(values) > _MOST:
            ends = mine["value"].to_numpy()
            low, high = (number(float(end), 2) for end in (ends.min(), ends.max()))
            items: object = said("learned.range", low=low, high=high)
        elif len(values) == 1:
            items = values[0]
        else:
            items = [
                said("learned.in_layer", value=value, layer=layer)
                for layer, value in zip(by_layer["layer"].to_list(), values, strict=True)
            ]
        key = "learned.moved_but" if diverged else "learned.moved"
        out.append(said(key, **told, items=items, nets=integer(_nets(mine)), diverged=integer(diverged)))
    return out


def _nets(table: pl.DataFrame) -> int:
    return table.select("learning_rate", "seed").unique().height
