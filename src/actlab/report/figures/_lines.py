"""A traced quantity over training: a panel for each arm, a line for each layer. Gradients and paths share it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.report import _svg, palette, readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._parts import Group, Legend, Panel, S, Section, epochs_axis, sample_line
from actlab.report.figures._words import Words
from actlab.text import number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab.report.readings import Band
    from actlab.report.sentences import Said
    from actlab.study.result import Comparison

#: How far down a logarithmic axis follows a quantity.
_DECADES = 1e-9


def layer_lines(
    name: str,
    column: str,
    comparison: Comparison,
    words: Words,
    told: Callable[[Comparison, int], Sequence[Said]],
    highest: float = math.inf,
) -> Section:
    """A figure for each view on fresh data, its panels on the same axes; medians of `column` over nets."""
    groups = []
    for view in readings.lead_views(comparison):
        bands = {arm: readings.trace(comparison, view, arm, column) for arm in comparison.arms}
        bands = {arm: layers for arm, layers in bands.items() if any(not b.empty for b in layers.values())}
        if not bands:
            continue
        domain = _domain(bands, highest)
        title, badge = words.view(comparison, view)
        panels = []
        for arm, layers in bands.items():
            index = comparison.arms.index(arm)
            panels.append(Panel(_panel(name, view, index, arm, layers, domain, words), arm, index))
        groups.append(Group(panels, words.tell(told(comparison, view)), title, "s", badge, views=(view,)))
    legend = [
        Legend(sample_line(None, dash="3 3"), words("page.output")),
        Legend(sample_line(None), words("page.layer", layer=1)),
    ]
    if len(comparison.hidden) > 1:
        between = words("page.layer", layer="2" if len(comparison.hidden) == 2 else f"2–{len(comparison.hidden)}")
        legend.insert(1, Legend(sample_line(None, "faint"), between))
    return Section(name, groups, legend, missing=words("missing.traces"))


def _domain(bands: dict[str, dict[int, Band]], highest: float) -> tuple[float, float]:
    values = [x for layers in bands.values() for b in layers.values() for x in b.median.tolist()]
    positive = [x for x in values if math.isfinite(x) and x > 0]
    if not positive:
        return 0.1, 1.0
    high = min(max(positive) * 1.4, highest)
    return max(min(positive) / 1.4, high * _DECADES), high


def _panel(
    name: str, view: int, index: int, arm: str, layers: dict[int, Band], domain: tuple[float, float], words: Words
) -> Chart:
    last_epoch = max(float(b.epochs[-1]) for b in layers.values())
    chart = Chart(S, ("log1p", 0.0, last_epoch), ("log", *domain))
    chart.y_axis(words(f"section.{name}.axis"), _svg.log_ticks(*domain))
    epochs_axis(chart, words)
    first, output = min(layers), max(layers)
    for layer, band in layers.items():
        told = [k for k, x in enumerate(band.median.tolist()) if not math.isnan(x)]  # nothing moves before step 1
        # Exactly zero has no logarithm: it is drawn at the lower edge.
        chart.line(
            band.epochs[told], band.median[told], palette.hue(index), dash="3 3" if layer == output else "",
            weight="" if layer in (first, output) else "faint",
            name=words("page.output") if layer == output else words("page.layer", layer=layer),
        )  # fmt: skip
    ends = {
        key: _number(layers[layer], at)
        for key, layer, at in (("start", first, 0), ("output", output, 0), ("end", first, -1), ("last", output, -1))
    }
    text = words(f"section.{name}.description", **ends)
    return chart.say(f"{name}-{view}-{index}", f"{words(f'section.{name}.title')}: {arm}", text)


def _number(band: Band, at: int) -> str:
    """The median at the first or last checkpoint that has one."""
    told = [x for x in band.median.tolist() if not math.isnan(x)]
    return number(told[at], 2) if told else "–"
