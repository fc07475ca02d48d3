"""A sentence before it is put into a language: its key and its values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from actlab.text import tr


class Said(NamedTuple):
    """A sentence of the `report` room. Values are words, numbers already formatted, sentences, or lists of these."""

    key: str
    values: dict[str, object]


def said(key: str, **values: object) -> Said:
    """The sentence ``report.<key>``."""
    return Said(key, values)


def say(sentence: Said, lang: str | None = None) -> str:
    """`sentence` in a language, its inner sentences and lists too."""
    return tr(f"report.{sentence.key}", lang, **{name: _word(v, lang) for name, v in sentence.values.items()})


def tell(sentences: Iterable[Said], lang: str | None = None) -> str:
    """Sentences as a paragraph."""
    return " ".join(say(s, lang) for s in sentences)


def join(words: Sequence[object], lang: str | None = None) -> str:
    """“a, b and c” as the language writes it."""
    told = [_word(w, lang) for w in words]
    if len(told) < 2:
        return "".join(told)
    return tr("report.list.last", lang, head=tr("report.list.comma", lang).join(told[:-1]), last=told[-1])


def _word(value: object, lang: str | None) -> str:
    if isinstance(value, Said):
        return say(value, lang)
    if isinstance(value, list | tuple):
        return join(value, lang)
    return str(value)
