"""Both languages say everything, with the same values."""

from __future__ import annotations

import re
import string
import tomllib
from importlib.resources import files

import pytest

from actlab.text import LANGUAGES, keys

FOLDER = files("actlab.text") / "locale"
ROOMS = sorted({e.name.removesuffix(".toml") for lang in LANGUAGES for e in (FOLDER / lang).iterdir()})


def sentences(lang: str, room: str) -> dict[str, str]:
    flat: dict[str, str] = {}

    def walk(table, prefix):
        for name, entry in table.items():
            if isinstance(entry, dict):
                walk(entry, f"{prefix}{name}.")
            else:
                flat[prefix + name] = entry

    walk(tomllib.loads((FOLDER / lang / f"{room}.toml").read_text(encoding="utf-8")), "")
    return flat


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("room", ROOMS)
def test_same_keys(room):
    found = {lang: set(sentences(lang, room)) for lang in LANGUAGES}
    assert found["en"] == found["ko"]


@pytest.mark.parametrize("room", ROOMS)
def test_same_values_to_fill_in(room):
    english, korean = sentences("en", room), sentences("ko", room)
    differing = {key for key in english if places(english[key]) != places(korean[key])}
    assert not differing


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_empty_sentence(room, lang):
    for key, sentence in sentences(lang, room).items():
        assert isinstance(sentence, str), key
        assert sentence.strip(), key
        assert not places(sentence) & {""}, f"{key}: a place without a name"


@pytest.mark.parametrize("room", ROOMS)
def test_korean_is_korean(room):
    """A sentence copied and forgotten: several words of its own, and none of them Korean."""
    forgotten = []
    for key, sentence in sentences("ko", room).items():
        own = " ".join(text for text, *_ in string.Formatter().parse(sentence))
        if len(re.findall(r"[A-Za-z]{2,}", own)) > 2 and not re.search("[가-힣]", own):
            forgotten.append(key)
    assert not forgotten


@pytest.mark.parametrize("room", ROOMS)
def test_particles_are_written_closed_first(room):
    turned = {"는/은", "가/이", "를/을", "와/과", "로/으로", "라/이라", "나/이나", "라는/이라는"}
    for key, sentence in sentences("ko", room).items():
        for _, _, spec, _ in string.Formatter().parse(sentence):
            if spec and "/" in spec:
                spec = spec.lstrip("”’")  # a quotation mark may come between the word and its particle
                assert spec not in turned, key
                assert re.fullmatch("[가-힣]+/[가-힣]+", spec), key


@pytest.mark.parametrize("room", ROOMS)
def test_english_counts_are_written_as_one_and_several(room):
    for key, sentence in sentences("en", room).items():
        assert not re.search(r"[a-z]\(s\)", sentence), key
        for _, _, spec, _ in string.Formatter().parse(sentence):
            if spec and "/" in spec:
                one, _, several = spec.partition("/")
                assert re.fullmatch("[a-z ]+", one), key
                assert re.fullmatch("[a-z ]+", several), key
                assert one != several, key


def test_keys_are_the_union_of_the_rooms():
    for lang in LANGUAGES:
        assert keys(lang) == {f"{room}.{key}" for room in ROOMS for key in sentences(lang, room)}
