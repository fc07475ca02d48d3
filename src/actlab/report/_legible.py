"""Text in the characters that a console has."""

from __future__ import annotations

import unicodedata
from typing import Final

_PLAIN: Final = {
    "−": "-", "–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "×": "x", "·": "|", "→": "->", "≤": "<=",
    "∞": "inf", "φ": "phi", "±": "+/-", "²": "2", "\N{NO-BREAK SPACE}": " ", "≥": ">=", "─": "-", "━": "=", "…": "...",
}  # fmt: skip


def can(encoding: str, text: str) -> bool:
    """Whether `encoding` has every character of `text`."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def legible(text: str, encoding: str) -> str:
    """`text` in characters that `encoding` has.

    Signs such as − and ─ become ASCII even where the encoding has them: Korean consoles show those two columns wide,
    which would break the table. Letters that the encoding lacks lose their accents, or become a question mark.
    """
    out = []
    for character in text:
        if character.isascii():
            out.append(character)
        elif character in _PLAIN:
            out.append(_PLAIN[character])
        elif can(encoding, character):
            out.append(character)
        else:
            bare = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
            out.append(bare or "?")
    return "".join(out)
