"""Every example runs as it stands, and its answer has the shape that its first lines promise."""

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from actlab.measure import expected_sign_agreement

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(text: str, arm: str) -> list[list[float]]:
    """The numbers of every line that begins with `arm`."""
    lines = [line for line in text.splitlines() if line.split()[:1] == [arm]]
    return [[float(n) for n in re.findall(r"(?<![\w.])-?(?:\d+\.?\d*|inf)", line)] for line in lines]


def test_none_is_forgotten() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {
        "advice_regret.py", "critical_init.py", "dying_relu.py", "faster_convergence.py", "inference_cost.py",
        "regions.py", "theory_and_training.py", "through_time.py", "vanishing_gradient.py", "zig_zag.py",
    }  # fmt: skip


def test_faster_convergence() -> None:
    text = run("faster_convergence.py", "--seeds", "32", "--epochs", "200")
    same, best = rows(text, "relu")
    assert same[1:4] == best[1:4] == [1, 1, 1]
    assert rows(text, "sigmoid")[1][1] > 2  # slower at its best rate too
    assert rows(text, "tanh")[1][0] < rows(text, "tanh")[0][0]
    assert "Against tanh relu is " in text


def test_vanishing_gradient() -> None:
    text = run("vanishing_gradient.py", "--seeds", "16", "--epochs", "5", "--depths", "12")
    ((depth, sigmoid, *_),) = rows(text, "sigmoid")
    assert depth == 12
    assert sigmoid == pytest.approx(0.25, abs=0.05)
    for arm in ("tanh", "relu", "elu"):
        assert rows(text, arm)[0][1] == pytest.approx(1, abs=0.15)
    assert "At depth 12 a sigmoid layer leaves" in text


def test_through_time() -> None:
    text = run("through_time.py", "--seeds", "16", "--epochs", "3", "--lengths", "12")
    ((_, sigmoid, *_),) = rows(text, "sigmoid")
    assert sigmoid == pytest.approx(0.23, abs=0.05)  # σ′ ≤ 1/4, weights of variance 1/16
    ((_, tanh, *_),) = rows(text, "tanh")
    assert "Over 12 steps a sigmoid net keeps" in text
    relu, he = rows(text, "relu")
    assert 0.6 < tanh < 0.95
    assert relu[1] == pytest.approx(0.7, abs=0.12)  # √½: half of the units pass nothing on
    assert he[1] == pytest.approx(1, abs=0.2)


def test_dying_relu() -> None:
    text = run("dying_relu.py", "--seeds", "24", "--epochs", "60")
    # "relu [norm=batch]" begins with the same word: its line has no number right behind the name
    # behind the four numbers of a line may stand how many nets diverged
    found = {arm: np.array([row[:4] for row in rows(text, arm)]) for arm in ("leaky_relu", "prelu", "elu", "softplus")}
    both = np.array([row[:4] for row in rows(text, "relu")])
    relu, batch = both[::2], both[1::2]
    assert len(relu) == len(batch) == 4
    assert relu[-1, 0] > relu[0, 0]
    for arm, shares in {"batch": batch, **found}.items():
        # PReLU's slope, learned so fast, diverges at 0.5; at 2 ELU's units are thrown far to the left.
        rates = slice({"prelu": 1, "elu": 3}.get(arm, 4))
        assert (shares[rates, 0] <= relu[rates, 0] + 0.1).all()
    assert (found["leaky_relu"][:, 0] == 0).all()
    assert len(re.findall(r"^  (?:fewer dead units than relu: |no remedy has fewer)", text, re.MULTILINE)) == 4


def test_inference_cost(tmp_path) -> None:
    text = run("inference_cost.py", "--quick", "--data", "circles", "--out", str(tmp_path))
    assert text.count("| sigmoid | ") == 6
    assert {"title.json", "title.en.png", "title.ko.png"} == {path.name for path in tmp_path.iterdir()}


def test_critical_init(tmp_path) -> None:
    path = tmp_path / "records.jsonl"
    asked = ("critical_init.py", "tanh", "sigmoid", "--depth", "12", "--width", "6", "--epochs", "4",
             "--records", str(path))  # fmt: skip
    text = run(*asked, "--seeds", "4")
    row = r"^\| tanh \| 2\.15 \| 0\.151 \| .* \[[−+-]\d+\.\d, [−+-]\d+\.\d\] \| (helps|harms|–) \|$"
    assert re.search(row, text, re.MULTILINE)
    assert "sigmoid |" not in text  # it has no critical point
    kept = path.read_text(encoding="utf-8")
    assert run(*asked, "--seeds", "4").splitlines()[:3] == text.splitlines()[:3]
    assert path.read_text(encoding="utf-8") == kept  # nothing is trained twice


def test_theory_and_training(tmp_path) -> None:
    files = {name: str(tmp_path / name) for name in ("trials.jsonl", "trained.json")}
    text = run("theory_and_training.py", "--functions", "tanh", "sigmoid", "--width", "24", "--seeds", "1",
               "--records", files["trials.jsonl"], "--ship", files["trained.json"], "--out", str(tmp_path))  # fmt: skip
    (tanh,), (sigmoid,) = rows(text.replace("| ", ""), "tanh"), rows(text.replace("| ", ""), "sigmoid")
    assert tanh[0] == pytest.approx(1.19, abs=0.01)  # predicted / measured, by σw²
    assert max(sigmoid[1::2]) <= 4 < max(tanh[1::2])
    assert re.search(r"ρ 0\.\d+ \[.*\] over 16 of 16 settings$", text, re.MULTILINE)
    shipped = json.loads(Path(files["trained.json"]).read_text(encoding="utf-8"))
    assert [row[3] for row in shipped["rows"]] == tanh[1::2] + sigmoid[1::2]
    assert {"depth-en.png", "depth-ko.png"} <= {path.name for path in tmp_path.iterdir()}


def test_advice_regret(tmp_path) -> None:
    text = run("advice_regret.py", "--cases", "2", "--seeds", "2", "--out", str(tmp_path / "cases.json"))
    assert re.search(r"advice ÷ always \w+ \(all, 2 cases\)", text)


def test_zig_zag(tmp_path) -> None:
    path = tmp_path / "path.svg"
    text = run("zig_zag.py", "--seeds", "16", "--epochs", "60", "--lang", "ko", "--out", str(path))
    chance = float(re.search(r"(\d+\.\d)%가 일치", text)[1])
    assert chance == pytest.approx(100 * expected_sign_agreement(16), abs=0.1)
    for arm in ("sigmoid", "softplus"):
        ((signs, *_),) = rows(text, arm)
        assert signs > chance + 10
    ((signs, *_),) = rows(text, "tanh")
    assert signs == pytest.approx(chance, abs=6)
    for plain in ("sigmoid", "softplus"):
        straight, low, high = map(float, re.search(rf"{plain}: .*?([\d.]+) \[([\d.]+), ([\d.]+)\]배", text).groups())
        assert 1.1 < low <= straight <= high
    assert len(ElementTree.parse(path).findall(".//{http://www.w3.org/2000/svg}polyline")) == 6


def test_regions() -> None:
    text = run("regions.py", "--seeds", "6", "--epochs", "60")
    step, board = ({row.split()[0]: row for row in part.splitlines() if "[" in row} for part in text.split("\n\n")[1:])
    after = {shape: float(re.findall(r"(\d+) \[", row)[1]) for shape, row in board.items() if shape != "Most"}
    assert after["4"] < after["16"] < after["64"]
    assert after["16×16"] > after["16"]  # depth folds
    before, learned = (float(n) for n in re.findall(r"(\d+) \[", step["16"]))
    assert learned > before == 2  # biases start at 0: all pieces meet in one point


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("dying_relu.py", ("--seeds", "6", "--epochs", "2"), "죽은 은닉 뉴런"),
        ("faster_convergence.py", ("--seeds", "6", "--epochs", "4"), "빠릅니다"),
        ("regions.py", ("--seeds", "6", "--epochs", "1"), "조각이 가장 많은 구조"),
        ("through_time.py", ("--seeds", "6", "--epochs", "1", "--lengths", "5"), "한 단계마다"),
        ("vanishing_gradient.py", ("--seeds", "6", "--epochs", "1", "--depths", "3"), "줄어듭니다"),
    ],
)
def test_korean(name, arguments, words, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", [name, "--lang", "ko", *arguments])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    assert words in capsys.readouterr().out


def test_depth(tmp_path: Path) -> None:
    """The plan as it stands, but for fewer depths, seeds and epochs: from the command line to the sentences."""
    plan = (EXAMPLES / "depth.toml").read_text(encoding="utf-8")
    short = plan
    shorter = {"epochs = 80": "epochs = 10", "count = 6": "count = 2", "depth = [2, 4, 8, 16, 30]": "depth = [2, 30]"}
    for line, other in {"seeds = 96": "seeds = 64", **shorter}.items():
        assert line in short
        short = short.replace(line, other)
    (tmp_path / "short.toml").write_text(short, encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for words in (["sweep", tmp_path / "short.toml", tmp_path / "out"], ["report", tmp_path / "out"]):
        command = [sys.executable, "-m", "actlab", *words, "--lang", "en"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
        assert done.returncode == 0, done.stderr
    for data in ("moons", "digits"):
        start = f"On {data}, as depth goes from 2 to 30"
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(start)]
        (part,) = [part for part in re.split("[:;]", line) if "sigmoid" in part]  # arms that do the same share a part
        assert re.search(r"(fails? from 30 on|fails? throughout)", part)
    for lang in ("en", "ko"):
        assert (tmp_path / "out" / "report" / f"page.{lang}.html").stat().st_size > 50_000
