import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.metrics import r2_score
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from actlab.measure import margin_retention
from actlab.measure.margin import PENALTIES


def sample(points=60, units=4, noise=0.3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(points, units)) * np.arange(1, units + 1) + 3
    return X, X @ rng.normal(size=units) + np.sin(3 * X[:, 0]) + noise * rng.normal(size=points)


def by_scikit_learn(X, d, model, folds=5):
    split = PredefinedSplit(np.arange(len(d)) % folds)
    return r2_score(d, cross_val_predict(make_pipeline(StandardScaler(), model), X, d, cv=split))


@pytest.mark.parametrize("penalty", [1e-4, 0.1, 3.0])
@pytest.mark.parametrize("folds", [2, 3, 5])
def test_fixed_penalty_against_scikit_learn(penalty, folds):
    X, d = sample(points=60)
    n = 60 - 60 // folds
    expected = by_scikit_learn(X, d, Ridge(alpha=n * penalty), folds)
    assert margin_retention(X, d, folds=folds, penalty=penalty) == pytest.approx(expected, rel=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 70), st.floats(0, 3))
@settings(max_examples=25, deadline=None)
def test_chosen_penalty_against_scikit_learn(seed, units, noise):
    X, d = sample(points=50, units=units, noise=noise, seed=seed)
    # sklearn's leave-one-out choice, alphas times the 40 points of a training part
    expected = by_scikit_learn(X, d, RidgeCV(alphas=40 * np.array(PENALTIES)))
    assert margin_retention(X, d) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("noise", [0.0, 0.3, 3.0])
@pytest.mark.parametrize("units", [2, 20, 64])
def test_chosen_penalty_at_known_noise(noise, units):
    for seed in range(3):
        X, d = sample(points=50, units=units, noise=noise, seed=seed)
        expected = by_scikit_learn(X, d, RidgeCV(alphas=40 * np.array(PENALTIES)))
        assert margin_retention(X, d) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_folds_are_of_unequal_size_where_they_must():
    X, d = sample(points=23)
    missed = 0.0
    for k in range(5):
        kept = np.arange(23) % 5 != k
        model = make_pipeline(StandardScaler(), Ridge(alpha=0.01 * kept.sum())).fit(X[kept], d[kept])
        missed += ((d[~kept] - model.predict(X[~kept])) ** 2).sum()
    expected = 1 - missed / ((d - d.mean()) ** 2).sum()
    assert margin_retention(X, d, penalty=0.01) == pytest.approx(expected, rel=1e-9)


def test_by_hand():
    # Two folds of two points each, one column. Fold 0 is fitted on points 1 and 3: x = −1, 1 (standardised already),
    # d = 0, 4, so d̂ = 2 + x · 2 / (1 + penalty). With penalty 1: d̂ = 2 + x. Held out: x = 0, 2 → 2, 4 against 1, 5.
    # Fold 1 is fitted on points 0 and 2: x = 0, 2, d = 1, 5: d̂ = 3 + (x − 1). Held out: x = −1, 1 → 1, 3 against 0, 4.
    X, d = np.array([[0.0], [-1.0], [2.0], [1.0]]), np.array([1.0, 0.0, 5.0, 4.0])
    # Σ misses² = 1 + 1 + 1 + 1; Σ(d − 2.5)² = 2.25 + 6.25 + 6.25 + 2.25
    assert margin_retention(X, d, folds=2, penalty=1.0) == pytest.approx(1 - 4 / 17)


def test_a_linear_read_out_is_perfect_and_noise_is_worthless():
    rng = np.random.default_rng(1)
    X = rng.normal(size=(64, 3))
    assert margin_retention(X, X @ [1.0, -2.0, 0.5] + 4) > 0.999999
    assert margin_retention(rng.normal(size=(640, 3)), rng.normal(size=640)) == pytest.approx(0.0, abs=0.02)


def test_unchanged_by_affine_maps_up_to_the_penalty():
    rng = np.random.default_rng(0)
    X, d = sample(points=64, units=3, noise=1.0)
    value = margin_retention(X, d, penalty=1e-6)
    assert 0.3 < value < 0.999
    for seed in range(5):
        A = np.random.default_rng(seed).normal(size=(3, 3))
        assert margin_retention(X @ A + rng.normal(size=3), d, penalty=1e-6) == pytest.approx(value, abs=1e-3)
    # scale and shift of single units change nothing at all, whatever the penalty; nor do those of the distance
    assert margin_retention(X * [1e-3, 5.0, 1e6] - 7.0, d) == pytest.approx(margin_retention(X, d), abs=1e-9)
    assert margin_retention(X, -3.0 * d + 2.0) == pytest.approx(margin_retention(X, d), abs=1e-9)
    assert margin_retention(X * 1e-200, d * 1e-200) == pytest.approx(margin_retention(X, d), abs=1e-9)
    assert margin_retention(X * 1e200, d * 1e200) == pytest.approx(margin_retention(X, d), abs=1e-9)
    assert margin_retention(X * [1.0, 1e-200, 1e200], d) == pytest.approx(margin_retention(X, d), abs=1e-9)


def test_units_that_are_nearly_copies_still_give_the_distance_away():
    # What a squeezing layer does: the distance hides in a difference of 1e-4.
    rng = np.random.default_rng(0)
    common, d = rng.normal(size=64), rng.normal(size=64)
    X = np.column_stack([common, common + 0.02 * d])
    assert margin_retention(X, d) > 0.9
    assert margin_retention(X, d, penalty=1.0) < 0.3


def test_a_wide_layer_does_not_overfit():
    rng = np.random.default_rng(0)
    d = rng.normal(size=64)
    X = rng.normal(size=(64, 64))
    assert margin_retention(X, d) > -0.1
    assert margin_retention(X, d, penalty=1e-6) < -0.3
    assert margin_retention(X, d, penalty=1e-300) < -0.3  # interpolates: no leave-one-out error to speak of


def test_a_collapsed_representation_gives_zero_or_just_below():
    d = np.random.default_rng(0).normal(size=64)
    exact = margin_retention(np.zeros((64, 0)), d)
    assert -0.05 < exact <= 0
    assert margin_retention(np.full((64, 4), 0.1), d) == exact
    noise = np.float32(0.73) + np.float32(6e-8) * np.random.default_rng(1).integers(0, 3, size=(64, 4))
    assert margin_retention(noise.astype(np.float32), d) == exact


def test_a_unit_that_is_constant_in_a_training_part_is_left_out():
    X, d = sample(points=20, units=2)
    spike = np.zeros((20, 1))
    spike[7] = 100.0  # fold 2: constant for the rest
    expected = by_scikit_learn(np.hstack([X, spike]), d, Ridge(alpha=16 * 0.1))
    assert margin_retention(np.hstack([X, spike]), d, penalty=0.1) == pytest.approx(expected, rel=1e-9)


def test_it_can_be_negative():
    X, d = np.arange(8.0)[:, None], np.array([0.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -9.0])
    assert margin_retention(X, d, folds=4, penalty=1e-6) < -0.2


def test_nan():
    X, d = sample(points=20)
    for bad in (np.nan, np.inf):
        broken = X.copy()
        broken[1, 1] = bad
        assert math.isnan(margin_retention(broken, d))
        broken = d.copy()
        broken[1] = bad
        assert math.isnan(margin_retention(X, broken))
    assert math.isnan(margin_retention(X, np.full(20, 0.1)))
    assert math.isnan(margin_retention(X[:9], d[:9]))
    assert math.isfinite(margin_retention(X[:10], d[:10]))
    assert math.isnan(margin_retention(X[:0], d[:0]))


def test_arguments_are_checked():
    X, d = sample(points=20)
    with pytest.raises(ValueError, match=r"representation must have 2 axes, not shape \(20,\)"):
        margin_retention(d, d)
    with pytest.raises(ValueError, match=r"signed_distance must have 1 axes, not shape \(20, 4\)"):
        margin_retention(X, X)
    with pytest.raises(ValueError, match="first axes differ in length: representation 20, signed_distance 19"):
        margin_retention(X, d[1:])
    with pytest.raises(ValueError, match="folds must be at least 2, not 1"):
        margin_retention(X, d, folds=1)
    for penalty in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="penalty must be positive"):
            margin_retention(X, d, penalty=penalty)


def test_inputs_are_left_as_they_are():
    X, d = sample(points=20)
    X_kept, d_kept = X.copy(), d.copy()
    margin_retention(X, d)
    np.testing.assert_array_equal(X, X_kept)
    np.testing.assert_array_equal(d, d_kept)
