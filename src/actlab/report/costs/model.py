"""What a user's model and its activations cost: a terminal's text, and a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from actlab.report._console import Ink, laid_out, say
from actlab.report._rows import tabled
from actlab.report._shell import asset, environment, shell
from actlab.report.costs import model_words as words
from actlab.report.figures._words import unbroken
from actlab.text import current_language, tr, use_language

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from rich.console import RenderableType

    from actlab.cost.model_result import ModelCost

_WIDEST: Final = 120


def print_model_cost(found: ModelCost) -> None:
    """Print to the standard output: legible in any encoding, as wide as the console."""
    say(lambda lang, width, _colour, _unicode: text(found, lang, width), None, None, _WIDEST)


def text(found: ModelCost, lang: str | None = None, width: int = _WIDEST) -> str:
    """The tables and sentences as text."""
    return laid_out(lambda width, ink: _parts(found, width, ink), lang, width, False, True)


def _parts(found: ModelCost, width: int, ink: Ink) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(words.t("title", model=found.model), style="bold")]
    parts += [ink(words.settings(found), "dim"), *map(ink, words.lede(found)), Text("")]
    for title, names, rows in _tables(found):
        parts += [Text(title, style="bold"), _table(found, names, rows, width, ink), Text("")]
    return [*parts, *(ink(sentence, "dim") for sentence in words.method(found))]


def _tables(found: ModelCost) -> list[tuple[str, tuple[str, ...], list[dict[str, str]]]]:
    return [
        (words.t("parts_title"), words.PARTS, words.part_rows(found)),
        (words.t("changes_title", old=found.replaced), words.CHANGES, words.change_rows(found)),
    ]


def _table(
    found: ModelCost, names: tuple[str, ...], rows: list[dict[str, str]], width: int, ink: Ink
) -> RenderableType:
    heads = [ink(head) for head in words.heads(names, found)]
    folding = [k for k, name in enumerate(names) if name in ("name", "verdict")]
    return tabled(heads, [[ink(row[name]) for name in names] for row in rows], width, folding)


def write_page(found: ModelCost, path: str | os.PathLike[str], lang: str | None = None) -> Path:
    """Write one self-contained HTML page in `lang` (by default the current language); returns its path.

    Raises:
        UserError: for a language that we do not speak, or a path that cannot be written.
    """
    from actlab.report._write import write_page_text

    return write_page_text(path, page(found, lang or current_language()))


def page(found: ModelCost, lang: str) -> str:
    """The page as text."""
    with use_language(lang):
        tables = [
            (title, words.heads(names, found), [[unbroken(row[name]) for name in names] for row in rows])
            for title, names, rows in _tables(found)
        ]
        values: dict[str, Any] = shell(lang, "sweep.css") | {
            "t": lambda key: tr(f"report.{key}", lang),
            "s": lambda name: unbroken(words.t(name)),
            "title": words.t("title", model=found.model),
            "settings": words.settings(found),
            "lede": list(map(unbroken, words.lede(found))),
            "shares": tables[0],
            "changes": tables[1],
            "method": list(map(unbroken, words.method(found))),
            "script": asset("script.js"),
        }  # fmt: skip
        return environment().get_template("model_cost.html").render(values)
