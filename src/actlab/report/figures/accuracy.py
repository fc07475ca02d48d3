"""Every arm's mean with its interval, view by view: the answer at a glance."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from actlab.report import _svg, palette, readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._marks import Note
from actlab.report.figures._parts import Group, Panel, Section
from actlab.report.figures._plot import share_tick
from actlab.report.figures._words import Words
from actlab.report.sentences.common import nets_of
from actlab.text import percent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actlab.report.readings import Row
    from actlab.study.result import Comparison

#: Drawing units of an arm's line, and of a letter of its name.
LINE, LETTER = 19, 6.6
_WIDE, _TITLE, _FOOT = 400, 30, 34  # drawing units of all, of a view's title, and below all
_LONGEST = 20  # letters of a name


def section(comparison: Comparison, words: Words) -> Section:
    """One panel, its views one below another on one axis."""
    views = list(range(len(comparison.views)))
    found = {view: readings.rows(comparison, view) for view in views}
    found = {view: rows for view, rows in found.items() if any(not math.isnan(row.estimate) for row in rows)}
    if not found:
        return Section("accuracy", [], missing=words("missing.rates"))
    nets = nets_of(row for rows in found.values() for row in rows)
    panel = Panel(_panel(comparison, found, words), "")
    return Section("accuracy", [Group([panel], words("section.accuracy.caption", nets=nets), size="m")])


def _panel(comparison: Comparison, found: dict[int, list[Row]], words: Words) -> Chart:
    known = {view: [row for row in rows if not math.isnan(row.estimate)] for view, rows in found.items()}
    names = shortened([row.arm for rows in known.values() for row in rows])
    tall = sum(_TITLE + LINE * len(rows) for rows in known.values())
    low = min(row.low for rows in known.values() for row in rows)
    high = max(row.high for rows in known.values() for row in rows)
    pad = 0.06 * (high - low) or 0.01
    chart = Chart(
        (_WIDE, tall + _FOOT + 4), ("linear", max(0.0, low - pad), min(1.0, high + pad)), ("linear", 0.0, float(tall)),
        left=12 + LETTER * max(map(len, names.values())), right=52, top=4, bottom=_FOOT,
    )  # fmt: skip
    ticks = _svg.linear_ticks(chart.x.low, chart.x.high, 4)
    chart.x_axis(words("section.rates.axis"), ticks, [share_tick(t) for t in ticks])
    places: list[tuple[float, str]] = []
    said = []
    top = float(tall)
    for view, rows in known.items():
        title, _ = words.view(comparison, view)
        chart.add(Note(chart.x.low, top, title, "name", dx=-chart.left, dy=_TITLE - 12))
        top -= _TITLE
        for row in rows:
            at = top - LINE / 2
            top -= LINE
            places.append((at, names[row.arm]))
            hue = palette.hue(row.index)
            written = f"{row.arm}: {percent(row.estimate)} ({percent(row.low)} – {percent(row.high)})"
            chart.whiskers([at], [row.low], [row.high], hue, flat=True)
            chart.dots([row.estimate], [at], palette.marker(row.index), hue, tips=(written,))
            chart.add(Note(chart.x.high, at, percent(row.estimate), "value", "end", dx=chart.right, dy=4))
        spoken = "; ".join(
            f"{row.arm} {percent(row.estimate)} ({percent(row.low)} – {percent(row.high)})" for row in rows
        )
        said.append(f"{title}: {spoken}.")
    chart.y_axis("", [at for at, _ in places], [name for _, name in places])
    return chart.say("accuracy", words("section.accuracy.title"), " ".join(said))


def shortened(names: Iterable[str]) -> dict[str, str]:
    """Names that leave room for the picture; where two would look the same, the end of each is kept too."""
    short = {name: name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…" for name in names}
    twice = {text for text, count in Counter(short.values()).items() if count > 1}
    start, end = _LONGEST // 2 - 2, _LONGEST // 2 + 1
    return {name: f"{name[:start]}…{name[-end:]}" if text in twice else text for name, text in short.items()}
