"""Loss over training: the median net and the middle 80 %."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.report import _svg, palette, readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._parts import (
    Group,
    Legend,
    M,
    Panel,
    Section,
    Words,
    arm_legend,
    epochs_axis,
    sample_line,
)  # fmt: skip
from actlab.report.sentences import learning
from actlab.text import number

if TYPE_CHECKING:
    from actlab.report.readings import Band
    from actlab.study.result import Comparison


def section(comparison: Comparison, words: Words) -> Section:
    """A figure for each view; the arms share its axes."""
    groups = []
    for view in range(len(comparison.views)):
        bands = {
            arm: tuple(readings.loss_band(comparison, view, arm, c) for c in ("train_loss", "validation_loss"))
            for arm in comparison.arms
        }
        bands = {arm: pair for arm, pair in bands.items() if not pair[0].empty}
        if not bands:
            continue
        title, badge = words.view(comparison, view)
        panel = Panel(_panel(view, comparison, bands, title, words), "")
        groups.append(Group([panel], words.tell(learning.curves(comparison, view)), title, "m", badge, views=(view,)))
    legend = arm_legend(comparison)
    legend += [
        Legend(sample_line(None), words("page.training")),
        Legend(sample_line(None, dash="3 3"), words("page.validation")),
    ]
    return Section("curves", groups, legend, missing=words("missing.curves"))


def _ceiling(bands: dict[str, tuple[Band, ...]]) -> float:
    """The top of the axis: above every median's start, and above what is finite of the bands, within reason."""
    start = max((float(t.median[0]) for t, _ in bands.values() if math.isfinite(t.median[0])), default=0.7)
    tops: list[float] = [
        x for t, _ in bands.values() for x in np.concatenate([t.high, t.median]).tolist() if math.isfinite(x)
    ]
    return 1.05 * min(max([*tops, 1e-3]), 1.6 * max(start, 1e-3))


def _panel(view: int, comparison: Comparison, bands: dict[str, tuple[Band, ...]], title: str, words: Words) -> Chart:
    last = max(float(train.epochs[-1]) for train, _ in bands.values())
    chart = Chart(M, ("log1p", 0.0, last), ("linear", 0.0, _ceiling(bands)))
    chart.y_axis(words("section.curves.axis"), _svg.linear_ticks(0.0, chart.y.high, 4))
    epochs_axis(chart, words)
    for arm, (train, _) in bands.items():
        chart.band(train.epochs, train.low, train.high, palette.hue(comparison.arms.index(arm)), name=arm)
    told = []
    for arm, (train, valid) in bands.items():
        index = comparison.arms.index(arm)
        hue = palette.hue(index)
        if not valid.empty:
            name = f"{arm}, {words('page.validation')}"
            chart.line(valid.epochs, valid.median, hue, dash="3 3", weight="thin", name=name)
        chart.line(train.epochs, train.median, hue, name=arm)
        at = chart.spread(train.epochs)
        chart.dots(train.epochs[at], train.median[at], palette.marker(index), hue)
        start, end = number(float(train.median[0]), 2), number(float(train.median[-1]), 2)
        told.append(words("section.curves.description", arm=arm, start=start, end=end))
    return chart.say(f"curves-{view}", f"{words('section.curves.title')}: {title}", " ".join(told))
