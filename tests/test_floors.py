"""The house: each room imports only from floors below it, and every sentence of the locale is somebody's."""

import ast
import re
from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import pytest

import actlab
from actlab.text import keys

SOURCE = Path(actlab.__file__).parent
#: The floors of the design. What hides below `functions/` in a folder (vector, torch …) belongs to its room.
FLOORS = {
    "_arrays": 0, "_faces": 0, "_core": 0, "text": 0,
    "functions": 1, "data": 1, "statistics": 1,
    "theory": 2, "measure": 2, "torch": 2, "jax": 2, "onnx": 2,
    "nets": 3,
    "study": 4,
    "doctor": 5, "cost": 5,
    "advise": 6, "report": 6, "progress": 6,
    "play": 7, "cli": 7, "results": 7, "diagnoses": 7, "sweeps": 7, "guidance": 7, "callbacks": 7, "__init__": 7,
    "__main__": 7,
}  # fmt: skip
TOP = 7  # the faces may know one another: the command line shows results, and says the version
#: Reaching up by name, when it is asked for: an array of PyTorch's or JAX's brings its framework's room with it.
DISPATCH = {("functions", "torch"), ("functions", "jax")}

FILES = sorted(SOURCE.rglob("*.py"))


def tree_of(path):
    """Parsed when it is asked for, and not kept: half a million objects would slow every garbage collection after."""
    return ast.parse(path.read_text(encoding="utf-8"))


def room_of(path):
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def rooms_below(dotted, names=()):
    """The rooms that ``import dotted`` or ``from dotted import names`` enters."""
    parts = dotted.split(".")
    if parts[0] != "actlab":
        return set()
    if len(parts) > 1:
        return {parts[1]}
    return {name if (SOURCE / name).is_dir() or name in FLOORS else "__init__" for name in names} or {"__init__"}


def imports(tree):
    """``(line, room)`` of every import, those inside functions and for types only included, and those by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            names = [alias.name for alias in node.names]
            yield from ((node.lineno, room) for room in rooms_below(node.module, names))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield from ((node.lineno, room) for room in rooms_below(alias.name))
        elif isinstance(node, ast.Constant) and re.fullmatch(r"actlab\.[a-z_.]+", str(node.value)):
            room = node.value.split(".")[1]
            if room in FLOORS:
                yield node.lineno, room


def trespasses(path, tree):
    """Imports of a file that lead upward, or sideways into another room of the same floor."""
    own = room_of(path)
    for line, room in imports(tree):
        below = FLOORS[room] < FLOORS[own] or FLOORS[own] == TOP
        # `files("actlab.text")` names a folder of data.
        if room != own and not below and (own, room) not in DISPATCH:
            yield f"{path.relative_to(SOURCE)}:{line} ({own}) enters {room}"


def test_every_room_has_a_floor():
    rooms = {room_of(path) for path in FILES}
    assert rooms <= set(FLOORS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_lead_downstairs(path):
    assert list(trespasses(path, tree_of(path))) == []


def test_a_trespass_would_be_seen():
    """The test above can fail: upward, sideways, inside a function, for types only, by a name in a string."""
    for code in (
        "from actlab.study import compare",
        "def f():\n    import actlab.report",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from actlab.nets import NetSpec",
        "from actlab import statistics",
        "from actlab import compare",
        "import_module('actlab.report.page')",
    ):
        assert list(trespasses(SOURCE / "data" / "made_up.py", ast.parse(code)))
    for code in ("from actlab.text import tr", "from actlab import _core, text", "from actlab.data.moons import Moons"):
        assert not list(trespasses(SOURCE / "data" / "made_up.py", ast.parse(code)))


# --- sentences

#: Keys that are put together in more than one step.
BUILT = (
    "claims.",  # told claim by claim: tests/study/claims
    "report.",  # put together by view, verdict and figure: tests/report/test_report_keys.py
    "theory.",  # what is expected of a function, put together by phase, row and column
    "show.",  # the cards of functions, put together likewise
    "advise.",
    "cost.",  # what a study of cost found, put together by question, verdict and column
    "play.page.",  # asked for by the page's module: tests/play/test_play_words.py
    "play_lessons.",  # put together from the lessons' names
    "diagnosis.",  # the page of a diagnosis: tests/doctor/test_diagnosis_page.py
)


def calls_of(name, tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name]


def flag_keys(tree):
    """The help of a command's flags: ``teach(…, "cli.help", …)`` asks for a sentence for each ``Flag("--name", …)``."""
    tables = [call.args[1].value for call in calls_of("teach", tree)]
    if not tables:
        return set()
    shared = tree_of(SOURCE / "cli" / "flags.py")
    flags = [call.args[0].value for one in (tree, shared) for call in calls_of("Flag", one)]
    return {f"{table}.{flag[2:].replace('-', '_')}" for table in tables for flag in flags}


@lru_cache
def literals():
    """What keys are made of: whole strings, patterns of f-strings that look like keys (``cli.help.{flag}``), and every
    first argument of ``tr`` and ``UserError`` that is a whole string, with the places where it stands."""
    strings, patterns, asked = set(), set(), defaultdict(list)
    for path in FILES:
        tree = tree_of(path)
        strings |= flag_keys(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value)
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
                said = "".join(part or "" for part in parts)
                if re.fullmatch(r"[a-z_.]*\.[a-z_.]*", said) and len(said) > 5:
                    patterns.add("".join("[a-z_0-9]+" if part is None else re.escape(part) for part in parts))
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name not in ("tr", "UserError"):
                    continue
                # A choice between two keys has both: UserError("a" if … else "b").
                first = node.args[0]
                for choice in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                    if isinstance(choice, ast.Constant):
                        asked[choice.value].append(f"{path.relative_to(SOURCE)}:{node.lineno}")
    return strings, patterns, asked


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_key_asked_for_has_a_sentence(lang):
    known = keys(lang)
    _, _, asked = literals()
    assert len(asked) > 80
    assert {key: places for key, places in asked.items() if key not in known} == {}


def test_every_sentence_is_asked_for():
    left_over = []
    strings, patterns, _ = literals()
    for key in sorted(keys("en")):
        short = key.partition(".")[2]
        # A room may add its own name: Problem("short") becomes UserError("functions.short").
        built = key.startswith(BUILT) or any(re.fullmatch(pattern, key) for pattern in patterns)
        if key not in strings and short not in strings and not built:
            left_over.append(key)
    assert left_over == []
