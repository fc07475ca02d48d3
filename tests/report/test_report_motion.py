"""Paths and step sizes in words."""

from dataclasses import replace

import factory
import polars as pl
import pytest

from actlab.report.page import page
from actlab.report.sentences import motion, tell


@pytest.fixture(scope="module")
def base():
    return factory.comparison(article=False)


def changed(comparison, **columns):
    """`comparison` with constant columns in its traces."""
    return replace(comparison, traces=comparison.traces.with_columns(**{k: pl.lit(v) for k, v in columns.items()}))


def test_tied_signs_are_named(base):
    told = tell(motion.path(base, 0), "en")
    assert "sigmoid 97 % and relu 66 %; independent signs would to 64 %" in told
    assert "Behind sigmoid the signs are tied" in told
    assert "sigmoid 42.8 % and relu 42.8 %" in told  # 1 / (1 + 0.2 ln 801), of the second layer at the end


def test_signs_that_chance_explains(base):
    assert "No function ties them" in tell(motion.path(changed(base, sign_agreement=0.65), 0), "en")
    assert "묶지 않습니다" in tell(motion.path(changed(base, sign_agreement=0.65), 0), "ko")


@pytest.mark.parametrize(
    ("ratio", "word"), [(3e-3, "All lie in the usual range"), (5e-5, "hardly learns"), (0.3, "overthrows")]
)
def test_sizes_of_steps(base, ratio, word):
    assert word in tell(motion.update(changed(base, update_ratio=ratio), 0), "en")


def test_without_the_measurements_there_is_no_chapter(base):
    bare = replace(base, traces=base.traces.drop("update_ratio", "sign_agreement", "path_efficiency"))
    assert motion.path(bare, 0) == motion.update(bare, 0) == []
    html = page(bare, "en")
    assert 'id="path"' not in html
    assert 'id="update"' not in html
    assert 'id="gradient"' in html
    assert 'id="path"' in page(base, "en")


def test_nothing_that_moved(base):
    nothing = changed(base, path_efficiency=None, update_ratio=None)
    assert 'id="path"' not in page(nothing, "ko")
