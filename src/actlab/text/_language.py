"""Which language we speak: what the caller said, else what the locale of the process says."""

import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LANGUAGES = ("en", "ko")

_chosen: ContextVar[str | None] = ContextVar("actlab_language", default=None)


def _from_environment() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable)
        if value:
            return "ko" if value.lower().startswith("ko") else "en"
    name = locale.getlocale()[0] or ""  # Windows and macOS may set no variable at all
    return "ko" if name.lower().startswith(("ko", "korean")) else "en"


def current_language() -> str:
    """The language in force: ``"en"`` or ``"ko"``."""
    return _chosen.get() or _from_environment()


def set_language(lang: str | None) -> None:
    """Speak `lang` from now on in this context; ``None`` returns to the locale of the process."""
    _chosen.set(None if lang is None else checked(lang))


@contextmanager
def use_language(lang: str | None) -> Iterator[None]:
    """Speak `lang` inside the ``with`` block."""
    token = _chosen.set(None if lang is None else checked(lang))
    try:
        yield
    finally:
        _chosen.reset(token)


def checked(lang: str) -> str:
    """`lang` itself when it is one we speak, else a `UserError`."""
    if lang in LANGUAGES:
        return lang
    from actlab.text._errors import UserError  # here: errors are written in a language, so that module needs this one

    raise UserError("text.unknown_language", name=str(lang), known=", ".join(LANGUAGES))
