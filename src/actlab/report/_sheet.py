"""Figures with matplotlib: PNG, SVG and PDF. The same input gives the same bytes: no date, no random names."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from actlab.report import palette
from actlab.report._write import check_writable
from actlab.text import UserError, current_language, tr, use_language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INK: Final = {name: palette.LIGHT[name] for name in ("paper", "ink", "soft", "rule", "card")}
ARMS: Final = [palette.LIGHT[f"arm-{k}"] for k in range(palette.HUES)]
_LATIN: Final = ("Helvetica Neue", "Segoe UI", "Noto Sans", "Liberation Sans", "Arial")
_KOREAN: Final = (
    "NanumGothic", "Noto Sans KR", "Apple SD Gothic Neo", "AppleGothic", "Malgun Gothic", "NanumBarunGothic",
    "Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans CJK SC",
)  # fmt: skip
_SIGNS: Final = "DejaVu Sans"  # comes with matplotlib; it has φ, ′, ∞ and σ
_DPI: Final = 144


def write_sheet(path: Path, draw: Callable[[Any], None]) -> tuple[Path, list[str]]:
    """Let `draw` fill a matplotlib Figure and write it to `path`, whose suffix says the format.

    Returns the path and what the reader should be told: where no Korean font is there, the words are English. Raises
    `UserError` where matplotlib is missing or `path` cannot be written.
    """
    matplotlib = _matplotlib()
    lang = current_language()
    families, has_korean = _families(lang)
    notices = []
    if lang == "ko" and not has_korean:
        notices.append(tr("show.no_korean_font"))
        lang = "en"
    kind = path.suffix.lower().removeprefix(".")
    nothing: dict[str, dict[str, Any]] = {
        "png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None},
    }  # fmt: skip
    with use_language(lang), _quiet(), matplotlib.rc_context(_style(families)), io.BytesIO() as file:
        from matplotlib.figure import Figure

        figure = Figure(facecolor=INK["paper"])
        draw(figure)
        figure.savefig(file, format=kind, dpi=_DPI, metadata=nothing[kind])
        _put(path, file.getvalue())
    return path, notices


def _matplotlib() -> Any:
    try:
        import matplotlib as found
    except ImportError:
        raise UserError("show.no_matplotlib") from None
    return found


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without remarks of the libraries on weights and tables of fonts, which the reader can do nothing about."""
    loggers = [logging.getLogger(name) for name in ("matplotlib.font_manager", "fontTools")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _families(lang: str) -> tuple[list[str], bool]:
    """Font families that this machine has, the first for most letters, and whether one of them has Hangul."""
    from matplotlib import font_manager

    there = {entry.name for entry in font_manager.fontManager.ttflist}
    korean = [name for name in _KOREAN if name in there][:1]
    latin = [name for name in _LATIN if name in there][:1]
    # Latin first: numbers and φ′ look alike in both languages, and each letter takes the first family that has it.
    return [*latin, *(korean if lang == "ko" else ()), _SIGNS], bool(korean)


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
