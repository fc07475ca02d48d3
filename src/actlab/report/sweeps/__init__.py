"""What a sweep found, for people to read: a page in each language, CSV for programs, LaTeX tables for papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actlab.report._write import write_text
from actlab.text import LANGUAGES, UserError, tr

if TYPE_CHECKING:
    from pathlib import Path

    from actlab.study.sweep import Store, SweepPlan
    from actlab.study.sweep.analysis import Analysis

__all__ = ["Written", "to_json", "write_report"]


@dataclass(frozen=True)
class Written:
    """Where the pages are, and the sentences they open with; both by language."""

    pages: dict[str, Path]
    said: dict[str, list[str]]


def write_report(found: Analysis, plan: SweepPlan, store: Store, folder: Path) -> Written:
    """Write ``page.en.html``, ``page.ko.html``, and every table as CSV and LaTeX, into `folder`."""
    from actlab.report.sweeps import sentences, tables
    from actlab.report.sweeps.page import page

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = tr("report.reason.other", detail=error.strerror or str(error))
        raise UserError("report.unwritable", path=str(folder), reason=reason) from None
    for name, text in tables.csv(found).items():
        write_text(folder / f"{name}.csv", text)
    written = Written({}, {})
    for lang in LANGUAGES:
        for name, text in tables.latex(found, lang).items():
            write_text(folder / f"{name}.{lang}.tex", text)
        written.pages[lang] = write_text(folder / f"page.{lang}.html", page(found, plan, store, lang))
        written.said[lang] = sentences.lede(found, lang)
    return written


def to_json(found: Analysis) -> dict[str, Any]:
    """The tables as plain JSON values; what is not a number is ``None``."""
    from actlab.report.plain import clean
    from actlab.report.sweeps.tables import TABLES

    head = {name: getattr(found, name) for name in ("arms", "shown", "best_over", "axis", "settings", "nets", "asked")}
    cleaned: dict[str, Any] = clean(head | {name: getattr(found, name).to_dicts() for name in TABLES})
    return cleaned
