"""Blobs and boards against scikit-learn's blobs and against arithmetic of our own; columns of noise."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.datasets import make_blobs, make_circles, make_moons

from actlab.data import Blobs, Checkerboard, Spiral, resolve
from actlab.text import UserError


def raw(source, sample):
    return sample.X[:, :2] * source.sd + source.mean


@pytest.mark.parametrize("k", [2, 3, 6])
def test_blobs_are_those_of_scikit_learn(k):
    """The same centres and spread: class by class, both coordinates have one distribution."""
    n = 30_000
    source = Blobs(k=k, noise=0.3, n_test=n)
    test = source.draw(2).test
    angle = 2 * np.pi * np.arange(k) / k
    centres = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    theirs, label = make_blobs(n, centers=centres, cluster_std=0.3, random_state=0)
    ours = raw(source, test)
    for c in range(k):
        for column in range(2):
            found = stats.ks_2samp(ours[test.y == c, column], theirs[label == c, column])
            assert found.pvalue > 1e-4
        np.testing.assert_allclose(ours[test.y == c].mean(axis=0), centres[c], atol=4.5 * 0.3 / math.sqrt(n / k))
        np.testing.assert_allclose(np.cov(ours[test.y == c].T), 0.09 * np.eye(2), atol=0.01)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("moons", lambda n: make_moons(n, noise=0.2, random_state=1)),
        ("circles", lambda n: make_circles(n, noise=0.2, factor=0.5, random_state=1)),
    ],
)
def test_moons_and_circles_have_scikit_learns_distribution(name, theirs):
    n = 40_000
    source = resolve(name, noise=0.2, n_test=n)
    test = source.draw(3).test
    X, y = theirs(n)
    ours = raw(source, test)
    for c in (0, 1):
        for turn in (0.0, 0.7, 1.9):  # projections on several directions tell two plane distributions apart
            along = np.array([math.cos(turn), math.sin(turn)])
            assert stats.ks_2samp(ours[test.y == c] @ along, X[y == c] @ along).pvalue > 1e-4


@pytest.mark.parametrize("n", [2, 3, 4, 7, 16])
def test_a_board_is_filled_evenly_and_coloured_right(n):
    points = 200 * n * n
    source = Checkerboard(n=n, n_test=points)
    test = source.draw(1).test
    where = raw(source, test)
    square = np.floor(where).astype(int)
    assert square.min() == 0
    assert square.max() == n - 1
    np.testing.assert_array_equal(square.sum(axis=1) % 2, test.y)
    count = np.zeros((n, n))
    np.add.at(count, (square[:, 0], square[:, 1]), 1)
    assert stats.chisquare(count.ravel(), np.full(n * n, points / n**2)).pvalue > 1e-4
    for column in (where - square).T:
        assert stats.kstest(column, "uniform").pvalue > 1e-4
    odd = n * n // 2
    assert abs(test.y.sum() - points * odd / n**2) < 1


@given(st.integers(2, 16), st.integers(2, 400))
def test_the_colours_are_evenly_mixed_from_the_start(n, points):
    labels = Checkerboard(n=n).labels(points)
    odd = n * n // 2
    share = np.cumsum(labels) - np.arange(1, points + 1) * odd / n**2
    assert np.abs(share).max() < 1


@pytest.mark.parametrize("name", ["moons", "xor", "blobs", "checkerboard", "spiral:3"])
def test_columns_of_noise_stand_beside_the_same_points(name):
    plain, wide = resolve(name).draw(5), resolve(name, noise_columns=5).draw(5)
    source = resolve(name, noise_columns=5)
    assert source.dimension == 7
    assert source.features == ("x1", "x2", "noise1", "noise2", "noise3", "noise4", "noise5")
    for part in ("train", "validation", "test"):
        a, b = getattr(plain, part), getattr(wide, part)
        np.testing.assert_array_equal(b.X[:, :2], a.X)
        np.testing.assert_array_equal(b.y, a.y)
    noise = wide.test.X[:, 2:]
    n = len(noise)
    for column in noise.T:
        assert stats.kstest(column, "norm").pvalue > 1e-4
    together = np.corrcoef(np.c_[wide.test.X, wide.test.y].T)[2:7]
    together[np.arange(5), np.arange(2, 7)] = 0
    assert np.abs(together).max() < 4.5 / math.sqrt(n)
    assert not np.isin(wide.train.X[:, 2:], wide.test.X[:, 2:]).any()


def test_two_arms_are_the_spiral():
    assert resolve("spiral:2") == Spiral()
    assert resolve("SPIRAL:3 ").name == "spiral:3"
    assert resolve("blobs:3") == resolve("blobs")
    assert resolve("checkerboard:4", noise=0.1) == resolve("checkerboard", noise=0.1)
    assert resolve(resolve("blobs:5"), n_test=9) == Blobs(k=5, n_test=9)


@pytest.mark.parametrize(
    "name", ["blobs:1", "blobs:21", "blobs:x", "blobs:", "blobs:2.5", "blobs:-3", "checkerboard:17", "spiral:11",
             "spiral:1", "blobs:³"],
)  # fmt: skip
def test_unfit_numbers_behind_the_colon(name):
    with pytest.raises(UserError) as caught:
        resolve(name)
    assert caught.value.key == "data.parameter"
    assert name.partition(":")[0] in str(caught.value)


@pytest.mark.parametrize("name", ["moons:3", "xor:2", "blob:3", "circles:article"])
def test_colons_where_none_belongs(name):
    with pytest.raises(UserError) as caught:
        resolve(name)
    assert caught.value.key in ("data.unknown", "data.unknown_near")


@pytest.mark.parametrize("columns", [-1, 1_001, 2.5, "3", True])
def test_unfit_numbers_of_noise_columns(columns):
    with pytest.raises(UserError) as caught:
        resolve("moons", noise_columns=columns)
    assert caught.value.key == "data.noise_columns"


def test_noise_where_it_has_another_range():
    assert resolve("checkerboard", noise=0).noise == 0
    for name, noise in (("checkerboard", 0.51), ("moons", 0)):
        with pytest.raises(UserError) as caught:
            resolve(name, noise=noise)
        assert caught.value.key == "data.noise"
