"""Tables, figures and pages: what a study found, for people to read.

Nothing here is imported until a report is asked for: each function brings in what it needs.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from actlab.data import Note
    from actlab.doctor.diagnosis import Diagnosis
    from actlab.doctor.trial import Trial
    from actlab.study.result import Comparison

__all__ = ["check_page", "check_writable", "print_comparison", "table", "to_json", "write_diagnosis", "write_page"]


def write_page(comparison: Comparison, path: str | os.PathLike[str], lang: str | None = None) -> Path:
    """Write `comparison` as one self-contained HTML page and return its path.

    Raises `UserError` (``report.unwritable``) where nothing can be written there.
    """
    from actlab.report.page import write_page as write

    return write(comparison, path, lang)


def write_diagnosis(
    diagnosis: Diagnosis, path: str | os.PathLike[str], lang: str | None = None, trial: Trial | None = None
) -> Path:
    """Write `diagnosis`, with the remedies of `trial` where it is given, as one self-contained HTML page.

    Raises `UserError` (``report.unwritable``) where nothing can be written there.
    """
    from actlab.report._write import write_page_text
    from actlab.report.diagnoses import page

    return write_page_text(path, page(diagnosis, lang, trial))


def check_writable(path: str | os.PathLike[str]) -> Path:
    """`path` if a report could be written there now, else a `UserError`: to be asked before minutes of training."""
    from actlab.report._write import check_writable as check

    return check(path)


def check_page(path: str | os.PathLike[str]) -> Path:
    """`path` if a page could be written there now, else a `UserError`; a page's name ends in .html, or in nothing."""
    from actlab.report._write import check_page as check

    return check(path)


def table(comparison: Comparison, lang: str | None = None, width: int = 100) -> str:
    """The summary of every view as plain text, at most `width` columns wide where the words allow it."""
    from actlab.report.terminal import table as make

    return make(comparison, lang, width)


def print_comparison(
    comparison: Comparison, lang: str | None = None, file: IO[str] | None = None, told: Sequence[Note] = ()
) -> None:
    """Print the summary to `file` (default: standard output), in colour on a terminal; not the notes `told` before."""
    from actlab.report.terminal import print_comparison as show

    show(comparison, lang, file, told)


def to_json(comparison: Comparison) -> dict[str, Any]:
    """Summary, results by learning rate, settings, provenance and gap as plain JSON values; NaN is ``None``."""
    from actlab.report.plain import to_json as make

    return make(comparison)
