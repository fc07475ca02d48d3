"""A chart as data: marks in their own units, with axes and words. Pages draw it as SVG, papers with matplotlib."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.report.figures._marks import Band, Line, Mark, Marks, Stripe, Whiskers
from actlab.report.figures._pens import draw, rim
from actlab.report.figures._plot import Plot, tick

if TYPE_CHECKING:
    from markupsafe import Markup

    from actlab._arrays import Array


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
    """Grounds lie under the axes, all else upon them, in the order in which it was added."""
    if chart.framed:
        plot.canvas.add("rect", class_="ground", **rim(plot))
    if "y" in chart.axes:
        axis = chart.axes["y"]
        plot.y_axis(axis.name, axis.ticks, axis.labels)
    for mark in chart.marks:
        if isinstance(mark, Stripe):
            draw(plot, mark)
    if "x" in chart.axes:
        axis = chart.axes["x"]
        plot.x_axis(axis.name, axis.ticks, axis.labels)
    for mark in chart.marks:
        if not isinstance(mark, Stripe):
            draw(plot, mark)
    if chart.framed:
        plot.canvas.add("rect", class_="frame", **rim(plot))
