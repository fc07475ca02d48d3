"""A table on a terminal of any width: numbers stay whole. Where a row has no room, it is told in lines of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

_GAP: Final = 2  # between two columns
_LEAST_LABEL: Final = 12  # a formula, which has no blanks, is folded from here on


def tabled(
    heads: Sequence[Text], rows: Sequence[Sequence[Text]], width: int, folding: Container[int] = (0,)
) -> RenderableType:
    """`rows` under `heads`, at most `width` wide; columns in `folding` hold words and may be broken between them."""
    spaces = _spaces(heads, rows, width, folding)
    if spaces is None:
        return one_below_another(heads, rows, width)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="")
    for head, space in zip(heads, spaces, strict=True):
        table.add_column(head, width=space, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _spaces(
    heads: Sequence[Text], rows: Sequence[Sequence[Text]], width: int, folding: Container[int]
) -> list[int] | None:
    """How wide each column is; None where not all of them have room."""
    wanted, least = [], []
    for k, head in enumerate(heads):
        cells = [row[k] for row in rows]
        wanted.append(max(cell.cell_len for cell in (head, *cells)))
        needed = max(map(_word, cells), default=0) if k in folding else max((c.cell_len for c in cells), default=0)
        least.append(max(_word(head), min(needed, _LEAST_LABEL) if k == 0 else needed))
    room = width - _GAP * (len(heads) - 1)
    if sum(wanted) <= room:
        return wanted
    if sum(least) > room:
        return None
    for k in sorted(range(len(heads)), key=lambda k: (k in folding, -k)):  # first heads on one line, labels last
        least[k] += min(wanted[k] - least[k], room - sum(least))
    return least


def _word(text: Text) -> int:
    return max(map(cell_len, text.plain.split()), default=0)


def one_below_another(heads: Sequence[Text], rows: Sequence[Sequence[Text]], width: int) -> RenderableType:
    """Each row as its first cell, and below it a line for each other one."""
    values = max((cell.cell_len for row in rows for cell in row[1:]), default=0)
    names = heads[1:]
    room = width - 2 * _GAP - values
    label = max(min(max((head.cell_len for head in names), default=0), room), max(map(_word, names), default=0))
    parts: list[RenderableType] = []
    for row in rows:
        lines = Table.grid(padding=(0, _GAP, 0, 0))
        lines.add_column(overflow="fold", width=label)
        lines.add_column(overflow="fold")
        for head, cell in zip(names, row[1:], strict=True):
            lines.add_row(head, cell)
        title = [row[0]] if row[0].plain else []
        parts += [Text("")] * bool(parts) + [*title, Padding(lines, (0, 0, 0, _GAP))]
    return Group(*parts)
