"""Bad input: each has one clear sentence, in English and in Korean."""

import datetime
import re

import numpy as np
import polars as pl
import pytest

from actlab.data import NAMES, Moons, resolve
from actlab.text import UserError, keys, tr

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 3))
Y = np.arange(40) % 2


def changed(row, column, value, table=X):
    table = table.astype(object if not isinstance(value, float) else float)
    table[row, column] = value
    return table


def labels(**at):
    y = Y.astype(object)
    for row, value in at.items():
        y[int(row[1:])] = value
    return y


def almost_constant():
    """A column that varies in one test row only."""
    for row in range(40):
        column = np.zeros(40)
        column[row] = 1.0
        try:
            resolve((np.c_[X, column], Y))
        except UserError:
            return np.c_[X, column]
    raise AssertionError


AGE = pl.DataFrame({"age": X[:, 0], "city": ["서울"] * 40})
CASES = [
    # key, call, what the English and the Korean sentence contain
    ("unknown_near", lambda: resolve("moon"), "did you mean moons?", "moons를 찾으셨나요"),
    ("unknown_near", lambda: resolve("spirals"), "did you mean spiral?", "spiral을 찾으셨나요"),
    ("unknown", lambda: resolve("qqqq"), "unknown data qqqq", "알 수 없는 데이터입니다: qqqq"),
    ("unknown", lambda: resolve(""), "moons:article", "moons:article"),
    ("not_data", lambda: resolve(None), "not NoneType", "NoneType 객체"),
    ("not_data", lambda: resolve(X), "not ndarray", "ndarray 객체"),
    ("not_data", lambda: resolve((X, Y, Y)), "not tuple", "tuple 객체"),
    ("seed", lambda: Moons().draw(-1), "not -1", "입력한 값: -1"),
    ("size", lambda: resolve("xor", n_test=0), "n_test must", "n_test는 2 이상 10,000,000 이하의"),
    ("size", lambda: resolve("xor", n_train=10**9), "not 1000000000", "n_train은 2 이상"),
    ("noise", lambda: resolve("xor", noise=-1), "from 0.02 to 1, not -1", "0.02 이상 1 이하"),
    ("fixed", lambda: resolve((X, Y), noise=0.1), "noise cannot be chosen", "noise를 정할 수 없습니다"),
    ("no_refit", lambda: Moons().refit(), "moons gives fresh", "moons는 시드마다"),
    ("points", lambda: Moons().signed_distance(X), "2 columns", "열이 2개인"),
    ("points_not_finite", lambda: Moons().signed_distance(X[:, :2] * np.inf), "finite", "유한한"),
    ("ragged", lambda: resolve(([[1, 2], [3]], Y)), "X cannot be read", "X를 배열로 읽을 수 없습니다"),
    ("not_a_table", lambda: resolve((X[:, 0], Y)), "shape (40,)", "모양이 (40,)"),
    ("not_a_table", lambda: resolve((X[None], Y)), "shape (1, 40, 3)", "모양이 (1, 40, 3)"),
    ("not_a_table", lambda: resolve((object(), Y)), "shape ()", "모양이 ()"),
    ("empty", lambda: resolve((np.empty((0, 3)), [])), "empty", "비어 있습니다"),
    ("empty", lambda: resolve((np.empty((40, 0)), Y)), "empty", "비어 있습니다"),
    ("few_rows", lambda: resolve((X[:19], Y[:19])), "19 rows", "19개뿐"),
    ("many_rows", lambda: resolve((np.broadcast_to(1.0, (10_000_001, 1)), Y)), "10,000,001 rows", "10,000,001개"),
    ("nan", lambda: resolve((changed(4, 1, np.nan), Y)), "row 5, column 2", "5행, 2열"),
    ("nan", lambda: resolve((changed(4, 1, None), Y)), "row 5, column 2", "5행, 2열"),
    ("nan", lambda: resolve((np.ma.masked_less(X, -1), Y)), "missing", "결측값"),
    ("infinite", lambda: resolve((changed(0, 2, -np.inf), Y)), "row 1, column 3", "1행, 3열"),
    ("text_column", lambda: resolve((changed(6, 0, "1.5"), Y)), "column 1 of X is not numeric (row 7: 1.5)", "1열은"),
    ("text_column", lambda: resolve((X.astype(str), Y)), "column 1", "1열은"),
    ("text_column", lambda: resolve((X + 1j, Y)), "column 1", "1열은"),
    ("text_column", lambda: resolve((AGE, Y)), "column “city”", "“city”열은 숫자가 아닙니다(1행의 값: 서울)"),
    ("text_column", lambda: resolve((changed(0, 0, datetime.date(2026, 1, 1)), Y)), "2026-01-01", "2026-01-01"),
    ("text_column", lambda: resolve((changed(0, 1, "x" * 99), Y)), "xxx…", "xxx…"),
    ("constant_column", lambda: resolve((X * [1, 0, 1] + 0.1, Y)), "column 2 of X", "2열은 모든 행에서"),
    ("constant_in_training", lambda: resolve((almost_constant(), Y)), "column 4 of X", "X의 4열은"),
    ("labels_shape", lambda: resolve((X, np.c_[Y, Y])), "shape (40, 2)", "모양이 (40, 2)"),
    ("length", lambda: resolve((X, Y[:-1])), "40 rows but y has 39", "행은 40개인데 y의 레이블은 39개"),
    ("label_missing", lambda: resolve((X, labels(r3=None))), "row 4", "4행"),
    ("label_missing", lambda: resolve((X, changed(9, 0, np.nan)[:, 0])), "row 10", "10행"),
    ("labels_mixed", lambda: resolve((X, labels(r0="zero"))), "mixes kinds", "섞여 있습니다"),
    ("one_class", lambda: resolve((X, Y * 0)), "only (0)", "하나(0)뿐"),
    ("many_classes", lambda: resolve((X, np.arange(40) % 3)), "3 classes", "3개 있습니다"),
    ("many_classes", lambda: resolve((X, X[:, 0])), "40 classes", "40개 있습니다"),
    ("rare_class", lambda: resolve((X, np.arange(40) < 3)), "class True has 3 rows", "클래스 True의 행이 3개뿐"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "call", "english", "korean"), CASES)
def test_one_sentence_in_either_language(key, call, english, korean):
    with pytest.raises(UserError) as caught:
        call()
    error = caught.value
    assert error.key == f"data.{key}"
    assert english in error.message("en")
    assert korean in error.message("ko")
    for lang in ("en", "ko"):
        sentence = error.message(lang)
        assert "\n" not in sentence
        assert "{" not in sentence.replace("{}", "")
        assert len(sentence) < 260


_WORDS = "name near known kind given what high low shape dimension n row column value rows labels label"
GAPS = {name: "{" + name for name in _WORDS.split()}


def test_every_name_is_offered():
    with pytest.raises(UserError) as caught:
        resolve("qqqq")
    assert all(name in str(caught.value) for name in NAMES)


def test_the_languages_have_the_same_sentences_with_the_same_gaps():
    mine = {lang: {key for key in keys(lang) if key.startswith("data.")} for lang in ("en", "ko")}
    assert mine["en"] == mine["ko"]
    assert mine["en"] == {f"data.{case[0]}" for case in CASES}
    for key in mine["en"]:
        gaps = {lang: set(re.findall(r"{([a-z]+)", tr(key, lang, **GAPS))) for lang in ("en", "ko")}
        assert gaps["en"] == gaps["ko"], key
