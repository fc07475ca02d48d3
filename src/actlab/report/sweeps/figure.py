"""The interaction figure: mean test score along the followed setting, a line an arm, a panel for what else varies."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from actlab.report import _svg, palette
from actlab.report.figures._chart import Chart
from actlab.report.figures._marks import Guide, Note
from actlab.report.figures._parts import Group, Key, Legend, Panel, Section, sample_line
from actlab.report.figures._plot import share_tick, tick
from actlab.report.figures._words import unbroken
from actlab.report.sweeps.sentences import MOST_LINES, reach
from actlab.report.sweeps.tables import place
from actlab.text import number, percent, tr

if TYPE_CHECKING:
    from actlab.study.sweep.analysis import Analysis

_SIZE = (400, 280)
_MOST_PANELS = 24


@dataclass(frozen=True)
class Verdicts:
    """Below a figure: whether each arm learns at each value of what is followed."""

    values: list[str]
    arms: list[tuple[Key, str, list[tuple[str, str]]]]  # sample, label, of each value the verdict and its word


def verdicts(found: Analysis, lang: str) -> list[Verdicts]:
    """One for each group of `section`, in its order."""
    axis = str(found.axis)
    tables = []
    for rows in list(_panels(found).values())[:_MOST_PANELS]:
        values = sorted({row[axis] for row in rows})
        arms = []
        for index, arm in enumerate(found.arms):
            own = {row[axis]: row["verdict"] for row in rows if row["arm"] == arm}
            said = [own.get(value, "") for value in values]  # "": the plan does not have it there
            arms.append((sample_line(index), arm, [(it, tr(f"sweep.verdict.{it}", lang) if it else "") for it in said]))
        tables.append(Verdicts([tick(value) for value in values], arms))
    return tables


def _panels(found: Analysis) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
    """Rows of the summary by what varies beside the axis."""
    panels: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in found.summary.to_dicts():
        if row[str(found.axis)] is not None:
            panels.setdefault(tuple(row[name] for name in found.shown if name != found.axis), []).append(row)
    return panels


def section(found: Analysis, lang: str) -> Section | None:
    """None where nothing numeric varies."""
    if found.axis is None or found.reach.is_empty():
        return None
    others = [name for name in found.shown if name != found.axis]
    panels = _panels(found)
    told = reach(found, lang)
    # The first lines stand in the opening; nobody likes to read a sentence twice.
    captions = dict(list(zip(_lines(found, others), told, strict=True))[MOST_LINES:])
    groups = []
    for k, (key, rows) in enumerate(list(panels.items())[:_MOST_PANELS]):
        name = place(dict(zip(others, key, strict=True)), lang)
        groups.append(
            Group([Panel(_panel(k, found, rows, name, lang), "")], unbroken(captions.get(key, "")), name, "m")
        )
    remark = "" if len(panels) <= _MOST_PANELS else tr("sweep.page.more_panels", lang, count=len(panels) - _MOST_PANELS)
    return Section("line", groups, [Legend(sample_line(i), arm) for i, arm in enumerate(found.arms)], remark)


def score(found: Analysis, lang: str) -> Section:
    """For a paper: the figure of the page, with every sentence on how far each arm learns; or why there is none."""
    drawn = section(found, lang)
    if drawn is None:
        why = "nothing" if found.summary.is_empty() else "no_line"
        return Section("line", [], missing=tr(f"sweep.page.{why}", lang))
    others = [name for name in found.shown if name != found.axis]
    told = dict(zip(_lines(found, others), map(unbroken, reach(found, lang)), strict=True))
    pairs = zip(_panels(found), drawn.groups, strict=False)
    return replace(drawn, groups=[replace(group, caption=told.get(key, "")) for key, group in pairs])


def _lines(found: Analysis, others: list[str]) -> list[tuple[Any, ...]]:
    return list(dict.fromkeys(tuple(row[name] for name in others) for row in found.reach.to_dicts()))


def _panel(k: int, found: Analysis, rows: list[dict[str, Any]], name: str, lang: str) -> Chart:
    axis = str(found.axis)
    values = sorted({float(row[axis]) for row in rows})
    wide = values[0] > 0 and values[-1] / values[0] >= 5
    room = (values[-1] / values[0]) ** 0.06 if wide else 0.06 * (values[-1] - values[0])
    x = ("log", values[0] / room, values[-1] * room) if wide else ("linear", values[0] - room, values[-1] + room)
    floor = max(0.0, math.floor(min(row["low"] for row in rows) * 10 - 0.2) / 10)
    chart = Chart(_SIZE, x, ("linear", floor, 1.0), left=44)
    ticks = _svg.linear_ticks(floor, 1.0, 5)
    chart.y_axis(tr("sweep.page.score", lang), ticks, [share_tick(t) for t in ticks])
    shown = values if len(values) <= 7 else _svg.log_ticks(values[0], values[-1]) if wide else _svg.linear_ticks(
        values[0], values[-1], 6
    )  # fmt: skip
    chart.x_axis(tr(f"sweep.column.{axis}", lang), shown, [tick(t) for t in shown])
    constant = sum(row["constant"] for row in rows) / len(rows)
    if constant > floor:
        ends = (chart.x.low, chart.x.high)
        chart.add(
            Guide(ends, (constant, constant)), Note(ends[0], constant, tr("sweep.page.constant", lang), dx=4, dy=-5)
        )
    said = []
    for index, arm in enumerate(found.arms):
        own = sorted((row for row in rows if row["arm"] == arm), key=lambda row: row[axis])
        if not own:
            continue
        shift = (index - (len(found.arms) - 1) / 2) * 3.0
        hue = palette.hue(index)
        at = [row[axis] for row in own]
        low, middle, high = ([row[name] for row in own] for name in ("low", "estimate", "high"))
        chart.line(at, middle, hue, dash=palette.dash(index), name=arm, shift=shift)
        chart.whiskers(at, low, high, hue, shift=shift)
        tips = tuple(
            f"{arm}, {number(row[axis])}: {percent(row['estimate'])} ({percent(row['low'])} – {percent(row['high'])})"
            for row in own
        )
        chart.dots(at, middle, palette.marker(index), hue, tips=tips, shift=shift)
        said.append(f"{arm}: " + ", ".join(f"{number(row[axis])} {percent(row['estimate'])}" for row in own) + ".")
    return chart.say(f"line-{k}", name, " ".join(said))
