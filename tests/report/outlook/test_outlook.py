"""What `actlab theory` tells: numbers from theory/, words in both languages, a figure, JSON."""

from __future__ import annotations

import json
import math
import re
from importlib.resources import files

import numpy as np
import pytest

import actlab
from actlab.cli import main
from actlab.report import outlook
from actlab.report.outlook import words
from actlab.report.outlook.figure import gradient_layers
from actlab.report.outlook.terminal import text
from actlab.text import use_language


def run(capsys, *arguments):
    code = main(["theory", *arguments])
    return code, *capsys.readouterr()


def test_tanh_in_words(capsys):
    """The values of the reference: gain 1.592537, at σw² = 2 and σb² = 0.05 a depth scale of 25.21."""
    code, out, _ = run(capsys, "tanh", "--sigma-w2", "2", "--sigma-b2", "0.05", "--lang", "en")
    assert code == 0
    assert "E[φ²] = 0.3943" in out
    assert "1.593 keeps the signal's variance" in out
    yours = next(line for line in out.splitlines() if line.startswith("yours")).split()
    assert yours[1:4] == ["2", "0.05", "chaotic"]
    assert yours[-2:] == ["25", "151"]
    assert "σw² = 2.153, σb² = 0.151" in out


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("relu", ["critical"]),
        ("sigmoid", ["ordered"]),
        ("2*x", ["explodes"]),
        ("0.5*x", ["dies"]),
        ("tanh(2*x)", ["chaotic"]),
        ("step", ["unknown"]),
        ("1/x", ["undefined"]),
    ],
)
def test_every_phase_has_its_sentence(name, kinds):
    found = outlook.outlook(actlab.theory(name))
    told = {}
    for lang in ("en", "ko"):
        with use_language(lang):
            told[lang] = words.sentences(found)
            expected = words.t(f"says.{kinds[0]}", **dict.fromkeys(
                ("init", "sigma_w2", "sigma_b2", "chi1", "gradient", "correlation", "trainable", "c", "factor"), "¤"
            ))  # fmt: skip
            pattern = ".*".join(re.escape(part) for part in expected.split("¤"))
            assert re.fullmatch(pattern, told[lang][0])
            assert "nan" not in " ".join(told[lang])
    assert len(told["en"]) == len(told["ko"])


@pytest.mark.parametrize("width", [50, 80, 110])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_table_fits(width, lang):
    from rich.cells import cell_len

    found = outlook.outlook(actlab.theory("gelu"))
    written = text(found, lang, width)
    assert max(map(cell_len, written.splitlines())) <= width
    assert "{" not in written


def test_json_is_what_the_theory_gives(capsys):
    code, out, err = run(capsys, "tanh", "--json", "--sigma-w2", "4", "--sigma-b2", "0.05")
    assert (code, err) == (0, "")
    plain = json.loads(out)
    given = next(row for row in plain["inits"] if row["what"] == "given")
    assert given["correlation"] == pytest.approx(6.980, abs=5e-4)
    assert given["trainable"] == pytest.approx(6 * given["correlation"])
    assert plain["critical_point"]["sigma_w2"] == pytest.approx(actlab.theory("tanh").critical_point().sigma_w2)
    assert json.loads(run(capsys, "sigmoid", "--json")[1])["critical_point"] is None


def test_what_trained_nets_showed_stands_beside(capsys):
    """The depths of the records that ship, where nets of this function were trained; nothing of others."""
    rows = json.loads((files("actlab.theory") / "trained.json").read_text(encoding="utf-8"))["rows"]
    depths = {row[1]: row[3] for row in rows if row[0] == "erf"}
    plain = json.loads(run(capsys, "erf", "--json")[1])["trained"]
    assert plain["width"] == 300
    assert {one["sigma_w2"]: one["fails_from"] for one in plain["nets"]} == {
        w: "inf" if depth is None else depth for w, depth in depths.items()
    }  # fmt: skip
    for lang in ("en", "ko"):
        out = " ".join(run(capsys, "erf", "--lang", lang)[1].split())
        assert f"0.5: {depths[0.5]:.0f} · 1: {depths[1.0]:.0f} · " in out
    assert json.loads(run(capsys, "mish", "--json")[1])["trained"] is None
    assert "digits" not in run(capsys, "mish", "--lang", "en")[1]


def test_the_phase_diagram_is_that_of_the_depth_scales():
    """Read off from tabulated moments, against the fixed point solved for at each place."""
    theory = actlab.theory("tanh")
    layers, chi = gradient_layers(theory)
    for i, j in ((5, 20), (10, 39), (30, 60), (45, 79)):
        sigma_w2, sigma_b2 = float(np.linspace(0.05, 4.0, 80)[j]), float(np.linspace(0.0, 1.0, 51)[i])
        exact = theory.depth_scale(sigma_w2=sigma_w2, sigma_b2=sigma_b2)
        assert chi[i, j] == pytest.approx(exact.chi1, rel=2e-3)
        assert layers[i, j] == pytest.approx(1 / abs(math.log(chi[i, j])))
    assert np.isnan(gradient_layers(actlab.theory("relu"))[1][:, 41:]).all()  # σw² > 2: the signal explodes


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", ["tanh", "relu", "step", "x*x"])
def test_figures_are_drawn(capsys, tmp_path, name, lang):
    path = tmp_path / "phase.svg"
    code, out, _ = run(capsys, name, "--out", str(path), "--lang", lang)
    assert code == 0
    assert str(path) in out
    assert path.read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("relu", "tanh"), ("tanh", "--sigma-w2", "0"), ("tanh", "--sigma-w2", "two"), ("tanh", "--sigma-b2", "-1"),
        ("tanh", "--out", "card.html"), ("tanh", "--out", "/nowhere/card.png"), ("thin",), ("tanh", "--depth", "3"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_bad_input_is_one_sentence(capsys, arguments, lang):
    code, _, err = run(capsys, *arguments, "--lang", lang)
    assert code == 2
    assert err.startswith("actlab: ")
    assert err.count("\n") == 1
    if "--sigma-w2" in arguments:  # as it was typed, not the argument's name in Python
        assert "--sigma-w2" in err


def test_no_trainable_depth_where_the_signal_dies_out_or_explodes():
    """Six depth scales were found of nets that keep a signal (σb² > 0); gelu at He's init keeps none."""
    found = outlook.outlook(actlab.theory("gelu"))
    usual = found.row("usual")
    assert usual.depth.q == 0
    assert math.isnan(usual.trainable)
    assert math.isinf(found.row("recommended").trainable)
    assert all(math.isnan(row.trainable) for row in found.rows if row.depth.phase == "explodes")
    kept = [row for row in found.rows if row.depth.phase == "ordered" and row.depth.q > 0]
    assert kept
    assert all(row.trainable == pytest.approx(6 * row.depth.correlation) for row in kept)


@pytest.mark.parametrize("name", ["1/x", "log(x)"])
def test_without_moments_nothing_is_said_to_explode(name, capsys):
    found = outlook.outlook(actlab.theory(name))
    assert {row.depth.phase for row in found.rows} == {"undefined"}
    assert main(["theory", name, "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert "grows without bound" not in out
    assert "do not exist" in out
    assert "– keeps" not in out
    assert "┤" not in out  # no empty picture


def test_an_initialisation_of_ones_own_however_large(capsys):
    assert main(["theory", "relu", "--sigma-w2", "1e300", "--lang", "en"]) == 0
    assert "At your init" in capsys.readouterr().out
