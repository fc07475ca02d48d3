"""Curves drawn with characters: Braille dots, two by four in a character, or plain ASCII."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from rich.cells import cell_len, set_cell_size

from actlab.report._svg import linear_ticks
from actlab.report.cards.curves import x_ticks
from actlab.text import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import Array
    from actlab.report.cards.curves import Curve

# The bit of each dot of a Braille character, by row and column (Unicode, chapter 21: dots 1–8).
_BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK: Final = 0x2800
_FAR_OFF: Final = 1e9  # dots
# Which dots along a curve are set, over and over: a line of its own for each arm.
_PATTERNS: Final = ("1", "11111100", "100", "1111111100100", "1110001", "10000", "11111111111100000")
_SHADES: Final = (" ░▒▓█", " .:*#")
_LETTERS: Final = "*o+x#@%"  # what stands for a dot in ASCII, by arm
_LABEL: Final = 6

Cell = tuple[str, int | None]  # a character and the arm whose colour it takes


@dataclass
class Drawing:
    """A plot with axes, as lines of cells; `dots` is the bare area, for tests to decode."""

    lines: list[list[Cell]]
    dots: list[str] = field(default_factory=list)


def drawing(
    title: str, curves: Sequence[Curve], x: tuple[float, float], y: tuple[float, float], columns: int, rows: int,
    unicode: bool,
) -> Drawing:  # fmt: skip
    """The curves over the window x × y in `columns` by `rows` characters, its title and axes included."""
    width = columns - _LABEL - 1
    area = _Area(width, rows, x, y, unicode)
    for arm, curve in enumerate(curves):
        area.draw(curve, arm)
    cells = area.cells()
    across, down = ("─", "│") if unicode else ("-", "|")
    tee, corner, foot = ("┤", "└", "┬") if unicode else ("+", "+", "+")
    labels = area.labels()
    above = set_cell_size(" " * max(min(_LABEL + 1, columns - cell_len(title)), 0) + title, columns)
    lines: list[list[Cell]] = [[(c, None) for c in above]]
    for row in range(rows):
        label = labels.get(row, "")
        lines.append([(c, None) for c in f"{label:>{_LABEL}}"] + [(tee if label else down, None)] + cells[row])
    base = [across] * width
    words = [" "] * (columns + 2)
    last = -1
    for value in x_ticks(*x):
        at = min(int((value - x[0]) / (x[1] - x[0]) * width), width - 1)
        text = number(value, 3)
        start = min(max(_LABEL + 1 + at - len(text) // 2, 0), columns - len(text))
        if start > last:
            base[at] = foot
            words[start : start + len(text)] = text
            last = start + len(text)
    lines.append([(c, None) for c in " " * _LABEL + corner + "".join(base)])
    lines.append([(c, None) for c in "".join(words)[:columns]])
    return Drawing(lines, ["".join(c for c, _ in row) for row in cells])


def pattern(arm: int, length: int, unicode: bool) -> str:
    """A sample of the arm's line for a legend, `length` characters."""
    if not unicode:
        return _LETTERS[arm % len(_LETTERS)] * length
    dashes = _PATTERNS[arm % len(_PATTERNS)]
    out = []
    for k in range(length):
        bits = sum(_BITS[1][j] for j in (0, 1) if dashes[(2 * k + j) % len(dashes)] == "1")
        out.append(chr(_BLANK + bits))
    return "".join(out)


def shaded(slopes: Array, unicode: bool) -> str:
    """A strip of the derivative comparison, a character a cell: darker where |φ′| is larger, / where it is negative."""
    shades = _SHADES[0 if unicode else 1]
    out = ""
    for slope in np.nan_to_num(slopes).tolist():
        level = math.ceil(min(abs(slope), 1.0) * (len(shades) - 1) - 0.5)
        out += ("╱" if unicode else "/") if slope < 0 and level else shades[level]
    return out


class _Area:
    """The dots."""

    def __init__(
        self, columns: int, rows: int, x: tuple[float, float], y: tuple[float, float], unicode: bool
    ) -> None:  # fmt: skip
        self.columns, self.rows, self.x, self.y, self.unicode = columns, rows, x, y, unicode
        self.fine = (2, 4) if unicode else (1, 1)
        self.bits = [[0] * columns for _ in range(rows)]
        self.owner: list[list[int | None]] = [[None] * columns for _ in range(rows)]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Data to dots, counted from the upper left; not whole yet."""
        wide, high = self.columns * self.fine[0], self.rows * self.fine[1]
        right = (x - self.x[0]) / (self.x[1] - self.x[0]) * wide
        down = (self.y[1] - y) / (self.y[1] - self.y[0]) * high
        down = min(max(down, -_FAR_OFF), _FAR_OFF)  # of 1e308 no distance can be taken
        return min(right, wide - 1e-9) if right <= wide + 1e-6 else right, down

    def draw(self, curve: Curve, arm: int) -> None:
        """Walk along the curve in steps of half a dot."""
        dashes = _PATTERNS[arm % len(_PATTERNS)] if self.unicode else "1"
        before: tuple[float, float] | None = None
        walked = 0.0
        for x, y in zip(curve.x.tolist(), curve.y.tolist(), strict=True):
            if math.isnan(y):
                before = None
                continue
            here = self.place(x, y)
            if before is None:
                before = here
            length = math.dist(before, here)
            steps = min(max(1, math.ceil(2 * length)), 4000)
            for k in range(1, steps + 1):
                part = k / steps
                if dashes[int(walked + part * length) % len(dashes)] == "1":
                    self._set(before[0] + part * (here[0] - before[0]), before[1] + part * (here[1] - before[1]), arm)
            walked += length
            before = here

    def _set(self, right: float, down: float, arm: int) -> None:
        column, row = math.floor(right), math.floor(down)
        wide, high = self.fine
        if not (0 <= column < self.columns * wide and 0 <= row < self.rows * high):
            return
        self.bits[row // high][column // wide] |= _BITS[row % high][column % wide] if self.unicode else 1
        if self.owner[row // high][column // wide] is None or not self.unicode:
            self.owner[row // high][column // wide] = arm

    def _row(self, y: float) -> int:
        return min(max(int(self.place(0.0, y)[1]) // self.fine[1], 0), self.rows - 1)

    def labels(self) -> dict[int, str]:
        """The values beside the rows, some apart from one another."""
        found: dict[int, str] = {}
        for value in linear_ticks(self.y[0], self.y[1], max(2, self.rows // 3)):
            row = self._row(value)
            if not any(abs(row - other) < 2 for other in found):
                found[row] = number(value, 3)
        return found

    def cells(self) -> list[list[Cell]]:
        """The characters; where nothing is drawn, the lines x = 0 and y = 0 show through."""
        out: list[list[Cell]] = []
        zero_row = self._row(0.0) if self.y[0] < 0 < self.y[1] else None
        zero_column = int(self.place(0.0, 0.0)[0]) // self.fine[0] if self.x[0] < 0 < self.x[1] else None
        for row in range(self.rows):
            line: list[Cell] = []
            for column in range(self.columns):
                bits, arm = self.bits[row][column], self.owner[row][column]
                if bits:
                    line.append((chr(_BLANK + bits) if self.unicode else _LETTERS[(arm or 0) % len(_LETTERS)], arm))
                elif column == zero_column:
                    line.append(("┊" if self.unicode else ":", None))
                elif row == zero_row:
                    line.append(("╌" if self.unicode else ".", None))
                else:
                    line.append((" ", None))
            out.append(line)
        return out
