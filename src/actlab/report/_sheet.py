"""Figures with matplotlib: PNG, SVG and PDF. The same input gives the same bytes: no date, no random names."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from actlab.report import _letters as letters
from actlab.report import palette
from actlab.report._write import check_writable
from actlab.text import current_language, tr, use_language

if TYPE_CHECKING:
    from collections.abc import Callable

INK: Final = {name: palette.LIGHT[name] for name in ("paper", "ink", "soft", "rule", "card")}
ARMS: Final = [palette.LIGHT[f"arm-{k}"] for k in range(palette.HUES)]
_DPI: Final = 144


def write_sheet(path: Path, draw: Callable[[Any], None]) -> tuple[Path, list[str]]:
    """Let `draw` fill a matplotlib Figure and write it to `path`, whose suffix says the format.

    Returns the path and what the reader should be told: where no Korean font is there, the words are English. Raises
    `UserError` where matplotlib is missing or `path` cannot be written.
    """
    matplotlib = letters.matplotlib("show.no_matplotlib")
    lang = current_language()
    families, has_korean = letters.families(lang)
    notices = []
    if lang == "ko" and not has_korean:
        notices.append(tr("show.no_korean_font"))
        lang = "en"
    kind = path.suffix.lower().removeprefix(".")
    nothing: dict[str, dict[str, Any]] = {
        "png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None},
    }  # fmt: skip
    with use_language(lang), letters.quiet(), matplotlib.rc_context(_style(families)), io.BytesIO() as file:
        from matplotlib.figure import Figure

        figure = Figure(facecolor=INK["paper"])
        draw(figure)
        figure.savefig(file, format=kind, dpi=_DPI, metadata=nothing[kind])
        _put(path, file.getvalue())
    return path, notices


def _style(families: list[str]) -> dict[str, Any]:
    return {
        "font.family": families, "font.size": 10, "text.color": INK["ink"], "axes.edgecolor": INK["soft"],
        "axes.labelcolor": INK["soft"], "axes.facecolor": INK["paper"], "axes.linewidth": 0.8,
        "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "axes.grid": True,
        "axes.axisbelow": True, "grid.color": INK["rule"], "grid.linewidth": 0.8, "xtick.color": INK["soft"],
        "ytick.color": INK["soft"], "xtick.labelsize": 9, "ytick.labelsize": 9, "ytick.major.size": 0,
        "axes.unicode_minus": True, "svg.fonttype": "none", "svg.hashsalt": "actlab", "pdf.fonttype": 42,
        "text.parse_math": False, "hatch.linewidth": 0.7, "hatch.color": INK["paper"],
    }  # fmt: skip


def _put(path: Path, content: bytes) -> None:
    """The whole file or none: written beside and renamed."""
    check_writable(path)
    handle, aside = tempfile.mkstemp(prefix=".figure.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        Path(aside).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        Path(aside).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        raise
