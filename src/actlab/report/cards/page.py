"""One self-contained HTML page: a card, or several side by side with the derivative comparison."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from actlab.report._shell import environment, shell
from actlab.report._write import write_text
from actlab.report.cards import merits, panels, sentences
from actlab.report.cards.card import cards
from actlab.report.cards.curves import x_ticks
from actlab.report.cards.sentences import num, t
from actlab.report.cards.terminal import columns
from actlab.report.figures._parts import sample_line
from actlab.text import current_language, use_language

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from markupsafe import Markup

    from actlab.functions import Activation
    from actlab.report.cards.card import Card

_WIDTHS = {"name": 16, "range": 15, "mean": 9, "smoothness": 9, "monotone": 8, "largest": 9, "slope_limits": 11,
           "gain": 8, "init": 9, "cost": 6}  # fmt: skip

_LONG = 36  # characters of a name beyond which it is no headline


class Strip(NamedTuple):
    """A row of the derivative comparison."""

    name: str
    picture: Markup
    size: str


def common(window: tuple[float, float], lang: str) -> dict[str, Any]:
    """What every page of cards needs: words, the report's style and colours."""
    ticks = x_ticks(*window)
    return shell(lang, "card.css") | {
        "t": t,
        "settings": t("page.settings", low=num(window[0]), high=num(window[1])),
        "ticks": [(num(x), 100 * (x - window[0]) / (window[1] - window[0])) for x in ticks],
        "slopes_key": panels.slopes_key(),
        "pieces": pieces,
    }


def page(found: Sequence[Card], window: tuple[float, float], lang: str | None = None) -> str:
    """The page as text."""
    lang = lang or current_language()
    with use_language(lang):
        several = len(found) > 1
        names = [card.name for card in found]
        values = common(window, lang) | {
            "title": names[0]
            if not several
            else t("page.title_two", first=names[0], second=names[1])
            if len(names) == 2 and max(map(len, names)) <= _LONG
            else t("page.title_many", count=len(names)),
            "several": several,
            "long": len(names[0]) > _LONG,
            "together": panels.curves(found, window, "together") if several else [],
            "legend": panels.legend(found),
            "strips": strips(found, window),
            "table": table(found) if several else None,
            "cards": [_card(card, k, window) for k, card in enumerate(found)],
        }
        return environment().get_template("card.html").render(values)


def _card(card: Card, arm: int, window: tuple[float, float]) -> dict[str, Any]:
    rows = [row for row in sentences.rows(card) if row.key not in ("formula", "use", "source")]
    told = {row.key: row.value for row in sentences.rows(card)}
    return {
        "name": card.name,
        "short": card.short,
        "long": len(card.name) > _LONG,
        "arm": arm,
        "formula": "" if card.typed and card.formula == card.name else card.formula,
        "use": told.get("use", ""),
        "source": told.get("source", ""),
        "rows": rows,
        "panels": panels.curves([card], window, f"card-{arm}", [arm]),
        "lists": [
            (t("card.strengths"), "plus", merits.strengths(card)),
            (t("card.weaknesses"), "minus", merits.weaknesses(card)),
        ],
        "identities": sentences.identity_lines(card),
        "identity_note": sentences.identity_note(card) if card.identities else "",
    }


def strips(found: Sequence[Card], window: tuple[float, float]) -> list[Strip]:
    """The rows of the derivative comparison."""
    return [Strip(card.short, panels.slopes(card, window), num(card.activation.facts.max_derivative)) for card in found]


def table(found: Sequence[Card], marked: bool = True) -> dict[str, Any]:
    """The facts of all in one table."""
    rows = [columns(card) for card in found]
    heads = list(rows[0])
    return {
        "heads": heads,
        "widths": [_WIDTHS[name] for name in ("name", *heads)],
        "rows": [
            {"name": card.short, "sample": sample_line(arm, mark=False) if marked else "", "cells": row}
            for arm, (card, row) in enumerate(zip(found, rows, strict=True))
        ],
    }


def pieces(formula: str) -> list[tuple[str, str]]:
    """A formula of pieces as (value, condition); any other as one piece without a condition."""
    if re.fullmatch(r"\{[^{}]+ \([^;{}]+\); [^{}]+ \([^;{}]+\)\}", formula):
        split = [re.fullmatch(r"(.+) \((.+)\)", part) for part in formula[1:-1].split("; ")]
        if all(split):
            return [(part[1], part[2]) for part in split if part]
    return [(formula, "")]


def write_page(activations: Sequence[Activation], path: str | os.PathLike[str], window: tuple[float, float]) -> Path:
    """Write the page of `activations` to `path` in one step, in the current language."""
    return write_text(path, page(cards(activations), window))
