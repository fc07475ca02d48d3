"""Functions to be fitted, against NumPy and SciPy."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from actlab.data import Source, resolve
from actlab.text import UserError

ORACLES = {
    "step": lambda x: np.heaviside(x, 1.0),
    "sine": lambda x: np.sin(2 * np.pi * x),
    "noisy_sine": lambda x: np.sin(2 * np.pi * x),
    "abs": np.abs,
    "polynomial": lambda x: (5 * x**3 - 3 * x) / 2,
    "polynomial:1": lambda x: x,
    "polynomial:2": lambda x: (3 * x**2 - 1) / 2,
    "polynomial:12": lambda x: special.eval_legendre(12, x),
}
NAMES = [*ORACLES, "surface"]
EACH = pytest.mark.parametrize("name", NAMES)


@EACH
def test_the_function_is_what_it_is_called(name):
    source = resolve(name)
    x = np.linspace(-1, 1, 401)[:, None]
    if name == "surface":
        x = np.random.default_rng(0).uniform(-1, 1, size=(500, 2))
        expected = np.sin(np.pi * x[:, 0]) * np.sin(np.pi * x[:, 1])
    else:
        expected = ORACLES[name](x[:, 0])
    np.testing.assert_allclose(source.function(x), expected, atol=1e-12)


@EACH
def test_the_moments_are_those_of_the_function(name):
    source = resolve(name)
    mean, sd = source.moments
    if name == "surface":
        f = ORACLES["sine"]

        def moment(k):
            return integrate.dblquad(lambda a, b: (f(a / 2) * f(b / 2)) ** k, -1, 1, -1, 1)[0] / 4
    else:

        def moment(k):
            return integrate.quad(lambda x: ORACLES[name](x) ** k, -1, 1, points=[0])[0] / 2

    assert mean == pytest.approx(moment(1), abs=1e-9)
    assert sd**2 == pytest.approx(moment(2) - moment(1) ** 2, abs=1e-9)


@EACH
@pytest.mark.parametrize("noise", [0, 0.5, 4])
def test_both_sides_are_standardised_and_the_noise_is_what_is_said(name, noise):
    n = 40_000
    source = resolve(name, noise=noise, n_test=n)
    test = source.draw(3).test
    x = test.X / math.sqrt(3)
    for column in x.T:
        assert stats.kstest(column, "uniform", args=(-1, 2)).pvalue > 1e-4
    fourth = (test.y**4).mean()
    assert abs(test.y.mean()) < 4.5 / math.sqrt(n)
    assert abs((test.y**2).mean() - 1) < 4.5 * math.sqrt(max(fourth - 1, 1e-3) / n)
    rest = test.y - source.clean(test.X)
    assert (rest**2).mean() == pytest.approx(source.bayes_error, rel=0.05, abs=1e-20)
    if noise:
        assert stats.kstest(rest / math.sqrt(source.bayes_error), "norm").pvalue > 1e-4
        assert abs(np.corrcoef(rest, source.clean(test.X))[0, 1]) < 4.5 / math.sqrt(n)


@EACH
def test_what_the_source_says(name):
    source = resolve(name)
    assert isinstance(source, Source)
    assert (source.task, source.classes, source.bayes_accuracy, source.steps) == ("regression", (), None, None)
    assert (source.conditional, source.resplits, source.n_test) == (False, False, 20_000)
    assert source.dimension == len(source.features) == (2 if name == "surface" else 1)
    assert source.signed_distance(source.draw(0).train.X) is None
    assert source == resolve(source) == resolve(source.name) == pickle.loads(pickle.dumps(source))
    assert source.specification()["source"] == name.replace("polynomial:3", "polynomial")


@given(st.sampled_from(NAMES), st.integers(0, 2**62), st.integers(2, 60), st.integers(0, 3))
def test_seeds_streams_and_sizes(name, seed, n, columns):
    source = resolve(name, n_train=60, n_validation=60, n_test=60, noise=0.1, noise_columns=columns)
    draw, again = source.draw(seed), resolve(source, n_train=n).draw(seed)
    m = min(n, 60)
    np.testing.assert_array_equal(again.train.X[:m], draw.train.X[:m])
    np.testing.assert_array_equal(again.train.y[:m], draw.train.y[:m])
    np.testing.assert_array_equal(again.test.X, draw.test.X)
    points = np.concatenate([draw.train.X, draw.validation.X, draw.test.X, source.draw(seed + 1).train.X])
    assert len(np.unique(points, axis=0)) == len(points)
    assert points.shape[1] == source.dimension


@pytest.mark.parametrize(("name", "key"), [("polynomial:0", "parameter"), ("polynomial:13", "parameter"),
                                           ("sine:2", "unknown_near")])  # fmt: skip
def test_unfit_names(name, key):
    with pytest.raises(UserError) as caught:
        resolve(name)
    assert caught.value.key == f"data.{key}"


@pytest.mark.parametrize("noise", [-0.1, 10.1, math.nan])
def test_unfit_noise(noise):
    with pytest.raises(UserError) as caught:
        resolve("sine", noise=noise)
    assert caught.value.key == "data.noise"
