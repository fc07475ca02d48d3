"""Drawing: scales from numbers to places, and a canvas that collects SVG elements."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from markupsafe import Markup, escape


class Scale(Protocol):
    """A number's place along an axis. Values beyond the domain (infinite ones too) are put at its edge."""

    low: float
    high: float

    def __call__(self, x: float) -> float: ...


class _Scale:
    def __init__(
        self, domain: tuple[float, float], place: tuple[float, float], bend: Callable[[float], float] = float
    ) -> None:
        low, high = domain
        if not high > low:  # a single value gets room on both sides
            low, high = (low - 0.5, high + 0.5) if bend is float else (low / 2, high * 2 or 1.0)
        self.low, self.high = low, high
        self._place, self._bend = place, bend

    def __call__(self, x: float) -> float:
        start, end = self._place
        x = min(max(x, self.low), self.high)
        t = (self._bend(x) - self._bend(self.low)) / (self._bend(self.high) - self._bend(self.low))
        return start + t * (end - start)


def linear(domain: tuple[float, float], place: tuple[float, float]) -> Scale:
    """Equal steps for equal differences."""
    return _Scale(domain, place)


def log(domain: tuple[float, float], place: tuple[float, float]) -> Scale:
    """Equal steps for equal ratios; the domain is positive."""
    return _Scale(domain, place, math.log)


def log1p(domain: tuple[float, float], place: tuple[float, float]) -> Scale:
    """Logarithmic, but with a place for 0: epochs."""
    return _Scale(domain, place, math.log1p)


def linear_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers from `low` to `high`, `about` as many as asked for."""
    span = high - low
    if not span > 0:
        return [low]
    raw = span / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = min((m * power for m in (1, 2, 2.5, 5, 10)), key=lambda s: abs(s - raw))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def log_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Powers of ten in the domain; with 2 and 5 between them (or every other one) to come near `most`."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    inside = [10.0**k for k in range(first, last + 1) if low * 0.999 <= 10.0**k <= high * 1.001]
    fine = [m * 10.0**k for k in range(first, last + 1) for m in (1, 2, 5)]
    fine = [x for x in fine if low * 0.999 <= x <= high * 1.001]
    if len(inside) <= 2 and len(fine) <= most:
        return fine
    stride = math.ceil(len(inside) / most) or 1
    return inside[::-1][::stride][::-1]


def epoch_ticks(last: float) -> list[float]:
    """0, then powers of ten, then the last epoch; a power too near to the last one is left out."""
    powers = [10.0**k for k in range(0, 9) if 10.0**k * 2.2 < last]
    return [0.0, *powers, last] if last > 0 else [0.0]


def plain(x: float) -> str:
    """A coordinate: one decimal, no trailing zero."""
    return f"{x:.1f}".removesuffix(".0") if abs(x) >= 0.05 else "0"


def track(points: Iterable[tuple[float, float]]) -> str:
    """Path data through `points`; a NaN lifts the pen."""
    parts: list[str] = []
    pen = "M"
    for x, y in points:
        if math.isnan(x) or math.isnan(y):
            pen = "M"
            continue
        parts.append(f"{pen}{plain(x)} {plain(y)}")
        pen = "L"
    return "".join(parts)


_MARKS = {  # path data around (0, 0), about 7 units across
    "circle": "m-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z",
    "square": "m-2.9-2.9h5.8v5.8h-5.8z",
    "triangle": "m0-3.9l3.7 6.5h-7.4z",
    "diamond": "m0-4.1l3.6 4.1l-3.6 4.1l-3.6-4.1z",
    "plus": "m-1.1-3.8h2.2v2.7h2.7v2.2h-2.7v2.7h-2.2v-2.7h-2.7v-2.2h2.7z",
    "cross": "m-3.4-2.2l1.2-1.2l2.2 2.2l2.2-2.2l1.2 1.2l-2.2 2.2l2.2 2.2l-1.2 1.2l-2.2-2.2l-2.2 2.2l-1.2-1.2l2.2-2.2z",
    "ring": "m-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0-6.8 0m1.7 0a1.7 1.7 0 1 1 3.4 0a1.7 1.7 0 1 1-3.4 0z",
    "dot": "m-1.8 0a1.8 1.8 0 1 0 3.6 0a1.8 1.8 0 1 0-3.6 0z",
    "gem": "m0-2.5l2.3 2.5l-2.3 2.5l-2.3-2.5z",
    "spike": "m0-2.3l2.2 3.9h-4.4z",
    "tile": "m-1.7-1.7h3.4v3.4h-3.4z",
    "twig": "m-.6-2.3h1.2v1.7h1.7v1.2h-1.7v1.7h-1.2v-1.7h-1.7v-1.2h1.7z",
}


def marks(kind: str, places: Iterable[tuple[float, float]]) -> str:
    """Path data of the same mark at each of `places`."""
    return "".join(f"M{plain(x)} {plain(y)}{_MARKS[kind]}" for x, y in places)


class Canvas:
    """An SVG picture `width` by `height` units; it is scaled to the room it gets. Text given to it is escaped."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._parts: list[str] = []

    def add(self, tag: str, content: str | None = None, title: str | None = None, **attributes: object) -> None:
        """An element; ``class_`` and ``stroke_width`` stand for ``class`` and ``stroke-width``."""
        written = "".join(
            f' {name.rstrip("_").replace("_", "-")}="{escape(plain(v) if isinstance(v, float) else str(v))}"'
            for name, v in attributes.items()
            if v is not None and v != ""
        )
        inside = f"<title>{escape(title)}</title>" if title else ""
        inside += str(escape(content)) if content is not None else ""
        self._parts.append(f"<{tag}{written}>{inside}</{tag}>" if inside else f"<{tag}{written}/>")

    def path(self, d: str, class_: str, title: str | None = None, **attributes: object) -> None:
        """A path with ready path data; nothing where the data are empty."""
        if d:
            self.add("path", None, title, d=d, class_=class_, **attributes)

    def line(self, points: Sequence[tuple[float, float]], class_: str, **attributes: object) -> None:
        """A line through `points`."""
        self.path(track(points), class_, None, **attributes)

    def band(self, lower: Sequence[tuple[float, float]], upper: Sequence[tuple[float, float]], class_: str) -> None:
        """The area between two lines that share their x."""
        both = [*upper, *reversed(lower)]
        both = [p for p in both if not (math.isnan(p[0]) or math.isnan(p[1]))]
        if len(both) > 2:
            self.path(track(both) + "Z", class_)

    def text(self, x: float, y: float, content: str, class_: str = "tick", anchor: str = "start") -> None:
        """A word at a place; `anchor` is ``start``, ``middle`` or ``end``."""
        self.add("text", content, x=float(x), y=float(y), class_=class_, text_anchor=anchor)

    def markup(self, name: str, title: str, description: str) -> Markup:
        """The picture with an accessible name; `name` makes its identifiers unique in the page."""
        head = (
            f'<svg viewBox="0 0 {plain(self.width)} {plain(self.height)}" role="img" '
            f'aria-labelledby="{escape(name)}-t {escape(name)}-d">'
            f'<title id="{escape(name)}-t">{escape(title)}</title>'
            f'<desc id="{escape(name)}-d">{escape(description)}</desc>'
        )
        return Markup(head + "".join(self._parts) + "</svg>")  # every part was escaped when it was added

    def ornament(self, class_: str) -> Markup:
        """The picture without a name: what it shows is said in words beside it."""
        head = f'<svg class="{class_}" viewBox="0 0 {plain(self.width)} {plain(self.height)}" aria-hidden="true">'
        return Markup(head + "".join(self._parts) + "</svg>")
