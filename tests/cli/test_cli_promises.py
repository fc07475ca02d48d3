"""What the command line promises before it works: defaults that are true, refusals that come first, lines that fit."""

import inspect
import re
import subprocess
import sys

import pytest
from cli_factory import surroundings

from actlab import cli
from actlab.cost import cost
from actlab.study.claims import ledger


def said(capsys, *words):
    code = cli.main(list(words))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_help_of_cost_tells_its_own_defaults(capsys, lang):
    text = " ".join(said(capsys, "cost", "--help", "--lang", lang)[1].split())
    defaults = {name: p.default for name, p in inspect.signature(cost).parameters.items()}
    for name in ("target", "most_parameters", "pilots", "seeds", "epochs", "batch_size"):
        told = text.split(f" --{name.replace('_', '-')} ")[1].split(" --")[0]
        assert f"({defaults[name]})" in told or f"({defaults[name]};" in told, name
        assert not set(re.findall(r"\b(256|800|20000)\b", told)), "those of compare"
    assert "(10000)" in text.split(" --test-points ")[1]


@pytest.mark.parametrize("command", ["compare", "theory", "cost", "claims", "advise", "play", "check"])
def test_paragraphs_of_the_help_fit_the_console(capsys, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    text = said(capsys, command, "--help", "--lang", "en")[1]
    paragraph = text.split("\n\n")[1]
    assert len(paragraph.split()) > 15
    assert max(map(len, paragraph.splitlines())) <= 60


def test_a_picture_of_a_claim_is_refused_before_the_training(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(ledger, "make", lambda *_: pytest.fail("trained"))
    code, out, err = said(capsys, "claims", "K14", "--out", str(tmp_path / "nowhere" / "a.svg"), "--lang", "en")
    assert (code, out) == (2, "")
    assert "does not exist" in err


def test_a_picture_of_theory_is_refused_before_anything_is_said(capsys):
    code, out, err = said(capsys, "theory", "tanh", "--out", "tanh.xyz", "--lang", "en")
    assert (code, out) == (2, "")
    assert ".svg" in err


def test_each_command_names_itself(capsys):
    assert "actlab cost " in said(capsys, "cost", "--lang", "en")[2]
    assert "actlab compare " in said(capsys, "compare", "--lang", "en")[2]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is Linux's")
def test_a_full_disk_is_a_sentence():
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(
            [sys.executable, "-m", "actlab", "show", "relu", "--json"], stdout=full, stderr=subprocess.PIPE, text=True,
            timeout=300, env=surroundings(), check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("actlab: The answer could not be written: ")
    assert done.stderr.count("\n") == 1
