"""The published gap taken apart: a stacked bar unrolled into steps, so that a negative part can be seen as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.report import _svg, palette
from actlab.report.figures._chart import Chart
from actlab.report.figures._marks import Bar, Guide, Note
from actlab.report.figures._parts import Group, Panel, Section
from actlab.report.figures._words import Words
from actlab.report.sentences import headline
from actlab.text import number, points

if TYPE_CHECKING:
    from actlab.study.result import Comparison, Gap

_ROW = 52
_SIZE = (400, 4 * _ROW + 46)


def section(comparison: Comparison, words: Words) -> Section:
    """Four bars: the whole, what the split adds, what the learning rate adds, what remains."""
    if comparison.gap is None:
        return Section("gap", [], missing=words("missing.gap"))
    chart = _panel(comparison, comparison.gap, words)
    return Section("gap", [Group([Panel(chart, "")], words.tell(headline.gap_story(comparison.gap)), size="m")])


def _panel(comparison: Comparison, gap: Gap, words: Words) -> Chart:
    winner, _, (published, fresh, best) = headline.oriented(gap)
    parts = headline.gap_parts(gap)
    ends = [100 * x for x in (published[0], fresh[0], best[0], 0.0)]
    reach = [100 * x for entry in (published, fresh, best) for x in entry]
    low, high = min(0.0, *reach), max(0.0, *reach)
    pad = 0.03 * (high - low) or 1.0
    x = ("linear", low - (pad if low < 0 else 0), high + pad)
    tall = (_SIZE[1] - 34 - 4) / _ROW  # in rows; the first stands at the top
    chart = Chart(_SIZE, x, ("linear", 0.0, tall), left=10, bottom=34, top=4)
    ticks = _svg.linear_ticks(low, high, 5)
    chart.add(*(Guide((value, value), (0.0, tall), solid="axis" if value == 0 else "grid") for value in ticks))
    chart.x_axis(words("gap.axis", winner=winner), ticks, [number(t) for t in ticks])
    hue = palette.hue(comparison.arms.index(winner))
    bars = (
        ("bar_published", 0.0, ends[0], hue, published),
        ("bar_split", ends[1], ends[0], "saturated", None),
        ("bar_rate", ends[2], ends[1], "dead", None),
        ("bar_rest", 0.0, ends[2], hue, best),
    )
    for row, (name, start, end, ink, entry) in enumerate(bars):
        top = tall - row
        amount = published[0] if row == 0 else parts[row - 1]
        chart.add(
            Note(chart.x.low, top, words(f"gap.{name}"), "label", dx=5, dy=15),
            Note(chart.x.high, top, points(amount), "label strong", "end", dx=-4, dy=15),
            Bar(min(start, end), max(start, end), top - 38 / _ROW, top - 22 / _ROW, ink),
        )
        if row < 3:  # where this bar ends the next one begins
            chart.add(Guide((ends[row], ends[row]), (top - 1 - 22 / _ROW, top - 38 / _ROW)))
        if entry:
            chart.whiskers([top - 30 / _ROW], [100 * entry[1]], [100 * entry[2]], "ci", flat=True)
    values = dict(zip(("split", "rate", "rest"), (points(p) for p in parts), strict=True))
    text = words("gap.description", published=points(published[0]), **values)
    return chart.say("gap", words("section.gap.title"), text)
