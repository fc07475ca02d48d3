"""Every example runs as it stands, and its answer has the shape that its first lines promise."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

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
        "dying_relu.py", "faster_convergence.py", "vanishing_gradient.py",
    }  # fmt: skip


def test_faster_convergence() -> None:
    text = run("faster_convergence.py", "--seeds", "32", "--epochs", "200")
    same, best = rows(text, "relu")
    assert same[1:4] == best[1:4] == [1, 1, 1]
    assert rows(text, "sigmoid")[1][1] > 2  # slower at its best rate too
    assert rows(text, "tanh")[1][0] < rows(text, "tanh")[0][0]


def test_vanishing_gradient() -> None:
    text = run("vanishing_gradient.py", "--seeds", "16", "--epochs", "5", "--depths", "12")
    ((depth, sigmoid, *_),) = rows(text, "sigmoid")
    assert depth == 12
    assert sigmoid == pytest.approx(0.25, abs=0.05)
    for arm in ("tanh", "relu", "elu"):
        assert rows(text, arm)[0][1] == pytest.approx(1, abs=0.15)


def test_dying_relu() -> None:
    text = run("dying_relu.py", "--seeds", "24", "--epochs", "60")
    relu, leaky = (np.array(rows(text, arm)) for arm in ("relu", "leaky_relu"))
    assert len(relu) == 4
    assert relu[-1, 0] > relu[0, 0]
    assert (leaky[:, 0] <= relu[:, 0]).all()


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
        assert re.search(r"sigmoid (fails from 30 on|fails throughout|learns up to 2 and fails from 30 on)", line)
    for lang in ("en", "ko"):
        assert (tmp_path / "out" / "report" / f"page.{lang}.html").stat().st_size > 50_000
