"""A study of cost for people: what `actlab cost` prints, and its page."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from actlab.text import current_language

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from actlab.cost import Cost

__all__ = ["print_cost", "table", "write_page"]


def table(found: Cost, lang: str | None = None) -> str:
    """The tables and sentences as text."""
    from actlab.report.costs.terminal import text

    return text(found, lang)


def print_cost(found: Cost, lang: str | None = None, file: IO[str] | None = None) -> None:
    """Print to `file` (default: standard output)."""
    from actlab.report.costs.terminal import print_cost as show

    show(found, lang, file)


def write_page(found: Cost, path: str | os.PathLike[str], lang: str | None = None) -> Path:
    """Write one self-contained HTML page in `lang` (by default the current language); returns its path.

    Raises:
        UserError: for a language that we do not speak, or a path that cannot be written.
    """
    from actlab.report._write import write_page_text
    from actlab.report.costs.page import page

    return write_page_text(path, page(found, lang or current_language()))
