"""Margins by neighbours, and the near and the far point."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from actlab.data import Sample, margin_by_neighbours, near_and_far, resolve


def brute(X, y):
    gaps = np.sqrt(((X[:, None] - X) ** 2).sum(axis=-1))
    np.fill_diagonal(gaps, np.inf)
    zero = np.where(y == 0, gaps, np.inf).min(axis=1)
    one = np.where(y == 1, gaps, np.inf).min(axis=1)
    return (zero - one) / 2


@given(st.integers(0, 10_000), st.integers(4, 30), st.integers(1, 5))
def test_margin_against_all_pairs(seed, n, d):
    random = np.random.default_rng(seed)
    X, y = random.integers(-3, 4, size=(n, d)).astype(float), (np.arange(n) % 2).astype(float)
    np.testing.assert_allclose(margin_by_neighbours(X, y), brute(X, y), atol=1e-12)
    for first in (0, 1, n // 2, n + 5):
        np.testing.assert_array_equal(margin_by_neighbours(X, y, first), margin_by_neighbours(X, y)[:first])


def test_margin_where_a_class_is_small():
    X = np.array([[0.0], [1.0], [5.0]])
    np.testing.assert_array_equal(margin_by_neighbours(X, np.array([0.0, 0, 1])), [-2, -1.5, np.nan])
    assert np.isnan(margin_by_neighbours(X, np.ones(3))).all()


def test_margin_follows_the_true_distance():
    source = resolve("moons")
    train = source.draw(0).train
    true, guess = source.signed_distance(train.X), margin_by_neighbours(train.X, train.y)
    assert np.corrcoef(true, guess)[0, 1] > 0.8


@given(st.sampled_from(["moons", "circles", "xor", "spiral"]), st.integers(0, 50))
def test_near_and_far_of_a_generator(name, seed):
    source = resolve(name, n_train=60, n_test=2, n_validation=2)
    train = source.draw(seed).train
    distance = source.signed_distance(train.X)
    pair = near_and_far(source, train)
    assert pair == near_and_far(source, train)
    assert train.y[pair.near] == train.y[pair.far] == 1
    assert (pair.near_distance, pair.far_distance) == (distance[pair.near], distance[pair.far])
    others = distance[(train.y == 1) & (distance > 0)]
    assert 0 < pair.near_distance == others.min()
    assert pair.far_distance == others.max()


def test_near_and_far_of_arrays():
    X = np.r_[np.linspace(0, 1, 20), np.linspace(1.5, 9, 20)][:, None]
    y = np.repeat([0, 1], 20)
    source = resolve((X, y))
    train = source.draw(0).train
    pair = near_and_far(source, train)
    ones = train.X[train.y == 1, 0]
    assert train.X[pair.near, 0] < np.median(ones)
    assert train.X[pair.far, 0] == ones.max()
    assert pair.far_distance > pair.near_distance > 0


def test_near_and_far_of_a_sample_with_no_point_on_the_side_of_class_1():
    source = resolve("xor")
    sample = Sample(np.array([[1.0, 1.0], [2.0, 3.0], [0.5, 2.0]]), np.array([0.0, 1.0, 0.0]))
    pair = near_and_far(source, sample)
    assert (pair.near, pair.far) == (2, 1)
