"""The page's module: one file, whole, with words for everything it says, and nothing from elsewhere."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import actlab
from actlab.play import bundle, lessons
from actlab.text import keys, tr

STATIC = Path(actlab.__file__).parent / "play" / "static"
MODULES = {
    path.relative_to(STATIC).as_posix(): path.read_text(encoding="utf-8") for path in sorted(STATIC.rglob("*.js"))
}
ENTRIES = ("page.js", "widget.js")
DECLARED = re.compile(
    r"^(?:export\s+)?(?:async\s+)?(?:function|const|let|class)\s+(\w+|\{[^}]*\}|\[[^\]]*\])", re.MULTILINE
)


def sentence(key: str, lang: str) -> str:
    from actlab.text._translate import _room

    return _room(lang, key.partition(".")[0])[key]


def declared(text: str) -> list[str]:
    """Names at the top of a module, also of ``const A = 1, B = 2``."""
    names = []
    for line in text.splitlines():
        found = DECLARED.match(line)
        if found:
            names += re.findall(r"\w+", found[1])
            if "const" in line and "=>" not in line and "(" not in line:
                names += re.findall(r", (\w+) =", line)
    return names


@pytest.mark.parametrize("entry", ENTRIES)
def test_modules_can_stand_behind_one_another(entry):
    names = [name for path in bundle.order(entry) for name in declared(MODULES[path])]
    assert len(names) > 50
    assert sorted(name for name in set(names) if names.count(name) > 1) == []
    whole = bundle.module(entry)
    assert not re.search(r"^\s*import\b", whole, re.MULTILINE)
    assert not re.search(r"^export (?!default)", whole, re.MULTILINE)


def test_every_module_is_used():
    assert {path for entry in ENTRIES for path in bundle.order(entry)} == set(MODULES)


def test_imports_name_what_is_exported():
    for path, text in MODULES.items():
        for names, other in re.findall(r"import \{([^}]*)\} from \"([^\"]+)\"", text):
            target = (STATIC / path).parent.joinpath(other).resolve().relative_to(STATIC).as_posix()
            exported = re.findall(
                r"^export (?:async )?(?:function|const|let|class) (\w+)", MODULES[target], re.MULTILINE
            )
            exported += re.findall(r"^export const .*?, (\w+) =", MODULES[target], re.MULTILINE)
            for name in re.findall(r"\w+", names):
                assert name in exported, f"{path}: {name} of {target}"
                assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{path} does not use {name}"


def test_nothing_from_elsewhere():
    for path, text in MODULES.items():
        addresses = [
            found
            for found in re.findall(r"https?://[^\"'` ]*", text)
            if not found.startswith("http://www.w3.org/2000/svg")
        ]
        assert addresses == [], path
        assert not re.search(r"\b(eval|Function|innerHTML|outerHTML|insertAdjacentHTML)\b\s*[(=]", text), path


def asked() -> set[str]:
    """Keys of the page that its modules ask for, patterns filled in with all that fit."""
    text = "\n".join(MODULES.values())
    known = {key.removeprefix("play.page.") for key in keys("en") if key.startswith("play.page.")}
    whole = set(re.findall(r"\"([a-z_0-9]+)\"", text)) | set(re.findall(r"\b([a-z_]+): \[", text))
    found = known & whole
    for pattern in re.findall(r"say\(`([^`]+)`", text):
        shape = re.compile(
            "".join(
                "[a-z_0-9]+" if part.startswith("$") else re.escape(part)
                for part in re.split(r"(\$\{[^}]*\})", pattern)
                if part
            )
        )
        found |= {key for key in known if shape.fullmatch(key)}
    return found


def test_words_are_those_asked_for():
    known = {key.removeprefix("play.page.") for key in keys("en") if key.startswith("play.page.")}
    literal = {key for text in MODULES.values() for key in re.findall(r"\bsay\(\"(\w+)\"", text)}
    assert len(literal) > 25
    assert literal - known == set()
    assert sorted(known - asked()) == []


def test_gaps_are_the_same_in_both_languages():
    for key in keys("en"):
        if key.startswith(("play.", "play_lessons.")):
            gaps = [
                {name for _, name, _, _ in string.Formatter().parse(sentence(key, lang)) if name}
                for lang in ("en", "ko")
            ]
            assert gaps[0] == gaps[1], key


def test_lessons_can_be_set_up():
    assert len(lessons.names()) >= 2
    panels = set(re.findall(r"panel\(app, \"(\w+)\"", "\n".join(MODULES.values()))) | {"gradient", "signal"}
    folder = Path(lessons.__file__).parent
    assert {path.stem for path in folder.glob("*.toml")} - {"index"} == set(lessons.names())
    for lang in ("en", "ko"):
        for lesson in lessons.all_lessons(lang):
            assert lesson["look"] in panels
            assert 0 <= lesson["epoch"] <= 2000
            assert all(len(lesson[part]) > 5 for part in lessons.PARTS)
            assert lesson["run"]["left"]["activation"]
    assert tr("play_lessons.dying.title", "en") != tr("play_lessons.dying.title", "ko")
