"""What survives of the distance to the boundary, layer by layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.report import _svg, palette, readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._parts import MANY, Group, L, Panel, Section, arm_legend
from actlab.report.figures._words import Words
from actlab.report.sentences import inside
from actlab.text import number

if TYPE_CHECKING:
    from actlab.report.readings import Band
    from actlab.study.result import Comparison

_TALL = 200
# name in the page → column, last checkpoint or first
_ENDS = {"margin": ("margin_retention", True), "far": ("far_contrast", True)}
_STARTS = {"distance": ("distance_retention", False), "rank": ("effective_rank", False)}


def section(comparison: Comparison, words: Words) -> Section:
    """After training for each view; what is judged before training once, since it does not depend on the rate."""
    if comparison.example[0].ndim > 2:  # sequences have no boundary to be near to
        return Section("geometry", [], missing=words("missing.sequences"))
    groups = []
    for k, view in enumerate(readings.lead_views(comparison)):
        panels = []
        for name, (column, last) in (_ENDS if k else _ENDS | _STARTS).items():
            found = {a: readings.geometry(comparison, view, a, column, last) for a in comparison.arms}
            found = {arm: bands for arm, bands in found.items() if bands}
            if found:
                title = words(f"section.geometry.{name}")
                panels.append(Panel(_panel(f"geometry-{view}-{name}", name, comparison, found, title, words), title))
        if panels:
            title, badge = words.view(comparison, view)
            caption = words.tell(inside.geometry(comparison, view, at_start=k == 0))
            size = "l" if len(comparison.arms) > MANY else "m"
            groups.append(Group(panels, caption, title, size, badge, views=(view,)))
    remark = "" if groups else words("geometry.nothing")
    return Section("geometry", groups, arm_legend(comparison), remark)


def _domain(name: str, found: dict[str, dict[int, Band]]) -> tuple[float, float]:
    every = [b for bands in found.values() for b in bands.values()]
    low, high = (
        [float(getattr(b, side)[-1]) for b in every if math.isfinite(getattr(b, side)[-1])] for side in ("low", "high")
    )
    if name in ("margin", "distance"):
        return max(-1.0, min(0.0, *low, 0.0)), 1.0
    return 0.0, 1.1 * max([*high, 1.0])


def _panel(
    identity: str, name: str, comparison: Comparison, found: dict[str, dict[int, Band]], title: str, words: Words
) -> Chart:
    layers = sorted({layer for bands in found.values() for layer in bands})
    x = ("linear", layers[0] - 0.25, layers[-1] + 0.25)
    chart = Chart(
        (L if len(comparison.arms) > MANY else 400, _TALL), x, ("linear", *_domain(name, found)), top=10, bottom=24
    )
    chart.y_axis("", _svg.linear_ticks(chart.y.low, chart.y.high, 4))
    stride = math.ceil(len(layers) / 6)
    shown = [n for n in layers if (layers[-1] - n) % stride == 0]
    labels = [words("page.input") if n == 0 else words("page.layer", layer=n) for n in shown]
    chart.x_axis("", [float(n) for n in shown], labels)
    told = []
    for k, (arm, bands) in enumerate(found.items()):
        index = comparison.arms.index(arm)
        hue = palette.hue(index)
        shift = (k - (len(found) - 1) / 2) * 5.0
        at = list(bands)
        low, middle, high = (
            [float(getattr(b, side)[-1]) for b in bands.values()] for side in ("low", "median", "high")
        )
        chart.line(at, middle, hue, dash=palette.dash(index), name=arm, shift=shift)
        chart.whiskers(at, low, high, hue, shift=shift)
        tips = tuple(f"{arm}: {number(value)}" for value in middle)
        chart.dots(at, middle, palette.marker(index), hue, tips=tips, shift=shift)
        values = ", ".join(number(value, 2) for value in middle)
        told.append(words("section.geometry.description", arm=arm, items=values))
    return chart.say(identity, title, " ".join(told))
