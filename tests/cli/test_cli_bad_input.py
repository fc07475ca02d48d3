"""Bad input: one line on the standard error stream, exit 2, no traceback, nothing trained; in both languages."""

import re

import pytest
from cli_factory import QUICK, actlab

from actlab import cli

# (words, what the sentence must say in either language)
WRONG = {
    "unknown function": (["compare", "rleu"], ["rleu", "relu"]),
    "unknown function, far": (["compare", "qqqqqqqq"], ["qqqqqqqq", "sigmoid"]),
    "unknown word in a formula": (["compare", "relu", "x*tanhh(x)"], ["tanhh", "tanh"]),
    "code": (["compare", "__import__('os').system('true')"], []),
    "nested": (["compare", "(" * 10_000 + "x" + ")" * 10_000], []),
    "long": (["compare", "+".join(["x"] * 200_000)], []),
    "empty formula": (["compare", ""], []),
    "constant formula": (["compare", "1+2"], ["x"]),
    "division by zero": (["compare", "x/0"], ["0"]),
    "arm twice": (["compare", "relu", "relu"], ["relu"]),
    "no names": (["compare"], ["actlab compare"]),
    "no names but options": (["compare", "--seeds", "3"], ["actlab compare"]),
    "hidden 0": (["compare", "relu", "--hidden", "8,0"], ["--hidden", "0"]),
    "hidden empty": (["compare", "relu", "--hidden", "8,,8"], ["--hidden"]),
    "hidden in words": (["compare", "relu", "--hidden", "eight"], ["--hidden", "eight"]),
    "negative rate": (["compare", "relu", "--learning-rates", "-0.1"], ["-0.1"]),
    "negative rates": (["compare", "relu", "--learning-rates", "-0.1,0.5"], ["-0.1"]),
    "NaN rate": (["compare", "relu", "--learning-rates", "0.1,nan"], ["nan"]),
    "infinite rate": (["compare", "relu", "--learning-rates=inf"], ["inf"]),
    "rate in words": (["compare", "relu", "--learning-rates", "fast"], ["--learning-rates", "fast"]),
    "zero seeds": (["compare", "relu", "--seeds", "0"], ["--seeds", "0"]),
    "negative seeds": (["compare", "relu", "--seeds", "-5"], ["seeds", "-5"]),
    "a billion seeds": (["compare", "relu", "--seeds", "1000000000"], ["1,000,000"]),
    "endless seeds": (["compare", "relu", "--seeds", "9" * 6000], ["--seeds"]),
    "some seeds": (["compare", "relu", "--seeds", "some"], ["--seeds", "some", "auto"]),
    "a width without auto": (["compare", "relu", "--until", "0.1"], ["--until", "auto"]),
    "a limit without auto": (["compare", "relu", "--seeds", "9", "--most", "100"], ["--most", "auto"]),
    "no width": (["compare", "relu", "--seeds", "auto", "--until", "0"], ["--until", "0.001"]),
    "a limit below the first look": (["compare", "relu", "--seeds", "auto", "--most", "9"], ["--most", "64"]),
    "half a seed": (["compare", "relu", "--seeds", "2.5"], ["--seeds", "2.5"]),
    "zero epochs": (["compare", "relu", "--epochs", "0"], ["epochs"]),
    "noise": (["compare", "relu", "--noise", "7"], ["noise", "7"]),
    "noise of fixed data": (["compare", "relu", "--data", "moons:article", "--noise", "0.2"], ["noise"]),
    "unknown data": (["compare", "relu", "--data", "mooons"], ["mooons", "moons"]),
    "unknown init": (["compare", "relu", "--init", "hee"], ["hee", "he"]),
    "unknown command": (["compre", "relu"], ["compre", "compare"]),
    "unknown command, far": (["xylophone"], ["xylophone", "compare"]),
    "unknown option": (["compare", "relu", "--seed", "5"], ["--seed", "--seeds"]),
    "unknown option, far": (["compare", "relu", "--qqqqq"], ["--qqqqq", "--help"]),
    "unknown option before the command": (["--qqqqq", "compare", "relu"], ["--qqqqq"]),
    "missing value": (["compare", "relu", "--seeds"], ["--seeds"]),
    "missing value before an option": (["compare", "relu", "--data", "--seeds", "5"], ["--data"]),
    "report into nothing": (
        ["compare", "relu", "--report", "/no/such/page.html"],
        ["/no/such/page.html"],
    ),
    "report that is no page": (["compare", "relu", "--report", "/tmp/result.pdf"], ["result.pdf", ".html"]),
    "flags by the name that was typed": (["compare", "relu", "--test-points", "0"], ["--test-points"]),
    "flags of two words": (["compare", "relu", "--geometry-seeds", "-1"], ["--geometry-seeds"]),
    "flags of training": (["compare", "relu", "--warm-up", "-1"], ["--warm-up"]),
    "flags of choices": (["compare", "relu", "--schedule", "cosin"], ["--schedule", "cosin", "cosine"]),
    "flags of advice": (["advise", "--layer", "outptu"], ["--layer", "outptu", "output"]),
    "flags of advice, a number": (["advise", "--width", "0"], ["--width"]),
    "flags of data": (["compare", "relu", "--noise", "-1"], ["--noise", "-1"]),
    "flags of files": (["compare", "relu", "--target", "y"], ["--target", "moons"]),
    "flags of fixed data": (
        ["compare", "relu", "--data", "digits", "--noise", "0.1", "--test-points", "50"],
        ["--noise, --test-points"],
    ),
    "flags between others": (["compare", "relu", "--residual", "3"], ["--residual"]),
    "report onto a folder": (["compare", "relu", "--report", "/tmp"], ["/tmp"]),
    "a value for a switch": (["compare", "relu", "--json=yes"], ["--json"]),
}


def one_line(words, capsys):
    """The sentence that `words` get; it must be the only thing said."""
    code = cli.main(words)
    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert re.fullmatch(r"actlab: [^\n]+\n", said.err)
    assert "Traceback" not in said.err
    return said.err


@pytest.fixture(autouse=True)
def no_training(monkeypatch):
    """Nothing may be trained: everything here is wrong before that."""

    def trained(*arguments, **settings):
        raise AssertionError("trained")

    monkeypatch.setattr("actlab.nets.train", trained)


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("case", WRONG)
def test_one_sentence(case, lang, capsys):
    words, said = WRONG[case]
    sentence = one_line([*words, "--lang", lang], capsys)
    assert all(word in sentence for word in said)
    assert len(sentence) < 1000
    assert bool(re.search("[가-힣]", sentence)) == (lang == "ko")


def test_an_unknown_language_is_said_in_the_one_of_the_surroundings(capsys, monkeypatch):
    assert "xx" in (said := one_line(["compare", "relu", "--lang", "xx"], capsys))
    assert "en, ko" in said
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    assert re.search("[가-힣]", one_line(["compare", "relu", "--lang=xx"], capsys))
    one_line(["compare", "relu", "--lang"], capsys)


def test_a_report_is_checked_before_the_training(tmp_path, capsys):
    """`no_training` would notice; and nothing is left in the folder."""
    locked = tmp_path / "page.html"
    locked.mkdir()
    assert str(locked) in one_line(["compare", "relu", "--report", str(locked), *QUICK], capsys)
    assert list(tmp_path.iterdir()) == [locked]


def test_no_command_shows_the_help(capsys):
    for words in ([], ["--lang", "ko"]):
        assert cli.main(words) == 2
        said = capsys.readouterr()
        assert "actlab" in said.out
        assert said.err == ""


@pytest.mark.parametrize(
    "words",
    [["compare", "relu", "rleu"], ["compare", "relu", "--learning-rates", "nan"], ["nonsense"]],
    ids=["function", "rate", "command"],
)
def test_as_a_process(words):
    done = actlab(*words)
    assert done.returncode == 2
    assert done.stdout == b""
    assert re.fullmatch(rb"actlab: [^\n]+\n", done.stderr)
