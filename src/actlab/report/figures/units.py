"""Dead, saturated and linear units of each layer over training, as shares that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.report import readings
from actlab.report.figures._parts import (
    XS,
    Group,
    Legend,
    Panel,
    Plot,
    Section,
    Words,
    chosen_layers,
    epochs_axis,
    in_rows,
    sample_area,
)  # fmt: skip
from actlab.report.sentences import inside
from actlab.text import percent

if TYPE_CHECKING:
    from markupsafe import Markup

    from actlab._arrays import Array
    from actlab.study.result import Comparison

_KINDS = ("dead", "saturated", "linear")


def section(comparison: Comparison, words: Words) -> Section:
    """A figure for each view on fresh data; a panel for each arm and layer."""
    groups = []
    for view in readings.lead_views(comparison):
        panels = []
        across = 0
        for index, arm in enumerate(comparison.arms):
            shares = {kind: readings.trace_mean(comparison, view, arm, kind) for kind in _KINDS}
            layers = sorted(set().union(*shares.values()))
            across = max(across, in_rows(len(chosen_layers(len(layers)))))
            for at in chosen_layers(len(layers)):
                layer = layers[at]
                mine = {kind: found[layer] for kind, found in shares.items() if layer in found}
                note = words("page.layer", layer=layer)
                name = f"units-{view}-{index}-{layer}"
                panels.append(Panel(_panel(name, mine, f"{arm}, {note}", words), arm, index, note))
        if panels:
            title, badge = words.view(comparison, view)
            groups.append(Group(panels, words.tell(inside.units(comparison, view)), title, "xs", badge, across))
    kinds = (*_KINDS, "active")
    return Section("units", groups, [Legend(sample_area(f"area {k}"), words(f"section.units.{k}")) for k in kinds])


def _panel(name: str, shares: dict[str, tuple[Array, Array]], title: str, words: Words) -> Markup:
    epochs = next(iter(shares.values()))[0]
    plot = Plot(XS, ("log1p", 0.0, float(epochs[-1])), ("linear", 0.0, 1.0), top=8, left=40)
    floor = np.zeros(len(epochs))
    for kind in (*_KINDS, "active"):
        share = shares[kind][1] if kind in shares else np.zeros(len(epochs))
        top = np.ones(len(epochs)) if kind == "active" else np.minimum(floor + share, 1.0)
        if np.any(top > floor):
            plot.canvas.band(plot.places(epochs, floor), plot.places(epochs, top), f"area {kind}")
        floor = top
    plot.y_axis("", [0.0, 0.5, 1.0], [percent(x, 0) for x in (0, 0.5, 1)])
    epochs_axis(plot, words)
    ends = {kind: percent(float(shares[kind][1][-1])) if kind in shares else "–" for kind in ("dead", "saturated")}
    return plot.canvas.markup(
        name, f"{words('section.units.title')}: {title}", words("section.units.description", **ends)
    )
