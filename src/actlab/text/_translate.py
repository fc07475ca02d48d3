"""Looking a sentence up and filling it in."""

import string
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from actlab.text._korean import with_particle
from actlab.text._language import checked, current_language


class _Sentence(string.Formatter):
    """`str.format` with two formats more, each a pair.

    Korean particles: ``{name:은/는}`` gives 시그모이드는, 탄젠트는, ReLU는. English numbers: ``{n:layer/layers}`` gives
    1 layer, 0 layers, 1,024 layers.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        if "/" in format_spec and format_spec.isascii():
            one, _, several = format_spec.partition("/")
            return f"{value} {one if str(value) == '1' else several}"
        if "/" in format_spec:
            return with_particle(str(value), format_spec)
        return str(super().format_field(value, format_spec))


_sentence = _Sentence()


def _flatten(table: dict[str, Any], prefix: str) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, entry in table.items():
        if isinstance(entry, dict):
            flat |= _flatten(entry, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = entry
    return flat


@cache
def _room(lang: str, room: str) -> dict[str, str]:
    path = files("actlab.text") / "locale" / lang / f"{room}.toml"
    return _flatten(tomllib.loads(path.read_text(encoding="utf-8")), f"{room}.")


def keys(lang: str) -> set[str]:
    """Every key that `lang` has a sentence for."""
    folder = files("actlab.text") / "locale" / checked(lang)
    rooms = [entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {key for room in rooms for key in _room(lang, room)}


def tr(key: str, lang: str | None = None, **values: object) -> str:
    """The sentence `key` in `lang` (default: the current language), with `values` filled in.

    Raises `KeyError` for a key that no locale file has; that is a mistake in the program, and a test finds it.
    """
    lang = current_language() if lang is None else checked(lang)
    return _sentence.format(_room(lang, key.partition(".")[0])[key], **values)
