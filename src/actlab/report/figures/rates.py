"""Accuracy against learning rate, and the share of nets that fail at each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.report import _svg, palette, readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._marks import Bar, Guide, Note
from actlab.report.figures._parts import MANY, Group, L, Panel, Section, arm_legend
from actlab.report.figures._plot import share_tick, tick
from actlab.report.figures._words import Words
from actlab.report.sentences import learning
from actlab.report.sentences.common import data_of
from actlab.text import number, percent

if TYPE_CHECKING:
    from actlab.report.readings import RateRow
    from actlab.study.result import Comparison

_TALL = 320
_STRIP = 44  # height of the strip of failures
_GAP = 30  # room between the plot and the strip


def section(comparison: Comparison, words: Words) -> Section:
    """A panel for each data set."""
    groups = []
    for k, name in enumerate(readings.datasets(comparison)):
        table = readings.rate_rows(comparison, name)
        if table:
            title = words.say(data_of(comparison, name))
            views = tuple(n for n, view in enumerate(comparison.views) if view.data == name)
            conditional = comparison.views[views[0]].conditional
            panel = Panel(_panel(k, comparison, table, title, words), "")
            caption = words.tell(learning.rates(comparison, name))
            badge = words("page.fixed_badge") if conditional else ""
            groups.append(Group([panel], caption, title, "l" if len(table) > MANY else "m", badge, views=views))
    return Section("rates", groups, arm_legend(comparison), missing=words("missing.rates"))


def _panel(k: int, comparison: Comparison, table: dict[str, list[RateRow]], title: str, words: Words) -> Chart:
    rates = sorted({r.rate for found in table.values() for r in found})
    low = min((r.low for found in table.values() for r in found if not math.isnan(r.low)), default=0.0)
    floor = max(0.0, math.floor(low * 20 - 0.2) / 20)
    spread = 1.5 if len(rates) > 1 else 3.0
    x = ("log", rates[0] / spread, rates[-1] * spread)
    size = (L if len(table) > MANY else 400, _TALL)
    chart = Chart(size, x, ("linear", floor, 1.0), left=44, bottom=34 + _STRIP + _GAP)
    chart.y_axis(words("section.rates.axis"), *_percents(floor))
    _common(chart, comparison, words)
    chart.below = _failures(size, x, rates, table, comparison, words)
    arms = list(table)
    for arm, found in table.items():
        index = comparison.arms.index(arm)
        shift = (arms.index(arm) - (len(arms) - 1) / 2) * 5.0
        hue = palette.hue(index)
        at = [r.rate for r in found]
        chart.line(at, [r.estimate for r in found], hue, dash=palette.dash(index), name=arm, shift=shift)
        known = [r for r in found if not math.isnan(r.estimate)]
        at = [r.rate for r in known]
        chart.whiskers(at, [r.low for r in known], [r.high for r in known], hue, shift=shift)
        tips = tuple(
            f"{arm}, {number(r.rate)}: {percent(r.estimate)} ({percent(r.low)} – {percent(r.high)})" for r in known
        )
        chart.dots(at, [r.estimate for r in known], palette.marker(index), hue, tips=tips, shift=shift)
    items = [
        words(
            "section.rates.description", arm=arm, items=", ".join(f"{number(r.rate)} {percent(r.estimate)}" for r in f)
        )
        for arm, f in table.items()
    ]
    return chart.say(f"rates-{k}", f"{words('section.rates.title')}: {title}", " ".join(items))


def _percents(floor: float) -> tuple[list[float], list[str]]:
    ticks = _svg.linear_ticks(floor, 1.0, 5)
    return ticks, [share_tick(t) for t in ticks]


def _common(chart: Chart, comparison: Comparison, words: Words) -> None:
    """The rate that the “same” views use, as a thin upright line."""
    if not any(view.regime == "same" for view in comparison.views):
        return
    at = comparison.common_rate
    chart.add(Guide((at, at), (chart.y.low, chart.y.high)))
    left = chart.x(at) > chart.size[0] / 2
    # The name of the y axis stands at the left above the plot, so the word goes to the right of the line or ends at it.
    word = words("section.rates.common")
    chart.add(Note(at, chart.y.low, word, "name", "end" if left else "start", dx=-5 if left else 5, dy=-6))


def _failures(
    size: tuple[int, int], x: tuple[str, float, float], rates: list[float], table: dict[str, list[RateRow]],
    comparison: Comparison, words: Words,
) -> Chart:  # fmt: skip
    """Bars for the share of failed nets, under the plot on the same x axis."""
    chart = Chart(size, x, ("linear", 0.0, 1.0), left=44, bottom=34, top=_TALL - 34 - _STRIP)
    chart.y_axis(words("section.rates.axis_failed"), [0.0, 1.0], [percent(share, 0) for share in (0.0, 1.0)])
    arms = list(table)
    for arm, found in table.items():
        hue = palette.hue(comparison.arms.index(arm))
        for r in found:
            share = r.failed / max(r.nets, 1)
            if share > 0:
                shift = (arms.index(arm) - (len(arms) - 1) / 2) * 7.0
                tip = f"{arm}, {number(r.rate)}: {r.failed} / {r.nets}"
                chart.add(Bar(r.rate, r.rate, 0.0, share, hue, tip, wide=6.0, shift=shift))
    # The grid itself where it is small, else round numbers.
    ticks = rates if len(rates) <= 6 else _svg.log_ticks(chart.x.low, chart.x.high)
    chart.x_axis(words("section.rates.axis_x"), ticks, [tick(t) for t in ticks])
    return chart
