"""Accuracy against cost: every size tried, and the front of what is worth its price."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from actlab.report import _svg, palette
from actlab.report.costs.words import regime_title, t
from actlab.report.figures._chart import Chart
from actlab.report.figures._marks import Guide
from actlab.report.figures._parts import Group, Legend, Panel, Section, sample_line
from actlab.report.figures._plot import share_tick, tick
from actlab.text import integer, number, percent

if TYPE_CHECKING:
    from actlab.cost import Cost

_SIZE = (400, 290)


def section(found: Cost) -> Section:
    """A panel for arithmetic and one for time, for each question."""
    groups = []
    for k, regime in enumerate(found.regimes):
        rows = [row for row in found.frame.to_dicts() if row["regime"] == regime]
        panels = [
            Panel(_panel(found, rows, regime, measure), t(f"figure.{measure}")) for measure in ("flops", "ns_batch")
        ]
        caption = t("figure.caption", target=percent(found.target))
        groups.append(Group(panels, caption, regime_title(found, regime), "m", views=(k,)))
    return Section("pareto", groups, [Legend(sample_line(i), arm) for i, arm in enumerate(found.arms)])


def front(rows: list[dict[str, Any]], measure: str) -> list[dict[str, Any]]:
    """Of the sizes those that no cheaper one is as accurate as, from cheap to dear."""
    best = -math.inf
    kept = []
    for row in sorted(rows, key=lambda row: (row[measure], -row["accuracy"])):
        if row["accuracy"] > best:
            kept.append(row)
            best = row["accuracy"]
    return kept


def _panel(found: Cost, rows: list[dict[str, Any]], regime: str, measure: str) -> Chart:
    costs = [row[measure] for row in rows]
    low, high = min(costs) / 1.15, max(costs) * 1.15
    floor = max(0.0, math.floor(min(row["accuracy"] for row in rows) * 20 - 0.2) / 20)
    chart = Chart(_SIZE, ("log", low, high), ("linear", floor, 1.0), left=44)
    ticks = _svg.linear_ticks(floor, 1.0, 5)
    chart.y_axis(t("figure.accuracy"), ticks, [share_tick(at) for at in ticks])
    shown = _svg.log_ticks(low, high)
    chart.x_axis(t(f"figure.axis_{measure}"), shown, [tick(at) for at in shown])
    chart.add(Guide((chart.x.low, chart.x.high), (found.target, found.target)))
    said = []
    for index, arm in enumerate(found.arms):
        own = [row for row in rows if row["arm"] == arm]
        line = front(own, measure)
        hue = palette.hue(index)
        prices, scores = [row[measure] for row in line], [row["accuracy"] for row in line]
        chart.line(prices, scores, hue, dash=palette.dash(index), name=arm)
        tips = tuple(f"{arm}, {row['depth']} × {row['width']}: {percent(row['accuracy'])}" for row in line)
        chart.dots(prices, scores, palette.marker(index), hue, tips=tips)
        said.append(f"{arm}: " + ", ".join(f"{number(r[measure])} {percent(r['accuracy'])}" for r in line) + ".")
    return chart.say(f"{regime}-{measure}", t(f"figure.{measure}"), " ".join(said))


def sizes_tried(found: Cost) -> str:
    """How many sizes stand behind the picture."""
    return integer(len(found.frame))
