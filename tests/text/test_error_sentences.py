"""Every error is a sentence: a capital (or something quoted) at its head, a full stop at its end; Korean 합니다체."""

import re
from pathlib import Path

import pytest

import actlab
from actlab.text import _translate, keys

SOURCE = Path(actlab.__file__).parent
RAISED = re.compile(r"UserError\(\s*(f?)\"([a-z_{}]+\.[^\"]+)\"")
OTHER_STYLE = re.compile(r"(나요|해요|예요|에요|세요|네요|한다|이다|했다|된다)[.?]")


def error_keys() -> list[str]:
    """Every key that an error is raised with; of a key that is put together all that fit."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for formatted, key in RAISED.findall(path.read_text(encoding="utf-8")):
            if not formatted:
                found.add(key)
                continue
            pattern = re.compile(re.sub(r"\\{.*?\\}", r"\\w+", re.escape(key)))
            found.update(k for k in keys("en") if pattern.fullmatch(k))
    return sorted(found)


KEYS = error_keys()


def sentence(key: str, lang: str) -> str:
    return _translate._room(lang, key.partition(".")[0])[key]


def test_the_keys_are_found() -> None:
    assert len(KEYS) > 250
    assert {"functions.empty", "data.nan", "cli.unknown_option", "show.all_or_names", "statistics.level"} <= set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_english(key: str) -> None:
    text = sentence(key, "en")
    assert re.match(r"[A-Z“{]", text), text
    assert re.search(r"[.?]”?$", text), text
    assert "  " not in text


@pytest.mark.parametrize("key", KEYS)
def test_korean(key: str) -> None:
    text = sentence(key, "ko")
    assert re.search(r"[.?]”?$", text), text
    assert "  " not in text
    assert not OTHER_STYLE.search(text), text


def test_gaps_are_the_same() -> None:
    for key in KEYS:
        gaps = [set(re.findall(r"{(\w+)", sentence(key, lang))) for lang in ("en", "ko")]
        assert gaps[0] == gaps[1], key
