"""Plain sentences, filled to the width of the console; what is indented stays so."""

from __future__ import annotations

from typing import IO, Final

from rich.cells import cell_len

from actlab.report._console import say

_WIDEST: Final = 110


def filled(text: str, width: int) -> str:
    """`text` with lines of at most `width` columns, broken between words; Hangul takes two columns a letter."""
    return "\n".join(part for line in text.splitlines() for part in _broken(line, width))


def print_paragraphs(text: str, file: IO[str] | None = None) -> None:
    """Print `text` to `file` (default: standard output), legible in any encoding."""
    say(lambda _lang, width, _colour, _unicode: filled(text, width) + "\n", None, file, _WIDEST)


def _broken(line: str, width: int) -> list[str]:
    words = line.split()
    if not words or cell_len(line) <= width:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    parts = [indent + words[0]]
    for word in words[1:]:
        longer = f"{parts[-1]} {word}"
        if cell_len(longer) <= width:
            parts[-1] = longer
        else:
            parts.append((indent or "   ") + word)
    return parts
