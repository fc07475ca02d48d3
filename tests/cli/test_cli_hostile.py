"""Hostile formulas on the command line: one sentence and exit 2, for every command and output."""

import sys
from pathlib import Path

import pytest

from actlab import cli

sys.path.insert(0, str(Path(__file__).parents[1] / "functions"))
from hostile import INJECTIONS, LOOK_ALIKES

sys.path.pop(0)

REFUSED = (
    "x" + "**x" * 660, "mish(" * 99 + "x" + ")" * 99, "(" * 1_000_000, "9" * 1_990, "x/0", "0/0*x",
    "x + 2**9999999", "*".join(f"sin({k}*x)" for k in range(1, 170)), "sign(sin(3000*x))*x",
    "leaky_relu(alpha=" * 100,
)  # fmt: skip


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    code = cli.main(words)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("actlab: ")
    return lines[0]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_show_refuses_with_a_sentence(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    for text in (*INJECTIONS, *LOOK_ALIKES, *REFUSED):
        if text.startswith("-"):
            continue
        assert told(["show", text, "--lang", language], capsys).rstrip().endswith((".", "?", ")")), text


@pytest.mark.parametrize("words", [["show", "--json"], ["show", "--out", "/tmp/never-written.png"], ["compare"],
                                   ["compare", "--json"]])  # fmt: skip
def test_other_outputs_and_commands_refuse_too(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    for text in (*INJECTIONS[:40:4], *LOOK_ALIKES[::9], *REFUSED):
        told([words[0], "relu", text, *words[1:]], capsys)
    assert not Path("/tmp/never-written.png").exists()
