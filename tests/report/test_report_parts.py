"""Drawing, colours, the encoder, readings, files and plain JSON."""

from __future__ import annotations

import json
import math
import struct
import zlib
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from factory import RATES

from actlab.report import _contour, _png, _svg, check_writable, palette, readings, to_json, write_page
from actlab.report.figures._parts import chosen_layers
from actlab.report.figures._plot import tick
from actlab.report.figures._words import Words
from actlab.report.method import method
from actlab.text import UserError, use_language


def test_scales_put_what_lies_outside_at_their_edges():
    x = _svg.linear((0, 10), (100, 200))
    assert [x(v) for v in (0, 5, 10, 99, -math.inf, math.inf)] == [100, 150, 200, 200, 100, 200]
    assert math.isnan(x(math.nan))
    y = _svg.log((0.01, 1), (0, 2))
    assert y(0.1) == pytest.approx(1)
    assert y(0.0) == 0
    assert _svg.log1p((0, 99), (0, 2))(9) == pytest.approx(1)
    assert 0 <= _svg.linear((3, 3), (0, 1))(3) <= 1
    assert 0 <= _svg.log((3, 3), (0, 1))(3) <= 1


def test_ticks_are_round_and_inside():
    assert _svg.linear_ticks(0, 1, 4) == [0, 0.25, 0.5, 0.75, 1]
    assert _svg.log_ticks(0.002, 30) == [0.01, 0.1, 1, 10]
    assert _svg.log_ticks(0.3, 6) == [0.5, 1, 2, 5]
    assert _svg.epoch_ticks(800) == [0, 1, 10, 100, 800]
    assert len(_svg.log_ticks(1e-9, 1)) <= 6
    assert [tick(v) for v in (0.05, 1e-5, 3e-7, 5)] == ["0.05", "10⁻⁵", "3·10⁻⁷", "5"]


def test_a_nan_lifts_the_pen():
    assert _svg.track([(0, 0), (1, 1), (2, math.nan), (3, 3)]) == "M0 0L1 1M3 3"


def test_a_canvas_escapes():
    canvas = _svg.Canvas(10, 10)
    canvas.text(0, 0, '<b>&"')
    canvas.path("M0 0", "x", '</title><script>"')
    root = ElementTree.fromstring(canvas.markup("n", "<t>", '"d"'))
    assert root.find("text").text == '<b>&"'
    assert root.find("path/title").text == '</title><script>"'


def test_png_is_what_it_should_be():
    png = _png.encoded(*_png.probability_map(np.array([[0.0, 0.5], [1.0, np.nan]])))
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    kinds, at, data = [], 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + body),)
        kinds.append(kind)
        data = zlib.decompress(body) if kind == b"IDAT" else data
        at += 12 + length
    assert kinds == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
    assert data == bytes(
        [0, 64, 32, 0, 0, 32]
    )  # the upper row first: class 1 and undecided, then class 0 and undecided


def test_contour_of_a_circle():
    axis = np.linspace(-2, 2, 41)
    x, y = np.meshgrid(axis, axis)
    (line,) = _contour.chained(_contour.contour(axis, axis, x**2 + y**2, 1.0))
    radius = [math.hypot(*p) for p in line]
    assert max(radius) < 1.01
    assert min(radius) > 0.99
    assert line[0] == pytest.approx(line[-1])
    assert not _contour.contour(axis, axis, np.full_like(x, np.nan), 1.0)


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [palette.LIGHT, palette.DARK])
@pytest.mark.parametrize("ground", ["paper", "card"])
def test_contrast_meets_wcag_aa(theme, ground):
    for name, colour in theme.items():
        if name not in ("paper", "card", "rule"):
            light, dark = sorted((luminance(colour), luminance(theme[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, name


def test_arms_differ_in_more_than_colour():
    looks = [(palette.hue(k), palette.dash(k), palette.marker(k)) for k in range(2 * palette.HUES)]
    assert len(set(looks)) == len(looks)
    assert len({look[1:] for look in looks[: palette.HUES]}) == palette.HUES


def test_every_data_set_says_how_many_points_judge(plain, lang):
    """Of the article's split and the fresh data beside it, not of the first alone."""
    c = replace(plain, test_points={"moons:article": 100, "moons": 20_000})
    words = Words(lang)
    assert (words("method.tests"), "moons:article 100, moons 20,000") in method(c, words).settings


def test_losses_that_are_no_numbers_count_as_the_worst(failing):
    band = readings.loss_band(failing, 1, "relu", "train_loss")
    assert band.lost == 4
    assert band.nets == 16
    assert math.isinf(band.high[-1])
    assert math.isfinite(band.median[-1])


def test_a_view_takes_the_nets_of_its_rates(plain):
    two = replace(plain.views[2], rates={"sigmoid": (0.5, 5.0), "relu": (RATES[2],)})
    c = replace(plain, views=(*plain.views[:2], two))
    assert readings.loss_band(c, 2, "sigmoid", "train_loss").nets == 32
    assert readings.loss_band(c, 2, "relu", "train_loss").nets == 16


def test_line_accuracy():
    x = np.array([[0.0, 0], [1, 0], [2, 0], [3, 0]])
    assert readings.line_accuracy(x, np.array([0.0, 0, 1, 1])) == 1.0
    assert math.isnan(readings.line_accuracy(np.full((2, 2), np.nan), np.array([0.0, 1])))


def test_layers_are_chosen_from_first_to_last():
    assert chosen_layers(3) == [0, 1, 2]
    assert chosen_layers(20) == [0, 6, 13, 19]


def test_json_is_plain(case):
    text = json.dumps(to_json(case), allow_nan=False)
    back = json.loads(text)
    assert back["arms"] == list(case.arms)
    assert back["summary"][0]["difference"] is None
    assert (back["gap"] is None) == (case.gap is None)
    assert {"summary", "by_rate", "settings", "provenance", "gap"} <= set(back)


def test_json_has_no_nan(plain):
    odd = replace(plain, summary=plain.summary.with_columns(estimate=pl.lit(float("nan"))))
    assert {row["estimate"] for row in to_json(odd)["summary"]} == {None}


@pytest.mark.parametrize(
    ("make", "word"),
    [(lambda p: p, "folder"), (lambda p: p / "no" / "r.html", "does not exist"), (lambda p: p / "x\0y", "Cannot")],
)
def test_unwritable_paths_are_refused_in_one_sentence(tmp_path, plain, make, word):
    target = make(tmp_path)
    for attempt in (check_writable, lambda path: write_page(plain, path)):
        with pytest.raises(UserError) as caught, use_language("en"):
            attempt(target)
        assert caught.value.key == "report.unwritable"
        assert word in caught.value.message("en")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError):
        check_writable(tmp_path / "file" / "report.html")


def test_checking_leaves_no_trace(tmp_path):
    assert check_writable(tmp_path / "r.html") == tmp_path / "r.html"
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_keeps_the_old_file(tmp_path, plain, monkeypatch):
    target = tmp_path / "r.html"
    target.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match="No space left"), use_language("en"):
        write_page(plain, target, "en")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
