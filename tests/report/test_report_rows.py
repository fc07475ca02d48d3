"""Tables on terminals of any width."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from actlab.report._rows import tabled

HEADS = ["함수", "시험 정확도", "verdict"]
ROWS = [["leaky_relu", "97.9 [95.1, 99.2]", "no difference found"], ["x*tanh(softplus(x))", "88.0 [1.0, 99.2]", ""]]


def written(width):
    with io.StringIO() as file:
        console = Console(file=file, width=width)
        console.print(tabled([Text(h) for h in HEADS], [[Text(c) for c in r] for r in ROWS], width, (0, 2)))
        return [line.rstrip() for line in file.getvalue().splitlines()]


@pytest.mark.parametrize("width", range(30, 81))
def test_it_fits_and_numbers_are_whole(width):
    lines = written(width)
    assert max(map(cell_len, lines)) <= width
    for row in ROWS:
        assert any(row[1] in line for line in lines)
    everything = "".join("".join(lines).split())
    assert all(everything.count(letter) == "".join(map("".join, [HEADS, *ROWS])).count(letter) for letter in "*u8%[")


def test_wide_enough_it_is_one_line_a_row_and_narrow_one_a_number():
    assert len(written(80)) == len(ROWS) + 2
    assert written(36)[:3] == ["leaky_relu", "  시험 정확도  97.9 [95.1, 99.2]", "  verdict      no difference found"]
