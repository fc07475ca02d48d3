"""The charts of a diagnosis by depth: one mark a layer, in the order of the forward pass."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from actlab.report import _svg
from actlab.report.diagnoses.layers import QUANTILES
from actlab.report.figures._parts import Group, Legend, Panel, Section, sample_area, sample_mark
from actlab.report.figures._plot import Plot, share_tick
from actlab.report.figures._words import unbroken
from actlab.text import integer, number, percent, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from actlab.report.diagnoses.layers import Layer, Weight

_SIZE: Final = (400, 260)
_STATES: Final = ("dead", "saturated", "linear", "active")
_TOLD: Final = 24  # numbers that an alternative text lists; of more layers the ends and the extremes
_DECADES: Final = 1e-12  # how far below the largest a logarithmic axis goes
_NORMAL: Final = {"gradient": (0.1, 10.0), "update": (1e-4, 1e-2)}


def t(key: str, **values: Any) -> str:
    """A sentence of the page, in the current language."""
    return unbroken(tr(f"diagnosis.{key}", **values))


def section(layers: Sequence[Layer], weights: Sequence[Weight]) -> Section:
    """Units, gains, gradients, signals and updates; a chart that nothing was measured for is left out."""
    groups = [_units(layers), _gains(layers), _gradient(layers), _variance(layers), _mean(layers)]
    groups += [_weight_gradient(weights), _update(weights)]
    legend = [
        Legend(sample_mark("circle", "c0"), t("legend.layer")),
        Legend(sample_mark("diamond", "c1"), t("legend.flagged")),
        Legend(sample_mark("circle", "c0", "hollow"), t("legend.before")),
        Legend(sample_area("c2", "band"), t("legend.normal")),
        *(Legend(sample_area(name), t(f"legend.{name}")) for name in _STATES),
    ]
    shown = [group for group in groups if group is not None]
    has_before = any(math.isfinite(layer.before) for layer in layers)
    return Section("layers", shown, [entry for k, entry in enumerate(legend) if has_before or k != 2] if shown else [])


def _plot(count: int, y: tuple[str, float, float], axis: str, over: str) -> Plot:
    """Axes with the layers' numbers below, at most ten of them written out."""
    plot = Plot(_SIZE, ("linear", 0.5, count + 0.5), y, left=48, right=10)
    stride = math.ceil(count / 10)
    shown = [k for k in range(1, count + 1) if (count - k) % stride == 0]
    plot.x_axis(t(f"axis.{over}"), [float(k) for k in shown], [str(k) for k in shown])
    low, high = plot.y.low, plot.y.high
    ticks = _svg.log_ticks(low, high) if y[0] == "log" else _svg.linear_ticks(low, high, 5)
    plot.y_axis(axis, ticks, [share_tick(tick) for tick in ticks] if y[1:] == (0.0, 1.0) else None)
    return plot


def _group(name: str, plot: Plot, values: Sequence[tuple[str, float]], written: object, **told: object) -> Group:
    """The figure with its caption; its alternative text has the numbers."""
    known = [(place, value) for place, value in values if not math.isnan(value)]
    write = written if callable(written) else number
    if len(known) > _TOLD:
        ends = [known[0], known[-1], min(known, key=lambda kv: kv[1]), max(known, key=lambda kv: kv[1])]
        said = [f"{place} {write(value)}" for place, value in ends]
        count = integer(len(known))
        words = t("alt.many", count=count, first=said[0], last=said[1], low=said[2], high=said[3])
    else:
        words = "; ".join(f"{place} {write(value)}" for place, value in known) + "."
    title = t(f"chart.{name}.title")
    picture = plot.canvas.markup(f"chart-{name}", title, f"{t(f'chart.{name}.alt')} {words}")
    return Group([Panel(picture, "")], t(f"chart.{name}.caption", **told), title, "m")


def _domain(values: Sequence[float], *also: float) -> tuple[float, float] | None:
    positive = [v for v in values if math.isfinite(v) and v > 0]
    if not positive:
        return None
    high = max(positive)
    low = max(min(positive), high * _DECADES)
    near = [v for v in also if low / 100 <= v <= high * 100]  # a guide far off would flatten the picture
    return min([low, *near]) / 1.6, max([high, *near]) * 1.6


def _series(plot: Plot, points: Sequence[tuple[int, str, float, bool]], unit: str, marks: bool = True) -> None:
    """A line through the layers and a mark on each: diamonds where a finding names it."""
    seen = [p for p in points if not math.isnan(p[2])]
    plot.canvas.line(plot.places([p[0] for p in seen], [p[2] for p in seen]), "line thin c0")
    if not marks:
        return
    for k, place, value, flagged in seen:
        at = plot.places([k], [value])
        kind, hue = ("diamond", "c1") if flagged else ("circle", "c0")
        plot.canvas.path(_svg.marks(kind, at), f"fill {hue}", f"{k} · {place}: {number(value)} {unit}".strip())


def _band(plot: Plot, low: float, high: float) -> None:
    """The normal range, where any of it is in the picture."""
    if high < plot.y.low or low > plot.y.high:
        return
    ends = (plot.x.low, plot.x.high)
    plot.canvas.band(plot.places(ends, (low, low)), plot.places(ends, (high, high)), "band c2")


def _units(layers: Sequence[Layer]) -> Group | None:
    found = [layer for layer in layers if not math.isnan(layer.shares["dead"])]
    if not found:
        return None
    plot = _plot(len(layers), ("linear", 0.0, 1.0), t("chart.units.axis"), "layer")
    room = 0.38 if len(layers) < 60 else 0.5
    for layer in found:
        floor = 0.0
        x0, x1 = plot.x(layer.number - room), plot.x(layer.number + room)
        rest = max(0.0, 1.0 - sum(layer.shares.values()))
        for state in _STATES:
            share = layer.shares.get(state, rest)
            if share > 0:
                top, bottom = plot.y(floor + share), plot.y(floor)
                words = f"{layer.number} · {layer.place}: {t(f'legend.{state}')} {percent(share, 0)}"
                plot.canvas.add(
                    "rect", None, words, class_=f"area {state}", x=x0, y=top, width=x1 - x0, height=bottom - top
                )
            floor += share
        if layer.flagged:
            plot.canvas.path(_svg.marks("diamond", [((x0 + x1) / 2, plot.y(1.0) - 6)]), "fill c1")
    worst = max(found, key=lambda layer: layer.shares["dead"] + layer.shares["saturated"])
    key = "units" if worst.shares["dead"] + worst.shares["saturated"] > 0 else "units_none"
    return _group(
        key, plot, [(f"{x.number} ({x.place})", x.shares["dead"] + x.shares["saturated"]) for x in found],
        lambda v: percent(v, 0), place=worst.shown, dead=percent(worst.shares["dead"], 0),
        saturated=percent(worst.shares["saturated"], 0),
    )  # fmt: skip


def _gains(layers: Sequence[Layer]) -> Group | None:
    found = [layer for layer in layers if math.isfinite(float(layer.gains[2]))]
    if not found:
        return None
    high = max(1.2, max(float(layer.gains[-1]) for layer in found) * 1.05)
    plot = _plot(len(layers), ("linear", 0.0, high), t("chart.gains.axis"), "layer")
    for layer in found:
        x = plot.x(layer.number)
        p5, p25, p50, p75, p95 = (plot.y(float(g)) for g in layer.gains)
        hue = "c1" if layer.flagged else "c0"
        plot.canvas.line([(x, p5), (x, p95)], f"whisker {hue}")
        plot.canvas.line([(x, p25), (x, p75)], f"whisker wide {hue}")
        parts = zip(QUANTILES, layer.gains, strict=True)
        words = f"{layer.number} · {layer.place}: " + ", ".join(f"{percent(q, 0)} {number(float(g))}" for q, g in parts)
        plot.canvas.path(_svg.marks("diamond" if layer.flagged else "circle", [(x, p50)]), f"fill {hue}", words)
    lowest = min(found, key=lambda layer: float(layer.gains[2]))
    return _group(
        "gains", plot, [(f"{x.number} ({x.place})", float(x.gains[2])) for x in found], number,
        place=lowest.shown, gain=number(float(lowest.gains[2])),
    )  # fmt: skip


def _gradient(layers: Sequence[Layer]) -> Group | None:
    found = [layer for layer in layers if math.isfinite(layer.gradient)]
    hidden = [layer for layer in found if not layer.output and layer.gradient > 0]
    values = [x for layer in found for x in (layer.gradient, layer.before)]
    last = hidden[-1].gradient if hidden else math.nan
    low, high = (last * factor for factor in _NORMAL["gradient"])
    domain = _domain(values, low, high)
    if domain is None:
        return None
    plot = _plot(len(layers), ("log", *domain), t("chart.gradient.axis"), "layer")
    if not math.isnan(last):
        _band(plot, low, high)
    before = [layer for layer in found if math.isfinite(layer.before)]
    for layer in before:
        at = plot.places([layer.number], [layer.before])
        words = f"{layer.number} · {layer.place}: {number(layer.before)} ({t('legend.before')})"
        plot.canvas.path(_svg.marks("circle", at), "fill hollow c0", words)
    _series(plot, [(x.number, x.place, x.gradient, x.flagged) for x in found], "")
    factor = hidden[0].gradient / last if hidden else math.nan
    key = "gradient" if len(hidden) > 1 else "gradient_one"
    return _group(
        key, plot, [(f"{x.number} ({x.place})", x.gradient) for x in found], number,
        factor=number(factor), first=hidden[0].shown if hidden else "–",
        last=hidden[-1].shown if hidden else "–",
    )  # fmt: skip


def _variance(layers: Sequence[Layer]) -> Group | None:
    domain = _domain([layer.variance for layer in layers])
    if domain is None:
        return None
    plot = _plot(len(layers), ("log", *domain), t("chart.variance.axis"), "layer")
    _series(plot, [(x.number, x.place, x.variance, x.flagged) for x in layers], "")
    return _group(
        "variance", plot, [(f"{x.number} ({x.place})", x.variance) for x in layers], number,
        first=number(layers[0].variance), last=number(layers[-1].variance),
    )  # fmt: skip


def _mean(layers: Sequence[Layer]) -> Group | None:
    """Mean over standard deviation: how far off the middle, whatever the signal's size."""
    found = [(x, x.mean / math.sqrt(x.variance)) for x in layers if x.variance > 0 and math.isfinite(x.variance)]
    found = [(layer, value) for layer, value in found if math.isfinite(value)]
    if not found:
        return None
    reach = max(1.2, *(abs(value) * 1.1 for _, value in found))
    plot = _plot(len(layers), ("linear", -reach, reach), t("chart.mean.axis"), "layer")
    _band(plot, -1.0, 1.0)
    _series(plot, [(x.number, x.place, value, x.flagged) for x, value in found], "")
    far, value = max(found, key=lambda pair: abs(pair[1]))
    shown = [(f"{x.number} ({x.place})", v) for x, v in found]
    return _group("mean", plot, shown, number, place=far.shown, value=number(value, 2))


def _weight_gradient(weights: Sequence[Weight]) -> Group | None:
    domain = _domain([w.gradient for w in weights])
    if domain is None:
        return None
    plot = _plot(len(weights), ("log", *domain), t("chart.weights.axis"), "weight")
    _series(plot, [(w.number, w.name, w.gradient, w.flagged) for w in weights], "")
    return _extremes("weights", plot, [(w, w.gradient) for w in weights])


def _extremes(name: str, plot: Plot, values: Sequence[tuple[Weight, float]]) -> Group:
    known = [(w, value) for w, value in values if not math.isnan(value)]
    (low, least), (high, most) = min(known, key=lambda kv: kv[1]), max(known, key=lambda kv: kv[1])
    shown = [(f"{w.number} ({w.name})", value) for w, value in known]
    told = {"low": low.name, "least": number(least), "high": high.name, "most": number(most)}
    return _group(name, plot, shown, number, **told)


def _update(weights: Sequence[Weight]) -> Group | None:
    low, high = _NORMAL["update"]
    domain = _domain([w.update for w in weights], low, high)
    if domain is None:
        return None
    plot = _plot(len(weights), ("log", *domain), t("chart.update.axis"), "weight")
    _band(plot, low, high)
    _series(plot, [(w.number, w.name, w.update, w.flagged) for w in weights], "")
    return _extremes("update", plot, [(w, w.update) for w in weights])


def strip(value: float, normal: tuple[float, float], unit: str) -> Markup:
    """A measured value beside its normal range; the numbers stand beside it in words."""
    width, height = 220, 18
    canvas = _svg.Canvas(width, height)
    middle = height / 2
    low, high = normal
    if unit == "share":
        x = _svg.linear((0.0, 1.0), (6, width - 6))
    else:
        known = [v for v in (value, low, high) if math.isfinite(v) and v > 0] or [1.0]
        x = _svg.log((min(known) / 4, max(known) * 4), (6, width - 6))
    canvas.line([(2, middle), (width - 2, middle)], "grid")
    start, end = x(low), x(high)
    canvas.line([(start - 1.5, middle), (max(end, start) + 1.5, middle)], "whisker range c2")
    if not math.isnan(value):
        canvas.path(_svg.marks("diamond", [(x(value), middle)]), "fill c1")
    return canvas.ornament("strip")
