"""Decision boundaries of the median nets, side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.report import _contour, _png, readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._marks import Picture
from actlab.report.figures._parts import Group, Panel, Section, class_legend, scatter, sides
from actlab.report.figures._words import Words
from actlab.report.sentences import learning
from actlab.text import integer, percent

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.result import Comparison, Portrait

_SQUARE = (260, 260)


def section(comparison: Comparison, words: Words) -> Section:
    """A figure for each view, a panel for each arm; a remark where the data have no plane."""
    if not comparison.portraits:  # an interrupted run has no time to look at single nets
        return Section("boundary", [], missing=words("missing.portraits"))
    if all(p.axes is None for p in comparison.portraits):
        columns = integer(comparison.example[0].shape[1])
        told = [words("boundary.no_map", columns=columns)]
        told += [words.say(s) for s in learning.boundaries(readings.portraits(comparison, 0))]
        return Section("boundary", [], remark=" ".join(told), missing=told[0])
    groups = []
    for view in range(len(comparison.views)):
        found = [p for p in readings.portraits(comparison, view) if p.axes is not None]
        if not found:
            continue
        title, badge = words.view(comparison, view)
        panels = []
        for p in found:
            index = comparison.arms.index(p.arm)
            note = words("page.median_net", accuracy=percent(p.test_accuracy), seed=p.seed)
            panels.append(Panel(_panel(f"boundary-{view}-{index}", p, words), p.arm, index, note))
        caption = words.tell(learning.boundaries(found))
        groups.append(Group(panels, caption, title, "s", badge, views=(view,)))
    return Section("boundary", groups, class_legend(comparison, words))


def _panel(name: str, portrait: Portrait, words: Words) -> Chart:
    assert portrait.axes is not None
    assert portrait.probability is not None
    if portrait.probability.ndim == 1:
        return _curve(name, portrait, words)
    x, y = portrait.axes
    chart = _square((float(x[0]), float(x[-1])), (float(y[0]), float(y[-1])))
    many = portrait.probability.ndim == 3
    answers, labels = portrait.probability, portrait.labels
    if portrait.regression:  # the mean is where the colour turns, two standard deviations are the strongest
        answers, labels = np.clip(0.5 + answers / 4, 0.0, 1.0), sides(labels)
    chart.add(Picture(*(_png.regions_map if many else _png.probability_map)(answers)))
    scatter(chart, portrait.points.tolist(), labels.tolist())
    border = [place for line in _borders(x, y, answers) for place in (*line, (math.nan, math.nan))][:-1]
    if border:
        chart.line([place[0] for place in border], [place[1] for place in border], "verge", name=portrait.arm)
    accuracy = percent(portrait.test_accuracy)
    if portrait.regression:
        text = words("section.boundary.description_map", accuracy=accuracy)
    elif many:
        met = len(np.unique(portrait.probability.argmax(axis=0)))
        text = words("section.boundary.description_many", met=met, classes=len(portrait.probability), accuracy=accuracy)
    else:
        share = percent(float(np.mean(portrait.probability > 0.5)), 0)
        text = words("section.boundary.description", share=share, accuracy=accuracy)
    return chart.say(name, f"{words('section.boundary.title')}: {portrait.arm}", text)


def _square(x: tuple[float, float], y: tuple[float, float]) -> Chart:
    return Chart(_SQUARE, ("linear", *x), ("linear", *y), left=1, bottom=1, top=1, right=1, framed=True)


def _curve(name: str, portrait: Portrait, words: Words) -> Chart:
    """A regression on one column: the net's answers as a line through the points."""
    assert portrait.axes is not None
    assert portrait.probability is not None
    x, answers, targets = portrait.axes[0], portrait.probability, portrait.labels
    low, high = float(targets.min()), float(targets.max())
    pad = 0.15 * (high - low)
    chart = _square((float(x[0]), float(x[-1])), (low - pad, high + pad))
    scatter(chart, np.column_stack([portrait.points[:, 0], targets]).tolist(), sides(targets).tolist())
    shown = np.where(np.isfinite(answers) & (answers > low - pad) & (answers < high + pad), answers, np.nan)
    chart.line(x, shown, "verge", name=portrait.arm)
    text = words("section.boundary.description_map", accuracy=percent(portrait.test_accuracy))
    return chart.say(name, f"{words('section.boundary.title')}: {portrait.arm}", text)


def _borders(x: Array, y: Array, probability: Array) -> list[list[_contour.Place]]:
    """Where the answer changes: of several classes, the rim of each region but the last's."""
    if probability.ndim == 2:
        return _contour.chained(_contour.contour(x, y, probability, 0.5))
    if not np.isfinite(probability).all():
        return []
    lines: list[list[_contour.Place]] = []
    for k in range(len(probability) - 1):
        lead = probability[k] - np.delete(probability, k, axis=0).max(axis=0)
        if lead.min() < 0 < lead.max():
            lines += _contour.chained(_contour.contour(x, y, lead, 0.0))
    return lines
