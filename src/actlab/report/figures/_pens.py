"""A pen for each kind of mark: how it becomes SVG on a plot."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from actlab.report import _png, _svg
from actlab.report.figures._marks import (
    Band,
    Bar,
    Guide,
    Line,
    Mark,
    Marks,
    Note,
    Picture,
    Points,
    Stripe,
    Whiskers,
)  # fmt: skip
from actlab.report.palette import AREAS

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.report.figures._plot import Plot


def draw(plot: Plot, mark: Mark) -> None:
    """Draw `mark` in the place that the axes of `plot` give it."""
    _PENS[type(mark)](plot, mark)


def rim(plot: Plot) -> dict[str, Any]:
    """The rectangle just inside of the canvas, which frames and maps fill."""
    return {"x": 1, "y": 1, "width": plot.canvas.width - 2, "height": plot.canvas.height - 2}


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


def _picture(plot: Plot, mark: Picture) -> None:
    uri = _png.data_uri(_png.encoded(mark.level, mark.colours))
    plot.canvas.add("image", href=uri, preserveAspectRatio="none", **rim(plot))


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
    Note: _note, Picture: _picture, Stripe: _stripe,
}  # fmt: skip
