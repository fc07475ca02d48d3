"""Pages of cards: they parse, say everything, fetch nothing; the atlas has every function."""

from __future__ import annotations

import re

import pytest
from cards_factory import made
from pages import read

from actlab.functions import names
from actlab.report.cards.atlas import atlas
from actlab.report.cards.page import page, pieces

WINDOW = (-6.0, 6.0)
CASES = {
    "one": lambda lang: page(made("leaky_relu"), WINDOW, lang),
    "several": lambda lang: page(made("gelu", "relu", "x*sin(x)", "log(x)"), WINDOW, lang),
    "hostile": lambda lang: page(made("where(x < 0, x, 1) + 0*exp(x)", "1/x"), (-2.0, 3.5), lang),
    "atlas": lambda lang: atlas(made(*names()), WINDOW, lang),
}


@pytest.fixture(scope="module")
def pages():
    return {(case, lang): make(lang) for case, make in CASES.items() for lang in ("en", "ko")}


@pytest.fixture(params=CASES)
def html(request, pages, lang):
    return pages[request.param, lang]


def test_it_parses_and_ids_are_unique(html, lang):
    root = read(html)
    ids = [e.attributes["id"] for e in root.every() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    assert root.all("html")[0].attributes["lang"] == lang
    for e in root.every():
        for name in ("aria-labelledby", "href"):
            for word in e.attributes.get(name, "").removeprefix("#").split():
                assert word in ids


def test_no_network(html):
    assert not re.search(r"(?:https?:)?//(?!www\.w3\.org)", re.sub(r"<style>.*?</style>", "", html, flags=re.S))
    assert not re.search(r"url\(|@import|<script|<link|<img", html)


def test_pictures_have_names_with_numbers(html):
    pictures = [e for e in read(html).all("svg") if e.attributes.get("role") == "img"]
    assert pictures
    for picture in pictures:
        if "slopes" in picture.attributes.get("class", ""):
            assert re.search(r"\d|∞", picture.attributes["aria-label"])
        else:
            title, description = picture.all("title")[0], picture.all("desc")[0]
            assert picture.attributes["aria-labelledby"] == f"{title.attributes['id']} {description.attributes['id']}"
            assert re.search(r"\d", description.text)


def test_no_broken_number(html):
    for path in read(html).all("path"):
        assert not re.search("nan|inf", path.attributes["d"])


def test_korean(pages):
    text = read(pages["one", "ko"]).text
    assert "장점" in text
    assert "단조 증가" in text
    assert "뉴런이 죽지 않습니다" in text


def test_the_atlas_has_every_function(pages, lang):
    root = read(pages["atlas", lang])
    titles = {e.text for e in root.all("title")}
    assert set(names()) <= titles
    strips = [e for e in root.all("svg") if "aria-label" in e.attributes]
    assert len(strips) == len(names())
    assert len(root.all("tbody")[0].all("tr")) == len(names())


def test_pieces():
    assert pieces("{x (x > 0); 0.01·x (x ≤ 0)}") == [("x", "x > 0"), ("0.01·x", "x ≤ 0")]
    assert pieces("{(e^x − 1)·2 (x < 0); f(x) (x ≥ 0)}") == [("(e^x − 1)·2", "x < 0"), ("f(x)", "x ≥ 0")]
    assert pieces("x·σ(x)") == [("x·σ(x)", "")]
    assert pieces("{x (x > 0); {1 (x > −1); 0 (x ≤ −1)} (x ≤ 0)}")[0][1] == ""
