"""A figure for a paper: panels in rows, a legend above, words in the fonts that are there."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, Final

from actlab.report import _letters as letters
from actlab.report import palette
from actlab.report.papers import drawing
from actlab.text import UserError, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from actlab.report.figures._parts import Group, Legend, Panel, Section

_WIDTHS: Final = {"column": 3.5, "page": 7.16}  # inches: a column and the page of most journals
_CELL: Final = {"l": 3.4, "m": 2.3, "s": 1.6, "xs": 1.1}  # inches that a panel of a size asks for
_TALLEST: Final = 3.4  # inches of a panel, whatever the width
_HEAD: Final = 0.2  # inches of a line of words above a panel
_LETTER: Final = 0.0078  # inches of a letter's mean width, of a point of its size
_WIDE_LETTERS: Final = 0x1100  # from here on letters are about twice as wide


def inches(width: str | float) -> float:
    """The width of a figure in inches, or a `UserError`."""
    if isinstance(width, str) and width in _WIDTHS:
        return _WIDTHS[width]
    if isinstance(width, int | float) and not isinstance(width, bool) and 2 <= width <= 20:
        return float(width)
    raise UserError("figures.width", value=repr(width))


def drawn_language(lang: str) -> str:
    """The language in which the words of a figure can be drawn here: English, with a warning, without Hangul."""
    letters.matplotlib()
    if lang == "ko" and not letters.families("ko")[1]:
        warnings.warn(tr("figures.no_korean_font", lang), UserWarning, stacklevel=3)
        return "en"
    return lang


def figure(section: Section, groups: Sequence[Group], width: float, lang: str) -> Figure:
    """The groups one below another, each with its panels in rows."""
    import matplotlib as mpl

    from actlab.report.papers._savable import SavableFigure

    families, _ = letters.families(lang)
    with letters.quiet(), mpl.rc_context(_style(families)):
        made = SavableFigure(facecolor="white")
        made.set_layout_engine("constrained", w_pad=0.03, h_pad=0.03, wspace=0.03, hspace=0.04)
        beside = _beside(groups, width)
        room = width / beside
        plans = [_rows(group, room) for group in groups]
        titled = len(groups) > 1
        titles = [_title(group, room) if titled else "" for group in groups]
        above = max((0.1 + 0.14 * len(title.splitlines()) for title in titles if title), default=0.0)
        each = [sum(tall for _, tall in rows) + above for rows in plans]
        heights = [max(each[k : k + beside]) for k in range(0, len(each), beside)]
        columns, lines = _columns(section.legend, width)
        made.set_size_inches(width, sum(heights) + 0.17 * lines + 0.06)
        parts = made.subfigures(len(heights), beside, height_ratios=heights, squeeze=False).ravel()
        for part, title, rows in zip(parts, titles, plans, strict=False):
            if title:
                part.suptitle(title, x=0.01, ha="left", fontsize=8, color=palette.LIGHT["ink"])
            _fill(part, rows, room)
        if section.legend:
            made.legend(
                handles=[drawing.handle(entry) for entry in section.legend], loc="outside upper left", ncols=columns,
                frameon=False, fontsize=7, handlelength=2.4, columnspacing=1.4, borderpad=0.1, handletextpad=0.6,
            )  # fmt: skip
    return made


def _beside(groups: Sequence[Group], width: float) -> int:
    """How many groups stand side by side: as many as fit with all of their panels in a row."""
    most = int(width / _CELL[groups[0].size] + 1e-6)
    return _balanced(len(groups), most // max(len(group.panels) for group in groups))


def _title(group: Group, room: float) -> str:
    """The title of a group; its parts one below another where they are too long for a line."""
    title = group.title[:1].upper() + group.title[1:]
    parts = [title] if _long(title, 8) < room * 0.96 else title.split(" · ")
    return "\n".join(_cut(part, room, 8) for part in parts)


def _balanced(count: int, most: int) -> int:
    """Columns for `count` things, at most `most`, so that rows are about equally long."""
    return math.ceil(count / math.ceil(count / max(most, 1)))


def _rows(group: Group, width: float) -> list[tuple[list[Panel], float]]:
    """The panels of each row, and its height in inches."""
    most = max(1, int(width / _CELL[group.size] + 1e-6))
    across = _balanced(len(group.panels), most)
    if group.across:  # an arm's layers are not parted where they fit
        layers = sum(panel.arm == group.panels[0].arm for panel in group.panels)
        across = layers * (most // layers) if layers <= most else next(n for n in range(most, 0, -1) if not layers % n)
        across = min(across, len(group.panels))
    out = []
    for first in range(0, len(group.panels), across):
        row = group.panels[first : first + across]
        shape = max(drawing.chart_of(panel).size[1] / drawing.chart_of(panel).size[0] for panel in row)
        heads = max((_HEAD * len(_head(panel, width / across).splitlines()) for panel in row), default=0.0)
        framed = all(drawing.chart_of(panel).framed for panel in row)  # no room for words at the sides
        out.append((row, min((width / across - 0.1 * framed) * shape, _TALLEST) + heads))
    return out


def _fill(part: Any, rows: list[tuple[list[Panel], float]], width: float) -> None:
    across = len(rows[0][0])
    grid = part.add_gridspec(len(rows), across, height_ratios=[tall for _, tall in rows])
    for r, (row, _) in enumerate(rows):
        for c, panel in enumerate(row):
            chart = drawing.chart_of(panel)
            if chart.below is None:
                places = [grid[r, c]]
            else:
                over, under = (one.size[1] - one.top - one.bottom for one in (chart, chart.below))
                places = list(grid[r, c].subgridspec(2, 1, height_ratios=[over, under], hspace=0.02))
            axes = [part.add_subplot(place) for place in places]
            has_panel_below = r + 1 < len(rows) and c < len(rows[r + 1][0])
            drawing.draw(
                axes, chart, width / across, left=c == 0 or _differs(row[c - 1], panel), last=not has_panel_below
            )
            head = _head(panel, width / across)
            if head:
                ink = palette.LIGHT["ink" if panel.arm is None else palette.named(palette.hue(panel.arm))]
                axes[0].set_title(head, loc="left", fontsize=7.5, color=ink, pad=4)


def _differs(one: Panel, other: Panel) -> bool:
    """Whether the y axes of two panels side by side are not the same."""
    return drawing.chart_of(one).axis("y") != drawing.chart_of(other).axis("y")


def _head(panel: Panel, room: float) -> str:
    """A panel's name, and its note behind it, or below it where that is too narrow."""
    title, note = _cut(panel.title, room, 7.5), panel.note
    if not title or not note:
        return title or note
    return f"{title} · {note}" if _long(f"{title} · {note}", 7.5) < room * 0.92 else f"{title}\n{note}"


def _cut(text: str, room: float, size: float) -> str:
    """`text`, shortened where it is longer than `room` inches in letters of `size` points."""
    kept = text
    while kept and _long(kept, size) > room * 0.92:
        kept = kept[:-1]
    return text if kept == text else kept[:-1] + "…"


def _long(text: str, size: float) -> float:
    """About how many inches `text` is long, in letters of `size` points."""
    return sum(2 if ord(letter) >= _WIDE_LETTERS else 1 for letter in text) * size * _LETTER


def _columns(legend: Sequence[Legend], width: float) -> tuple[int, int]:
    """Columns of the legend, and its lines."""
    if not legend:
        return 1, 0
    each = max(_long(entry.label, 7) for entry in legend) + 0.42
    columns = max(1, min(len(legend), int(width / each)))
    return columns, math.ceil(len(legend) / columns)


def _style(families: list[str]) -> Any:
    ink, soft, rule = (palette.LIGHT[name] for name in ("ink", "soft", "rule"))
    return {
        "font.family": families, "font.size": 7.5, "text.color": ink, "text.parse_math": False,
        "axes.unicode_minus": True, "axes.edgecolor": soft, "axes.labelcolor": ink, "axes.facecolor": "white",
        "axes.linewidth": 0.6, "axes.labelsize": 7.5, "axes.labelpad": 2.5, "axes.spines.top": False,
        "axes.spines.right": False, "axes.axisbelow": True, "grid.color": rule, "grid.linewidth": 0.5,
        "xtick.color": soft, "ytick.color": soft, "xtick.labelcolor": ink, "ytick.labelcolor": ink,
        "xtick.labelsize": 7, "ytick.labelsize": 7, "xtick.major.size": 2.5, "ytick.major.size": 0,
        "xtick.major.width": 0.6, "xtick.major.pad": 2.5, "ytick.major.pad": 2.5, "xtick.minor.size": 0,
        "ytick.minor.size": 0,
    }  # fmt: skip
