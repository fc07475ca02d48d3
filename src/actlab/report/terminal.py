"""The summary for a terminal: a table a view, in the words of the page."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from actlab.report import readings
from actlab.report._console import COLOURS, GLUE, as_text, say
from actlab.report._rows import one_below_another
from actlab.report.figures._words import Words
from actlab.report.method import settings_line
from actlab.report.sentences import Said, headline, told_of
from actlab.report.sentences.target import target
from actlab.report.summary import cells
from actlab.text import current_language, use_language

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from actlab.data import Note
    from actlab.report.readings import Row
    from actlab.study.result import Comparison

_WIDEST = 120
_COLUMNS = ("rate", "accuracy", "difference", "superiority", "p", "failed")
_LEFT_OUT = ((), ("superiority", "p"), ("superiority", "p", "rate"))  # a narrow terminal shows the main columns
_LEAST_LABEL = 10  # columns for a label; longer ones are folded where room is short


class _Words(Words):
    """Sentences whose numbers stay with their units."""

    def say(self, sentence: Said) -> str:
        return super().say(sentence).replace("\N{NO-BREAK SPACE}", GLUE)


def renderable(
    comparison: Comparison, lang: str, width: int, colour: bool = True, told: Sequence[Note] = ()
) -> RenderableType:
    """The headline, notes but those that were `told`, a table for each view, and where a published gap comes from."""
    with use_language(lang), told_of(comparison.task):
        words = _Words(lang)
        parts: list[RenderableType] = [Text(words.say(headline.title(comparison)), style="bold")]
        parts.append(Text(settings_line(comparison, words)))
        if comparison.interrupted:
            parts.append(Text(words("page.interrupted"), style="yellow"))
        parts += [Text(words.say(sentence)) for sentence in headline.lede(comparison)]
        parts += [Text(note.message(lang)) for note in comparison.notes if note not in told]
        for view in range(len(comparison.views)):
            title, badge = words.view(comparison, view)
            caption = Text(title, style="bold")
            if badge:
                caption.append(f"  ({badge})", style="not bold")
            parts += [Text(""), caption, _table(comparison, view, words, colour, width)]
            parts += [Text(words.say(sentence)) for sentence in target(comparison, view)]
        if comparison.gap:
            parts += [Text(""), Text(words("terminal.gap"), style="bold")]
            parts += [Padding(Text(words.say(s)), (0, 0, 0, 2)) for s in headline.gap_story(comparison.gap)]
        return Group(*parts)


def _table(comparison: Comparison, view: int, words: Words, colour: bool, width: int) -> RenderableType:
    found = readings.rows(comparison, view)
    told = [dict(zip(_COLUMNS, cells(row, words), strict=True)) for row in found]
    both = list(zip(found, told, strict=True))

    def heads(names: Sequence[str]) -> list[str]:
        return [words(f"column.{name}", first=comparison.arms[0]) for name in ("arm", *names)]

    def line(row: Row, text: dict[str, str], names: Sequence[str]) -> list[Text]:
        label = Text(row.arm, style=COLOURS[row.index % len(COLOURS)] if colour else "")
        return [label, *(_cell(text[name], name, row) for name in names)]

    labels = [row.arm for row in found]
    for left_out in _LEFT_OUT:
        names = [name for name in _COLUMNS if name not in left_out]
        widths = _widths(heads(names), labels, [[text[name] for name in names] for text in told], width)
        if sum(widths) + 2 * len(names) <= width:
            break
    else:
        return one_below_another(
            [Text(head) for head in heads(_COLUMNS)], [line(*row, _COLUMNS) for row in both], width
        )
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="")
    for head, space in zip(heads(names), widths, strict=True):
        table.add_column(head, overflow="fold", width=space)
    for row, text in both:
        table.add_row(*line(row, text, names))
    return table


def _widths(heads: list[str], labels: list[str], texts: list[list[str]], width: int) -> list[int]:
    """Columns of each column: numbers stay whole, the labels and the words on failed nets share what is left."""

    def longest(entries: Iterable[str]) -> int:
        return max(map(cell_len, entries), default=1)

    def word(text: str) -> int:
        return longest(text.split())

    numbers = [max(longest(text[k] for text in texts), word(heads[k + 1])) for k in range(len(heads) - 2)]
    left = width - sum(numbers) - 2 * (len(heads) - 1)
    failed = [text[-1] for text in texts]
    least = max([word(heads[-1]), *map(word, failed)])
    label = max(min(longest([*labels, heads[0]]), left - least), _LEAST_LABEL)
    return [label, *numbers, max(min(longest([*failed, heads[-1]]), left - label), least)]


def _cell(text: str, column: str, row: Row) -> Text:
    """A cell; the difference stands out where it is one."""
    text = text if column == "failed" else text.replace(" ", GLUE)
    return Text(text, style="bold" if column == "difference" and row.verdict else "")


def _written(comparison: Comparison, lang: str, width: int, colour: bool, told: Sequence[Note] = ()) -> str:
    return as_text(renderable(comparison, lang, width, colour, told), width, colour)


def table(comparison: Comparison, lang: str | None = None, width: int = 100) -> str:
    """The summary as plain text without trailing blanks."""
    return _written(comparison, lang or current_language(), width, colour=False)


def print_comparison(
    comparison: Comparison, lang: str | None = None, file: IO[str] | None = None, told: Sequence[Note] = ()
) -> None:
    """Print the summary: in colour on a terminal, plain into a file or pipe, legible in any encoding."""
    say(
        lambda lang, width, colour, _: _written(comparison, lang, width, colour, told), lang, file, _WIDEST, piped=100
    )  # fmt: skip
