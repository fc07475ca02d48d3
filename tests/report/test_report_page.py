from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from factory import comparison
from pages import read

from actlab.report import write_page
from actlab.report.page import page


def test_structure(case, lang):
    root = read(page(case, lang))
    (html,) = root.all("html")
    assert html.attributes["lang"] == lang
    assert len(root.all("h1")) == len(root.all("main")) == len(root.all("header")) == len(root.all("footer")) == 1
    identifiers = [e.attributes["id"] for e in root.every() if "id" in e.attributes]
    assert len(identifiers) == len(set(identifiers))
    for link in root.all("a"):
        assert link.attributes["href"].removeprefix("#") in identifiers
    for section in root.all("section"):
        assert section.attributes["aria-labelledby"] in identifiers
        assert len(section.all("h2")) == 1
    levels = [int(e.tag[1]) for e in root.every() if re.fullmatch(r"h[1-6]", e.tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_figure_says_what_is_seen_and_has_a_name(case, lang):
    root = read(page(case, lang))
    figures = root.all("figure")
    assert len(figures) >= 8
    for figure in figures:
        (caption,) = figure.all("figcaption")
        assert len(caption.text) > 30
        assert [svg for svg in figure.all("svg") if svg.attributes.get("role") == "img"]
    for svg in root.all("svg"):
        if svg.attributes.get("aria-hidden") == "true":
            assert not svg.all("text")  # what is hidden from readers by ear says nothing of its own
            continue
        names = {e.attributes["id"]: e.text for e in svg.children if e.tag in ("title", "desc")}
        assert svg.attributes["aria-labelledby"].split() == list(names)
        assert all(names.values())


def test_tables_have_captions_and_headers(case, lang):
    root = read(page(case, lang))
    assert len(root.all("table")) == len(case.views)
    for table in root.all("table"):
        assert table.all("caption")
        assert all("scope" in cell.attributes for cell in table.all("th"))
        columns = [int(e.attributes.get("colspan", "1")) for e in table.all("thead")[0].all("th")]
        for row in table.all("tbody")[0].all("tr"):
            assert len(row.all("th") + row.all("td")) == sum(columns)


def test_nothing_comes_from_outside(case, lang):
    text = page(case, lang)
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert "url(" not in text
    assert "@import" not in text
    for element in read(text).every():
        for name in ("src", "href", "xlink:href", "action"):
            assert element.attributes.get(name, "#").startswith(("#", "data:"))


def test_no_unfilled_places(case, lang):
    root = read(page(case, lang))
    (body,) = root.all("body")
    body.children = [child for child in body.children if child.tag != "script"]
    words = body.text + " ".join(v for e in body.every() for v in e.attributes.values() if not v.startswith("data:"))
    assert not re.search(r"\b(nan|NaN|None|null|undefined|inf|-inf)\b", words)
    assert "{{" not in words
    if '"{x}" & co' not in case.arms:
        assert not re.search(r"\{\w*\}", words)


def test_labels_are_text_and_nothing_else(hostile, lang):
    text = page(hostile, lang)
    assert "<script>alert" not in text
    root = read(text)
    assert len(root.all("script")) == 1
    assert "<script>alert(1)</script>" in root.all("h1")[0].text + root.all("main")[0].text
    assert '"{x}" & co' in root.all("main")[0].text


def test_gap_only_where_there_is_one(plain, wide, lang):
    assert any(s.attributes["id"] == "gap" for s in read(page(plain, lang)).all("section"))
    assert not any(s.attributes["id"] == "gap" for s in read(page(wide, lang)).all("section"))


def test_no_boundary_beyond_the_plane(wide):
    root = read(page(wide, "en"))
    (section,) = [s for s in root.all("section") if s.attributes["id"] == "boundary"]
    assert not section.all("figure")
    assert "5 columns" in section.text


def test_an_interrupted_run_says_so(plain, failing, lang):
    def notices(c):
        return [e for e in read(page(c, lang)).every() if e.attributes.get("class") == "notice"]

    assert not notices(plain)
    assert len(notices(failing)) == 1


def test_a_single_arm_has_a_page(lang):
    root = read(page(comparison(("relu",), article=False), lang))
    assert root.all("figure")


def test_many_arms_stay_apart(lang):
    arms = ("sigmoid", "relu", "tanh", *(f"leaky_relu(alpha={k / 100})" for k in range(6)))
    assert read(page(comparison(arms, article=False, seeds=4), lang)).all("figure")


def test_deep_nets(lang):
    c = comparison(hidden=(8,) * 12, seeds=4)
    assert read(page(c, lang)).all("figure")


def test_empty_measurements(plain, lang):
    """A run in which nothing was traced still has its page."""
    bare = replace(
        plain, traces=plain.traces.clear(), geometry=plain.geometry.clear(), curves=plain.curves.clear(), portraits=()
    )
    names = [s.attributes["id"] for s in read(page(bare, lang)).all("section")]
    assert "table" in names
    assert not {"boundary", "signal", "hidden"} & set(names)


def test_numbers_that_are_none(plain, lang):
    """Every measurement lost: still a page, and no “nan” on it."""
    lost = [pl.lit(None, dtype=pl.Float64).alias(c) for c in ("gradient_norm", "dead", "saturated", "linear")]
    blank = replace(
        plain,
        traces=plain.traces.with_columns(lost),
        geometry=plain.geometry.with_columns(margin_retention=pl.lit(float("nan")), far_contrast=pl.lit(None)),
        curves=plain.curves.with_columns(validation_loss=pl.lit(None, dtype=pl.Float64)),
        portraits=tuple(replace(p, probability=np.full_like(p.probability, np.nan)) for p in plain.portraits),
    )
    text = page(blank, lang)
    assert not re.search(r"[\"> ]nan\b", text)
    read(text)


def test_both_classes_are_drawn(plain):
    """Generators deal the classes by turns: picking every second point would leave one of them out."""
    crowd = replace(
        plain,
        portraits=tuple(
            replace(
                p, points=np.tile(p.points, (3, 1)), labels=np.tile([0.0, 1.0], len(p.labels) * 3 // 2),
                hidden=tuple(np.tile(h, (3, 1)) for h in p.hidden),
            )
            for p in plain.portraits
        ),
    )  # fmt: skip
    for svg in read(page(crowd, "en")).all("svg"):
        name = svg.attributes.get("aria-labelledby", "")
        if name.startswith(("boundary", "hidden")):
            classes = [e.attributes.get("class", "") for e in svg.all("path")]
            assert "point k0" in classes
            assert "point k1" in classes


def test_the_page_is_small(plain):
    assert len(page(plain, "ko").encode()) < 1_500_000


@pytest.mark.parametrize("name", ["report.html", "보고서 1.html"])
def test_write_page_gives_its_path(plain, tmp_path, name):
    target = tmp_path / name
    assert write_page(plain, target, "ko") == target
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert list(tmp_path.iterdir()) == [target]
