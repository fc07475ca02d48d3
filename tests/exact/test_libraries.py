"""The comparison with other libraries: what is known of PyTorch's tanh and relu comes out."""

import libraries
import pytest
from judge import COMPILER

pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(COMPILER is None, reason="the judge is built with g++")


def test_the_table(monkeypatch, capsys):
    monkeypatch.setattr(libraries, "REACH", 20)
    monkeypatch.setattr(libraries.Child, "__init__", lambda self, _: setattr(self, "version", None))
    monkeypatch.setattr("sys.argv", ["libraries.py", "--only", "tanh", "relu", "squareplus", "--each", "40"])
    assert libraries.main() == 0
    rows = {line.split(" | ")[0]: line for line in capsys.readouterr().out.splitlines()}
    assert rows["| relu"] == "| relu | 0 | 0 |"
    value, slope = rows["| tanh"].split(" | ")[1:]
    assert float(value) < 2
    assert slope.startswith("1.7e+07 (")  # 1 − tanh² has no digit left
    assert "| squareplus" not in rows  # PyTorch has none
