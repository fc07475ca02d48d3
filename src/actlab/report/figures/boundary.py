"""Decision boundaries of the median nets, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.report import _contour, _png, _svg, readings
from actlab.report.figures._parts import Group, Panel, Plot, Section, Words, class_legend, scatter, sides
from actlab.report.sentences import learning
from actlab.text import integer, percent

if TYPE_CHECKING:
    from markupsafe import Markup

    from actlab._arrays import Array
    from actlab.study.result import Comparison, Portrait

_SQUARE = (260, 260)


def section(comparison: Comparison, words: Words) -> Section:
    """A figure for each view, a panel for each arm; a remark where the data have no plane."""
    if not comparison.portraits:  # an interrupted run has no time to look at single nets
        return Section("boundary", [])
    if all(p.axes is None for p in comparison.portraits):
        columns = integer(comparison.example[0].shape[1])
        told = [words("boundary.no_map", columns=columns)]
        told += [words.say(s) for s in learning.boundaries(readings.portraits(comparison, 0))]
        return Section("boundary", [], remark=" ".join(told))
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
        groups.append(Group(panels, caption, title, "s", badge))
    return Section("boundary", groups, class_legend(comparison, words))


def _panel(name: str, portrait: Portrait, words: Words) -> Markup:
    assert portrait.axes is not None
    assert portrait.probability is not None
    if portrait.probability.ndim == 1:
        return _curve(name, portrait, words)
    x, y = portrait.axes
    plot = Plot(
        _SQUARE,
        ("linear", float(x[0]), float(x[-1])),
        ("linear", float(y[0]), float(y[-1])),
        left=1,
        bottom=1,
        top=1,
        right=1,
    )
    canvas = plot.canvas
    size: dict[str, Any] = {"x": 1, "y": 1, "width": _SQUARE[0] - 2, "height": _SQUARE[1] - 2}
    canvas.add("rect", class_="ground", **size)
    many = portrait.probability.ndim == 3
    answers, labels = portrait.probability, portrait.labels
    if portrait.regression:  # the mean is where the colour turns, two standard deviations are the strongest
        answers, labels = np.clip(0.5 + answers / 4, 0.0, 1.0), sides(labels)
    picture = (_png.regions_png if many else _png.probability_png)(answers)
    canvas.add("image", href=_png.data_uri(picture), preserveAspectRatio="none", **size)
    scatter(plot, portrait.points.tolist(), labels.tolist())
    lines = _borders(x, y, answers)
    d = "".join(_svg.track(plot.places([p[0] for p in line], [p[1] for p in line])) for line in lines)
    canvas.path(d, "halo")  # so that the line stands out from the points under it
    canvas.path(d, "verge")
    canvas.add("rect", class_="frame", **size)
    accuracy = percent(portrait.test_accuracy)
    if portrait.regression:
        text = words("section.boundary.description_map", accuracy=accuracy)
    elif many:
        met = len(np.unique(portrait.probability.argmax(axis=0)))
        text = words("section.boundary.description_many", met=met, classes=len(portrait.probability), accuracy=accuracy)
    else:
        share = percent(float(np.mean(portrait.probability > 0.5)), 0)
        text = words("section.boundary.description", share=share, accuracy=accuracy)
    return canvas.markup(name, f"{words('section.boundary.title')}: {portrait.arm}", text)


def _curve(name: str, portrait: Portrait, words: Words) -> Markup:
    """A regression on one column: the net's answers as a line through the points."""
    assert portrait.axes is not None
    assert portrait.probability is not None
    x, answers, targets = portrait.axes[0], portrait.probability, portrait.labels
    low, high = float(targets.min()), float(targets.max())
    pad = 0.15 * (high - low)
    plot = Plot(
        _SQUARE,
        ("linear", float(x[0]), float(x[-1])),
        ("linear", low - pad, high + pad),
        left=1,
        bottom=1,
        top=1,
        right=1,
    )
    size: dict[str, Any] = {"x": 1, "y": 1, "width": _SQUARE[0] - 2, "height": _SQUARE[1] - 2}
    plot.canvas.add("rect", class_="ground", **size)
    scatter(plot, np.column_stack([portrait.points[:, 0], targets]).tolist(), sides(targets).tolist())
    shown = np.where(np.isfinite(answers) & (answers > low - pad) & (answers < high + pad), answers, np.nan)
    d = _svg.track(plot.places(x.tolist(), shown.tolist()))
    plot.canvas.path(d, "halo")
    plot.canvas.path(d, "verge")
    plot.canvas.add("rect", class_="frame", **size)
    text = words("section.boundary.description_map", accuracy=percent(portrait.test_accuracy))
    return plot.canvas.markup(name, f"{words('section.boundary.title')}: {portrait.arm}", text)


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
