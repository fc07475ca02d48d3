"""Cards of functions: what `actlab show` prints, draws and writes.

Nothing heavy is imported until it is asked for: rich for a terminal, jinja2 for a page, matplotlib for a figure.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from actlab.text import UserError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from actlab.functions import Activation

__all__ = ["FIGURES", "MOST_TOGETHER", "print_cards", "to_json", "window", "write", "write_atlas"]

FIGURES = (".png", ".svg", ".pdf")
MOST_TOGETHER = 14  # more lines in one picture cannot be told apart


def window(text: str | None) -> tuple[float, float]:
    """``"-6,6"`` as two numbers; `UserError` for anything else."""
    from actlab.report.cards.curves import window as read

    return read(text)


def print_cards(activations: Sequence[Activation], inputs: tuple[float, float] = (-6.0, 6.0)) -> None:
    """Print one card, or several functions side by side, to the standard output in the current language."""
    from actlab.report.cards.card import cards
    from actlab.report.cards.terminal import print_cards as show

    _few(activations)
    show(cards(activations, linked=len(activations) == 1), window=inputs)


def to_json(activations: Sequence[Activation]) -> list[dict[str, Any]]:
    """The facts of each as plain JSON values."""
    from actlab.report.cards.card import cards
    from actlab.report.cards.card import to_json as plain

    return [plain(card) for card in cards(activations)]


def write(
    activations: Sequence[Activation], path: str | os.PathLike[str], inputs: tuple[float, float] = (-6.0, 6.0)
) -> tuple[Path, list[str]]:
    """Write a figure or a page, by the suffix of `path`; returns the path and what the reader should be told.

    Raises `UserError` for another suffix, for a path that cannot be written and where matplotlib is missing.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in (*FIGURES, ".html"):
        raise UserError("show.bad_suffix", name=str(target)[-60:])
    from actlab.report import check_writable

    _few(activations)
    check_writable(target)
    if suffix == ".html":
        from actlab.report.cards.page import write_page

        return write_page(activations, target, inputs), []
    from actlab.report.cards.figure import write_figure

    return write_figure(activations, target, inputs)


def write_atlas(
    activations: Sequence[Activation], path: str | os.PathLike[str] | None, inputs: tuple[float, float] = (-6.0, 6.0)
) -> tuple[Path, list[str]]:
    """Write the page of all `activations`, however many; otherwise as `write`."""
    target = Path("atlas.html" if path is None else path)
    if target.suffix.lower() != ".html":
        raise UserError("show.atlas_suffix", name=str(target)[-60:])
    from actlab.report import check_writable
    from actlab.report.cards.atlas import write_atlas as write_page

    check_writable(target)
    return write_page(activations, target, inputs), []


def _few(activations: Sequence[Activation]) -> None:
    if len(activations) > MOST_TOGETHER:
        raise UserError("show.too_many", count=len(activations), limit=MOST_TOGETHER)
