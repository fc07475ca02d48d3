"""Errors meant for the user: one clear sentence, in the user's language."""

import difflib
import unicodedata
from collections.abc import Iterable

from actlab.text._translate import tr


class UserError(ValueError):
    """Bad input. `key` names the sentence, `values` fill it; the command line prints it and leaves with exit code 2."""

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(key, values)

    def message(self, lang: str | None = None) -> str:
        return tr(self.key, lang, **self.values)

    def __str__(self) -> str:
        return self.message()

    def __reduce__(self) -> tuple[object, ...]:  # keyword-only arguments would be lost on the way through a pickle
        return (_rebuild, (type(self), self.key, self.values))


def _rebuild(kind: type[UserError], key: str, values: dict[str, object]) -> UserError:
    return kind(key, **values)


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that looks most like `word`, or ``None`` where none is near."""

    def letters(
        one: str,
    ) -> str:  # Hangul by its letters: of 렐류 and 렐루 the half of the syllables differs, and one letter
        return unicodedata.normalize("NFD", one.lower())

    by_letters = {letters(w): w for w in words}
    found = difflib.get_close_matches(letters(word)[:200], by_letters, n=1, cutoff=0.55)
    return by_letters[found[0]] if found else None
