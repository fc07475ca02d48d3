"""Accuracy against learning rate, and the share of nets that fail at each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.report import _svg, palette, readings
from actlab.report.figures._parts import Group, Panel, Plot, Section, Words, arm_legend, share_tick, tick
from actlab.report.sentences import learning
from actlab.report.sentences.common import data_of
from actlab.text import number, percent

if TYPE_CHECKING:
    from markupsafe import Markup

    from actlab.report.readings import RateRow
    from actlab.study.result import Comparison

_SIZE = (400, 320)
_STRIP = 44  # height of the strip of failures
_GAP = 30  # room between the plot and the strip


def section(comparison: Comparison, words: Words) -> Section:
    """A panel for each data set."""
    groups = []
    for k, name in enumerate(readings.datasets(comparison)):
        table = readings.rate_rows(comparison, name)
        if table:
            title = words.say(data_of(comparison, name))
            conditional = next(v for v in comparison.views if v.data == name).conditional
            panel = Panel(_panel(k, comparison, table, title, words), "")
            caption = words.tell(learning.rates(comparison, name))
            badge = words("page.fixed_badge") if conditional else ""
            groups.append(Group([panel], caption, title, "m", badge))
    return Section("rates", groups, arm_legend(comparison))


def _panel(k: int, comparison: Comparison, table: dict[str, list[RateRow]], title: str, words: Words) -> Markup:
    rates = sorted({r.rate for found in table.values() for r in found})
    low = min((r.low for found in table.values() for r in found if not math.isnan(r.low)), default=0.0)
    floor = max(0.0, math.floor(low * 20 - 0.2) / 20)
    spread = 1.5 if len(rates) > 1 else 3.0
    x = ("log", rates[0] / spread, rates[-1] * spread)
    plot = Plot(_SIZE, x, ("linear", floor, 1.0), left=44, bottom=34 + _STRIP + _GAP)
    plot.y_axis(words("section.rates.axis"), *_percents(floor))
    _common(plot, comparison, words)
    bottom = _SIZE[1] - 34.0
    _strip(plot, bottom, table, comparison, words)
    arms = list(table)
    for arm, found in table.items():
        index = comparison.arms.index(arm)
        shift = (arms.index(arm) - (len(arms) - 1) / 2) * 5.0
        hue = palette.hue(index)
        places = [(plot.x(r.rate) + shift, plot.y(r.estimate)) for r in found]
        plot.canvas.line(places, f"line {hue}", stroke_dasharray=palette.dash(index))
        for (px, py), r in zip(places, found, strict=True):
            if math.isnan(r.estimate):
                continue
            plot.canvas.line([(px, plot.y(r.low)), (px, plot.y(r.high))], f"whisker {hue}")
            words_here = f"{arm}, {number(r.rate)}: {percent(r.estimate)} ({percent(r.low)} – {percent(r.high)})"
            plot.canvas.path(_svg.marks(palette.marker(index), [(px, py)]), f"fill {hue}", words_here)
    items = [
        words(
            "section.rates.description", arm=arm, items=", ".join(f"{number(r.rate)} {percent(r.estimate)}" for r in f)
        )
        for arm, f in table.items()
    ]
    return plot.canvas.markup(f"rates-{k}", f"{words('section.rates.title')}: {title}", " ".join(items))


def _percents(floor: float) -> tuple[list[float], list[str]]:
    ticks = _svg.linear_ticks(floor, 1.0, 5)
    return ticks, [share_tick(t) for t in ticks]


def _common(plot: Plot, comparison: Comparison, words: Words) -> None:
    """The rate that the “same” views use, as a thin upright line."""
    if not any(view.regime == "same" for view in comparison.views):
        return
    at = plot.x(comparison.common_rate)
    plot.canvas.line([(at, plot.top - 4), (at, plot.bottom)], "guide")
    left = at > (plot.left + plot.right) / 2
    # The name of the y axis stands at the left above the plot, so the word goes to the right of the line or ends at it.
    plot.canvas.text(
        at + (-5 if left else 5), plot.bottom - 6, words("section.rates.common"), "name", "end" if left else "start"
    )


def _strip(plot: Plot, bottom: float, table: dict[str, list[RateRow]], comparison: Comparison, words: Words) -> None:
    """Bars for the share of failed nets, under the plot on the same x axis."""
    top = bottom - _STRIP
    plot.canvas.text(0, top - 10, words("section.rates.axis_failed"), "name")
    for share in (0.0, 1.0):
        at = bottom - share * _STRIP
        plot.canvas.line([(plot.left, at), (plot.right, at)], "grid" if share else "axis")
        plot.canvas.text(plot.left - 5, at + 4, percent(share, 0), "tick", "end")
    rates = sorted({r.rate for found in table.values() for r in found})
    arms = list(table)
    for arm, found in table.items():
        hue = palette.hue(comparison.arms.index(arm))
        for r in found:
            height = _STRIP * r.failed / max(r.nets, 1)
            if height > 0:
                x = plot.x(r.rate) + (arms.index(arm) - (len(arms) - 1) / 2) * 7.0 - 3
                label = f"{arm}, {number(r.rate)}: {r.failed} / {r.nets}"
                plot.canvas.add(
                    "rect", None, label, x=x, y=bottom - height, width=6.0, height=height, class_=f"fill {hue}"
                )
    plot.bottom = bottom
    # The grid itself where it is small, else round numbers.
    ticks = rates if len(rates) <= 6 else _svg.log_ticks(plot.x.low, plot.x.high)
    plot.x_axis(words("section.rates.axis_x"), ticks, [tick(t) for t in ticks])
