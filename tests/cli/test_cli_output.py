"""What the command line prints: tables, JSON, pages, help; in two languages, for any console and any pipe."""

import json
import os
import re
import subprocess
import sys

import pytest
from cli_factory import QUICK, actlab, surroundings

import actlab as library
from actlab import cli

HANGUL = re.compile("[가-힣]")


def run(words, capsys):
    code = cli.main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_comparison(capsys):
    code, out, err = run(["compare", "sigmoid", "relu", *QUICK], capsys)
    assert (code, err) == (0, "")
    assert "sigmoid" in out
    assert "test accuracy" in out
    assert not HANGUL.search(out)
    assert "\x1b" not in out


def test_in_korean(capsys, monkeypatch):
    code, out, err = run(["compare", "sigmoid", "relu", *QUICK, "--lang", "ko"], capsys)
    assert (code, err) == (0, "")
    assert HANGUL.search(out)
    assert run(["--lang=ko", "compare", "sigmoid", "relu", *QUICK], capsys)[1] == out
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert run(["compare", "sigmoid", "relu", *QUICK], capsys)[1] == out


@pytest.mark.parametrize(
    "words",
    [
        ["compare", "sigmoid", "relu", *QUICK],
        ["compare", *QUICK, "sigmoid", "relu"],
        ["compare", "sigmoid", *QUICK, "relu"],
        ["compare", *QUICK[:4], "sigmoid", *QUICK[4:], "relu"],
    ],
)
def test_names_and_options_in_any_order(words, capsys):
    out = run(["compare", "sigmoid", "relu", *QUICK], capsys)[1]
    assert run(words, capsys) == (0, out, "")


def test_a_formula_may_begin_with_a_minus(capsys):
    code, out, _ = run(["compare", "relu", "-x*tanh(x)", "-x", "-0.5*x", *QUICK, "--json"], capsys)
    assert code == 0
    assert json.loads(out)["arms"] == ["relu", "-x*tanh(x)", "-x", "-0.5*x"]


def test_the_language_of_the_caller_stays(capsys):
    with library.text.use_language("en"):
        assert cli.main(["show", "relu", "--json", "--lang", "ko"]) == 0
        assert library.text.current_language() == "en"
        assert cli.main(["show", "--lang", "ko"]) == 2
        assert library.text.current_language() == "en"
    assert re.search("[가-힣]", capsys.readouterr().err)


def test_json_is_all_there_is(capsys, tmp_path):
    """One JSON value on standard output; the path of the page goes to the other stream."""
    page = tmp_path / "page.html"
    code, out, err = run(["compare", "relu", "x*x*x", *QUICK, "--json", "--report", str(page)], capsys)
    assert code == 0
    found = json.loads(out, parse_constant=pytest.fail)  # NaN and Infinity are not JSON
    assert found["arms"] == ["relu", "x*x*x"]
    assert found["settings"]["seeds"] == 3
    assert str(page) in err
    same = library.compare(
        ["relu", "x*x*x"], seeds=3, epochs=2, test_points=100, learning_rates=0.05, hidden=4
    ).to_json()
    assert found["summary"] == same["summary"]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_report(lang, capsys, tmp_path):
    page = tmp_path / "쪽 page.html"
    code, out, err = run(["compare", "sigmoid", "relu", *QUICK, "--report", str(page), "--lang", lang], capsys)
    assert (code, err) == (0, "")
    assert out.rstrip().endswith(str(page))
    assert f'<html lang="{lang}"' in page.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [page]


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["compare", "--help"]])
def test_help(words, capsys):
    code, english, err = run(words, capsys)
    assert (code, err) == (0, "")
    assert english.startswith("usage: actlab")
    assert not HANGUL.search(english)
    code, korean, err = run([*words, "--lang", "ko"], capsys)
    assert (code, err) == (0, "")
    assert korean.startswith("사용법: actlab")
    flags = set(re.findall(r"--[a-z-]+", english))
    assert flags <= set(re.findall(r"--[a-z-]+", korean))
    # No word of argparse's own is left between the Korean ones.
    assert not re.search(r"positional arguments|show this|options:|usage", korean)


def test_every_option_of_compare_is_explained(capsys):
    help_text = run(["compare", "--help"], capsys)[1]
    for flag in ("data", "hidden", "seeds", "learning-rates", "epochs", "batch-size", "init", "test-points", "noise",
                 "threads", "report", "json", "lang"):  # fmt: skip
        assert re.search(rf"^  (-h, )?--{flag}\b", help_text, re.MULTILINE)


def test_version(capsys):
    assert run(["--version"], capsys) == (0, f"actlab {library.__version__}\n", "")


@pytest.mark.parametrize("words", [["compare", "relu", "tanh", *QUICK], ["compare", "--help"], []])
def test_a_reader_that_leaves(words):
    """``actlab … | head -0``: the pipe is closed before a word is written, and nobody is told of it."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "actlab", *words], stdout=writing, stderr=subprocess.PIPE, timeout=300,
            env=surroundings(), check=False,
        )  # fmt: skip
    finally:
        os.close(writing)
    assert done.stderr == b""
    assert done.returncode in (0, 2)


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("encoding", ["cp949", "ascii"])
def test_consoles_that_are_not_unicode(encoding, lang, tmp_path):
    """Everything that is printed can be, and in Korean where the console has the letters; a page is UTF-8 always."""
    settings = {"PYTHONUTF8": "0", "PYTHONIOENCODING": encoding}
    page = tmp_path / "page.html"
    words = ["compare", "sigmoid", "x*x*x", *QUICK, "--lang", lang, "--report", str(page)]
    done = actlab(*words, **settings)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode(encoding)
    assert bool(HANGUL.search(text)) == (lang == "ko" and encoding == "cp949")
    assert f'<html lang="{lang}"' in page.read_text(encoding="utf-8")
    helped = actlab("compare", "--help", "--lang", lang, **settings)
    assert (helped.returncode, helped.stderr) == (0, b"")
    assert "compare" in helped.stdout.decode(encoding)


def test_json_and_errors_on_consoles_that_are_not_unicode():
    settings = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = actlab("compare", "sigmoid", "relu", *QUICK, "--lang", "ko", "--json", **settings)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout.decode("ascii"))["arms"] == ["sigmoid", "relu"]
    wrong = actlab("compare", "시그모이도", "--lang", "ko", **settings)
    assert wrong.returncode == 2
    assert wrong.stderr.count(b"\n") == 1


def test_no_colours_in_a_pipe():
    """Neither colours nor a progress bar, whatever the terminal's name."""
    done = actlab("compare", "sigmoid", "relu", *QUICK, TERM="xterm-256color")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\x1b" not in done.stdout
    assert done.stdout.decode() == actlab("compare", "sigmoid", "relu", *QUICK, NO_COLOR="1").stdout.decode()


def test_notes_on_data_are_told_once_where_both_streams_end_in_one_place(tmp_path, capsys):
    path = tmp_path / "나의 자료.csv"
    rows = [f"{k % 7},{k * k % 11},{'예' if k % 7 > 3 else '아니요'}" for k in range(60)]
    path.write_text("\n".join(["가,나,답", *rows]), encoding="utf-8")
    words = ["compare", "relu", "tanh", "--data", str(path), "--target", "답", *QUICK[:4], *QUICK[6:], "--lang", "ko"]
    with (tmp_path / "all.txt").open("w+b") as file:  # as `actlab … 2>&1`, or a terminal
        subprocess.run(
            [sys.executable, "-m", "actlab", *words],
            stdout=file, stderr=file, timeout=300, env=surroundings(), check=True,
        )  # fmt: skip
        file.seek(0)
        assert file.read().decode().count("이진 분류로 다룹니다") == 1
    _, *apart = run(words, capsys)  # whoever keeps only the summary finds them there too
    assert [text.count("이진 분류로") for text in apart] == [1, 1]
