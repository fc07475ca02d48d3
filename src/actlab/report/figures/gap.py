"""The published gap taken apart: a stacked bar unrolled into steps, so that a negative part can be seen as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.report import _svg, palette
from actlab.report.figures._parts import Group, Panel, Plot, Section, Words
from actlab.report.sentences import headline
from actlab.text import number, points

if TYPE_CHECKING:
    from markupsafe import Markup

    from actlab.study.result import Comparison, Gap

_ROW = 52
_SIZE = (400, 4 * _ROW + 46)


def section(comparison: Comparison, words: Words) -> Section:
    """Four bars: the whole, what the split adds, what the learning rate adds, what remains."""
    assert comparison.gap is not None
    svg = _panel(comparison, comparison.gap, words)
    return Section("gap", [Group([Panel(svg, "")], words.tell(headline.gap_story(comparison.gap)), size="m")])


def _panel(comparison: Comparison, gap: Gap, words: Words) -> Markup:
    winner, _, (published, fresh, best) = headline.oriented(gap)
    parts = headline.gap_parts(gap)
    ends = [100 * x for x in (published[0], fresh[0], best[0], 0.0)]
    reach = [100 * x for entry in (published, fresh, best) for x in entry]
    low, high = min(0.0, *reach), max(0.0, *reach)
    pad = 0.03 * (high - low) or 1.0
    plot = Plot(
        _SIZE, ("linear", low - (pad if low < 0 else 0), high + pad), ("linear", 0, 1), left=10, bottom=34, top=4
    )
    canvas = plot.canvas
    ticks = _svg.linear_ticks(low, high, 5)
    for value in ticks:
        canvas.line([(plot.x(value), plot.top), (plot.x(value), plot.bottom)], "axis" if value == 0 else "grid")
    plot.x_axis(words("gap.axis", winner=winner), ticks, [number(t) for t in ticks])
    hue = palette.hue(comparison.arms.index(winner))
    bars = (
        ("bar_published", 0.0, ends[0], f"fill {hue}", published),
        ("bar_split", ends[1], ends[0], "area saturated", None),
        ("bar_rate", ends[2], ends[1], "area dead", None),
        ("bar_rest", 0.0, ends[2], f"fill {hue}", best),
    )
    for row, (name, start, end, class_, entry) in enumerate(bars):
        top = plot.top + row * _ROW
        amount = published[0] if row == 0 else parts[row - 1]
        canvas.text(plot.left + 5, top + 15, words(f"gap.{name}"), "label")
        canvas.text(plot.right - 4, top + 15, points(amount), "label strong", "end")
        left, right = sorted((plot.x(start), plot.x(end)))
        canvas.add("rect", class_=class_, x=left, y=float(top + 22), width=max(right - left, 1.5), height=16.0)
        if row < 3:  # where this bar ends the next one begins
            at = plot.x(ends[row])
            canvas.line([(at, top + 38), (at, top + _ROW + 22)], "guide")
        if entry:
            canvas.line([(plot.x(100 * entry[1]), top + 30), (plot.x(100 * entry[2]), top + 30)], "whisker ci")
    values = dict(zip(("split", "rate", "rest"), (points(p) for p in parts), strict=True))
    text = words("gap.description", published=points(published[0]), **values)
    return canvas.markup("gap", words("section.gap.title"), text)
