"""A canvas with axes: what is drawn in drawing units, at places that are told in data units."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from actlab.report import _svg
from actlab.text import number, percent


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
