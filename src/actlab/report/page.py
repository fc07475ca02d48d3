"""One self-contained HTML page from a `Comparison`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actlab.report._shell import asset, environment, shell
from actlab.report._write import write_page_text
from actlab.report.figures import CHAPTERS
from actlab.report.figures._words import Words
from actlab.report.method import method, settings_line
from actlab.report.sentences import headline, told_of
from actlab.report.summary import tables
from actlab.text import current_language, use_language

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from actlab.study.result import Comparison


def page(comparison: Comparison, lang: str | None = None) -> str:
    """The page as text."""
    lang = lang or current_language()
    with use_language(lang), told_of(comparison.task):
        words = Words(lang)
        means, gap, *sections = [chapter(comparison, words) for chapter in CHAPTERS.values()]
        values: dict[str, Any] = shell(lang) | {
            "t": words,
            "comparison": comparison,
            "title": words.say(headline.title(comparison)),
            "lede": [words.say(s) for s in headline.lede(comparison)],
            "settings": settings_line(comparison, words),
            "means": means,
            "gap": gap if gap.groups else None,
            "tables": tables(comparison, words),
            "sections": [s for s in sections if s.groups or s.remark],
            "method": method(comparison, words),
            "script": asset("script.js"),
        }
        return environment().get_template("page.html").render(values)


def write_page(comparison: Comparison, path: str | os.PathLike[str], lang: str | None = None) -> Path:
    """Write the page to `path` in one step; a `UserError` where that is not possible."""
    return write_page_text(path, page(comparison, lang))
