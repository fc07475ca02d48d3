"""A chart as data: what is drawn, in its own units, with axes and words. Pages draw it as SVG, papers with matplotlib.

An *ink* is the name of a colour that both ways of drawing know: ``c0`` … of arms, ``k0`` … of classes, ``ci`` for the
colour of words, ``verge`` for a line that must stand out from points, ``dead``, ``saturated``, ``linear``, ``active``
for shares of units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.report import _png, _svg
from actlab.report.figures._parts import Plot, tick
from actlab.report.palette import AREAS

if TYPE_CHECKING:
    from markupsafe import Markup

    from actlab._arrays import AnyArray, Array


@dataclass(frozen=True)
class Line:
    """A line through points (n,), (n,); a NaN lifts the pen. `shift`: to the right, in drawing units."""

    x: Array
    y: Array
    ink: str
    dash: str = ""
    weight: str = ""  # "", "thin", "faint", "ghost"
    name: str = ""  # of the series
    shift: float = 0.0


@dataclass(frozen=True)
class Band:
    """The area between two lines (n,) that share their x (n,)."""

    x: Array
    low: Array
    high: Array
    ink: str
    name: str = ""


@dataclass(frozen=True)
class Marks:
    """A mark at each of the points (n,), (n,); `tips` are shown where somebody points at one."""

    x: Array
    y: Array
    kind: str
    ink: str
    tips: tuple[str, ...] = ()
    hollow: bool = False
    shift: float = 0.0


@dataclass(frozen=True)
class Points:
    """Data points of one class: many and small."""

    x: Array
    y: Array
    kind: str
    ink: str


@dataclass(frozen=True)
class Whiskers:
    """Intervals (n,) to (n,) at (n,): upright, or `flat` along x."""

    at: Array
    low: Array
    high: Array
    ink: str
    shift: float = 0.0
    flat: bool = False


@dataclass(frozen=True)
class Bar:
    """A filled rectangle, in data units; of `wide` drawing units around its left end where that is given."""

    left: float
    right: float
    bottom: float
    top: float
    ink: str
    tip: str = ""
    wide: float = 0.0
    shift: float = 0.0


@dataclass(frozen=True)
class Stripe:
    """A ground behind a part of the x axis."""

    left: float
    right: float


@dataclass(frozen=True)
class Guide:
    """A thin dashed line between two places; `solid`: as a ``"grid"`` or an ``"axis"`` is drawn."""

    x: tuple[float, float]
    y: tuple[float, float]
    solid: str = ""


@dataclass(frozen=True)
class Note:
    """Words at a place; (dx, dy) in drawing units to the right and down. `style`: "name", "label", "label strong"."""

    x: float
    y: float
    text: str
    style: str = "name"
    anchor: str = "start"
    dx: float = 0.0
    dy: float = 0.0


@dataclass(frozen=True)
class Picture:
    """A map that fills the chart: numbers of colours (rows, columns), the first row at the top."""

    level: AnyArray
    colours: AnyArray  # (m, 4) red, green, blue, opacity; 0 … 255


Mark = Line | Band | Marks | Points | Whiskers | Bar | Stripe | Guide | Note | Picture


@dataclass(frozen=True)
class Axis:
    """An axis: its scale, ends, name and ticks."""

    kind: str  # "linear", "log", "log1p"
    low: float
    high: float
    name: str = ""
    ticks: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass
class _Told:
    name: str = ""
    title: str = ""
    text: str = ""


@dataclass
class Chart:
    """Axes and what stands on them, in the order in which it is drawn.

    Parameters
    ----------
    size
        Width and height in drawing units; pages and papers scale it to the room there is.
    x_ends, y_ends
        Kind of scale, lowest and highest value.
    framed
        A square map: no axes, a frame around it.
    """

    size: tuple[int, int]
    x_ends: tuple[str, float, float]
    y_ends: tuple[str, float, float]
    left: float = 38
    bottom: float = 34
    top: float = 26
    right: float = 14
    framed: bool = False
    marks: list[Mark] = field(default_factory=list)
    below: Chart | None = None  # a second chart under the first, on the same x axis and in the same picture
    told: _Told = field(default_factory=_Told)

    def __post_init__(self) -> None:
        ruler = self._plot()
        self.x, self.y = ruler.x, ruler.y
        self.axes: dict[str, Axis] = {}

    def _plot(self) -> Plot:
        return Plot(self.size, self.x_ends, self.y_ends, self.left, self.bottom, self.top, self.right)

    def axis(self, way: str) -> Axis:
        """The ``"x"`` or ``"y"`` axis; without ticks where none were asked for."""
        kind = (self.x_ends if way == "x" else self.y_ends)[0]
        scale = self.x if way == "x" else self.y
        return self.axes.get(way, Axis(kind, scale.low, scale.high))

    def x_axis(self, name: str, ticks: Sequence[float], labels: Sequence[str] | None = None) -> None:
        """Values below the chart."""
        self._axis("x", name, ticks, labels)

    def y_axis(self, name: str, ticks: Sequence[float], labels: Sequence[str] | None = None) -> None:
        """Values at its left, with a light line across at each."""
        self._axis("y", name, ticks, labels)

    def _axis(self, way: str, name: str, ticks: Sequence[float], labels: Sequence[str] | None) -> None:
        scale, ends = (self.x, self.x_ends) if way == "x" else (self.y, self.y_ends)
        words = tuple(labels if labels is not None else map(tick, ticks))
        self.axes[way] = Axis(ends[0], scale.low, scale.high, name, tuple(ticks), words)

    def add(self, *marks: Mark) -> None:
        """Draw these next."""
        self.marks.extend(marks)

    def line(self, x: Any, y: Any, ink: str, **more: Any) -> None:
        """Draw a `Line`."""
        self.marks.append(Line(_floats(x), _floats(y), ink, **more))

    def dots(self, x: Any, y: Any, kind: str, ink: str, **more: Any) -> None:
        """Draw `Marks`."""
        self.marks.append(Marks(_floats(x), _floats(y), kind, ink, **more))

    def band(self, x: Any, low: Any, high: Any, ink: str, **more: Any) -> None:
        """Draw a `Band`."""
        self.marks.append(Band(_floats(x), _floats(low), _floats(high), ink, **more))

    def whiskers(self, at: Any, low: Any, high: Any, ink: str, **more: Any) -> None:
        """Draw `Whiskers`."""
        self.marks.append(Whiskers(_floats(at), _floats(low), _floats(high), ink, **more))

    def spread(self, x: Any, apart: float = 48) -> list[int]:
        """Of points at ascending `x` the last one, and earlier ones at least `apart` drawing units from another."""
        places = [self.x(value) for value in _floats(x).tolist()]
        kept: list[int] = []
        for k in reversed(range(len(places))):
            if not kept or places[kept[-1]] - places[k] >= apart:
                kept.append(k)
        return kept

    def say(self, name: str, title: str, text: str) -> Chart:
        """An identifier, a title and the numbers in words, for readers by ear; returns the chart."""
        self.told = _Told(name, title, text)
        return self

    def svg(self) -> Markup:
        """The picture for a page."""
        plot = self._plot()
        _draw(plot, self)
        if self.below is not None:
            under = self.below._plot()
            under.canvas = plot.canvas
            _draw(under, self.below)
        return plot.canvas.markup(self.told.name, self.told.title, self.told.text)


def _floats(values: Any) -> Array:
    return np.asarray(list(values) if not isinstance(values, np.ndarray) else values, dtype=np.float64)


def _draw(plot: Plot, chart: Chart) -> None:
    width, height = chart.size
    rim: dict[str, Any] = {"x": 1, "y": 1, "width": width - 2, "height": height - 2}
    if chart.framed:
        plot.canvas.add("rect", class_="ground", **rim)
    if "y" in chart.axes:
        axis = chart.axes["y"]
        plot.y_axis(axis.name, axis.ticks, axis.labels)
    for mark in chart.marks:
        if isinstance(mark, Stripe):
            _stripe(plot, mark)
    if "x" in chart.axes:
        axis = chart.axes["x"]
        plot.x_axis(axis.name, axis.ticks, axis.labels)
    for mark in chart.marks:
        if isinstance(mark, Picture):
            uri = _png.data_uri(_png.encoded(mark.level, mark.colours))
            plot.canvas.add("image", href=uri, preserveAspectRatio="none", **rim)
        elif not isinstance(mark, Stripe):
            _PENS[type(mark)](plot, mark)
    if chart.framed:
        plot.canvas.add("rect", class_="frame", **rim)


def _places(plot: Plot, x: Array, y: Array, shift: float = 0.0) -> list[tuple[float, float]]:
    return [(px + shift, py) for px, py in plot.places(x.tolist(), y.tolist())]


def _line(plot: Plot, mark: Line) -> None:
    places = _places(plot, mark.x, mark.y, mark.shift)
    if mark.ink == "verge":
        plot.canvas.line(places, "halo")  # so that the line stands out from the points under it
        plot.canvas.line(places, "verge")
    else:
        style = f"line {mark.weight} {mark.ink}" if mark.weight else f"line {mark.ink}"
        plot.canvas.line(places, style, stroke_dasharray=mark.dash)


def _band(plot: Plot, mark: Band) -> None:
    kind = "area" if mark.ink in AREAS else "band"
    plot.canvas.band(_places(plot, mark.x, mark.low), _places(plot, mark.x, mark.high), f"{kind} {mark.ink}")


def _marks(plot: Plot, mark: Marks) -> None:
    style = f"fill hollow {mark.ink}" if mark.hollow else f"fill {mark.ink}"
    known = [(p, k) for k, p in enumerate(_places(plot, mark.x, mark.y, mark.shift)) if math.isfinite(p[0] + p[1])]
    if mark.tips:
        for place, k in known:
            plot.canvas.path(_svg.marks(mark.kind, [place]), style, mark.tips[k])
    else:
        plot.canvas.path(_svg.marks(mark.kind, [place for place, _ in known]), style)


def _points(plot: Plot, mark: Points) -> None:
    plot.canvas.path(_svg.marks(mark.kind, _places(plot, mark.x, mark.y)), f"point {mark.ink}")


def _whiskers(plot: Plot, mark: Whiskers) -> None:
    for at, low, high in zip(mark.at.tolist(), mark.low.tolist(), mark.high.tolist(), strict=True):
        ends = plot.places((low, high), (at, at)) if mark.flat else plot.places((at, at), (low, high))
        plot.canvas.line([(x + mark.shift, y) for x, y in ends], f"whisker {mark.ink}")


def _bar(plot: Plot, mark: Bar) -> None:
    left, right = sorted((plot.x(mark.left), plot.x(mark.right)))
    if mark.wide:
        left, right = left + mark.shift - mark.wide / 2, left + mark.shift + mark.wide / 2
    bottom, top = plot.y(mark.bottom), plot.y(mark.top)
    style = f"area {mark.ink}" if mark.ink in AREAS else f"fill {mark.ink}"
    plot.canvas.add(
        "rect", None, mark.tip or None, class_=style, x=left, y=top, width=max(right - left, 1.5), height=bottom - top
    )


def _stripe(plot: Plot, mark: Stripe) -> None:
    x = plot.x(mark.left)
    width, height = plot.x(mark.right) - x, float(plot.bottom - plot.top)
    plot.canvas.add("rect", class_="stripe", x=x, y=float(plot.top), width=width, height=height)


def _guide(plot: Plot, mark: Guide) -> None:
    plot.canvas.line(plot.places(mark.x, mark.y), mark.solid or "guide")


def _note(plot: Plot, mark: Note) -> None:
    plot.canvas.text(plot.x(mark.x) + mark.dx, plot.y(mark.y) + mark.dy, mark.text, mark.style, mark.anchor)


_PENS: dict[type, Any] = {
    Line: _line, Band: _band, Marks: _marks, Points: _points, Whiskers: _whiskers, Bar: _bar, Guide: _guide,
    Note: _note,
}  # fmt: skip
