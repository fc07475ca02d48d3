"""Sentences about how many steps nets need to a target loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actlab.report.sentences._say import Said, said
from actlab.text import integer, number, percent

if TYPE_CHECKING:
    from actlab.study.result import Comparison


def target(comparison: Comparison, view: int) -> list[Said]:
    """Median steps of each arm to the target with their interval, and as a multiple of the first arm's."""
    if comparison.target_loss is None:
        return []
    rows = comparison.summary.filter(view=view).iter_rows(named=True)
    items = [_item(row, first=row["arm"] == comparison.arms[0]) for row in rows]
    return [said("target.steps", target=number(comparison.target_loss), items=items)]


def _item(row: dict[str, Any], first: bool) -> Said:
    share = percent(row["target_share"], 0)
    if row["target_steps"] is None:
        return said("target.never", arm=row["arm"], share=share)
    steps = {name: _steps(row[f"target_{name}"]) for name in ("steps", "low", "high")}
    if first or row["target_ratio"] is None:
        return said("target.arm", arm=row["arm"], share=share, **steps)
    ratio = {
        name: "∞" if row[f"target_{name}"] is None else number(row[f"target_{name}"], 2)
        for name in ("ratio", "ratio_low", "ratio_high")
    }
    return said("target.times", arm=row["arm"], share=share, **steps, **ratio)


def _steps(value: float | None) -> str:
    return "∞" if value is None else integer(round(value))
