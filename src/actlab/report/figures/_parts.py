"""What every figure is made of: panels with axes, grouped by view, with a legend and a caption."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from actlab.report import _svg, palette
from actlab.report.figures._marks import Points

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.report.figures._chart import Chart
    from actlab.report.figures._words import Words
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
