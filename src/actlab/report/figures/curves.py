"""Loss over training: the median net and the middle 80 %."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.report import _svg, palette, readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._parts import MANY, Group, Legend, M, Panel, S, Section, arm_legend, epochs_axis, sample_line
from actlab.report.figures._words import Words
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
        caption = words.tell(learning.curves(comparison, view))
        if len(bands) <= MANY:
            panels = [Panel(_panel(f"curves-{view}", comparison, bands, list(bands), title, words), "")]
            groups.append(Group(panels, caption, title, "m", badge, views=(view,)))
            continue
        panels = []
        for arm in bands:  # each with the others behind it
            index = comparison.arms.index(arm)
            chart = _panel(f"curves-{view}-{index}", comparison, bands, [arm], title, words)
            panels.append(Panel(chart, arm, index))
        groups.append(Group(panels, caption, title, "s", badge, views=(view,)))
    many = any(group.size == "s" for group in groups)
    legend = [Legend(sample_line(None, "ghost"), words("page.others"))] if many else arm_legend(comparison)
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


def _panel(
    name: str, comparison: Comparison, bands: dict[str, tuple[Band, ...]], shown: list[str], title: str, words: Words
) -> Chart:
    """The arms `shown`, on axes for all; the others, where there are any, as faint lines."""
    last = max(float(train.epochs[-1]) for train, _ in bands.values())
    chart = Chart(M if len(shown) > 1 or len(bands) == 1 else S, ("log1p", 0.0, last), ("linear", 0.0, _ceiling(bands)))
    chart.y_axis(words("section.curves.axis"), _svg.linear_ticks(0.0, chart.y.high, 4))
    epochs_axis(chart, words)
    for arm, (train, _) in bands.items():
        if arm not in shown:
            chart.line(train.epochs, train.median, "ci", weight="ghost")
    for arm in shown:
        train = bands[arm][0]
        chart.band(train.epochs, train.low, train.high, palette.hue(comparison.arms.index(arm)), name=arm)
    told = []
    for arm in shown:
        train, valid = bands[arm]
        index = comparison.arms.index(arm)
        hue = palette.hue(index)
        if not valid.empty:
            series = f"{arm}, {words('page.validation')}"
            chart.line(valid.epochs, valid.median, hue, dash="3 3", weight="thin", name=series)
        chart.line(train.epochs, train.median, hue, name=arm)
        at = chart.spread(train.epochs)
        chart.dots(train.epochs[at], train.median[at], palette.marker(index), hue)
        start, end = number(float(train.median[0]), 2), number(float(train.median[-1]), 2)
        told.append(words("section.curves.description", arm=arm, start=start, end=end))
    return chart.say(name, f"{words('section.curves.title')}: {', '.join(shown)}; {title}", " ".join(told))
