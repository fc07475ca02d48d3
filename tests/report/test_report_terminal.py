from __future__ import annotations

import io
from pathlib import Path

import pytest

from actlab.report import print_comparison, table
from actlab.report._legible import legible

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["plain", "failing", "wide"])
def test_golden(name, lang, request):
    text = table(request.getfixturevalue(name), lang)
    path = GOLDEN / f"{name}.{lang}.txt"
    if request.config.getoption("--regenerate", default=False):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


def columns(text: str) -> int:
    """Width in a terminal: Korean letters take two columns."""
    return sum(2 if "가" <= c <= "힣" else 1 for c in text)


def test_lines_fit_and_columns_align(failing, lang):
    lines = table(failing, lang, 100).splitlines()
    assert max(map(columns, lines)) <= 100
    rows = [line for line in lines if line.startswith(("sigmoid ", "relu ", "tanh "))]
    rows = [row for row in rows if row.split()[1] == "5"]
    assert len(rows) >= 3
    assert {row.index(" 5 ") for row in rows if row.startswith("s")} == {row.index(" 5 ") for row in rows}


@pytest.mark.parametrize("width", [60, 72, 80, 100, 120])
def test_narrow_terminals_see_whole_numbers(failing, wide, lang, width):
    for c in (failing, wide):
        text = table(c, lang, width)
        assert max(map(columns, text.splitlines())) <= width
        for number in ("97.6 % [97.2, 98.0]", "97.9 % [97.5, 98.3]"):
            assert (number in text) == (number in table(c, lang, 200))


class Console(io.TextIOWrapper):
    """A text stream in an encoding, a terminal or not."""

    def __init__(self, encoding: str, terminal: bool) -> None:
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, encoding=encoding, errors="strict", newline="")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def shown(self) -> str:
        self.flush()
        return self.bytes.getvalue().decode(self.encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "ascii", "cp1252", "latin-1"])
def test_every_console_can_show_it(failing, lang, encoding):
    console = Console(encoding, terminal=False)
    print_comparison(failing, lang, console)
    shown = console.shown()
    assert "sigmoid" in shown
    assert "\x1b" not in shown
    assert "?" not in shown
    if lang == "ko":
        assert ("활성화 함수" in shown) == (encoding in ("utf-8", "cp949"))


def test_a_korean_console_keeps_its_columns(failing):
    """Of the characters that such a console draws two columns wide only Korean letters are left."""
    console = Console("cp949", terminal=False)
    print_comparison(failing, "ko", console)
    assert all(c.isascii() or "가" <= c <= "힣" for c in console.shown())


def test_colour_on_a_terminal_only(plain, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    console = Console("utf-8", terminal=True)
    print_comparison(plain, "en", console)
    assert "\x1b[" in console.shown()
    assert "\x1b[" not in table(plain, "en")


def test_no_color_is_respected(plain, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console("utf-8", terminal=True)
    print_comparison(plain, "en", console)
    assert "\x1b[3" not in console.shown()


def test_standard_output_is_the_default(plain, capsys):
    print_comparison(plain, "en")
    assert capsys.readouterr().out == table(plain, "en")


def test_legible():
    assert legible("−3 – ∞", "ascii") == "-3 - inf"
    assert legible("é한", "ascii") == "e?"
    assert legible("한글 −1", "cp949") == "한글 -1"
