"""A chart drawn with matplotlib: the same data, colours, dashes and marks as on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from actlab.report import palette
from actlab.report.figures._chart import Chart
from actlab.report.figures._marks import Band, Bar, Guide, Line, Mark, Marks, Note, Picture, Points, Stripe, Whiskers
from actlab.report.figures._parts import Key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.report.figures._parts import Legend, Panel

_MARKERS: Final = {
    "circle": "o", "square": "s", "triangle": "^", "diamond": "D", "plus": "P", "cross": "X", "ring": "o",
    "dot": "o", "tile": "s", "spike": "^", "gem": "D", "twig": "P",
}  # fmt: skip
_SIZES: Final = {"diamond": 3.6, "gem": 1.9, "square": 3.8, "tile": 2.0, "dot": 2.1, "spike": 2.4, "twig": 2.4}
_WEIGHTS: Final = {"": 1.3, "thin": 0.9, "faint": 0.8, "ghost": 0.7}
_OPACITIES: Final = {"faint": 0.62, "ghost": 0.28}


def chart_of(panel: Panel) -> Chart:
    """The chart of a panel; those of comparisons and costs all have one."""
    assert isinstance(panel.picture, Chart)
    return panel.picture


def draw(axes: Sequence[Any], chart: Chart, width: float, left: bool, last: bool) -> None:
    """Fill `axes` (a second one for the chart below, where there is one) with a chart `width` inches wide.

    `left`: no panel beside it has the same y axis already; `last`: no panel stands below it.
    """
    scale = width * 72 / chart.size[0]  # points of a drawing unit
    charts = [chart] if chart.below is None else [chart, chart.below]
    for one, at in zip(charts, axes, strict=True):
        _axes(at, one, left, last and one is charts[-1])
        for mark in one.marks:
            _PENS[type(mark)](at, mark, scale)


def _axes(axes: Any, chart: Chart, left: bool, last: bool) -> None:
    x, y = chart.axis("x"), chart.axis("y")
    for way, axis in (("x", x), ("y", y)):
        if axis.kind == "log1p":
            getattr(axes, f"set_{way}scale")("function", functions=(np.log1p, np.expm1))
        elif axis.kind == "log":
            getattr(axes, f"set_{way}scale")("log", nonpositive="clip")
    axes.set_xlim(x.low, x.high)
    axes.set_ylim(y.low, y.high)
    family = axes.title.get_fontfamily()
    for way, axis, named in (("x", x, last), ("y", y, left)):
        getattr(axes, f"set_{way}ticks")(axis.ticks, axis.labels if named else [""] * len(axis.ticks))
        getattr(axes, f"set_{way}ticks")([], minor=True)
        axes.tick_params(axis=way, labelfontfamily=family)
        if named and axis.name:
            getattr(axes, f"set_{way}label")(axis.name)
    if chart.framed:
        axes.set_facecolor(palette.LIGHT["card"])
        axes.set_box_aspect(chart.size[1] / chart.size[0])
        for spine in axes.spines.values():
            spine.set(visible=True, color=palette.LIGHT["rule"])
        return
    if y.ticks:
        axes.grid(visible=True, axis="y")
    axes.spines["left"].set_visible(False)
    axes.spines["bottom"].set_visible(bool(x.ticks))


def _place(axes: Any, shift: float, scale: float) -> Any:
    """Data to the sheet, moved to the right by `shift` drawing units."""
    from matplotlib.transforms import ScaledTranslation

    if not shift:
        return axes.transData
    return axes.transData + ScaledTranslation(shift * scale / 72, 0, axes.figure.dpi_scale_trans)


def colour(ink: str) -> str:
    """The colour of an ink on white paper."""
    return palette.LIGHT[palette.named(ink)]


def _on_white(ink: str) -> tuple[float, ...]:
    """The colour that an ink, see-through or not, has on white paper: lines under it do not show."""
    from matplotlib.colors import to_rgb

    opacity = palette.AREAS.get(ink, 1.0)
    return tuple(1 - opacity * (1 - part) for part in to_rgb(colour(ink)))


def _dash(pattern: str, weight: float) -> Any:
    """A dash pattern of the page, whose lines are 2 units wide, for a line of `weight` points."""
    return (0, tuple(float(n) / 2 * 1.3 / weight for n in pattern.split())) if pattern else "-"


def _line(axes: Any, mark: Line, scale: float) -> None:
    place = {"transform": _place(axes, mark.shift, scale)}
    if mark.ink == "verge":
        axes.plot(mark.x, mark.y, color="white", linewidth=2.4, alpha=0.75, label="_halo", **place)
        axes.plot(mark.x, mark.y, color=palette.LIGHT["ink"], linewidth=1.0, label=mark.name or "_verge", **place)
        return
    weight = _WEIGHTS[mark.weight]
    axes.plot(
        mark.x, mark.y, color=colour(mark.ink), linestyle=_dash(mark.dash, weight), linewidth=weight,
        alpha=_OPACITIES.get(mark.weight, 1.0), label=mark.name or "_line",
        dash_capstyle="butt", solid_capstyle="round", **place,
    )  # fmt: skip


def _band(axes: Any, mark: Band, scale: float) -> None:  # noqa: ARG001 - every pen is called alike
    opacity = palette.AREAS.get(mark.ink, 0.15)
    beyond = 10 * axes.get_ylim()[1]  # what is infinite reaches beyond the edge
    low, high = (np.clip(side, -np.inf, beyond) for side in (mark.low, mark.high))
    axes.fill_between(mark.x, low, high, facecolor=colour(mark.ink), alpha=opacity, linewidth=0, label=f"_{mark.name}")


def _marker(kind: str, hollow: bool, ink: str, edge: float = 0.5) -> dict[str, Any]:
    shape = {"marker": _MARKERS[kind], "markersize": _SIZES.get(kind, 4.2), "linestyle": "none"}
    if hollow or kind == "ring":
        return shape | {"markerfacecolor": "white", "markeredgecolor": ink, "markeredgewidth": 0.9}
    return shape | {"markerfacecolor": ink, "markeredgecolor": "white", "markeredgewidth": edge}


def _marks(axes: Any, mark: Marks, scale: float) -> None:
    axes.plot(
        mark.x, mark.y, **_marker(mark.kind, mark.hollow, colour(mark.ink)), label="_marks", zorder=3, clip_on=False,
        transform=_place(axes, mark.shift, scale),
    )  # fmt: skip


def _points(axes: Any, mark: Points, scale: float) -> None:  # noqa: ARG001
    shape = _marker(mark.kind, False, colour(mark.ink), 0.2)
    axes.plot(mark.x, mark.y, **shape, alpha=0.8, label="_points")


def _whiskers(axes: Any, mark: Whiskers, scale: float) -> None:
    lines = axes.hlines if mark.flat else axes.vlines
    place = {"transform": _place(axes, mark.shift, scale)} if mark.shift else {}
    lines(mark.at, mark.low, mark.high, color=colour(mark.ink), linewidth=1.0, label="_interval", **place)


def _bar(axes: Any, mark: Bar, scale: float) -> None:
    if mark.wide:
        axes.plot(
            [mark.left, mark.left], [mark.bottom, mark.top], color=colour(mark.ink), linewidth=mark.wide * scale,
            solid_capstyle="butt", label="_bar", transform=_place(axes, mark.shift, scale),
        )  # fmt: skip
        return
    axes.fill_between(
        [mark.left, mark.right], mark.bottom, mark.top, facecolor=_on_white(mark.ink), linewidth=0, label="_bar"
    )


def _stripe(axes: Any, mark: Stripe, scale: float) -> None:  # noqa: ARG001
    axes.axvspan(mark.left, mark.right, facecolor=palette.LIGHT["card"], linewidth=0, zorder=0)


def _guide(axes: Any, mark: Guide, scale: float) -> None:  # noqa: ARG001
    style: dict[str, Any] = {"color": palette.LIGHT["soft"], "linewidth": 0.7, "linestyle": (0, (3, 3))}
    if mark.solid:
        ink = "rule" if mark.solid == "grid" else "soft"
        style = {"color": palette.LIGHT[ink], "linewidth": 0.6, "zorder": 0.5}
    axes.plot(mark.x, mark.y, **style, label="_guide")


def _note(axes: Any, mark: Note, scale: float) -> None:
    align = {"start": "left", "middle": "center", "end": "right"}[mark.anchor]
    label = mark.style != "name"  # words of the chart itself, not beside it
    axes.annotate(
        mark.text, (mark.x, mark.y), (mark.dx * scale, -mark.dy * scale), textcoords="offset points", ha=align,
        va="baseline", fontsize=7.5 if label else 7, color=palette.LIGHT["ink" if label else "soft"],
        weight="bold" if "strong" in mark.style else "normal", annotation_clip=False,
    )  # fmt: skip


def _picture(axes: Any, mark: Picture, scale: float) -> None:  # noqa: ARG001
    extent = (*axes.get_xlim(), *axes.get_ylim())
    axes.imshow(mark.colours[mark.level], extent=extent, aspect="auto", interpolation="nearest", zorder=0.5)


def handle(entry: Legend) -> Any:
    """What stands for an entry of the legend."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    key = entry.sample
    assert isinstance(key, Key)
    ink = colour(key.ink)
    if key.kind == "area":
        opacity = palette.AREAS.get(key.ink, 0.15)
        return Patch(facecolor=ink, alpha=opacity, edgecolor=ink, linewidth=0.4, label=entry.label)
    if key.kind == "mark":
        return Line2D([], [], **_marker(key.mark, key.style == "hollow", ink), label=entry.label)
    weight = _WEIGHTS.get(key.style, _WEIGHTS[""])
    shape = (
        {name: value for name, value in _marker(key.mark, False, ink).items() if name != "linestyle"}
        if key.mark
        else {}
    )
    return Line2D(
        [],
        [],
        color=ink,
        linestyle=_dash(key.dash, weight),
        linewidth=weight,
        alpha=_OPACITIES.get(key.style, 1.0),
        label=entry.label,
        **shape,
    )


_PENS: Final[dict[type[Mark], Any]] = {
    Line: _line, Band: _band, Marks: _marks, Points: _points, Whiskers: _whiskers, Bar: _bar, Stripe: _stripe,
    Guide: _guide, Note: _note, Picture: _picture,
}  # fmt: skip
