"""What matplotlib writes with: the fonts that this machine has, and whether one of them has Hangul."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any, Final

from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

_LATIN: Final = ("Helvetica Neue", "Segoe UI", "Noto Sans", "Liberation Sans", "Arial")
_KOREAN: Final = (
    "NanumGothic", "Noto Sans KR", "Apple SD Gothic Neo", "AppleGothic", "Malgun Gothic", "NanumBarunGothic",
    "Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans CJK SC",
)  # fmt: skip
_SIGNS: Final = "DejaVu Sans"  # comes with matplotlib; it has φ, ′, ∞ and σ


def matplotlib(refusal: str = "figures.no_matplotlib") -> Any:
    """The package matplotlib, or a `UserError` with the key `refusal` where it is missing."""
    try:
        import matplotlib as found
    except ImportError:
        raise UserError(refusal) from None
    return found


@contextlib.contextmanager
def quiet() -> Iterator[None]:
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


def families(lang: str) -> tuple[list[str], bool]:
    """Font families that this machine has, the first for most letters, and whether one of them has Hangul."""
    from matplotlib import font_manager

    there = {entry.name for entry in font_manager.fontManager.ttflist}
    korean = [name for name in _KOREAN if name in there][:1]
    latin = [name for name in _LATIN if name in there][:1]
    # Latin first: numbers and φ′ look alike in both languages, and each letter takes the first family that has it.
    return [*latin, _SIGNS, *(korean if lang == "ko" else ())], bool(korean)
