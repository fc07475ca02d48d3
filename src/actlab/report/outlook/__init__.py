"""Theory for people: what `actlab theory` prints, draws and writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from actlab.text import UserError

if TYPE_CHECKING:
    import os

    from actlab.report.outlook.expect import Outlook
    from actlab.theory import Theory

__all__ = ["FIGURES", "check", "outlook", "print_outlook", "to_json", "write"]

FIGURES = (".png", ".svg", ".pdf")


def outlook(theory: Theory, sigma_w2: float | None = None, sigma_b2: float | None = None) -> Outlook:
    """What theory says of one activation, and of the initialisation (σw², σb²) asked for."""
    from actlab.report.outlook.expect import outlook as found

    return found(theory, sigma_w2, sigma_b2)


def print_outlook(found: Outlook) -> None:
    """Print to the standard output in the current language."""
    from actlab.report.outlook.terminal import print_outlook as show

    show(found)


def to_json(found: Outlook) -> dict[str, Any]:
    """Plain JSON values."""
    from actlab.report.outlook.expect import to_json as plain

    return plain(found)


def write(found: Outlook, path: str | os.PathLike[str]) -> tuple[Path, list[str]]:
    """Draw the phase diagram and the maps to `path`; returns it and what the reader should be told.

    Raises `UserError` for a suffix other than .png, .svg and .pdf, a path that cannot be written, and where matplotlib
    is missing.
    """
    from actlab.report.outlook.figure import write_figure

    return write_figure(found, check(path))


def check(path: str | os.PathLike[str]) -> Path:
    """`path`, where `write` can draw to it; `UserError` for another suffix, or a path that cannot be written."""
    from actlab.report import check_writable

    target = Path(path)
    if target.suffix.lower() not in FIGURES:
        raise UserError("theory.bad_suffix", name=str(target)[-60:])
    check_writable(target)
    return target
