"""`actlab check` from the command line: exit codes, files, one sentence for every mistake."""

from __future__ import annotations

import json
import pickle
import re

import pytest
import torch

from actlab.cli import main
from actlab.doctor.checks import CODES
from actlab.text import set_language

PROJECT = """
import torch
from torch import nn

def stack(act):
    torch.manual_seed(0)
    parts = [part for k in range(8) for part in (nn.Linear(8, 8), act())]
    return nn.Sequential(*parts, nn.Linear(8, 3))

def sick():
    return stack(nn.Sigmoid)

def well():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3))
    for layer in model:
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_normal_(layer.weight)
            nn.init.zeros_(layer.bias)
    return model

class Loss(nn.CrossEntropyLoss):
    pass

def batches():
    torch.manual_seed(1)
    return [(torch.randn(32, 8), torch.randint(0, 3, (32,))) for _ in range(4)]

few = batches()[:1]
ready = well()
text = "text"
def broken():
    raise RuntimeError("no luck today")
"""


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    (tmp_path / "patient.py").write_text(PROJECT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "patient", raising=False)
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    yield tmp_path
    set_language(None)


def run(capsys, *words, data="patient:batches", loss="cross_entropy"):
    rest = [*(["--data", data] if data else []), *(["--loss", loss] if loss else [])]
    code = main(["check", *words, *rest])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_sick_model_fails_and_a_well_one_passes(capsys):
    code, out, _ = run(capsys, "patient:sick")
    assert code == 1
    assert "ACT003" in out
    code, out, _ = run(capsys, "patient:ready", data="patient:few", loss="patient:Loss")
    assert code == 0
    assert "1 step" in out


def test_sentences_name_what_was_typed_and_layers_as_layers(capsys):
    """Not the argument of Python; and the layers of a Sequential, 0, 1, 2, are not to be read as numbers."""
    _, out, _ = run(capsys, "patient:sick", loss=None)
    assert "--loss" in out
    assert "loss=" not in out
    _, out, _ = run(capsys, "patient:sick")
    assert "The gradient at layer “0” is" in out
    assert "of that at layer “14”, 8 activations on" in out
    _, out, _ = run(capsys, "patient:sick", "--lang", "ko")
    assert "“0” 층에서의 기울기는 활성화 함수 8개 뒤인 “14” 층에서의" in out


def test_the_severity_that_fails_is_asked_for(capsys):
    assert run(capsys, "patient:sick", "--fail-on", "never")[0] == 0
    assert run(capsys, "patient:sick", "--fail-on", "error")[0] == 1
    assert run(capsys, "patient:well", "--fail-on", "warning")[0] == 0
    assert run(capsys, "patient:well", "--fail-on", "info")[0] == 1  # zig-zag, in every ReLU net


def test_json_is_json_in_either_language(capsys):
    _, out, _ = run(capsys, "patient:sick", "--json")
    english = json.loads(out)
    _, out, _ = run(capsys, "patient:sick", "--json", "--lang", "ko")
    korean = json.loads(out)
    assert [f["code"] for f in english["findings"]] == [f["code"] for f in korean["findings"]]
    assert [f["value"] for f in english["findings"]] == [f["value"] for f in korean["findings"]]
    assert korean["findings"][0]["title"] == "기울기 소실"
    assert english["activations"] == 8
    assert english["steps"] == 4


def test_a_baseline_silences_what_is_known(capsys, project):
    code, out, _ = run(capsys, "patient:sick", "--write-baseline", "known.json")
    assert code == 1
    assert "known.json" in out
    code, out, _ = run(capsys, "patient:sick", "--baseline", "known.json")
    assert code == 0
    assert "silenced" in out
    held = json.loads((project / "known.json").read_text(encoding="utf-8"))
    held["known"] = [entry for entry in held["known"] if not entry.startswith("ACT003")]
    (project / "known.json").write_text(json.dumps(held), encoding="utf-8")
    code, out, _ = run(capsys, "patient:sick", "--baseline", "known.json")
    assert code == 1
    assert set(re.findall(r"^ACT\d+", out, re.M)) == {"ACT003"}


def test_sarif_is_what_code_hosts_read(capsys, project):
    run(capsys, "patient:sick", "--sarif", "out.sarif")
    held = json.loads((project / "out.sarif").read_text(encoding="utf-8"))
    assert held["version"] == "2.1.0"
    (one,) = held["runs"]
    assert [rule["id"] for rule in one["tool"]["driver"]["rules"]] == list(CODES)
    assert {r["level"] for r in one["results"]} <= {"note", "warning", "error"}
    for result in one["results"]:
        assert CODES[result["ruleIndex"]] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "patient.py"
        assert place["region"]["startLine"] == PROJECT.splitlines().index("def sick():") + 1
    assert not list(project.glob(".out*"))


def test_weights_are_loaded_and_nothing_is_unpickled(capsys, project):
    import patient

    model = patient.well()
    model[2].bias.data -= 50
    torch.save(model.state_dict(), "weights.pt")
    code, out, _ = run(capsys, "patient:well", "--weights", "weights.pt")
    assert code == 1
    assert "ACT001" in out

    class Trap:
        def __reduce__(self):
            return open, ("sprung", "w")

    for name, held in (("pickled.pt", Trap()), ("model.pt", model)):
        if name == "pickled.pt":
            (project / name).write_bytes(pickle.dumps(held))
        else:
            torch.save(held, name)
        code, _, err = run(capsys, "patient:well", "--weights", name)
        assert code == 2
        assert name in err
    assert not (project / "sprung").exists()


WRONG = {
    "no model": ([], {}, ["package.module:build_model"]),
    "two models": (["patient:sick", "patient:well"], {}, ["package.module:build_model"]),
    "no data": (["patient:sick"], {"data": None}, ["--data"]),
    "no colon": (["patient"], {}, ["patient"]),
    "no such module": (["pateint_x:sick"], {}, ["pateint_x"]),
    "no such name": (["patient:sikc"], {}, ["sikc", "sick"]),
    "no such name, far": (["patient:qqqqqq"], {}, ["qqqqqq"]),
    "no model there": (["patient:text"], {}, ["patient:text", "str"]),
    "broken": (["patient:broken"], {}, ["no luck today"]),
    "data is no batches": (["patient:sick"], {"data": "patient:text"}, ["str"]),
    "unknown loss": (["patient:sick"], {"loss": "cross_entrpy"}, ["cross_entrpy", "cross_entropy"]),
    "loss that does not fit": (["patient:sick"], {"loss": "binary_cross_entropy"}, []),
    "severity": (["patient:sick", "--fail-on", "fatal"], {}, ["fatal", "never"]),
    "batches": (["patient:sick", "--batches", "0"], {}, ["--batches"]),
    "batches in words": (["patient:sick", "--batches", "all"], {}, ["--batches", "all"]),
    "no weights": (["patient:sick", "--weights", "no.pt"], {}, ["no.pt"]),
    "no baseline": (["patient:sick", "--baseline", "no.json"], {}, ["no.json"]),
    "bad baseline": (["patient:sick", "--baseline", "patient.py"], {}, ["patient.py"]),
    "no folder": (["patient:sick", "--sarif", "no/out.sarif"], {}, ["no/out.sarif"]),
    "option": (["patient:sick", "--sarfi", "x"], {}, ["--sarfi", "--sarif"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_is_one_sentence_and_exit_2(capsys, name):
    words, settings, said = WRONG[name]
    for lang in ("en", "ko"):
        code, out, err = run(capsys, *words, "--lang", lang, **settings)
        assert code == 2
        assert not out
        assert err.startswith("actlab: ")
        assert len(err.strip().splitlines()) == 1
        for part in said:
            assert part in err


def test_the_help_says_it_all(capsys):
    assert main(["check", "--help"]) == 0
    out = capsys.readouterr().out
    for flag in ("--data", "--loss", "--weights", "--fail-on", "--baseline", "--sarif", "--json", "--lang"):
        assert flag in out
