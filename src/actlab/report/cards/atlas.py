"""The atlas: every function in one page, with the chart of all derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.report._shell import environment
from actlab.report._write import write_text
from actlab.report.cards import panels
from actlab.report.cards.card import cards
from actlab.report.cards.page import common, strips, table
from actlab.report.cards.sentences import num, t
from actlab.report.figures._parts import Panel
from actlab.text import current_language, use_language

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from actlab.functions import Activation
    from actlab.report.cards.card import Card

_REACH = 4.0  # the pictures of the gallery are small: they show what is near 0
_LONGEST = 66  # characters of a formula below a small picture


def atlas(found: Sequence[Card], window: tuple[float, float], lang: str | None = None) -> str:
    """The page as text."""
    lang = lang or current_language()
    low, high = max(window[0], -_REACH), min(window[1], _REACH)
    low, high = (low, high) if low < high else window
    reach = max(abs(low), abs(high))
    y = (-0.6 * reach, reach)
    with use_language(lang):
        values = common(window, lang) | {
            "title": t("page.atlas_title", count=len(found)),
            "gallery_lead": t("page.gallery_lead", low=num(low), high=num(high)),
            "gallery": [
                Panel(
                    panels.small(card, (low, high), y, f"small-{k}"),
                    card.name,
                    note=card.formula if len(card.formula) <= _LONGEST else "",
                )
                for k, card in enumerate(found)
            ],
            "legend": panels.gallery_legend(),
            "strips": strips(found, window),
            "table": table(found, marked=False),
        }
        return environment().get_template("card_atlas.html").render(values)


def write_atlas(activations: Sequence[Activation], path: str | os.PathLike[str], window: tuple[float, float]) -> Path:
    """Write the atlas of `activations` to `path` in one step, in the current language."""
    return write_text(path, atlas(cards(activations, linked=False), window))
