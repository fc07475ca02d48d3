"""The summary tables of the page: a table a view, a row an arm, with a small picture of the intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from actlab.report import _svg, palette, readings
from actlab.report.figures._parts import Key, sample_line
from actlab.report.figures._words import Words
from actlab.report.sentences.common import nets_of, rates_text
from actlab.report.sentences.target import target
from actlab.text import integer, number, percent, points

if TYPE_CHECKING:
    from actlab.report.readings import Row
    from actlab.study.result import Comparison

_STRIP = (120, 16)


_NAME, _RATE = 14, 10  # letters that fit into a column of fixed width


@dataclass(frozen=True)
class Line:
    """A row of the table; every cell is ready to print."""

    arm: str
    sample: Key
    rate: str
    accuracy: str
    strip: Markup
    difference: str
    superiority: str
    p: str
    failed: str
    verdict: int


@dataclass(frozen=True)
class Table:
    """A view."""

    title: str
    badge: str
    lines: list[Line]
    note: str
    first: str
    target: str = ""  # how soon a target loss was reached

    @property
    def long(self) -> bool:
        """Whether names or rates need more room than columns of fixed width have."""
        return any(len(line.arm) > _NAME or len(line.rate) > _RATE for line in self.lines)


def span(words: Words, value: str, low: str, high: str) -> str:
    """“97.6 % [97.2, 98.0]”, or a dash where there is no value."""
    return value if low == "–" else words("column.range", value=value, low=low, high=high)


def _bare(share: float) -> str:
    return percent(share).removesuffix(" %")


def p_text(p: float) -> str:
    """A p value; very small ones by their bound."""
    return "–" if math.isnan(p) else "< 0.001" if p < 0.001 else number(p, 2)


def failed_text(row: Row, words: Words) -> str:
    """Collapsed and diverged nets, or 0."""
    kinds = (("collapsed", row.collapsed), ("diverged", row.diverged))
    return ", ".join(words(f"column.{kind}", count=integer(n)) for kind, n in kinds if n) or "0"


def cells(row: Row, words: Words) -> tuple[str, str, str, str, str, str]:
    """Rate, accuracy, difference, superiority, p and failures of an arm, for the page and for the terminal."""
    accuracy = span(words, percent(row.estimate), _bare(row.low), _bare(row.high))
    difference = span(words, points(row.difference), points(row.difference_low), points(row.difference_high))
    return (
        rates_text(row.rates), accuracy, difference, percent(row.superiority, 0), p_text(row.p_value),
        failed_text(row, words),
    )  # fmt: skip


def tables(comparison: Comparison, words: Words) -> list[Table]:
    """A table for each view."""
    every = [row for k in range(len(comparison.views)) for row in readings.rows(comparison, k)]
    lows = [row.low for row in every if not math.isnan(row.low)]
    domain = (min([*lows, 0.99]), 1.0)
    out = []
    for k in range(len(comparison.views)):
        found = readings.rows(comparison, k)
        title, badge = words.view(comparison, k)
        lines = []
        for row in found:
            rate, accuracy, difference, superiority, p, failed = cells(row, words)
            lines.append(
                Line(
                    row.arm, sample_line(row.index), rate, accuracy, _strip(row, domain), difference, superiority, p,
                    failed, row.verdict,
                )
            )  # fmt: skip
        note = words("page.table_note", nets=nets_of(every), first=comparison.arms[0])
        out.append(Table(title, badge, lines, note, comparison.arms[0], words.tell(target(comparison, k))))
    return out


def _strip(row: Row, domain: tuple[float, float]) -> Markup:
    """An interval on a scale that all tables share; the numbers stand beside it, so readers by ear lose nothing."""
    width, height = _STRIP
    x = _svg.linear(domain, (5, width - 5))
    canvas = _svg.Canvas(width, height)
    middle = height / 2
    canvas.line([(2, middle), (width - 2, middle)], "grid")
    if not math.isnan(row.estimate):
        hue = palette.hue(row.index)
        canvas.line([(x(row.low), middle), (x(row.high), middle)], f"whisker wide {hue}")
        canvas.path(_svg.marks(palette.marker(row.index), [(x(row.estimate), middle)]), f"fill {hue}")
    return canvas.ornament("strip")
