"""What each hidden layer makes of the training points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.report import readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._parts import Group, Panel, Section, chosen_layers, class_legend, in_rows, scatter, sides
from actlab.report.figures._words import Words
from actlab.report.sentences import inside
from actlab.text import percent

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.result import Comparison, Portrait

_SQUARE = (180, 180)


def section(comparison: Comparison, words: Words) -> Section:
    """A figure for each view on fresh data; a panel for each arm and layer."""
    groups = []
    for view in readings.lead_views(comparison):
        found = readings.portraits(comparison, view)
        panels = []
        across = in_rows(len(chosen_layers(max((len(p.hidden) for p in found), default=0))))
        for p in found:
            index = comparison.arms.index(p.arm)
            for layer in chosen_layers(len(p.hidden)):
                name = f"hidden-{view}-{index}-{layer}"
                note = words("page.layer", layer=layer + 1)
                chart = _panel(name, p.hidden[layer], p, f"{p.arm}, {note}", words)
                panels.append(Panel(chart, p.arm, index, note))
        if panels:
            title, badge = words.view(comparison, view)
            groups.append(Group(panels, words.tell(inside.hidden(found)), title, "xs", badge, across, (view,)))
    return Section("hidden", groups, class_legend(comparison, words), missing=words("missing.portraits"))


def _panel(name: str, points: Array, portrait: Portrait, title: str, words: Words) -> Chart:
    labels = sides(portrait.labels) if portrait.regression else portrait.labels
    if points.shape[1] < 2:  # a layer of one unit has one axis only
        points = np.column_stack([points, np.zeros(len(points))])
    finite = points[np.all(np.isfinite(points), axis=1)]
    middle = (finite.min(axis=0) + finite.max(axis=0)) / 2 if len(finite) else np.zeros(2)
    reach = max(float(np.ptp(finite, axis=0).max()) * 0.54 if len(finite) else 1.0, 1e-9)
    x, y = (("linear", float(m - reach), float(m + reach)) for m in middle)  # one unit is as long across as it is high
    chart = Chart(_SQUARE, x, y, left=3, bottom=3, top=3, right=3, framed=True)
    scatter(chart, points.tolist(), labels.tolist(), most=200)
    share = percent(readings.line_fit(points, portrait.labels, portrait.regression))
    many = "_many" if labels.size and labels.max() > 1 else ""
    text = words(f"section.hidden.description{many}", accuracy=share)
    return chart.say(name, f"{words('section.hidden.title')}: {title}", text)
