"""What stands in a chart, as data: lines, bands, points, intervals, words, each in the units of the axes.

An *ink* is the name of a colour that both ways of drawing know: ``c0`` … of arms, ``k0`` … of classes, ``ci`` for the
colour of words, ``verge`` for a line that must stand out from points, ``dead``, ``saturated``, ``linear``, ``active``
for shares of units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
