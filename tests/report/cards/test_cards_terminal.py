"""Cards in the terminal: golden texts, the curve in the dots, consoles of all kinds."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from cards_factory import made
from rich.cells import cell_len

from actlab.functions import get
from actlab.report._legible import legible
from actlab.report.cards.curves import frame, sample
from actlab.report.cards.dots import drawing, pattern
from actlab.report.cards.terminal import columns, print_cards, text
from actlab.text import use_language

GOLDEN = Path(__file__).parent / "golden"
CASES = {
    "gelu": ("gelu",),
    "relu": ("relu",),
    "tanh": ("tanh",),
    "parameter": ("leaky_relu(alpha=0.2)",),
    "formula": ("where(abs(x) > 1, sign(x), x**3)",),
    "compared": ("sigmoid", "relu", "x * tanh(softplus(x))", "softplus"),
}


@pytest.mark.parametrize("case", CASES)
def test_golden(case, lang, request):
    written = text(made(*CASES[case]), lang)
    path = GOLDEN / f"{case}.{lang}.txt"
    if request.config.getoption("--regenerate", default=False):
        path.parent.mkdir(exist_ok=True)
        path.write_text(written, encoding="utf-8", newline="\n")
    assert written == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [50, 64, 80, 100])
@pytest.mark.parametrize("case", ["gelu", "compared"])
def test_it_fits(case, lang, width):
    cards = made(*CASES[case])
    assert max(map(cell_len, text(cards, lang, width).splitlines())) <= width


@pytest.mark.parametrize("width", [24, 40])
def test_numbers_stay_whole_where_there_is_no_room_for_a_table(lang, width):
    cards = made(*CASES["compared"])
    lines = [line.split("  ") for line in text(cards, lang, width).splitlines()]
    with use_language(lang):
        told = [value for card in cards for value in columns(card).values()]
    assert [value for value in told if not any(cells[-1].strip() == value for cells in lines)] == []


def dots(lines: list[str]) -> np.ndarray:
    """Braille lines as a picture, shape (4 rows, 2 columns): True where a dot is set."""
    order = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
    picture = np.zeros((4 * len(lines), 2 * len(lines[0])), dtype=bool)
    for row, line in enumerate(lines):
        for column, character in enumerate(line):
            bits = ord(character) - 0x2800 if 0x2800 <= ord(character) < 0x2900 else 0
            for i in range(4):
                for j in range(2):
                    picture[4 * row + i, 2 * column + j] = bool(bits & order[i][j])
    return picture


@pytest.mark.parametrize("name", ["relu", "gelu", "tanh", "sin(3*x)", "exp(x)", "hardshrink", "log(x)", "1/x"])
@pytest.mark.parametrize("order", [0, 1])
def test_the_dots_are_the_curve(name, order):
    """Every column holds the dots between the values at its two edges, and no others."""
    window = (-6.0, 6.0)
    f = get(name)
    curve = sample(f, order, *window)
    y = frame([curve], *window)
    picture = dots(drawing("", [curve], window, y, 47, 13, unicode=True).dots)
    rows, columns = picture.shape
    edges = np.linspace(*window, columns + 1)
    for column in range(columns):
        x = np.linspace(edges[column], edges[column + 1], 41)[1:-1]
        values = np.asarray(f(x) if order == 0 else f.derivative(x))
        if not np.isfinite(f(np.linspace(x[0] - 0.3, x[-1] + 0.3, 13))).all():
            continue  # next to a pole the curve ends somewhere between two points of the sample
        down = (y[1] - values) / (y[1] - y[0]) * rows
        seen = down[np.isfinite(down) & (down >= 0) & (down < rows)]
        set_rows = np.flatnonzero(picture[:, column])
        for d in seen:  # a dot for every value, at most one dot off
            assert np.any(np.abs(set_rows + 0.5 - d) <= 1.5), (name, column)
        whole = down[np.isfinite(down)]
        for r in set_rows:  # no dot far from the curve
            assert len(whole)
            assert whole.min() - 2 <= r + 0.5 <= whole.max() + 2, (name, column)


def test_several_curves_have_patterns_of_their_own():
    assert len({pattern(arm, 12, unicode=True) for arm in range(7)}) == 7
    assert len({pattern(arm, 3, unicode=False) for arm in range(7)}) == 7


class Console(io.TextIOWrapper):
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
@pytest.mark.parametrize("case", ["gelu", "formula", "compared"])
def test_every_console_can_show_it(case, lang, encoding):
    console = Console(encoding, terminal=False)
    print_cards(made(*CASES[case]), lang, file=console)
    shown = console.shown()
    assert "\x1b" not in shown
    assert "?" not in shown
    assert ("⠁" in shown or "⠉" in shown) == (encoding == "utf-8")
    if lang == "ko":
        assert ("치역" in shown) == (encoding in ("utf-8", "cp949"))
    if encoding != "utf-8":
        assert all(c.isascii() or "가" <= c <= "힣" for c in shown)


def test_a_korean_console_keeps_its_columns():
    console = Console("cp949", terminal=False)
    print_cards(made("gelu"), "ko", file=console)
    values = ["x*normcdf(x)", "[-0.17, inf)", "1.534", "transformers"]
    lines = console.shown().splitlines()
    starts = {cell_len(line[: line.index(v)]) for v in values for line in lines[:22] if v in line}
    assert len(starts) == 1


def test_colour_on_a_terminal_only(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    console = Console("utf-8", terminal=True)
    print_cards(made("sigmoid", "relu"), "en", file=console)
    assert "\x1b[3" in console.shown()
    assert "\x1b[" not in text(made("sigmoid"), "en")


def test_no_color_is_respected(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console("utf-8", terminal=True)
    print_cards(made("sigmoid", "relu"), "en", file=console)
    assert "\x1b[3" not in console.shown()


def test_a_range_of_several_parts_on_a_console_without_unicode():
    assert "(-inf, 0) or (0, inf)" in legible(text(made("1/x"), "en", unicode=False), "ascii")
