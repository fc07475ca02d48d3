"""Sequences: the adding problem and delayed recall, by their definitions."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from actlab.data import Source, resolve
from actlab.text import UserError


@given(st.integers(0, 2**62), st.integers(2, 40), st.integers(2, 50))
def test_the_answer_to_adding_is_the_sum_of_the_marked(seed, length, n):
    train = resolve(f"adding:{length}", n_train=n).draw(seed).train
    assert train.X.shape == (n, length, 2)
    value, marker = train.X[:, :, 0], train.X[:, :, 1]
    assert ((value >= 0) & (value < 1)).all()
    assert set(np.unique(marker)) <= {0.0, 1.0}
    np.testing.assert_array_equal(marker.sum(axis=1), 2)
    np.testing.assert_allclose(train.y, ((value * marker).sum(axis=1) - 1) / math.sqrt(1 / 6), atol=1e-12)


def test_adding_is_even_in_its_steps_and_values():
    n, length = 40_000, 10
    test = resolve("adding:10", n_test=n).draw(1).test
    value, marker = test.X[:, :, 0], test.X[:, :, 1]
    assert stats.kstest(value[:, 3], "uniform").pvalue > 1e-4
    assert stats.kstest(value[marker == 1], "uniform").pvalue > 1e-4
    pairs = np.zeros((length, length))
    first, last = marker.argmax(axis=1), length - 1 - marker[:, ::-1].argmax(axis=1)
    np.add.at(pairs, (first, last), 1)
    counts = pairs[np.triu_indices(length, 1)]
    assert counts.sum() == n
    assert stats.chisquare(counts).pvalue > 1e-4  # every pair of steps is as likely
    assert abs(test.y.mean()) < 4.5 / math.sqrt(n)
    assert (test.y**2).mean() == pytest.approx(1, abs=0.02)
    np.testing.assert_allclose(((test.y / math.sqrt(6)) ** 2).mean(), 1 / 6, rtol=0.02)  # 0.167: who always says 1


def test_noise_of_adding_is_on_the_values_alone():
    clean, noisy = (resolve("adding:20", noise=noise).draw(2).test for noise in (0, 0.3))
    np.testing.assert_array_equal(noisy.y, clean.y)
    np.testing.assert_array_equal(noisy.X[:, :, 1], clean.X[:, :, 1])
    rest = (noisy.X - clean.X)[:, :, 0] / 0.3
    assert stats.kstest(rest.ravel()[:50_000], "norm").pvalue > 1e-4


@pytest.mark.parametrize("noise", [0, 0.2, 0.6])
def test_recall_asks_for_the_first_step(noise):
    n = 40_000
    source = resolve("recall:12", noise=noise, n_test=n)
    test = source.draw(4).test
    assert test.X.shape == (n, 12, 4)
    np.testing.assert_array_equal(np.bincount(test.y.astype(int)), n // 4)
    rest = test.X.copy()
    rest[np.arange(n), 0, test.y.astype(int)] -= 1
    if noise == 0:
        assert not rest.any()
    else:
        assert stats.kstest((rest[:1000] / noise).ravel(), "norm").pvalue > 1e-4
    right = (test.X[:, 0].argmax(axis=1) == test.y).mean()  # the later steps say nothing, so this is the Bayes rule
    expected = source.bayes_accuracy
    assert abs(right - expected) < 4.5 * math.sqrt(expected * (1 - expected) / n) + 1e-12
    assert abs((test.X[:, 5].argmax(axis=1) == test.y).mean() - 0.25) < 4.5 * math.sqrt(0.1875 / n)


@pytest.mark.parametrize("name", ["adding", "recall", "adding:7", "recall:300"])
def test_what_the_source_says(name):
    source = resolve(name, n_test=10, n_validation=10)
    family, _, length = name.partition(":")
    assert isinstance(source, Source)
    assert (source.steps, source.conditional, source.resplits) == (int(length or 50), False, False)
    assert source.task == ("regression" if family == "adding" else "multiclass")
    assert source.classes == (() if family == "adding" else (0, 1, 2, 3))
    assert len(source.features) == source.dimension == (2 if family == "adding" else 4)
    assert source == resolve(source) == pickle.loads(pickle.dumps(source))
    assert source.name == name
    assert source.signed_distance(source.draw(0).train.X) is None
    a, b, c = source.draw(3), source.draw(3), source.draw(4)
    np.testing.assert_array_equal(a.train.X, b.train.X)
    assert not np.array_equal(a.train.X[:, :, 0], c.train.X[:, :, 0])
    assert not np.array_equal(a.train.X[:10, :, 0], a.test.X[:, :, 0])


@given(st.sampled_from(["adding", "recall"]), st.integers(0, 2**62), st.integers(2, 30), st.integers(0, 3))
def test_a_longer_sample_begins_with_the_shorter(name, seed, n, columns):
    settings = {"noise": 0.2, "noise_columns": columns, "n_validation": 2, "n_test": 2}
    short = resolve(f"{name}:9", n_train=n, **settings).draw(seed).train
    long = resolve(f"{name}:9", n_train=30, **settings).draw(seed).train
    np.testing.assert_array_equal(long.X[:n], short.X)
    np.testing.assert_array_equal(long.y[:n], short.y)
    assert short.X.shape == (n, 9, (2 if name == "adding" else 4) + columns)
    plain = resolve(f"{name}:9", n_train=n, **settings | {"noise_columns": 0}).draw(seed).train
    np.testing.assert_array_equal(short.X[:, :, : plain.X.shape[2]], plain.X)


@pytest.mark.parametrize("name", ["adding:1", "adding:1001", "recall:many"])
def test_unfit_lengths(name):
    with pytest.raises(UserError) as caught:
        resolve(name)
    assert caught.value.key == "data.parameter"
