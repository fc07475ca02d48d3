"""`actlab sweep` and `actlab report`: what they print, and how they leave."""

import json
import shlex
from pathlib import Path

import pytest

from actlab.cli import main
from actlab.study.sweep import Store, StudyError

PLAN = """
activations = ["relu", "tanh"]
depth = [1, 2]
width = 4
learning_rates = [0.1]
seeds = 16
epochs = 4
test_points = 300
"""


@pytest.fixture
def plan(tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text(PLAN, encoding="utf-8")
    return str(path)


@pytest.fixture
def where(tmp_path):
    return str(tmp_path / "results")


def test_from_plan_to_page(plan, where, capsys, tmp_path):
    assert main(["sweep", plan, where, "--lang", "en"]) == 0
    assert capsys.readouterr().out == f"64 nets are in {where}, 64 of them new. Read them with: actlab report {where}\n"
    assert main(["sweep", plan, where, "--json", "--lang", "en"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "nets": 64, "found": 64, "damaged": [], "foreign": [], "interrupted": False,
    }  # fmt: skip
    assert main(["report", where, "--lang", "ko"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"보고서: {where}/report/page.ko.html"
    assert main(["report", where, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["summary"]) == 4
    assert main(["report", where, "--out", str(tmp_path / "elsewhere"), "--lang", "en"]) == 0
    assert (tmp_path / "elsewhere" / "summary.csv").exists()


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_dry_run_writes_nothing(plan, where, capsys, tmp_path, lang):
    assert main(["sweep", plan, where, "--dry-run", "--lang", lang]) == 0
    assert "64" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["plan.toml"]
    assert main(["sweep", plan, where, "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["nets"], told["cells"], told["there"]) == (64, 4, 0)
    assert told["seconds"] > 0
    assert main(["sweep", plan, where, "--lang", lang]) == 0
    assert main(["sweep", plan, where, "--dry-run", "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["there"], told["seconds"], told["operations"]) == (64, 0, 0)


def test_operations_are_those_of_the_nets(plan, where):
    """2→4→1: 17 parameters; 4 epochs of 300 points, three times; scores of 300 points, 2 × 1,000 to validate."""
    from actlab.study.sweep import load_plan
    from actlab.study.sweep.estimate import estimate

    cell = load_plan(Path(plan)).grid.cells()[0]
    assert cell.net.parameters == 17
    assert cell.work == 2 * 17 * (3 * 4 * 300 + 300 + 2 * 1000)
    found = estimate(load_plan(Path(plan)), where)
    assert found.operations == 16 * 2 * (17 + 37) * (3 * 4 * 300 + 300 + 2 * 1000) * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sweep"], "Name a plan and a directory"),
        (["sweep", "nowhere.toml", "x"], "nowhere.toml cannot be read"),
        (["report"], "Name one directory"),
        (["report", "nothing-here"], "holds no sweep"),
        (["sweep", "a", "b", "--dyr-run"], "--dry-run"),
        (["sweep", "a", "b", "--frobnicate"], "actlab sweep --help"),
        (["swep", "a"], "did you mean “sweep”"),
    ],
)
def test_bad_usage(words, said, capsys):
    assert main([*words, "--lang", "en"]) == 2
    assert said in capsys.readouterr().err


def test_threads_are_checked(plan, where, capsys):
    assert main(["sweep", plan, where, "--threads", "many", "--lang", "en"]) == 2
    assert main(["sweep", plan, where, "--threads", "-1", "--lang", "en"]) == 2
    assert "--threads" in capsys.readouterr().err


def test_damage_is_told(plan, where, capsys):
    main(["sweep", plan, where])
    nets = sorted((Path(where) / "nets").iterdir())
    nets[0].write_bytes(nets[0].read_bytes()[:-9])
    (nets[0].parent / "notes.txt").write_text("mine")
    assert main(["report", where, "--lang", "en"]) == 0
    told = capsys.readouterr().err
    assert "1 damaged file," in told
    assert "notes.txt" in told
    assert main(["sweep", plan, where, "--lang", "en"]) == 0
    assert "64 nets are in" in capsys.readouterr().out


def test_a_study_that_cannot_go_on_leaves_with_1(plan, where, capsys, monkeypatch):
    def full(*_):
        raise StudyError("sweep.not_written", path="x", reason="No space left on device")

    monkeypatch.setattr(Store, "put", full)
    assert main(["sweep", plan, where, "--lang", "en"]) == 1
    assert "No space left on device. Everything finished before is kept" in capsys.readouterr().err


def test_ctrl_c_leaves_with_130(plan, where, capsys, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(Store, "put", stop)
    assert main(["sweep", plan, where, "--lang", "en"]) == 130
    assert "0 nets are in" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["sweep", "report"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_help(command, lang, capsys):
    assert main([command, "--help", "--lang", lang]) == 0
    assert "DIR" in capsys.readouterr().out


def test_a_file_of_one_s_own_beside_a_generator(tmp_path, capsys):
    """How the file is read is no word to the generator; what was inferred is said before, and on the page."""
    own, where = tmp_path / "나의 자료.csv", tmp_path / "결과 폴더"
    rows = [
        f"{k % 7},{'' if k % 9 == 4 else k % 5},{'남여'[k % 2]},{'합격' if k % 7 > 3 else '불합격'}" for k in range(60)
    ]
    own.write_text("\n".join(["가,나,다,답", *rows]), encoding="utf-8")
    plan = tmp_path / "계획.toml"
    text = f'{PLAN}\ndata = ["xor", {json.dumps(str(own), ensure_ascii=False)}]\ntarget = "답"\nencode = true\n'
    plan.write_text(f'{text}missing = "mean"\nvalidation_points = 100\n', encoding="utf-8")
    assert main(["sweep", str(plan), str(where), "--lang", "ko"]) == 0
    said = capsys.readouterr()
    assert [said.err.count(word) for word in ("행 60개", "지시 변수", "결측값 7개", "이진 분류")] == [1, 1, 1, 1]
    assert shlex.split(said.out.rpartition(": ")[2]) == ["actlab", "report", str(where)]
    assert main(["report", str(where), "--lang", "ko"]) == 0
    page = (where / "report" / "page.ko.html").read_text(encoding="utf-8")
    assert "지시 변수" in page
    assert "xor" in page
    plan.write_text(f'{PLAN}\ndata = "xor"\nencode = true\n', encoding="utf-8")
    assert main(["sweep", str(plan), str(where), "--lang", "en"]) == 2
    assert "encode" in capsys.readouterr().err
