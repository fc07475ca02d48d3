"""A user's files: what is written is what is read."""

import csv
import io
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actlab
from actlab.cli import main
from actlab.data import resolve
from actlab.data.files import read_file
from actlab.study import make_plan
from actlab.text import use_language

NUMBERS = st.floats(-1e12, 1e12, allow_nan=False) | st.integers(-(2**53), 2**53)
#: Texts that are neither numerals nor stand for a missing value, with everything that CSV has to quote.
TEXTS = st.text("abcdef가나다é ,\"'\n", min_size=1, max_size=8).map(lambda text: f"t{text}".strip())


@st.composite
def tables(draw):
    """Columns by name: numbers with and without gaps, texts, and a target that is binary."""
    n = draw(st.integers(20, 40))
    names = draw(st.lists(TEXTS, min_size=2, max_size=5, unique=True))
    columns = {}
    for name in names[:-1]:
        gaps = draw(st.booleans())
        kind = draw(st.sampled_from(["number", "number", "text"]))
        if kind == "number":
            values = draw(st.lists(NUMBERS, min_size=n, max_size=n).filter(lambda v: len(set(map(float, v[:10]))) > 1))
        else:
            levels = draw(st.lists(TEXTS, min_size=2, max_size=4, unique=True))
            values = [levels[k % len(levels)] for k in range(n)]
        columns[name] = [None if gaps and k % 11 == 10 else value for k, value in enumerate(values)]
    labels = draw(st.sampled_from([(0, 1), ("no", "yes"), (-2.5, 7.5), ("예", "아니요")]))
    columns[names[-1]] = [labels[k % 2] for k in range(n)]
    return columns, names[-1], labels


def written(columns, separator):
    """As CSV, by Python's own writer."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(["" if v is None else repr(v) if isinstance(v, float) else v for v in c]
                           for c in columns.values()), strict=True))  # fmt: skip
    return text.getvalue()


def expected(columns, target):
    """X and its columns' names, in plain Python."""
    X, names = [], []
    for name, values in columns.items():
        if name == target:
            continue
        levels = sorted({v for v in values if isinstance(v, str)})
        if not levels:
            X.append([math.nan if v is None else float(v) for v in values])
            names.append(name)
            continue
        for level in levels[1:] if len(levels) == 2 else levels:
            X.append([math.nan if v is None else float(v == level) for v in values])
            names.append(f"{name}={level}")
    return np.array(X).T, tuple(names)


def bare(value):
    return value.replace(",", "_") if isinstance(value, str) else value


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tables")


@given(
    table=tables(), separator=st.sampled_from(",;\t|"), marked=st.booleans(), endings=st.sampled_from(["\n", "\r\n"])
)
def test_a_random_table_comes_back(folder, table, separator, marked, endings):
    columns, target, labels = table
    if separator != ",":  # or it could not be told which of the two parts the values
        columns = {bare(name): [bare(value) for value in values] for name, values in columns.items()}
        target = bare(target)
    X, names = expected(columns, target)
    path = folder / "round.csv"
    text = written(columns, separator)
    if "\n" not in "".join(f"{name}{v}" for name, values in columns.items() for v in [name, *values]):
        text = text.replace("\n", endings)
    path.write_bytes((b"\xef\xbb\xbf" if marked else b"") + text.encode())
    source = read_file(path, target, encode=True, missing="mean")
    np.testing.assert_array_equal(source.X, X)
    assert source.features == names
    assert source.classes == tuple(sorted(labels))
    np.testing.assert_array_equal(source.y, [sorted(labels).index(v) for v in columns[target]])
    dropped = read_file(path, target, encode=True, missing="drop") if len(X) > 24 else None
    if dropped is not None and all(np.ptp(c) > 0 for c in X[~np.isnan(X).any(axis=1)].T):
        np.testing.assert_array_equal(dropped.X, X[~np.isnan(X).any(axis=1)])


@given(table=tables())
def test_parquet_and_arrays_give_the_same_rows_as_csv(folder, table):
    columns, target, _ = table
    X, names = expected(columns, target)
    frame = pl.DataFrame({name: pl.Series(values, strict=False) for name, values in columns.items()})
    frame.write_parquet(folder / "round.parquet")
    source = read_file(folder / "round.parquet", target, encode=True, missing="mean")
    np.testing.assert_allclose(source.X, X, rtol=1e-15)
    assert source.features == names
    arrays = resolve((frame.drop(target), frame[target]), encode=True, missing="mean")
    np.testing.assert_array_equal(arrays.X, source.X)
    np.testing.assert_array_equal(arrays.y, source.y)


def table(folder, text, name="t.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def numbers(n=40):
    return [(0.5 * i, (i * 7) % 11, i % 2) for i in range(n)]


def test_blanks_quotes_blank_lines_and_gaps_of_every_spelling(folder):
    rows = [" a , b ,y", "", *(f' {a} ,"{b}", {y} ' for a, b, y in numbers()), "", ""]
    plain = resolve(table(folder, "\n".join(rows)), target="y")
    np.testing.assert_array_equal(plain.X, [row[:2] for row in numbers()])
    assert plain.features == ("a", "b")
    assert plain.classes == (0.0, 1.0)
    for gap in ("", "NA", "N/A", "nan", "NaN", "null", "None", "?", "-", " NA "):
        text = "a,b,y\n" + "\n".join(f"{gap if i == 3 else a},{b},{y}" for i, (a, b, y) in enumerate(numbers()))
        source = resolve(table(folder, text), target="y", missing="mean")
        assert np.argwhere(np.isnan(source.X)).tolist() == [[3, 0]]
        assert any("1 missing values" in note.message("en") for note in source.notes)


def test_tabs_and_a_target_in_the_middle(folder):
    text = "a\ty,\tb\n" + "\n".join(f"{a}\t{y}\t{b}" for a, b, y in numbers())
    source = resolve(str(table(folder, text, "t.tsv")), target="y,")
    np.testing.assert_array_equal(source.X, [row[:2] for row in numbers()])
    assert source.words == ("--data", str(folder / "t.tsv"), "--target", "y,")


def test_a_column_without_a_name_has_its_number(folder):
    source = resolve(table(folder, ",b,y\n" + "\n".join(f"{a},{b},{y}" for a, b, y in numbers())), target="y")
    assert source.features == ("column_1", "b")


def test_the_type_of_parquet_columns(folder):
    frame = pl.DataFrame({"flag": [True, False] * 20, "whole": range(40), "y": ["u", "v"] * 20})
    frame = frame.with_columns(
        single=pl.col("whole").cast(pl.Float32) / 4, word=pl.Series(["p", "q"] * 20, dtype=pl.Categorical)
    )
    frame.write_parquet(folder / "types.parquet")
    source = resolve(folder / "types.parquet", target="y", encode=True)
    assert source.features == ("flag", "whole", "single", "word=q")
    np.testing.assert_array_equal(source.X[:3], [[1, 0, 0, 0], [0, 1, 0.25, 1], [1, 2, 0.5, 0]])
    numbers_only = frame.drop("word")
    for wide in (pl.lit([1, 2]), pl.struct("flag", "whole"), pl.lit([1.0, 2.0], dtype=pl.Array(pl.Float64, 2))):
        for order in (["wide", "whole", "y"], ["whole", "y", "wide"]):  # the first column counts the rows
            numbers_only.with_columns(wide=wide).select(order).write_parquet(folder / "nested.parquet")
            with pytest.raises(actlab.UserError) as caught:
                resolve(folder / "nested.parquet", target="y")
            assert caught.value.key == "data.nested_column"


def test_a_comma_for_the_decimal_point_is_named(folder):
    rows = "\n".join(f"{a};{b};{y}".replace(".", ",") for a, b, y in numbers())
    with pytest.raises(actlab.UserError) as caught:
        resolve(table(folder, "a;b;y\n" + rows), target="y")
    assert caught.value.key == "data.comma_column"


def test_a_name_is_a_name_even_where_a_file_has_it(folder, monkeypatch):
    monkeypatch.chdir(folder)
    table(folder, "a,y", "moons")
    assert resolve("moons").name == "moons"
    table(folder, "a,b,y\n" + "\n".join(f"{a},{b},{y}" for a, b, y in numbers()), "[a]*.csv")
    assert resolve("[a]*.csv", target="y").n_test == 10  # no pattern


def study(folder, **settings):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 2))
    frame = pl.DataFrame(
        {"p": X[:, 0], "q": X[:, 1], "c": ["r", "s"] * 100, "y": np.where(X.sum(axis=1) > 0, "+", "x")}
    )
    frame[3, "p"] = None
    path = folder / "study.csv"
    frame.write_csv(path)
    fixed = {"hidden": (3,), "seeds": 3, "learning_rates": 0.1, "epochs": 3, "batch_size": 32}
    return path, fixed | settings


def test_a_study_of_a_file_from_end_to_end(folder, tmp_path):
    path, settings = study(folder)
    result = actlab.compare(["relu", "tanh"], data=path, target="y", encode=True, missing="mean", **settings)
    assert result.data == "study.csv"
    assert [(view.conditional, view.resplits) for view in result.views] == [(True, True)]
    said = " ".join(note.message("en") for note in result.notes)
    for words in ("200 rows, 3 columns", "(+, x)", "binary", "indicators, 1 in all: “c”", "1 missing values"):
        assert words in said
    assert result.provenance.command.startswith(
        f"actlab compare relu tanh --data {path} --target y --encode --missing mean"
    )
    assert "binary classification" in str(result)
    page = result.report(tmp_path / "page.html", lang="ko").read_text(encoding="utf-8")
    assert "이진 분류로 다룹니다" in page
    assert "저마다 새로 나누어" in page
    assert result.to_json()["notes"]


def test_the_command_line_says_what_it_takes_the_target_for(folder, capsys):
    with use_language("en"):  # --lang would stay
        _told_on_the_command_line(folder, capsys)


def _told_on_the_command_line(folder, capsys):
    path, _ = study(folder)
    words = [
        "compare",
        "relu",
        "--hidden",
        "3",
        "--seeds",
        "2",
        "--learning-rates",
        "0.1",
        "--epochs",
        "2",
        "--lang",
        "ko",
    ]
    assert main([*words, "--data", str(path), "--target", "y", "--encode", "--missing", "drop"]) == 0
    said = capsys.readouterr()
    assert "이진 분류로 다룹니다" in said.err
    assert "결측값이 있는 행 1개를 뺐습니다" in said.err
    assert main([*words, "--data", str(path), "--target", "z"]) == 2
    assert "열이 없습니다" in capsys.readouterr().err
    assert main([*words, "--data", "xor", "--noise-columns", "2"]) == 0
    assert main([*words, "--data", "xor", "--noise-columns", "2.5"]) == 2


def test_a_plan_from_its_own_command(folder):
    """The line of the provenance, read by the command line, names the same points."""
    import shlex

    from actlab.cli.parser import build
    from actlab.study.provenance import command_of

    path, settings = study(folder)
    for given_ in (
        {"data": path, "target": "y", "encode": True, "missing": "drop", "task": "binary"},
        {"data": "blobs:2", "noise": 0.3, "noise_columns": 2},
        {"data": "breast_cancer"},
        {"data": "checkerboard:6"},
    ):
        plan = make_plan(["relu"], **settings | given_)
        read = build().parse_args(shlex.split(command_of(plan))[1:])
        again = make_plan(
            read.names, data=read.data, target=read.target, task=read.task, missing=read.missing,
            encode=read.encode or None, noise=read.noise and float(read.noise),
            noise_columns=read.noise_columns and int(read.noise_columns), **settings,
        )  # fmt: skip
        assert again == plan


def test_whatever_happens_to_a_file_it_is_read_or_told(folder):
    """Bytes of a sound file changed, left out and put in: a table of finite numbers, or a sentence; nothing else."""
    random = np.random.default_rng(0)
    text = "a,b,c,y\n" + "\n".join(f"{i * 0.5},{i % 7},{'pq'[i % 2]},{i % 3}" for i in range(40))
    bits = [
        ",",
        "\n",
        '"',
        ";",
        "NA",
        "1e999",
        "-",
        "inf",
        "\0",
        "é",
        "",
        " ",
        "2020-01-01",
        "0x10",
        "1_0",
        "9" * 25,
        "\ufeff",
    ]
    outcomes = set()
    for _ in range(400):
        letters = list(text)
        for _ in range(random.choice([1, 2, 5, 50])):
            letters[random.integers(len(letters))] = str(random.choice(bits))
        path = folder / "broken.csv"
        path.write_bytes("".join(letters).encode())
        settings = {"encode": True, "missing": random.choice(["drop", "mean"])}
        try:
            draw = resolve(path, target=str(random.choice(["y", "a", "c"])), **settings).draw(0)
        except actlab.UserError as error:
            outcomes.add(error.key)
        else:
            outcomes.add("read")
            assert all(np.isfinite(part.X).all() for part in (draw.train, draw.validation, draw.test))
    assert {"read", "data.file_ragged", "data.file_quotes"} <= outcomes


def test_numbers_of_any_length(folder):
    rows = [f"{i % 9 + 1}{'9' * 25},{i},{i % 2}" for i in range(40)]
    source = resolve(table(folder, "a,b,y\n" + "\n".join(rows)), target="y")
    np.testing.assert_array_equal(source.X[:3, 0], [float(f"{i + 1}" + "9" * 25) for i in range(3)])
    frame = pl.DataFrame({"a": range(40), "y": [0, 1] * 20}).with_columns(
        d=pl.col("a").cast(pl.Decimal(10, 2)) / 4, w=pl.col("a").cast(pl.Int128)
    )
    frame.write_parquet(folder / "wide.parquet")
    source = resolve(folder / "wide.parquet", target="y")
    np.testing.assert_array_equal(source.X[:3], [[0, 0, 0], [1, 0.25, 1], [2, 0.5, 2]])


def test_truth_values_in_a_text_file(folder):
    text = "a,b,y\n" + "\n".join(
        f"{'TRUE' if i % 3 else 'false'},{i},{'True' if i % 2 else 'False'}" for i in range(40)
    )
    source = resolve(table(folder, text), target="y")
    assert source.classes == (False, True)
    np.testing.assert_array_equal(source.X[:4, 0], [0, 1, 1, 0])
