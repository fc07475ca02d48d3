"""Every generator: what it draws, and that seeds and sizes do what they say."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actlab.data import GENERATORS, Circles, Moons, Source, Spiral, Xor, resolve
from actlab.data._planar import Planar
from actlab.text import UserError

PLANAR = sorted(name for name, kind in GENERATORS.items() if issubclass(kind, Planar))
NAMES = [*PLANAR, "blobs:2", "checkerboard:5", "spiral:3", "spiral:4"]
EACH = pytest.mark.parametrize("name", NAMES)
SMALL = {"n_train": 31, "n_validation": 12, "n_test": 40}


def samples(draw):
    return draw.train, draw.validation, draw.test


def same(a, b):
    return np.array_equal(a.X, b.X) and np.array_equal(a.y, b.y)


@EACH
def test_what_a_source_says(name):
    source = resolve(name)
    assert isinstance(source, Source)
    assert (source.name, source.dimension, source.conditional, source.parent) == (name, 2, False, None)
    assert (source.resplits, source.steps, source.features) == (False, None, ("x1", "x2"))
    k = {"blobs": 3, "spiral:3": 3, "spiral:4": 4}.get(name, 2)
    assert source.classes == tuple(range(k))
    assert source.task == ("binary" if k == 2 else "multiclass")
    assert (source.n_train, source.n_validation, source.n_test) == (300, 1_000, 20_000)


@EACH
def test_shapes_types_and_balance(name):
    source = resolve(name, **SMALL)
    for sample, n in zip(samples(source.draw(3)), (31, 12, 40), strict=True):
        assert sample.X.shape == (n, 2)
        assert sample.y.shape == (n,) == (len(sample),)
        assert sample.X.dtype == sample.y.dtype == np.float64
        assert np.isfinite(sample.X).all()
        if name == "checkerboard:5":  # as many points as squares: 13 of 25
            assert abs((sample.y == 0).sum() - n * 13 / 25) < 1
            continue
        k = len(source.classes)
        assert [(sample.y == c).sum() for c in range(k)] == [(n - c + k - 1) // k for c in range(k)]


@given(st.sampled_from(NAMES), st.integers(0, 2**63 - 1))
def test_the_same_seed_gives_the_same_bits(name, seed):
    first, second = (resolve(name, **SMALL).draw(seed) for _ in range(2))
    assert all(same(a, b) for a, b in zip(samples(first), samples(second), strict=True))


@given(st.sampled_from(NAMES), st.integers(0, 2**62))
def test_seeds_and_streams_share_no_point(name, seed):
    drawn = [*samples(resolve(name, **SMALL).draw(seed)), *samples(resolve(name, **SMALL).draw(seed + 1))]
    points = np.concatenate([sample.X for sample in drawn])
    assert len(np.unique(points, axis=0)) == len(points)


@given(st.sampled_from(NAMES), st.integers(0, 99), *[st.integers(2, 50)] * 3)
def test_a_size_disturbs_no_other_sample_and_only_lengthens_its_own(name, seed, n_train, n_validation, n_test):
    base = resolve(name, **SMALL).draw(seed)
    other = resolve(name, n_train=n_train, n_validation=n_validation, n_test=n_test).draw(seed)
    for a, b in zip(samples(base), samples(other), strict=True):
        n = min(len(a), len(b))
        np.testing.assert_array_equal(a.X[:n], b.X[:n])
        np.testing.assert_array_equal(a.y[:n], b.y[:n])


@pytest.mark.parametrize("noise", [0.02, 0.3, 0.5])
@EACH
def test_population_moments(name, noise):
    n = 100_000
    X = resolve(name, noise=noise, n_test=n).draw(1).test.X
    kurtosis = (X**4).mean(axis=0)
    assert np.abs(X.mean(axis=0)).max() < 4.5 / math.sqrt(n)
    np.testing.assert_array_less(np.abs((X**2).mean(axis=0) - 1), 4.5 * np.sqrt((kurtosis - 1) / n))


@EACH
def test_noise_free_points_lie_on_their_curves(name):
    source = resolve(name)
    if name.startswith(("blobs", "checkerboard")):  # see test_blobs_and_boards
        return
    t = np.linspace(0, 1, 7, endpoint=False)
    zero, one = source.place(t, np.zeros(7)), source.place(t, np.ones(7))
    if name == "moons":
        np.testing.assert_allclose(zero, np.stack([np.cos(np.pi * t), np.sin(np.pi * t)], axis=1), atol=1e-15)
        expected = np.stack([1 - np.cos(np.pi * t), 0.5 - np.sin(np.pi * t)], axis=1)
    elif name == "circles":
        np.testing.assert_allclose(np.hypot(*zero.T), 1)
        expected = zero / 2
    elif name == "xor":
        assert {tuple(p) for p in zero} == {(1, 1), (-1, -1)}
        assert {tuple(p) for p in one} == {(1, -1), (-1, 1)}
        return
    else:
        k = len(source.classes)
        np.testing.assert_allclose(np.hypot(*zero.T), 0.2 + 0.8 * t)
        np.testing.assert_allclose(np.cos(np.arctan2(zero[:, 1], zero[:, 0]) - 6 / k * np.pi * t), 1)
        expected = ((zero @ [1, 1j]) * np.exp(2j * np.pi / k))[:, None].view(np.float64)
    np.testing.assert_allclose(one, expected, atol=1e-15)


@EACH
def test_a_line_does_not_separate_the_classes(name):
    from sklearn.linear_model import LogisticRegression

    if name.startswith("blobs"):  # they are the ones that lines do separate
        return
    test = resolve(name).draw(0).test
    accuracy = LogisticRegression().fit(test.X, test.y).score(test.X, test.y)
    assert (
        accuracy
        < {"moons": 0.9, "circles": 0.55, "xor": 0.55, "spiral": 0.7, "checkerboard": 0.6}[name.partition(":")[0]]
    )


@EACH
def test_equal_when_they_give_the_same_points(name):
    source = resolve(name)
    assert source == resolve(name.upper()) == resolve(source) == pickle.loads(pickle.dumps(source))
    assert hash(source) == hash(resolve(name))
    assert source != resolve(name, noise=0.33)
    assert source != resolve(name, n_test=7)
    assert resolve(source, n_test=7) == resolve(name, n_test=7)
    assert resolve(source, noise=0.3).specification() != source.specification()
    assert source.specification() == {
        "source": name,
        "noise": source.noise,
        "n_train": 300,
        "n_validation": 1_000,
        "n_test": 20_000,
    }
    assert resolve(source, noise_columns=3).specification() == source.specification() | {"noise_columns": 3}


def test_numpy_numbers_serve_as_sizes_and_become_plain():
    source = Moons(noise=np.float32(0.25), n_train=np.int64(20))
    assert source == Moons(noise=0.25, n_train=20)
    assert type(source.noise) is float
    assert type(source.n_train) is int


@EACH
def test_a_generator_has_nothing_to_refit(name):
    with pytest.raises(UserError) as caught:
        resolve(name).refit()
    assert caught.value.key == "data.no_refit"


@pytest.mark.parametrize("noise", [0, -0.1, 0.019, 1.01, math.nan, math.inf, "much", None, True, [0.1]])
@pytest.mark.parametrize("kind", [Moons, Circles, Xor, Spiral])
def test_unfit_noise(kind, noise):
    with pytest.raises(UserError) as caught:
        kind(noise=noise)
    assert caught.value.key == "data.noise"


@pytest.mark.parametrize("size", [0, 1, -5, 10_000_001, 10**9, 2.5, math.nan, "many", None, True])
@pytest.mark.parametrize("what", ["n_train", "n_validation", "n_test"])
def test_unfit_sizes(what, size):
    with pytest.raises(UserError) as caught:
        Moons(**{what: size})
    assert (caught.value.key, caught.value.values["what"]) == ("data.size", what)
