"""A sentence before it is put into a language: its key and its values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import NamedTuple

from actlab.text import keys, tr


class Said(NamedTuple):
    """A sentence of the `report` room. Values are words, numbers already formatted, sentences, or lists of these."""

    key: str
    values: dict[str, object]


_TASK: ContextVar[str] = ContextVar("task", default="")


@contextmanager
def told_of(task: str) -> Iterator[None]:
    """Sentences are those for this task, where it has its own: ``report.regression.…``."""
    token = _TASK.set(task)
    try:
        yield
    finally:
        _TASK.reset(token)


def worded(key: str, lang: str | None = None, **values: object) -> str:
    """The sentence ``report.<key>``, or ``report.<task>.<key>`` where the task has one of its own."""
    own = f"report.{_TASK.get()}.{key}"
    return tr(own if own in _own() else f"report.{key}", lang, **values)


@cache
def _own() -> frozenset[str]:
    return frozenset(key for key in keys("en") if key.startswith("report.regression."))


def said(key: str, **values: object) -> Said:
    """The sentence ``report.<key>``."""
    return Said(key, values)


def say(sentence: Said, lang: str | None = None) -> str:
    """`sentence` in a language, its inner sentences and lists too."""
    return worded(sentence.key, lang, **{name: _word(v, lang) for name, v in sentence.values.items()})


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
