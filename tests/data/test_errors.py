"""Bad input: each has one clear sentence, in English and in Korean."""

import atexit
import datetime
import re
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from actlab.data import NAMES, Moons, resolve
from actlab.data.bundled import bundled
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


def table(text, name="t.csv"):
    """A file with that text, or those bytes."""
    path = FOLDER / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows(n=40, line="{i},{j},{k}", head="a,b,y"):
    """A table of n rows with two columns of numbers and a binary target."""
    return "\n".join([head, *(line.format(i=i, j=i * i, k=i % 2) for i in range(n))])


def big(size):
    """A file that is that long, and takes no room on the disk."""
    path = FOLDER / "big.csv"
    with path.open("wb") as file:
        file.truncate(size)
    return path


def unreadable():
    path = FOLDER / "socket.csv"
    if not path.is_symlink():
        path.symlink_to(path)  # a link to itself
    return path


FOLDER = Path(tempfile.mkdtemp(prefix="actlab-tests-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def read(text, name="t.csv", target="y", n=None, **settings):
    """The file with that text, its first n rows."""
    return resolve(table("\n".join(text.splitlines()[: n + 1]) if n else text, name), target=target, **settings)


def nested():
    path = FOLDER / "nested.parquet"
    pl.DataFrame({"pair": [[1, 2]] * 40, "y": Y}).write_parquet(path)
    return path


def without_sklearn():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "sklearn.datasets", None)
        bundled.cache_clear()
        resolve("wine")


def many_rows():
    with pytest.MonkeyPatch.context() as patch:
        path = FOLDER / "many.parquet"
        pl.DataFrame({"y": pl.zeros(10_000_001, pl.Int8, eager=True)}).write_parquet(path)
        patch.setattr("polars.read_parquet", None)  # it is told before the rows are read
        resolve(path, target="y")


AGE = pl.DataFrame({"age": X[:, 0], "city": ["서울"] * 40})
CASES = [
    # key, call, what the English and the Korean sentence contain
    ("unknown_near", lambda: resolve("moon"), "did you mean moons?", "moons를 찾으셨습니까"),
    ("unknown_near", lambda: resolve("spirals"), "did you mean spiral?", "spiral을 찾으셨습니까"),
    ("unknown", lambda: resolve("qqqq"), "Unknown data qqqq", "알 수 없는 데이터입니다: qqqq"),
    ("unknown", lambda: resolve(""), "moons:article", "moons:article"),
    ("not_data", lambda: resolve(None), "not NoneType", "NoneType 객체"),
    ("not_data", lambda: resolve(X), "not ndarray", "ndarray 객체"),
    ("not_data", lambda: resolve((X, Y, Y)), "not tuple", "tuple 객체"),
    ("seed", lambda: Moons().draw(-1), "not -1", "입력한 값: -1"),
    ("size", lambda: resolve("xor", n_test=0), "n_test must", "n_test는 2 이상 10,000,000 이하의"),
    ("size", lambda: resolve("xor", n_train=10**9), "not 1000000000", "n_train은 2 이상"),
    ("noise", lambda: resolve("xor", noise=-1), "from 0.02 to 1, not -1", "0.02 이상 1 이하"),
    ("fixed", lambda: resolve((X, Y), noise=0.1), "noise cannot be chosen", "noise를 정할 수 없습니다"),
    ("points", lambda: Moons().signed_distance(X), "2 columns", "열이 2개인"),
    ("points_not_finite", lambda: Moons().signed_distance(X[:, :2] * np.inf), "finite", "유한한"),
    ("ragged", lambda: resolve(([[1, 2], [3]], Y)), "X cannot be read", "X를 배열로 읽을 수 없습니다"),
    ("not_a_table", lambda: resolve((X[:, 0], Y)), "shape (40,)", "모양이 (40,)"),
    ("not_a_table", lambda: resolve((X[None], Y)), "shape (1, 40, 3)", "모양이 (1, 40, 3)"),
    ("not_a_table", lambda: resolve((object(), Y)), "shape ()", "모양이 ()"),
    ("empty", lambda: resolve((np.empty((0, 3)), [])), "empty", "비어 있습니다"),
    ("empty", lambda: resolve((np.empty((40, 0)), Y)), "empty", "비어 있습니다"),
    ("many_rows", lambda: resolve((np.broadcast_to(1.0, (10_000_001, 1)), Y)), "10,000,001 rows", "10,000,001개"),
    ("labels_shape", lambda: resolve((X, np.c_[Y, Y])), "shape (40, 2)", "모양이 (40, 2)"),
    ("length", lambda: resolve((X, Y[:-1])), "40 rows but y has 39", "행은 40개인데 y의 값은 39개"),
    ("labels_mixed", lambda: resolve((X, labels(r0="zero"))), "mixes kinds", "섞여 있습니다"),
    ("not_a_file", lambda: resolve("moons", target="y"), "and moons is none", "moons는 파일이 아닙니다"),
    ("not_your_own", lambda: resolve("iris", task="binary"), "task is for data of your own, and iris", "iris는 그런"),
    ("not_a_file", lambda: resolve((X, Y), target="y"), "and arrays is none", "target은 파일의"),
    ("parameter", lambda: resolve("blobs:99"), "from 2 to 20, as in blobs:2, not 99", "blobs:2처럼 2 이상 20 이하의"),
    ("no_sklearn", without_sklearn, "wine comes with scikit-learn", "wine은 scikit-learn에"),
    ("noise_columns", lambda: resolve("xor", noise_columns=-1), "from 0 to 1,000, not -1", "0 이상 1,000 이하"),
    ("no_refit", lambda: Moons().refit(), "moons has no test points", "moons는 모든 시드에"),
    ("no_refit", lambda: resolve((X, Y)).refit(), "arrays has no", "arrays는"),
    ("few_rows", lambda: resolve((X[:19], Y[:19])), "19 rows", "19개뿐"),
    ("few_rows", lambda: read(rows(40).replace("1,1,", "1,,"), missing="drop", n=20), "19 rows", "19개뿐"),
    ("nan", lambda: resolve((changed(4, 1, np.nan), Y)), "column 2 has a missing value, the first in row 5", "2열에"),
    ("nan", lambda: resolve((changed(4, 1, None), Y)), "row 5", "5행"),
    ("nan", lambda: resolve((np.ma.masked_less(X, -1), Y)), "missing", "결측값"),
    ("nan", lambda: read(rows().replace("5,25,", "5,NA,")), "column “b”", "“b”열에 결측값이 있습니다. 첫 위치는 6행"),
    ("infinite", lambda: resolve((changed(0, 2, -np.inf), Y)), "column 3 has an infinite value", "3열에 무한대"),
    ("infinite", lambda: read(rows().replace("5,25,", "5,-inf,")), "column “b”", "첫 위치는 6행"),
    ("text_column", lambda: resolve((changed(6, 0, "1.5"), Y)), "column 1 is not numeric (row 7: 1.5)", "1열은"),
    ("text_column", lambda: resolve((X.astype(str), Y)), "column 1", "1열은"),
    ("text_column", lambda: resolve((X + 1j, Y)), "column 1", "1열은"),
    ("text_column", lambda: resolve((AGE, Y)), "column “city”", "“city”열은 숫자가 아닙니다(1행의 값: 서울)"),
    ("text_column", lambda: resolve((changed(0, 1, "x" * 99), Y)), "xxx…", "xxx…"),
    ("text_column", lambda: read(rows().replace("5,25,", "5,five,")), "(row 6: five)", "(6행의 값: five)"),
    ("many_levels", lambda: resolve((pl.DataFrame({"t": [f"t{i}" for i in range(60)]}), np.arange(60) % 2),
                                    encode=True), "60 different texts, and at most 50", "60개 있는데, 50개까지만"),
    ("date_column", lambda: resolve((changed(0, 0, datetime.date(2026, 1, 1)), Y)), "2026-01-01", "2026-01-01"),
    ("date_column", lambda: resolve((changed(0, 0, "2026-01-01 10:00"), Y), encode=True), "dates", "날짜나 시각"),
    ("date_column", lambda: resolve((pl.DataFrame({"d": [datetime.date(2026, 1, 1)] * 40}), Y)), "“d”", "“d”열에는"),
    ("empty_column", lambda: resolve((np.c_[X, np.full(40, np.nan)], Y), missing="mean"), "column 4 has no", "4열은"),
    ("constant_column", lambda: resolve((X * [1, 0, 1] + 0.1, Y)), "column 2 has the same", "2열은 모든 행에서"),
    ("constant_column", lambda: resolve((AGE, Y), encode=True), "“city” has the same", "“city”열은 모든 행에서"),
    ("unknown_missing", lambda: resolve((X, Y), missing="mode"), "not mode", "입력한 값: mode"),
    ("label_missing", lambda: resolve((X, labels(r3=None))), "row 4", "4행"),
    ("label_missing", lambda: resolve((X, changed(9, 0, np.nan)[:, 0])), "row 10", "10행"),
    ("label_missing", lambda: read(rows().replace("5,25,1", "5,25,?"), missing="mean"), "“y”", "6행이 비어"),
    ("one_class", lambda: resolve((X, Y * 0)), "the same value in every row (0)", "모든 행에서 같습니다(0)"),
    ("one_class", lambda: resolve((X, np.full(40, 0.1)), task="regression"), "(0.1)", "(0.1)"),
    ("not_two_classes", lambda: resolve((X, np.arange(40) % 3), task="binary"), "y has 3 different", "y에는 서로 다른"),
    ("many_classes", lambda: resolve((np.arange(999.0)[:, None], np.arange(999) // 4), task="multiclass"),
     "250 different values, and 100", "250개 있는데"),
    ("many_texts", lambda: resolve((X, [f"t{i % 21}" for i in range(40)])), "21 different texts, and up to 20", "21개"),
    ("target_text", lambda: resolve((X, ["a", "b"] * 20), task="regression"), "(row 1: a)", "y는 숫자가 아니므로(1행"),
    ("target_text", lambda: resolve((X, X[:, 0] + 1j)), "not numeric", "숫자가 아니므로"),
    ("target_infinite", lambda: resolve((X, changed(3, 0, np.inf)[:, 0])), "infinite value in row 4", "4행이 무한대"),
    ("target_dates", lambda: resolve((X, np.datetime64("2026-01-01") + np.arange(40))), "2026-01-01", "2026-01-01"),
    ("rare_class", lambda: resolve((X, np.arange(40) < 3)), "class True of y has 3 rows", "클래스 True에는 행이 3개뿐"),
    ("rare_class", lambda: resolve((X, ["a"] * 18 + ["b"] * 20 + ["c"] * 2)), "class c", "클래스 c에는"),
    ("rare_class_number", lambda: resolve((X, np.maximum(np.arange(40) % 3, [3, 3, *[0] * 38]))), "class 3", "3"),
    ("unknown_task", lambda: resolve((X, Y), task="??"), "binary, multiclass, regression", "알 수 없는 과제"),
    ("unknown_task_near", lambda: resolve((X, Y), task="multi-class"), "did you mean multiclass?", "multiclass를"),
    ("file_missing", lambda: resolve("no/such/file.csv", target="y"), "no file no/such/file.csv", "파일이 없습니다"),
    ("file_missing", lambda: resolve("nothing.parquet", target="y"), "nothing.parquet", "nothing.parquet"),
    ("file_directory", lambda: resolve(FOLDER, target="y"), "is a folder", "폴더입니다"),
    ("file_kind", lambda: resolve(table("a", "t.xlsx"), target="y"), "end in .csv, .tsv, .parquet", ".csv, .tsv"),
    ("file_unreadable", lambda: resolve(unreadable(), target="y"), "cannot be read", "읽을 수 없습니다"),
    ("file_empty", lambda: read(""), "t.csv is empty", "비어 있습니다"),
    ("comma_column", lambda: read(rows(head="a;b;y", line="{i},5;{j};{k}")), "comma for", "쉼표로"),
    ("nested_column", lambda: resolve(nested(), target="y"), "“pair” has lists", "목록이나 레코드"),
    ("file_empty", lambda: read("\n\n  \n"), "t.csv is empty", "비어 있습니다"),
    ("file_empty", lambda: read("a,b,y\n"), "t.csv is empty", "비어 있습니다"),
    ("file_large", lambda: resolve(big(3 * 2**30), target="y"), "has 3.0 GiB, and 2", "3.0 GiB인데, 2 GiB까지만"),
    ("file_many_rows", many_rows, "has 10,000,001 rows, and 10,000,000", "10,000,001개인데"),
    ("file_encoding", lambda: read(rows(3).encode() + b"\n\xb0\xa1,1,0"), "UTF-8 text (line 5)", "(5번째 줄)"),
    ("file_encoding", lambda: read(rows(3).encode("utf-16")), "UTF-8 text (line 1)", "UTF-8로 다시"),
    ("file_encoding", lambda: read(rows(3).encode() + b"\n\xea"), "UTF-8 text (line 5)", "(5번째 줄)"),
    ("file_twice", lambda: read(rows(head="a,a,y")), "more than one column called a", "이름이 a인 열이 둘 이상"),
    ("file_no_names", lambda: read(rows(head="1,2,3.5")), "numbers only (1, 2, 3.5)", "숫자만 있습니다(1, 2, 3.5)"),
    ("file_ragged", lambda: read(rows() + "\n1,2,3,4"), "more values than the 3 columns", "3개보다 많은"),
    ("file_quotes", lambda: read(rows().replace("5,25,", '"5"x,25,')), "a double quote that", "큰따옴표가 있거나"),
    ("file_one_column", lambda: read("y\n0\n1\n" * 20), "one column only", "열이 하나뿐"),
    ("file_broken", lambda: read("hello" * 9, name="t.parquet"), "as a table", "표로 읽을 수 없습니다"),
    ("target_missing", lambda: read(rows(), target=None), "one of a, b, y", "a, b, y"),
    ("target_unknown", lambda: read(rows(), target="zzz"), "no column zzz", "zzz라는 열이 없습니다"),
    ("target_unknown_near", lambda: read(rows(head="age,b,y"), target="Agee"), "did you mean age?", "age를 찾으"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "call", "english", "korean"), CASES)
def test_one_sentence_in_either_language(key, call, english, korean):
    with pytest.raises(UserError) as caught:
        call()
    error = caught.value
    assert error.key == f"data.{key}"
    assert english.lower() in error.message("en").lower()
    assert korean in error.message("ko")
    for lang in ("en", "ko"):
        sentence = error.message(lang)
        assert "\n" not in sentence
        assert "{" not in sentence.replace("{}", "")
        assert sentence.endswith((".", "?", "?)")) or "알 수" in sentence
        assert len(sentence) < 340


_WORDS = (
    "name near known kind given what high low shape dimension n row column value rows labels label target task why "
    "size line columns names first second"
)
GAPS = {name: "{" + name for name in _WORDS.split()}


def test_every_name_is_offered():
    with pytest.raises(UserError) as caught:
        resolve("qqqq")
    assert all(name in str(caught.value) for name in NAMES)


def test_the_languages_have_the_same_sentences_with_the_same_gaps():
    mine = {lang: {key for key in keys(lang) if key.startswith("data.")} for lang in ("en", "ko")}
    assert mine["en"] == mine["ko"]
    said = {key for key in mine["en"] if not key.startswith("data.note.")}  # for notes see test_table and test_files
    assert said == {f"data.{case[0]}" for case in CASES}
    for key in mine["en"]:
        gaps = {lang: set(re.findall(r"{([a-z]+)", tr(key, lang, **GAPS))) for lang in ("en", "ko")}
        assert gaps["en"] == gaps["ko"], key
