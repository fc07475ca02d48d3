"""`actlab show`: what it writes and where, and its errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from actlab.cli import main
from actlab.functions import names
from actlab.text import set_language


@pytest.fixture(autouse=True)
def language():
    yield
    set_language(None)


def test_card(capsys, lang):
    assert main(["show", "gelu", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert ("치역" if lang == "ko" else "range") in out
    assert " ns" in out


def test_range_may_begin_with_a_minus(capsys):
    assert main(["show", "relu", "tanh", "--lang", "en", "--range", "-2,2"]) == 0
    assert "−2" in capsys.readouterr().out
    assert main(["show", "relu", "--lang", "en", "--range=0,10"]) == 0


def test_a_name_twice_is_one_function(capsys):
    assert main(["show", "silu", "swish", "--lang", "en"]) == 0
    assert "Strengths" in capsys.readouterr().out


def test_json(capsys):
    assert main(["show", "relu", "x*tanh(x)", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [card["name"] for card in found] == ["relu", "x*tanh(x)"]


def test_files(tmp_path, capsys):
    for suffix in ("html", "PNG"):
        path = tmp_path / f"card.{suffix}"
        assert main(["show", "relu", "--lang", "ko", "--out", str(path)]) == 0
        assert path.stat().st_size > 1000
        assert str(path) in capsys.readouterr().out


def test_all_writes_the_atlas(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["show", "--all", "--lang", "en"]) == 0
    page = Path("atlas.html").read_text(encoding="utf-8")
    assert not [name for name in names() if f">{name}<" not in page]  # celu too, which is elu
    assert main(["show", "--all", "--out", "mine.html"]) == 0
    assert Path("mine.html").exists()


BAD = {
    "unknown_name": ["show", "geluu"],
    "nothing": ["show"],
    "both": ["show", "--all", "relu"],
    "suffix": ["show", "relu", "--out", "card.gif"],
    "no_suffix": ["show", "relu", "--out", "card"],
    "atlas_suffix": ["show", "--all", "--out", "atlas.png"],
    "folder": ["show", "relu", "--out", "nowhere/card.html"],
    "folder_png": ["show", "relu", "--out", "nowhere/card.png"],
    "range": ["show", "relu", "--range", "6,-6"],
    "range_nan": ["show", "relu", "--range", "nan,1"],
    "range_three": ["show", "relu", "--range", "1,2,3"],
    "range_missing": ["show", "relu", "--range"],
    "option": ["show", "relu", "--zzzz"],
    "option_near": ["show", "relu", "--rang", "1"],
    "formula": ["show", "x*(x"],
    "too_many": ["show", *(f"x*{k}.5" for k in range(20))],
}


@pytest.mark.parametrize("case", BAD)
def test_one_sentence_and_exit_2(case, lang, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([*BAD[case], "--lang", lang]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("actlab: ")
    assert err.count("\n") == 1
    assert any(ending in err for ending in ("니다", "십시오", "니까", "나요")) == (lang == "ko")
    assert not list(tmp_path.iterdir())


def test_help(capsys, lang):
    assert main(["show", "--help", "--lang", lang]) == 0
    assert "actlab show --all --out atlas.html" in capsys.readouterr().out


def test_a_formula_may_begin_with_a_minus(capsys):
    assert main(["show", "-x*sigmoid(x)", "--lang", "en"]) == 0
    assert "Strengths" in capsys.readouterr().out
