"""Cutting a formula into words, numbers and signs."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from actlab.functions.catalogue.korean import english
from actlab.text import UserError

# Signs and names that people paste from papers (and from what `actlab show` prints), and ^ for a power.
_SAME: Final = {
    "−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "^": "**", "≤": "<=", "≥": ">=", "≠": "!=",
    "σ": "sigmoid", "Φ": "normcdf", "√": "sqrt", "sech²": "sech2",
}  # fmt: skip
_DIGITS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_TOKEN: Final = re.compile(
    r"(?P<space>[ \t\r\n]+)"
    r"|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+−-]?[0-9]+)?)"
    r"|(?P<word>sech²|[A-Za-z_][A-Za-z_0-9]*|[가-힣]+[0-9]*|[πσΦ√])"
    r"|(?P<power>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/^<>=(),|−–×·⋅∗÷≤≥≠])"
)
# A word in other letters: no formula knows it, and the sentence about it should name it whole.
_FOREIGN: Final = re.compile(r"(?P<word>(?:(?![πσΦ⁰¹²³⁴⁵⁶⁷⁸⁹])[^\W\d_a-zA-Z]){2,})")

# A name with the library it is from, as in other programs: torch.relu, torch.nn.functional.gelu, np.maximum.
_DOTTED: Final = re.compile(
    r"(?P<library>[A-Za-z_]\w{0,40})(?:\.[A-Za-z_]\w{0,40}){0,4}\.(?P<word>[A-Za-z_]\w{0,40})", re.A
)


@dataclass(frozen=True)
class Token:
    """A piece of a formula: its kind (number, word, power, sign or end), its text, its place from 1."""

    kind: str
    text: str
    place: int

    @property
    def digits(self) -> str:
        """What a power in superscripts says, in figures: ``-2``."""
        return self.text.translate(_DIGITS)


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, closed by one of kind ``end``; `UserError` at a character that no formula contains."""
    found: list[Token] = []
    text = unicodedata.normalize("NFC", text)  # some systems write Hangul as its parts
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at) or _FOREIGN.match(text, at)
        if match is None:
            raise _stranger(text, at)
        kind = str(match.lastgroup)
        if kind != "space":
            piece = match.group().replace("−", "-") if kind == "number" else match.group()
            found.append(Token(kind, english(piece) or _SAME.get(piece, piece), at + 1))
        at = match.end()
    found.append(Token("end", "", len(text) + 1))
    return found


def _stranger(text: str, at: int) -> UserError:
    """The sentence for a character that no formula contains: what was meant, where that can be told."""
    if text[at] == "\\":
        return UserError("functions.latex", place=at + 1)
    for dotted in _DOTTED.finditer(text):
        if dotted.start() < at < dotted.end() and dotted["library"] != "x":
            return UserError("functions.dotted", dotted=dotted.group(), word=dotted["word"], place=dotted.start() + 1)
    return UserError("functions.character", character=_visible(text[at]), place=at + 1)


def _visible(character: str) -> str:
    """The character; with its number where it may look like another: х is no x."""
    code = f"U+{ord(character):04X}"
    if not character.isprintable() or character.isspace():
        return code
    return f"{character} ({code})" if character.isalnum() and not character.isascii() else character
