"""The gradient at every step of a sequence, before training and after it; of recurrent nets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.report import _svg, palette, readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._parts import Group, M, Panel, Section, arm_legend
from actlab.report.figures._words import Words
from actlab.report.sentences import time
from actlab.text import integer, number

if TYPE_CHECKING:
    from actlab.report.readings import Band
    from actlab.study.result import Comparison

#: How far down the axis follows a gradient that vanishes.
_DECADES = 1e-30


def section(comparison: Comparison, words: Words) -> Section:
    """A figure for each view on fresh data, a panel before training and one after it; the arms share its axes."""
    groups = []
    for view in readings.lead_views(comparison):
        found = [readings.back_to_the_start(comparison, view, last) for last in (False, True)]
        if not found[0]:
            continue
        domain = _domain([band for bands in found for band in bands.values()])
        title, badge = words.view(comparison, view)
        panels = []
        for name, bands in zip(("start", "end"), found, strict=True):
            heading = words(f"section.through_time.{name}")
            panels.append(
                Panel(_panel(f"through-time-{view}-{name}", comparison, bands, domain, heading, words), heading)
            )
        groups.append(Group(panels, words.tell(time.through_time(comparison, view)), title, "m", badge, views=(view,)))
    return Section("through_time", groups, arm_legend(comparison), missing=words("missing.through_time"))


def _domain(bands: list[Band]) -> tuple[float, float]:
    positive = [x for band in bands for x in band.median.tolist() if math.isfinite(x) and x > 0]
    if not positive:
        return 0.1, 1.0
    high = max(positive) * 1.4
    return max(min(positive) / 1.4, high * _DECADES), high


def _panel(
    name: str, comparison: Comparison, bands: dict[str, Band], domain: tuple[float, float], heading: str, words: Words
) -> Chart:
    length = max((float(band.epochs[-1]) for band in bands.values()), default=2.0)
    chart = Chart(M, ("linear", 1.0, max(length, 2.0)), ("log", *domain))
    chart.y_axis(words("section.through_time.axis"), _svg.log_ticks(*domain))
    ticks = [t for t in _svg.linear_ticks(1.0, length, 5) if 1 <= t <= length and t == int(t)]
    chart.x_axis(words("section.through_time.axis_x"), ticks, [integer(int(t)) for t in ticks])
    told = []
    for arm, band in bands.items():
        index = comparison.arms.index(arm)
        known = [k for k, x in enumerate(band.median.tolist()) if not math.isnan(x)]
        if not known:
            continue
        hue = palette.hue(index)
        times, norms = band.epochs[known], band.median[known]
        # Exactly zero has no logarithm: it is drawn at the lower edge.
        chart.line(times, norms, hue, dash=palette.dash(index), name=arm)
        stride = max(len(known) // 8, 1)
        chart.dots(times[::-stride], norms[::-stride], palette.marker(index), hue)
        ends = {"first": number(float(band.median[known[0]]), 2), "last": number(float(band.median[known[-1]]), 2)}
        told.append(words("section.through_time.description", arm=arm, **ends))
    return chart.say(name, f"{words('section.through_time.title')}: {heading}", " ".join(told))
