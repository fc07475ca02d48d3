"""A user's own arrays: read, split, standardised."""

import pickle

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from actlab.data import Source, Table, resolve
from actlab.data._split import held_out
from actlab.text import UserError


def example(n=40, d=3, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(5, 3, size=(n, d)), np.arange(n) % 2


@st.composite
def tables(draw):
    n, d = draw(st.integers(20, 60)), draw(st.integers(1, 4))
    X = draw(hnp.arrays(np.float64, (n, d), elements=st.floats(-1e6, 1e6), unique=True))
    ones = draw(st.integers(4, n - 4))
    return X, draw(st.permutations([1] * ones + [0] * (n - ones)))


@given(tables(), st.integers(0, 2**63 - 1))
def test_every_row_is_used_once(table, seed):
    X, y = table
    source = resolve((np.c_[X, np.arange(len(y))], y))
    draw = source.draw(seed)
    parts = (draw.train, draw.validation, draw.test)
    assert [len(part) for part in parts] == [source.n_train, source.n_validation, source.n_test]
    assert len(draw.test) == round(len(y) / 4)
    number = np.concatenate([part.X[:, -1] for part in parts])
    rank = np.argsort(np.argsort(number))  # the rows, from their numbers, however those were standardised
    assert sorted(rank) == list(range(len(y)))
    np.testing.assert_array_equal(np.concatenate([part.y for part in parts]), np.asarray(y)[rank])
    for part in parts:
        assert set(part.y) == {0.0, 1.0}
        # Stratified: the share of class 1 is off by at most one row and a half on the way through two roundings.
        forced = min(np.bincount(y)) < 16
        assert forced or abs(part.y.sum() - len(part) * np.mean(y)) <= 1.5


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.floats(0.05, 0.6))
def test_the_method_of_largest_remainders(counts, share):
    held = held_out(counts, share)
    for count, number in zip(counts, held, strict=True):
        low = min(1, max(count - 1, 0))
        assert low <= number <= max(count - 1, 0)
        assert number in (low, count - 1, int(count * share + 1e-9), int(count * share + 1e-9) + 1)
    if all(count * share >= 1 for count in counts):
        assert sum(held) == round(sum(counts) * share)


@given(tables(), st.integers(0, 99))
def test_standardised_by_the_training_rows_alone(table, seed):
    X, y = table
    draw = resolve((X, y)).draw(seed)
    np.testing.assert_allclose(draw.train.X.mean(axis=0), 0, atol=1e-7)
    np.testing.assert_allclose(draw.train.X.std(axis=0), 1, rtol=1e-7)


def test_standardisation_is_one_affine_map_of_the_columns():
    X, y = example()
    draw = resolve((X, y)).draw(0)
    coded = resolve((X * [2.0, 1e-200, 1e250] + [1, 0, 0], y)).draw(0)
    for part in ("train", "validation", "test"):
        np.testing.assert_allclose(getattr(coded, part).X, getattr(draw, part).X, atol=1e-12)


@pytest.mark.parametrize("told", [{}, {"missing": "mean"}])
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_no_leakage(task, told):
    """What stands in the validation and test rows reaches no training point, whatever is done to the columns."""
    X, y = example()
    y = y if task == "binary" else X @ [1.0, -2.0, 0.5]
    if told:
        X[::7, 1] = np.nan
    X = np.c_[X, np.arange(40.0)]
    before = resolve((X, y), task=task, **told).draw(5)
    number = np.concatenate([before.train.X[:, 3], before.validation.X[:, 3], before.test.X[:, 3]])
    elsewhere = np.argsort(np.argsort(number))[len(before.train) :]
    moved, answers = X.copy(), y.astype(float)
    moved[elsewhere, :3] = 1_000 + moved[elsewhere, :3] ** 2
    if task == "regression":
        answers[elsewhere] += 1e6
    after = resolve((moved, answers), task=task, **told).draw(5)
    np.testing.assert_array_equal(after.train.X, before.train.X)
    np.testing.assert_array_equal(after.train.y, before.train.y)
    assert not np.allclose(after.test.X, before.test.X)


def test_against_scikit_learns_scaler_and_imputer():
    X, y = example(n=200)
    X[::5, 0], X[3::9, 2] = np.nan, np.nan
    numbered = np.c_[X, np.arange(200.0)]
    draw = resolve((numbered, y), missing="mean").draw(1)
    number = np.concatenate([draw.train.X[:, 3], draw.validation.X[:, 3], draw.test.X[:, 3]])
    rows = np.argsort(np.argsort(number))
    train, test = rows[: len(draw.train)], rows[-len(draw.test) :]
    scaler = StandardScaler().fit(X[train])
    fill = SimpleImputer().fit(scaler.transform(X[train]))
    np.testing.assert_allclose(draw.test.X[:, :3], fill.transform(scaler.transform(X[test])), atol=1e-12)


def test_a_column_that_is_constant_in_the_training_rows_of_a_split_is_zero():
    X, y = example()
    X[:, 1] = 0
    X[7, 1] = 1e9
    source = resolve((X, y))
    seen = set()
    for seed in range(40):
        draw = source.draw(seed)
        constant = draw.train.X[:, 1].std() == 0
        seen.add(constant)
        if constant:
            assert not np.concatenate([draw.train.X[:, 1], draw.validation.X[:, 1], draw.test.X[:, 1]]).any()
        else:
            np.testing.assert_allclose(draw.train.X[:, 1].std(), 1)
    assert seen == {True, False}


def test_every_seed_has_a_split_of_its_own():
    source = resolve(example())
    one, again, other = source.draw(1), source.draw(1), source.draw(2)
    np.testing.assert_array_equal(one.train.X, again.train.X)
    np.testing.assert_array_equal(one.test.X, again.test.X)
    assert not np.array_equal(one.train.X, other.train.X)
    assert not np.array_equal(one.test.X, other.test.X)


def test_splits_are_independent_from_seed_to_seed():
    """Each row is a test row for a quarter of the seeds, and two rows are so together as often as chance has it."""
    X, y = example(n=40, d=1)
    source = resolve((np.c_[X, np.arange(40.0)], y))
    seeds = 600
    tested = np.zeros((seeds, 40))
    for seed in range(seeds):
        draw = source.draw(seed)
        number = np.concatenate([draw.train.X[:, 1], draw.validation.X[:, 1], draw.test.X[:, 1]])
        tested[seed, np.argsort(np.argsort(number))[-len(draw.test) :]] = 1
    share = tested.mean(axis=0)
    assert np.abs(share - 0.25).max() < 4.5 * np.sqrt(0.25 * 0.75 / seeds)
    for lag in (1, 2):
        centred = tested - 0.25
        assert abs((centred[lag:] * centred[:-lag]).mean()) < 4.5 * 0.25 * 0.75 / np.sqrt(40 * (seeds - lag))


def test_of_a_large_table_each_seed_uses_a_part():
    n = 50_000
    X = np.arange(n, dtype=float)[:, None]
    y = (np.arange(n) % 10 == 0).astype(int)
    source = resolve((X, y))
    assert (source.n_train, source.n_validation, source.n_test) == (22_500, 7_500, 10_000)
    one, other = source.draw(0), source.draw(1)
    assert (len(one.train), len(one.validation), len(one.test)) == (22_500, 7_500, 10_000)
    for part in (one.train, one.validation, one.test):
        assert abs(part.y.mean() - 0.1) < 1e-3
    assert len(np.unique(one.train.X)) == len(one.train)
    assert not np.array_equal(one.test.X, other.test.X)
    assert any("40,000" in note.message("en") for note in source.notes)


@pytest.mark.parametrize(
    ("y", "task", "classes"),
    [
        (np.arange(60) % 2, "binary", (0, 1)),
        (np.arange(60) % 2 + 0.5, "binary", (0.5, 1.5)),
        (np.arange(60) % 3, "multiclass", (0, 1, 2)),
        (np.arange(60) % 3 + 1.0, "multiclass", (1.0, 2.0, 3.0)),
        (np.array(["a", "b", "c"])[np.arange(60) % 3], "multiclass", ("a", "b", "c")),
        (np.arange(60) % 3 + 0.5, "regression", ()),
        (np.arange(60), "regression", ()),
        (np.linspace(0, 1, 60), "regression", ()),
    ],
)
def test_the_task_is_inferred_and_said(y, task, classes):
    X = np.random.default_rng(0).normal(size=(60, 2))
    source = resolve((X, y))
    assert (source.task, source.classes) == (task, classes)
    words = {"binary": ("binary", "이진"), "multiclass": ("multi-class", "다중"), "regression": ("regression", "회귀")}
    for lang, word in zip(("en", "ko"), words[task], strict=True):
        said = [note.message(lang) for note in source.notes]
        assert any(word in sentence for sentence in said)
        assert all("{" not in sentence for sentence in said)


def test_the_task_can_be_overruled():
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = np.arange(60) % 3
    source = resolve((X, y), task="regression")
    assert (source.task, source.classes) == ("regression", ())
    np.testing.assert_allclose(source.draw(0).train.y.mean(), 0, atol=1e-12)
    np.testing.assert_allclose(source.draw(0).train.y.std(), 1)
    assert any("as you said" in note.message("en") for note in source.notes)
    assert source != resolve((X, y))
    many = resolve((X, np.arange(60) % 15 * 1.5), task="Multiclass")
    assert (many.task, len(many.classes)) == ("multiclass", 15)
    assert resolve((X, y % 2), task="regression").task == "regression"


def test_classes_are_numbered_in_sorted_order_and_split_by_class():
    X = np.random.default_rng(0).normal(size=(90, 2))
    y = np.array(["b", "c", "a"])[np.arange(90) % 3]
    draw = resolve((X, y)).draw(3)
    assert np.bincount(draw.test.y.astype(int)).tolist() == [7, 7, 8]
    assert set(draw.train.y) == {0.0, 1.0, 2.0}
    np.testing.assert_array_equal(resolve((X, y)).y, (np.arange(90) + 1) % 3)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ((0, 1), (0, 1)),
        ((7, -3), (-3, 7)),
        ((False, True), (False, True)),
        (("yes", "no"), ("no", "yes")),
        (("고양이", "강아지"), ("강아지", "고양이")),
        ((2.5, 0.5), (0.5, 2.5)),
        ((b"b", b"a"), (b"a", b"b")),
    ],
)
def test_labels_of_any_kind_in_sorted_order(labels, classes):
    X, y = example()
    source = resolve((X, [labels[k] for k in y]))
    assert source.classes == classes
    assert [type(c) for c in source.classes] == [type(c) for c in classes]
    np.testing.assert_array_equal(source.y, [float(labels[k] == classes[1]) for k in y])


def test_whatever_numpy_can_read():
    X, y = example()
    names = ["height", "weight", "age"]
    forms = [
        (X.tolist(), y.tolist()),
        [X, y],
        (X.astype(object), y.astype(object)),
        (pl.DataFrame(X, schema=names), pl.Series(y)),
        (pl.DataFrame(X, schema=names), pl.DataFrame({"y": y})),
        (np.asfortranarray(X), y[:, None]),
        (np.ma.masked_invalid(X), y),
    ]
    assert all(resolve(form) == resolve((X, y)) for form in forms)
    assert resolve((X.astype(np.float32), y)).draw(0).train.X.dtype == np.float64
    assert resolve((np.round(X).astype(np.int8), y)).draw(0).train.X.dtype == np.float64


def test_what_the_source_says():
    X, y = example()
    source = resolve((X, y))
    assert isinstance(source, Source)
    assert (source.name, source.conditional, source.parent, source.dimension) == ("arrays", True, None, 3)
    assert (source.resplits, source.task, source.steps, source.features) == (True, "binary", None, ("x1", "x2", "x3"))
    assert isinstance(source, Table)
    with pytest.raises(UserError) as caught:
        source.refit()
    assert caught.value.key == "data.no_refit"
    assert source.bayes_accuracy is None
    assert source.signed_distance(X) is None
    assert "array(" not in repr(source)
    assert resolve(source) is source


def test_equal_by_content():
    X, y = example()
    source = resolve((X, y))
    assert source == resolve((X.copy(), y)) == pickle.loads(pickle.dumps(source))
    assert hash(source) == hash(resolve((X.copy(), y)))
    assert source != resolve((X + 1, y))
    assert source != resolve((X, 1 - y))
    assert source != resolve((X, [f"class {k}" for k in y]))
    assert source != "moons"
    specification = source.specification()
    assert (specification["source"], specification["shape"]) == ("arrays", [40, 3])
    assert len(specification["sha256"]) == 64
    # Same bytes, other shape: other points.
    assert resolve((X.reshape(-1, 2), np.arange(60) % 2)).specification()["sha256"] != specification["sha256"]


def test_a_change_of_the_callers_array_changes_nothing():
    X, y = example()
    source = resolve((X, y))
    before = source.draw(0).train.X.copy()
    X[:] = 0
    y[:] = 0
    np.testing.assert_array_equal(source.draw(0).train.X, before)
    with pytest.raises(ValueError, match="read-only"):
        source.X[0, 0] = 1
