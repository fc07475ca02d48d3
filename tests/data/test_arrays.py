"""A user's own arrays."""

import pickle

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from actlab.data import Arrays, Source, resolve


def example(n=40, d=3, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(5, 3, size=(n, d)), np.arange(n) % 2


def rows(*samples):
    table = np.concatenate([np.c_[s.X, s.y] for s in samples])
    return table[np.lexsort(table.T)]


@st.composite
def tables(draw):
    n, d = draw(st.integers(20, 60)), draw(st.integers(1, 4))
    X = draw(hnp.arrays(np.float64, (n, d), elements=st.floats(-1e6, 1e6), unique=True))
    ones = draw(st.integers(4, n - 4))
    return X, draw(st.permutations([1] * ones + [0] * (n - ones)))


@given(tables(), st.integers(0, 2**63 - 1))
def test_every_row_is_used_once(table, seed):
    X, y = table
    source = resolve((X, y))
    draw, whole = source.draw(seed), source.refit()
    assert len(whole.test) == source.n_test == round(len(y) / 4)
    assert (len(draw.train), len(draw.validation)) == (source.n_train, source.n_validation)
    assert sum((source.n_train, source.n_validation, source.n_test)) == len(y)
    assert len(whole.validation) == 0
    np.testing.assert_array_equal(rows(draw.train, draw.validation), rows(whole.train))
    np.testing.assert_array_equal(draw.test.X, whole.test.X)
    assert rows(draw.train, draw.validation, draw.test).shape == (len(y), X.shape[1] + 1)
    for sample in (draw.train, draw.validation, draw.test):
        assert set(sample.y) == {0.0, 1.0}
        # Stratified: the share of class 1 is off by at most one row and a half on the way through two roundings.
        forced = min(np.bincount(y)) < 16
        assert forced or abs(sample.y.sum() - len(sample) * np.mean(y)) <= 1.5


@given(tables())
def test_standardised_by_what_is_not_test(table):
    X, y = table
    whole = resolve((X, y)).refit()
    np.testing.assert_allclose(whole.train.X.mean(axis=0), 0, atol=1e-7)
    np.testing.assert_allclose(whole.train.X.std(axis=0), 1, rtol=1e-7)


def test_standardisation_is_one_affine_map_of_the_columns():
    X, y = example()
    whole = resolve((X, y)).refit()
    coded = resolve((X * [2.0, 1e-200, 1e250] + [1, 0, 0], y)).refit()
    np.testing.assert_allclose(coded.train.X, whole.train.X, atol=1e-12)
    np.testing.assert_allclose(coded.test.X, whole.test.X, atol=1e-12)


def test_the_test_rows_do_not_reach_the_standardisation():
    X, y = example()
    before = resolve((X, y)).refit()
    numbered = resolve((np.c_[X, np.arange(40.0)], y)).refit()  # the added column tells which rows are test rows
    rank = np.argsort(np.argsort(np.r_[numbered.train.X[:, 3], numbered.test.X[:, 3]]))
    moved = X.copy()
    moved[rank[len(numbered.train) :]] += 1_000
    after = resolve((moved, y)).refit()
    np.testing.assert_allclose(after.train.X, before.train.X, atol=1e-9)
    assert after.test.X.min() > before.test.X.max()


def test_the_splits_depend_on_the_seed_and_the_test_does_not():
    source = resolve(example())
    one, again, other = source.draw(1), source.draw(1), source.draw(2)
    np.testing.assert_array_equal(one.train.X, again.train.X)
    np.testing.assert_array_equal(one.test.X, other.test.X)
    assert not np.array_equal(one.train.X, other.train.X)


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
    source = Arrays(X, [labels[k] for k in y])
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
    assert resolve((X.astype(np.float32), y)).refit().train.X.dtype == np.float64
    assert resolve((np.round(X).astype(np.int8), y)).refit().train.X.dtype == np.float64


def test_what_the_source_says():
    X, y = example()
    source = resolve((X, y))
    assert isinstance(source, Source)
    assert (source.name, source.conditional, source.parent, source.dimension) == ("arrays", True, None, 3)
    assert source.bayes_accuracy is None
    assert source.signed_distance(X) is None
    assert "array" not in repr(source)
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
    before = source.refit().train.X.copy()
    X[:] = 0
    y[:] = 0
    np.testing.assert_array_equal(source.refit().train.X, before)
    with pytest.raises(ValueError, match="read-only"):
        source.X[0, 0] = 1
