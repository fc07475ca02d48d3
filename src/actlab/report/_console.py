"""What is said on a console: as wide as it is, in colour or not, in the characters that it has."""

from __future__ import annotations

import io
import os
import sys
from typing import IO, TYPE_CHECKING, Final

from rich.console import Console, Group, RenderableType
from rich.text import Text

from actlab.report._legible import can, legible
from actlab.text import current_language, use_language

if TYPE_CHECKING:
    from collections.abc import Callable

#: Stands for a space that must not break while rich fills the lines: rich would break at a no-break space too.
GLUE: Final = "\ue000"
#: The terminal's own colours, arm by arm: they follow the theme that the reader has chosen.
COLOURS: Final = ("blue", "red", "green", "magenta", "yellow", "cyan", "white")
# Signs of mathematics on a console that has no Unicode; what is left over `legible` replaces.
_ASCII: Final = {
    "φ″": "phi''", "φ′": "phi'", "φ": "phi", "′": "'", "″": "''", "σ": "sigmoid", "Φ": "normcdf", "√": "sqrt",
    "π": "pi", "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "λ": "lambda", "μ": "mu", "θ": "theta",
    "·": "*", "⁰": "^0", "¹": "^1", "²": "^2", "³": "^3", "⁴": "^4", "⁵": "^5", "⁶": "^6", "⁷": "^7", "⁸": "^8",
    "⁹": "^9", "⁻": "^-", "ⁿ": "^n", "≠": "!=", "∪": "or", "∞": "inf", "±": "+/-", "…": "...",
}  # fmt: skip


def say(
    written_for: Callable[[str, int, bool, bool], str], lang: str | None, file: IO[str] | None, widest: int,
    piped: int | None = None,
) -> None:  # fmt: skip
    """Print what `written_for` gives for a language, a width, colour or none, and signs beyond ASCII or none.

    At most `widest` columns on a terminal; `piped` (by default as many) into a file or pipe.
    """
    file = file if file is not None else sys.stdout
    encoding = getattr(file, "encoding", None) or "utf-8"
    lang = lang or current_language()
    if lang == "ko" and not can(encoding, "한국어"):
        lang = "en"  # a page of question marks would help nobody
    terminal = bool(getattr(file, "isatty", lambda: False)())
    width = min(Console(file=file).width, widest) if terminal else piped or widest
    unicode = encoding.lower().startswith("utf")
    # A console that is not Unicode is old enough to show control sequences as rubbish.
    written = written_for(lang, width, terminal and unicode, unicode)
    file.write(written if unicode else legible(written, encoding))


def laid_out(
    parts: Callable[[int, Ink], list[RenderableType]], lang: str | None, width: int, colour: bool, unicode: bool
) -> str:
    """What `parts` gives for a width and an ink, as text without trailing blanks."""
    with use_language(lang or current_language()):
        return as_text(Group(*parts(width, Ink(colour, unicode))), width, colour)


def as_text(shown: RenderableType, width: int, colour: bool) -> str:
    """`shown` as text without trailing blanks; with the terminal's control sequences where `colour`."""
    with io.StringIO() as file:
        console = Console(
            file=file,
            width=width,
            force_terminal=colour,
            color_system="standard" if colour else None,
            no_color=bool(os.environ.get("NO_COLOR")) and colour,
            legacy_windows=False,
        )
        console.print(shown, highlight=False)
        written = file.getvalue().replace(GLUE, " ")
    return "\n".join(line.rstrip() for line in written.splitlines()) + "\n"


class Ink:
    """How words are put on the console: with or without colour, with or without the signs of mathematics."""

    def __init__(self, colour: bool, unicode: bool) -> None:
        self.colour, self.unicode = colour, unicode

    def __call__(self, written: str, style: str = "") -> Text:
        """`written`, spelled before it is laid out: columns stay columns."""
        quiet = style in ("dim", "") or style in COLOURS
        return Text(self.spelled(written), style=style if self.colour or not quiet else "")

    def spelled(self, written: str) -> str:
        """`written` without signs that the console lacks."""
        if not self.unicode:
            for sign, letters in _ASCII.items():
                written = written.replace(sign, letters)
        return written

    def arm(self, written: str, arm: int) -> Text:
        """`written` in the colour of an arm."""
        return self(written, COLOURS[arm % len(COLOURS)])
