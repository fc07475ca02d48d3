"""docs/*/compare.md: its commands are plans, its options exist, and both languages say the same."""

import re
import shlex
from pathlib import Path

import pytest

import actlab
from actlab import cli, nets, study

DOCS = Path(__file__).parents[2] / "docs"
TEXTS = {lang: (DOCS / lang / "compare.md").read_text(encoding="utf-8") for lang in ("en", "ko")}


def commands(text):
    return [line.removeprefix("$ ") for line in text.splitlines() if line.startswith("$ actlab")]


def options(text):
    return set(re.findall(r"`(--[a-z-]+)", text)) - {"--lang"}


class Stopped(Exception):  # noqa: N818 - not an error, but the plan on its way out
    pass


@pytest.mark.parametrize("command", commands(TEXTS["en"]))
def test_commands_are_plans(command, monkeypatch):
    def stop(plan, tell=None):
        raise Stopped(plan)

    monkeypatch.setattr(study, "run_plan", stop)
    with pytest.raises(Stopped) as caught:
        cli.main(shlex.split(command)[1:])
    assert len(caught.value.args[0].arms) >= 2


def test_options_are_those_of_the_command(capsys):
    assert cli.main(["compare", "--help", "--lang", "en"]) == 0
    shown = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    assert options(TEXTS["en"]) <= shown
    assert {"--norm", "--optimiser", "--target-loss", "--clip"} <= options(TEXTS["en"])


def test_both_languages_say_the_same():
    assert commands(TEXTS["en"]) == commands(TEXTS["ko"])
    assert options(TEXTS["en"]) == options(TEXTS["ko"])
    names = [set(re.findall(r"`([a-z_]+)`", text)) for text in TEXTS.values()]
    assert names[0] == names[1]


def test_columns_and_the_call_exist():
    assert set(nets.TRACES) - set(re.findall(r"`([a-z_]+)`", TEXTS["en"])) == set()
    (call,) = re.findall(r"r = actlab\.compare\((.*)\)\n```", TEXTS["en"])
    assert [arm.name for arm in study.make_plan(eval(call, {"actlab": actlab})).arms] == [
        "relu",
        "relu [norm=batch]",
        "relu [optimiser=adam, clip=1]",
    ]
