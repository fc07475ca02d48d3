"""The ranks as a picture: each arm's mean rank over the settings with its interval, the best at the top."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.report import palette
from actlab.report.figures._chart import Chart
from actlab.report.figures._parts import Group, Panel, Section
from actlab.report.figures.accuracy import LETTER, LINE, shortened
from actlab.text import number, tr

if TYPE_CHECKING:
    from actlab.study.sweep.analysis import Analysis

_WIDE, _FOOT = 400, 38  # drawing units


def section(found: Analysis, lang: str) -> Section:
    """One panel; no group where fewer than two settings have all arms."""
    rows = found.ranks.to_dicts()
    if len(rows) < 2 or rows[0]["settings"] < 2:
        why = "nothing" if found.summary.is_empty() else "no_ranks"
        return Section("ranks", [], missing=tr(f"sweep.page.{why}", lang))
    tall = LINE * len(rows)
    names = list(shortened(row["arm"] for row in rows).values())
    chart = Chart(
        (_WIDE, round(tall) + _FOOT + 4), ("linear", 0.7, len(rows) + 0.3), ("linear", 0.0, tall),
        left=12 + LETTER * max(map(len, names)), right=14, top=4, bottom=_FOOT,
    )  # fmt: skip
    step = 1 + (len(rows) - 1) // 10
    chart.x_axis(tr("sweep.column.rank", lang), ticks := range(1, len(rows) + 1, step), [str(at) for at in ticks])
    places = [tall - LINE * (k + 0.5) for k in range(len(rows))]
    said = []
    for at, row in zip(places, rows, strict=True):
        index = found.arms.index(row["arm"])
        told = f"{row['arm']}: {number(row['rank'], 3)} ({number(row['low'], 3)} – {number(row['high'], 3)})"
        chart.whiskers([at], [row["low"]], [row["high"]], palette.hue(index), flat=True)
        chart.dots([row["rank"]], [at], palette.marker(index), palette.hue(index), tips=(told,))
        said.append(f"{told}.")
    chart.y_axis("", places, names)
    title = tr("sweep.section.ranks", lang)
    chart.say("ranks", title, " ".join(said))
    caption = f"{tr('sweep.section.ranks_lead', lang)} {tr('sweep.method.ranks', lang)}"
    return Section("ranks", [Group([Panel(chart, "")], caption, size="m")])
