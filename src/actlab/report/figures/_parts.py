"""What every figure is made of: panels with axes, grouped by view, with a legend and a caption."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from actlab.report import _svg, palette
from actlab.report.sentences import Said, say, tell, worded
from actlab.report.sentences.common import data_name, view_title
from actlab.text import number, percent

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.report.figures._chart import Chart
    from actlab.study.result import Comparison

# Panel sizes in drawing units. Each is scaled to its column; the type in it is set so that it stays above 10 px.
XS, S, M = (180, 150), (260, 210), (400, 240)
# Of more arms than this, one picture is a tangle: it is made wider ("l"), or a picture for each arm.
MANY = 4
L = 660  # the width of a wide picture


@dataclass(frozen=True)
class Panel:
    """One picture with a heading: a chart, or ready SVG where only pages show it."""

    picture: Chart | Markup
    title: str
    arm: int | None = None  # its colour and marker stand before the heading
    note: str = ""

    @property
    def svg(self) -> Markup:
        """The picture for a page."""
        return self.picture if isinstance(self.picture, Markup) else self.picture.svg()


@dataclass(frozen=True)
class Group:
    """A figure of the page: panels side by side and the sentence below them."""

    panels: list[Panel]
    caption: str
    title: str = ""
    size: str = "s"
    badge: str = ""
    across: int = 0  # panels in a row where there is room; 0: as many as fit
    views: tuple[int, ...] = ()  # that the figure is about; none: about all

    @property
    def maps(self) -> bool:
        """Whether the panels are maps without words, which stay legible when they are small."""
        return all(not isinstance(panel.picture, Markup) and panel.picture.framed for panel in self.panels)


@dataclass(frozen=True)
class Key:
    """A sample of a line, a mark or an area as the figures draw it; on a page (``__html__``) a small picture."""

    kind: str  # "line", "mark", "area"
    ink: str = "ci"
    dash: str = ""
    mark: str = ""
    style: str = ""  # "faint", "ghost", "hollow", "band"

    def __html__(self) -> str:
        if self.kind == "line":
            pattern = f' stroke-dasharray="{self.dash}"' if self.dash else ""
            shape = f'<path class="fill {self.ink}" d="{_svg.marks(self.mark, [(15, 7)])}"/>' if self.mark else ""
            line = f'<path class="line {self.ink} {self.style}"{pattern} d="M1 7H29"/>{shape}'
            return f'<svg class="sample" viewBox="0 0 30 14" aria-hidden="true">{line}</svg>'
        style = f"fill {self.style}".strip() if self.kind == "mark" else self.style or "area"
        d = _svg.marks(self.mark, [(7, 7)]) if self.kind == "mark" else "M1 1h12v12H1z"
        inside = f'<path class="{style} {self.ink}" d="{d}"/>'
        return f'<svg class="sample mark" viewBox="0 0 14 14" aria-hidden="true">{inside}</svg>'


@dataclass(frozen=True)
class Legend:
    """A sample and what it stands for."""

    sample: Key | Markup
    label: str


@dataclass(frozen=True)
class Section:
    """A chapter of the page."""

    name: str
    groups: list[Group]
    legend: list[Legend] = field(default_factory=list)
    remark: str = ""  # stands in the place of groups that this run cannot have
    missing: str = ""  # why there are no groups, in a sentence, where the remark is not one


def unbroken(text: str) -> str:
    """`text` with no line ends between a number and its unit, or inside “9.2 ~ 10.2” and “0.75 → 0.84”."""
    return re.sub(r"(?<=[\d%]) ([~→]) |(?<=\d) (?=%)", _glued, text)


def _glued(found: re.Match[str]) -> str:
    return found[0].replace(" ", "\N{NO-BREAK SPACE}")


class Words:
    """The language of a page."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, key: str, **values: object) -> str:
        return unbroken(worded(key, self.lang, **values))

    def say(self, sentence: Said) -> str:
        return unbroken(say(sentence, self.lang))

    def tell(self, sentences: Sequence[Said]) -> str:
        return unbroken(tell(sentences, self.lang))

    def data(self, name: str) -> str:
        """The name of data in a list."""
        named = data_name(name)
        return named if isinstance(named, str) else self.say(named)

    def view(self, comparison: Comparison, index: int) -> tuple[str, str]:
        """Title of a view, and the badge of a conditional one."""
        view = comparison.views[index]
        title = self.say(view_title(comparison, view))
        return title[0].upper() + title[1:], self("page.fixed_badge") if view.conditional else ""


def tick(x: float) -> str:
    """A number on an axis: plain near 1, a power of ten far from it."""
    if x == 0 or 1e-3 <= abs(x) < 1e5:
        return number(x, 3)
    exponent = math.floor(math.log10(abs(x)) + 1e-9)
    digits = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    lead = round(x / 10.0**exponent)
    return f"10{digits}" if lead == 1 else f"{lead}·10{digits}"


def share_tick(x: float) -> str:
    """A share on an axis, with as many decimals as it has."""
    return percent(x, 0 if abs(100 * x - round(100 * x)) < 1e-6 else 1)


class Plot:
    """A canvas with axes: a light grid, words at its edges, no box."""

    def __init__(
        self, size: tuple[int, int], x: tuple[str, float, float], y: tuple[str, float, float], left: float = 38,
        bottom: float = 34, top: float = 26, right: float = 14,
    ) -> None:  # fmt: skip
        width, height = size
        self.canvas = _svg.Canvas(width, height)
        self.left, self.right, self.top, self.bottom = left, width - right, top, height - bottom
        kinds = {"linear": _svg.linear, "log": _svg.log, "log1p": _svg.log1p}
        self.x = kinds[x[0]]((x[1], x[2]), (self.left, self.right))
        self.y = kinds[y[0]]((y[1], y[2]), (self.bottom, self.top))

    def y_axis(self, name: str, ticks: Sequence[float], labels: Sequence[str] | None = None) -> None:
        """Horizontal grid lines with their values, and the axis' name above."""
        if name:
            self.canvas.text(0, self.top - 15, name, "name")
        for value, label in zip(ticks, labels or [tick(t) for t in ticks], strict=True):
            at = self.y(value)
            self.canvas.line([(self.left, at), (self.right, at)], "grid")
            self.canvas.text(self.left - 5, at + 4, label, "tick", "end")

    def x_axis(self, name: str, ticks: Sequence[float], labels: Sequence[str] | None = None) -> None:
        """Values below, and the axis' name at the right end under them."""
        self.canvas.line([(self.left, self.bottom), (self.right, self.bottom)], "axis")
        for value, label in zip(ticks, labels or [tick(t) for t in ticks], strict=True):
            at = self.x(value)
            self.canvas.line([(at, self.bottom), (at, self.bottom + 4)], "axis")
            self.canvas.text(at, self.bottom + 15, label, "tick", "middle")
        if name:
            self.canvas.text(self.right + 4, self.canvas.height - 4, name, "name", "end")

    def places(self, x: Iterable[Any], y: Iterable[Any]) -> list[tuple[float, float]]:
        """Data to drawing units."""
        return [(self.x(float(a)), self.y(float(b))) for a, b in zip(x, y, strict=True)]


def epochs_axis(chart: Chart, words: Words) -> None:
    """The x axis of everything that runs over training."""
    ticks = _svg.epoch_ticks(chart.x.high)
    chart.x_axis(words("page.epoch"), ticks, [f"{t:,.0f}" for t in ticks])


def sample_line(arm: int | None, style: str = "", mark: bool = True, dash: str | None = None) -> Key:
    """A short line as the figures draw it."""
    if arm is None:
        return Key("line", dash=dash or "", style=style)
    pattern = palette.dash(arm) if dash is None else dash
    return Key("line", palette.hue(arm), pattern, palette.marker(arm) if mark else "", style)


def sample_mark(kind: str, ink: str, style: str = "") -> Key:
    """A mark as the figures draw it; `style` may be ``"hollow"``."""
    return Key("mark", ink, mark=kind, style=style)


def sample_area(ink: str, style: str = "area") -> Key:
    """A patch of an area, or of a ``"band"``."""
    return Key("area", ink, style=style)


def arm_legend(comparison: Comparison) -> list[Legend]:
    """Every arm with its line and marker."""
    return [Legend(sample_line(i), arm) for i, arm in enumerate(comparison.arms)]


def class_legend(comparison: Comparison, words: Words) -> list[Legend]:
    """The classes, at most as many as differ in shape or colour; of a regression the sides of the mean."""
    if comparison.task == "regression":
        return [
            Legend(sample_mark("circle", "k0"), words("page.below")),
            Legend(sample_mark("diamond", "k1"), words("page.above")),
        ]
    shown = comparison.classes[: palette.CLASS_HUES * len(palette.CLASS_MARKS)]
    return [
        Legend(sample_mark(palette.class_mark(k)[0], palette.class_hue(k)), words("page.class", label=str(label)[:30]))
        for k, label in enumerate(shown)
    ]


def sides(y: Array) -> Array:
    """Targets ``(n,)`` of a regression as two classes: 0 below the mean, 1 above."""
    return np.asarray((y > 0).astype(np.float64))


def scatter(chart: Chart, points: Sequence[Sequence[float]], labels: Sequence[float], most: int = 240) -> None:
    """Points of several classes, each with its own shape; at most `most` of them, evenly picked."""
    from actlab.report.figures._chart import Points

    stride = math.ceil(len(points) / most) or 1
    for label in sorted({0.0, 1.0, *labels}):
        kind, ink = palette.class_mark(int(label))[1], palette.class_hue(int(label))
        # Picked within the class: generators deal the classes by turns, and every second point would be one class.
        mine = [p for p, y in zip(points, labels, strict=True) if y == label and all(map(math.isfinite, p))][::stride]
        chart.add(Points(np.array([p[0] for p in mine]), np.array([p[1] for p in mine]), kind, ink))


def in_rows(layers: int, most: int = 5) -> int:
    """How many small panels stand in a row, so that an arm's layers are not parted."""
    return layers * max(most // layers, 1) if layers else 0


def chosen_layers(count: int, most: int = 4) -> list[int]:
    """0-based layers to show: all, or `most` of them spread from the first to the last."""
    if count <= most:
        return list(range(count))
    return sorted({round(k * (count - 1) / (most - 1)) for k in range(most)})
