"""Dead, saturated and linear units of each layer over training, as shares that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.report import readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._parts import (
    XS,
    Group,
    Legend,
    Panel,
    Section,
    chosen_layers,
    epochs_axis,
    in_rows,
    sample_area,
)
from actlab.report.figures._words import Words
from actlab.report.sentences import inside, said
from actlab.text import percent

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.result import Comparison

    Shares = dict[str, tuple[Array, Array]]

_KINDS = ("dead", "saturated", "linear")
_VISIBLE = 0.005  # a share below this is less than a pixel high


def section(comparison: Comparison, words: Words) -> Section:
    """A figure for each view on fresh data; a panel for each arm and layer. Arms in which nothing happens are named."""
    groups = []
    for view in readings.lead_views(comparison):
        found = {arm: _shares(comparison, view, arm) for arm in comparison.arms}
        found = {arm: layers for arm, layers in found.items() if layers}
        quiet = [arm for arm, layers in found.items() if all(_quiet(shares) for shares in layers.values())]
        if len(quiet) == len(found):  # then their calm is what there is to see
            quiet = []
        panels = []
        across = 0
        for arm, layers in found.items():
            if arm in quiet:
                continue
            index = comparison.arms.index(arm)
            numbers = [sorted(layers)[at] for at in chosen_layers(len(layers))]
            across = max(across, in_rows(len(numbers)))
            for layer in numbers:
                note = words("page.layer", layer=layer)
                name = f"units-{view}-{index}-{layer}"
                panels.append(Panel(_panel(name, layers[layer], f"{arm}, {note}", words), arm, index, note))
        if panels:
            title, badge = words.view(comparison, view)
            told = inside.units(comparison, view)
            told += [said("units.quiet", arms=quiet)] if quiet else []
            groups.append(Group(panels, words.tell(told), title, "xs", badge, across, (view,)))
    kinds = (*_KINDS, "active")
    legend = [Legend(sample_area(kind), words(f"section.units.{kind}")) for kind in kinds]
    return Section("units", groups, legend, missing=words("missing.traces"))


def _shares(comparison: Comparison, view: int, arm: str) -> dict[int, Shares]:
    """Layer → kind → epochs and shares; kinds that were not measured are left out."""
    out: dict[int, Shares] = {}
    for kind in _KINDS:
        for layer, share in readings.trace_mean(comparison, view, arm, kind).items():
            out.setdefault(layer, {})[kind] = share
    return out


def _quiet(shares: Shares) -> bool:
    """Whether every unit is active all the time, as far as a picture could show."""
    return all(float(share.max()) < _VISIBLE for _, share in shares.values())


def _panel(name: str, shares: Shares, title: str, words: Words) -> Chart:
    epochs = next(iter(shares.values()))[0]
    chart = Chart(XS, ("log1p", 0.0, float(epochs[-1])), ("linear", 0.0, 1.0), top=8, left=40)
    floor = np.zeros(len(epochs))
    for kind in (*_KINDS, "active"):
        share = shares[kind][1] if kind in shares else np.zeros(len(epochs))
        top = np.ones(len(epochs)) if kind == "active" else np.minimum(floor + share, 1.0)
        if np.any(top > floor):
            chart.band(epochs, floor, top, kind, name=words(f"section.units.{kind}"))
        floor = top
    chart.y_axis("", [0.0, 0.5, 1.0], [percent(x, 0) for x in (0, 0.5, 1)])
    epochs_axis(chart, words)
    ends = {kind: percent(float(shares[kind][1][-1])) if kind in shares else "–" for kind in ("dead", "saturated")}
    return chart.say(name, f"{words('section.units.title')}: {title}", words("section.units.description", **ends))
