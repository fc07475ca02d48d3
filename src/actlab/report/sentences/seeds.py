"""Why no more seeds were trained, and how many would have been enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.report.readings import lead_views, rows
from actlab.report.sentences._say import Said, said
from actlab.study.inference import TOLD_DIFFERENCE
from actlab.text import integer, number

if TYPE_CHECKING:
    from actlab.study.result import Comparison


def stopped(comparison: Comparison) -> list[Said]:
    """Of ``seeds="auto"``: how many seeds it took, how wide the widest interval is, and whether that was asked for."""
    stopping = comparison.stopping
    if stopping is None:
        return []
    key = "interrupted" if comparison.interrupted else "reached" if stopping.reached else "not_reached"
    values = {"seeds": integer(comparison.seeds), "until": _points(stopping.until), "width": _points(stopping.width)}
    pilot = max(view.first for view in comparison.views)  # 0 where Ctrl-C came before anything was judged after it
    return [said(f"auto.{key}", **values), *([said("auto.pilot", pilot=integer(pilot))] if pilot else [])]


def needed(comparison: Comparison) -> int | None:
    """About how many seeds would show a difference of 5 points wherever none was found; None where these would have.

    Rounded up to two digits, to tens at least: the spread of the seeds to come is not known better.
    """
    found = [
        row.seeds_needed + comparison.views[view].first
        for view in lead_views(comparison)
        for row in rows(comparison, view)[1:]
        if row.verdict == 0 and row.detectable > TOLD_DIFFERENCE and row.seeds_needed > row.nets
    ]
    if not found:
        return None
    step = int(10 ** max(len(str(max(found))) - 2, 1))
    return -(-max(found) // step) * step


def hint(comparison: Comparison) -> list[Said]:
    """The same in a sentence."""
    seeds = needed(comparison)
    if seeds is None:
        return []
    names = {"first": comparison.arms[0], "second": comparison.arms[-1]}
    key = "hint.two" if len(comparison.arms) == 2 else "hint.many"
    return [said(key, seeds=integer(seeds), points=_points(TOLD_DIFFERENCE), **names)]


def _points(share: float) -> str:
    """A width in points; three digits, so that just too wide does not look like narrow enough."""
    return number(100 * share, 3)
