"""The gradient that each layer receives over training."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.report import _svg, palette, readings
from actlab.report.figures._parts import Group, Legend, Panel, Plot, S, Section, Words, epochs_axis, sample_line
from actlab.report.sentences import inside
from actlab.text import number

if TYPE_CHECKING:
    from markupsafe import Markup

    from actlab.report.readings import Band
    from actlab.study.result import Comparison


def section(comparison: Comparison, words: Words) -> Section:
    """A figure for each view on fresh data, a panel for each arm; the panels of a figure share their axes."""
    groups = []
    for view in readings.lead_views(comparison):
        bands = {arm: readings.trace(comparison, view, arm, "gradient_norm") for arm in comparison.arms}
        bands = {arm: layers for arm, layers in bands.items() if any(not b.empty for b in layers.values())}
        if not bands:
            continue
        domain = _domain(bands)
        title, badge = words.view(comparison, view)
        panels = []
        for arm, layers in bands.items():
            index = comparison.arms.index(arm)
            panels.append(Panel(_panel(f"gradient-{view}-{index}", index, arm, layers, domain, words), arm, index))
        groups.append(Group(panels, words.tell(inside.gradient(comparison, view)), title, "s", badge))
    legend = [
        Legend(sample_line(None, dash="3 3"), words("page.output")),
        Legend(sample_line(None), words("page.layer", layer=1)),
    ]
    if len(comparison.hidden) > 1:
        between = words("page.layer", layer="2" if len(comparison.hidden) == 2 else f"2–{len(comparison.hidden)}")
        legend.insert(1, Legend(sample_line(None, "faint"), between))
    return Section("gradient", groups, legend, "" if groups else words("gradient.nothing"))


def _domain(bands: dict[str, dict[int, Band]]) -> tuple[float, float]:
    values = [x for layers in bands.values() for b in layers.values() for x in b.median.tolist()]
    positive = [x for x in values if math.isfinite(x) and x > 0]
    if not positive:
        return 0.1, 1.0
    high = max(positive) * 1.4
    return max(min(positive) / 1.4, high * 1e-9), high


def _panel(
    name: str, index: int, arm: str, layers: dict[int, Band], domain: tuple[float, float], words: Words
) -> Markup:
    last_epoch = max(float(b.epochs[-1]) for b in layers.values())
    plot = Plot(S, ("log1p", 0.0, last_epoch), ("log", *domain))
    plot.y_axis(words("section.gradient.axis"), _svg.log_ticks(*domain))
    epochs_axis(plot, words)
    first, output = min(layers), max(layers)
    hue = palette.hue(index)
    for layer, band in layers.items():
        class_ = f"line {hue}" if layer in (first, output) else f"line faint {hue}"
        # A gradient of exactly zero has no logarithm: it is drawn at the lower edge.
        plot.canvas.line(
            plot.places(band.epochs, band.median), class_, stroke_dasharray="3 3" if layer == output else ""
        )
    ends = {
        key: number(float(layers[layer].median[at]), 2)
        for key, layer, at in (("start", first, 0), ("output", output, 0), ("end", first, -1), ("last", output, -1))
    }
    text = words("section.gradient.description", **ends)
    return plot.canvas.markup(name, f"{words('section.gradient.title')}: {arm}", text)
