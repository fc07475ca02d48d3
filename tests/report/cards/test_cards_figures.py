"""Figures: formats, sizes, words, equal bytes for equal input."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from PIL import Image

from actlab.functions import get
from actlab.report import _letters
from actlab.report.cards import write
from actlab.text import UserError, use_language

KOREAN = _letters.families("ko")[1]


def drawn(names, path, lang="en", inputs=(-6.0, 6.0)):
    with use_language(lang):
        return write([get(name) for name in names], path, inputs)


@pytest.mark.parametrize("names", [("gelu",), ("gelu", "relu", "where(x > 0, x, sin(3*x))")])
def test_png(names, tmp_path):
    path, notices = drawn(names, tmp_path / "card.png")
    assert notices == []
    with Image.open(path) as image:
        image.load()
        assert image.format == "PNG"
        assert image.width == 1584
        assert image.height > 700
        assert len(image.convert("RGB").getcolors(1 << 24)) > 50


def test_functions_differ_and_repeat(tmp_path):
    for suffix in ("png", "svg", "pdf"):
        first = drawn(["relu"], tmp_path / f"a.{suffix}")[0].read_bytes()
        again = drawn(["relu"], tmp_path / f"b.{suffix}")[0].read_bytes()
        other = drawn(["gelu"], tmp_path / f"c.{suffix}")[0].read_bytes()
        assert first == again
        assert first != other


def test_pdf(tmp_path):
    content = drawn(["tanh", "sigmoid"], tmp_path / "card.pdf", "ko")[0].read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"CreationDate" not in content


def test_parameters_are_legible_at_the_strips(tmp_path):
    """leaky_relu(alpha=0.025) ends in what tells it from leaky_relu."""
    path, _ = drawn(["relu", "leaky_relu(alpha=0.025)"], tmp_path / "card.svg")
    root = ElementTree.parse(path).getroot()
    words = ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "leaky_relu(alpha=0.025)" in words
    assert not any("…" in word for word in words)


def test_svg_text_is_text(tmp_path):
    path, _ = drawn(["tanh", "sigmoid"], tmp_path / "card.svg")
    root = ElementTree.parse(path).getroot()
    words = " ".join("".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "φ″(x)" in words
    assert "sigmoid" in words
    assert "Where gradients pass" in words


@pytest.mark.skipif(not KOREAN, reason="no Korean font on this machine")
def test_svg_speaks_korean(tmp_path):
    path, notices = drawn(["tanh", "sigmoid"], tmp_path / "card.svg", "ko")
    assert notices == []
    assert "기울기가 전달되는 곳" in path.read_text(encoding="utf-8")
    one, _ = drawn(["relu"], tmp_path / "one.svg", "ko")
    assert "꺾이는 점" in one.read_text(encoding="utf-8")


def test_without_a_korean_font_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(_letters, "_KOREAN", ())
    path, notices = drawn(["relu"], tmp_path / "card.svg", "ko")
    assert len(notices) == 1
    assert re.search("한글 글꼴", notices[0])
    assert "kinks" in path.read_text(encoding="utf-8")


def test_without_matplotlib(tmp_path, monkeypatch, lang):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(UserError, match=r"pip install") as error:
        drawn(["relu"], tmp_path / "card.png", lang)
    assert error.value.key == "show.no_matplotlib"
    assert not (tmp_path / "card.png").exists()


def test_matplotlib_is_loaded_only_when_asked():
    code = (
        "import sys; from actlab.cli import main; assert main(['show', 'relu']) == 0; "
        "sys.exit('matplotlib' in sys.modules or 'jinja2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "name", ["exp(x**2)", "log(x)", "1/x", "sign(sin(9*x))", "x", "where(x > 0, 1, 0)", "x" * 1 + "*1e-30"]
)
def test_odd_functions_are_drawn(name, tmp_path):
    assert drawn([name], tmp_path / "card.png")[0].stat().st_size > 1000


def test_many(tmp_path):
    names = ("relu", "gelu", "tanh", "sigmoid", "elu", "selu", "softplus", "mish")
    assert drawn(names, tmp_path / "card.png", inputs=(0.5, 2.0))[0].stat().st_size > 10_000
