"""A comparison tells where the formula of an arm loses digits, on every way out and in both languages."""

import json

import numpy as np
import pytest

import actlab
from actlab import cli
from actlab.functions.digits import as_it_stands, worth_telling
from actlab.functions.parser import parse
from actlab.report.page import page

QUICK = {"seeds": 2, "epochs": 2, "test_points": 100, "learning_rates": (0.05,), "hidden": (4,)}
WORDS = ["--seeds", "2", "--epochs", "2", "--test-points", "100", "--learning-rates", "0.05", "--hidden", "4"]


def test_one_note_for_an_arm_that_loses_and_none_for_others() -> None:
    found = actlab.compare(["relu", "x - sin(x)"], **QUICK)
    assert len(found.notes) == 1
    told = dict(found.notes[0].values)
    assert (told["name"], told["kind"], told["digits"], told["of"]) == ("x - sin(x)", "float32", 7, 7)
    x = np.float32(2.0**-15)  # the note is true: seen by another road than the one it was measured by
    assert as_it_stands(parse("x - sin(x)"), np.array([x]))[0] == 0 != float(x) ** 3 / 6
    for lang, sentence in (("en", "loses up to 7 of 7 digits"), ("ko", "유효 숫자 7자리 가운데 최대 7자리")):
        assert sentence in found.notes[0].message(lang)
        assert sentence in page(found, lang)
    assert actlab.compare(["relu", "tanh"], **QUICK).notes == ()


@pytest.mark.parametrize(("lang", "sentence"), [("en", "loses up to 7 of 7 digits"), ("ko", "최대 7자리를 잃습니다")])
def test_terminal_and_json(lang: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", "relu", "x - sin(x)", *WORDS, "--lang", lang]) == 0
    assert sentence in " ".join(capsys.readouterr().out.split())
    assert cli.main(["compare", "relu", "x - sin(x)", *WORDS, "--lang", lang, "--json"]) == 0
    notes = json.loads(capsys.readouterr().out)["notes"]
    assert len(notes) == 1
    assert sentence in notes[0]


def test_what_is_told_is_the_worst_of_float32_first() -> None:
    losses = actlab.get("x - sin(x)").losses
    first, *rest = worth_telling(losses)
    assert first.dtype == "float32"
    assert first.worst == max(loss.worst for loss in losses if loss.dtype == "float32")
    assert all(loss.dtype == "float64" and loss.digits >= 6 for loss in rest)
