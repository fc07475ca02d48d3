"""The data: what there is to learn, as the nets see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.report import readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._parts import Group, Panel, Section, class_legend, scatter, sides
from actlab.report.figures._words import Words
from actlab.report.sentences import learning
from actlab.text import integer

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.result import Comparison

SQUARE = (400, 340)


def section(comparison: Comparison, words: Words) -> Section:
    """Training and test points of the first seed, side by side on the same axes."""
    x, y, x_test, y_test = comparison.example
    if x.ndim > 2:  # sequences: no plane shows them
        return Section("picture", [], missing=words("missing.sequences"))
    both = np.vstack([x, x_test])
    if comparison.task == "regression":
        if both.shape[1] == 1:  # the target has the second axis
            both = np.column_stack([both, np.concatenate([y, y_test])])
        y, y_test = sides(y), sides(y_test)
    if both.shape[1] != 2:
        both, _ = readings.plane(both)
    parts = (("train", both[: len(x)], y), ("test", both[len(x) :], y_test))
    panels = [
        Panel(_panel(name, points, labels, both, words), words(f"section.picture.{name}"))
        for name, points, labels in parts
        if len(points)
    ]
    group = Group(panels, words.tell(learning.data(comparison)), size="m")
    return Section("picture", [group], class_legend(comparison, words))


def _panel(name: str, points: Array, labels: Array, both: Array, words: Words) -> Chart:
    low, high = both.min(axis=0), both.max(axis=0)
    pad = 0.05 * (high - low) + 1e-9
    low, high = low - pad, high + pad
    chart = Chart(SQUARE, ("linear", low[0], high[0]), ("linear", low[1], high[1]), left=26, bottom=22, top=8)
    ticks_x = list(range(int(np.ceil(low[0])), int(np.floor(high[0])) + 1))
    ticks_y = list(range(int(np.ceil(low[1])), int(np.floor(high[1])) + 1))
    chart.y_axis("", _few(ticks_y))
    chart.x_axis("", _few(ticks_x))
    scatter(chart, points.tolist(), labels.tolist(), most=500)
    title = words(f"section.picture.{name}")
    if labels.size and labels.max() > 1:
        values = {"points": integer(len(labels)), "classes": len(np.unique(labels))}
        return chart.say(f"picture-{name}", title, words("section.picture.description_many", **values))
    counts = {"zero": integer(int(np.sum(labels < 0.5))), "one": integer(int(np.sum(labels > 0.5)))}
    return chart.say(f"picture-{name}", title, words("section.picture.description", **counts))


def _few(ticks: list[int]) -> list[float]:
    stride = len(ticks) // 7 + 1
    return [float(t) for t in ticks if t % stride == 0]
