"""The built-in activations, as data: a definition in the formula language each, and what cannot be derived from it."""

import re
from functools import cache

from actlab.functions.catalogue import linear, rectifiers, shrinking, sigmoidal, smooth, waves
from actlab.functions.catalogue.entry import Builtin, Range
from actlab.functions.catalogue.korean import english, korean, korean_words

__all__ = ["Builtin", "Range", "builtins", "english", "find", "korean", "korean_words", "names", "words"]


@cache
def builtins() -> tuple[Builtin, ...]:
    """Every built-in, family by family."""
    families = (linear, rectifiers, sigmoidal, smooth, shrinking, waves)
    return tuple(builtin for family in families for builtin in family.BUILTINS)


def names() -> tuple[str, ...]:
    """The names of the built-ins, family by family."""
    return tuple(builtin.name for builtin in builtins())


@cache
def _by_word() -> dict[str, Builtin]:
    return {word.lower(): builtin for builtin in builtins() for word in (builtin.name, *builtin.aliases)}


def words() -> tuple[str, ...]:
    """Names and aliases, sorted."""
    return tuple(sorted(_by_word()))


def find(word: str) -> Builtin | None:
    """The built-in that `word` names, whatever its case; ``None`` where there is none.

    Names of several words may be written as papers do (``"Leaky ReLU"``), and names may be Korean.
    """
    spelled = re.sub(r"(?<=\w)[ -](?=\w)", "_", word.strip().lower())
    return _by_word().get(english(word) or spelled)
