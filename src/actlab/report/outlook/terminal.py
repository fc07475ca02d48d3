"""An outlook for a terminal."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

import numpy as np
from rich.table import Table
from rich.text import Text

from actlab.report._console import Ink, laid_out, say
from actlab.report._rows import tabled
from actlab.report.cards.curves import Curve
from actlab.report.cards.dots import drawing
from actlab.report.cards.terminal import side_by_side
from actlab.report.outlook import words
from actlab.report.outlook.expect import correlation_curve
from actlab.report.outlook.words import t

if TYPE_CHECKING:
    from rich.console import RenderableType

    from actlab.report.outlook.expect import Outlook

_WIDEST: Final = 110
_ROWS: Final = 12
_LEAST_FOR_TWO: Final = 64
_WIDE: Final = 92  # columns from which the whole table fits
_FIRST: Final = ("init", "sigma_w2", "sigma_b2", "phase", "chi1", "gradient", "trainable")


def print_outlook(found: Outlook, lang: str | None = None, file: IO[str] | None = None) -> None:
    """Print to `file` (default: standard output): colour on a terminal only, legible in any encoding."""
    say(lambda lang, width, colour, unicode: text(found, lang, width, colour, unicode), lang, file, _WIDEST)


def text(
    found: Outlook, lang: str | None = None, width: int = _WIDEST, colour: bool = False, unicode: bool = True
) -> str:  # fmt: skip
    """The outlook as text, at most `width` columns wide where the words allow it; without trailing blanks."""
    return laid_out(lambda width, ink: _parts(found, width, ink), lang, width, colour, unicode)


def _parts(found: Outlook, width: int, ink: Ink) -> list[RenderableType]:
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for name, value in words.facts(found):
        facts.add_row(ink(name, "dim"), ink(value))
    shown = words.COLUMNS if width >= _WIDE else _FIRST
    cells = [[ink(words.cells(row)[name]) for name in shown] for row in found.rows]
    table = tabled([ink(t(f"column.{name}")) for name in shown], cells, width, (0, shown.index("phase")))
    parts: list[RenderableType] = [
        Text(t("title", name=found.name), style="bold"), ink(t("setting"), "dim"), Text(""), facts, Text(""),
        *_plots(found, width, ink), table, Text(""),
    ]  # fmt: skip
    return [
        *parts,
        *map(ink, words.sentences(found)),
        *map(ink, words.trained(found)),
        Text(""),
        ink(t("columns_note"), "dim"),
    ]


def _plots(found: Outlook, width: int, ink: Ink) -> list[RenderableType]:
    """The correlation map at the usual init and at the recommended one, with the diagonal; and the critical line."""
    beside = width >= _LEAST_FOR_TWO
    each = min((width - 3) // 2 if beside else width, 48)
    ends = np.array([0.0, 1.0])
    maps = [
        correlation_curve(found.theory, row.depth)
        for what in ("usual", "given", "recommended")
        if (row := found.row(what)) is not None
    ]
    drawn = []
    if any(np.isfinite(curve.y).sum() > 1 for curve in maps):  # a diagonal by itself would say nothing
        told = ink.spelled(t("plot.map"))
        drawn.append(drawing(told, [*maps, Curve(ends, ends)], (0, 1), (0, 1), each, _ROWS, ink.unicode))
    line = [point for point in found.theory.critical_line() if point.sigma_b2 <= 1 and point.sigma_w2 <= 6]
    if len(line) > 1 and line[-1].sigma_w2 - line[0].sigma_w2 > 1e-6:
        curve = Curve(np.array([p.sigma_w2 for p in line]), np.array([p.sigma_b2 for p in line]))
        x = (float(np.floor(curve.x.min())), float(np.ceil(curve.x.max())))
        top = float(curve.y.max())
        drawn.append(drawing(ink.spelled(t("plot.line")), [curve], x, (0, top), each, _ROWS, ink.unicode))
    blocks = [drawn] if beside else [[one] for one in drawn]
    lines: list[RenderableType] = [line for block in blocks if block for line in side_by_side(block, ink)]
    return [*lines, Text("")] if lines else []
