"""The summary for a terminal: a table a view, in the words of the page."""

from __future__ import annotations

import io
import os
import sys
import unicodedata
from typing import IO, TYPE_CHECKING

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from actlab.report import readings
from actlab.report.figures._parts import Words
from actlab.report.sentences import Said, headline
from actlab.report.summary import cells
from actlab.text import current_language, use_language

if TYPE_CHECKING:
    from actlab.report.readings import Row
    from actlab.study.result import Comparison

# The terminal's own colours: they follow the theme that the reader has chosen.
_COLOURS = ("blue", "red", "green", "magenta", "yellow", "cyan", "white")
_PLAIN = {
    "−": "-", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "×": "x", "·": "|", "→": "->", "≤": "<=",
    "∞": "inf", "φ": "phi", "²": "2", "\N{NO-BREAK SPACE}": " ", "≥": ">=", "─": "-", "━": "=", "…": "...",
}  # fmt: skip


# Stands for a space that must not break while rich fills the lines: rich would break at a no-break space too.
_GLUE = "\ue000"


class _Words(Words):
    """Sentences whose numbers stay with their units."""

    def say(self, sentence: Said) -> str:
        return super().say(sentence).replace("\N{NO-BREAK SPACE}", _GLUE)


def renderable(comparison: Comparison, lang: str, colour: bool = True) -> RenderableType:
    """The headline, a table for each view, and where a published gap comes from."""
    with use_language(lang):
        words = _Words(lang)
        parts: list[RenderableType] = [Text(words.say(headline.title(comparison)), style="bold")]
        if comparison.interrupted:
            parts.append(Text(words("page.interrupted"), style="yellow"))
        parts += [Text(words.say(sentence)) for sentence in headline.lede(comparison)]
        for view in range(len(comparison.views)):
            title, badge = words.view(comparison, view)
            caption = Text(title, style="bold")
            if badge:
                caption.append(f"  ({badge})", style="not bold")
            parts += [Text(""), caption, _table(comparison, view, words, colour)]
        if comparison.gap:
            parts += [Text(""), Text(words("terminal.gap"), style="bold")]
            parts += [Padding(Text(words.say(s)), (0, 0, 0, 2)) for s in headline.gap_story(comparison.gap)]
        return Group(*parts)


def _table(comparison: Comparison, view: int, words: Words, colour: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="")
    table.add_column(words("column.arm"), overflow="fold", min_width=8)
    first = comparison.arms[0]
    names = ("rate", "accuracy", "difference", "superiority", "p", "failed")
    for name in names:
        table.add_column(words(f"column.{name}", first=first), overflow="fold")
    for row in readings.rows(comparison, view):
        label = Text(row.arm, style=_COLOURS[row.index % len(_COLOURS)] if colour else "")
        table.add_row(label, *(_cell(text, k, row) for k, text in enumerate(cells(row, words))))
    return table


def _cell(text: str, column: int, row: Row) -> Text:
    """A cell; the difference stands out where it is one. Numbers stay on one line, the words on failures may not."""
    text = text if column == 5 else text.replace(" ", _GLUE)
    return Text(text, style="bold" if column == 2 and row.verdict else "")


def _render(comparison: Comparison, lang: str, width: int, colour: bool) -> str:
    """The summary as text; with the terminal's control sequences where `colour`."""
    with io.StringIO() as file:
        console = Console(
            file=file,
            width=width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            no_color=bool(os.environ.get("NO_COLOR")) and colour,
            legacy_windows=False,
        )
        console.print(renderable(comparison, lang, colour), highlight=False)
        text = file.getvalue().replace(_GLUE, " ")
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def table(comparison: Comparison, lang: str | None = None, width: int = 100) -> str:
    """The summary as plain text without trailing blanks."""
    return _render(comparison, lang or current_language(), width, colour=False)


def print_comparison(comparison: Comparison, lang: str | None = None, file: IO[str] | None = None) -> None:
    """Print the summary: in colour on a terminal, plain into a file or pipe, legible in any encoding."""
    file = file if file is not None else sys.stdout
    encoding = getattr(file, "encoding", None) or "utf-8"
    lang = lang or current_language()
    if lang == "ko" and not _can(encoding, "한국어"):
        lang = "en"  # a page of question marks would help nobody
    terminal = bool(getattr(file, "isatty", lambda: False)())
    width = min(Console(file=file).width, 120) if terminal else 100
    unicode = encoding.lower().startswith("utf")
    # A console that is not Unicode is old enough to show control sequences as rubbish.
    text = _render(comparison, lang, width, colour=terminal and unicode)
    file.write(text if unicode else legible(text, encoding))


def _can(encoding: str, text: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def legible(text: str, encoding: str) -> str:
    """`text` in characters that `encoding` has.

    Signs such as − and ─ become ASCII even where the encoding has them: Korean consoles show those two columns wide,
    which would break the table. Letters that the encoding lacks lose their accents, or become a question mark.
    """
    out = []
    for character in text:
        if character.isascii():
            out.append(character)
        elif character in _PLAIN:
            out.append(_PLAIN[character])
        elif _can(encoding, character):
            out.append(character)
        else:
            bare = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
            out.append(bare or "?")
    return "".join(out)
