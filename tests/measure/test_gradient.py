import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from actlab.measure import (
    first_last_ratio,
    gradient_norm,
    gradient_norm_per_weight,
    gradient_norms,
    gradient_through_time,
    log_norm_slope,
    update_ratio,
)

matrices = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 4)), elements=st.floats(-1e3, 1e3))


def test_norms_by_hand():
    assert gradient_norm([[3.0, 0.0], [0.0, -4.0]]) == 5.0
    assert gradient_norm_per_weight([[3.0, 0.0], [0.0, -4.0]]) == 2.5
    np.testing.assert_array_equal(gradient_norms([np.array([[3.0, 4.0]]), np.array([2.0]), np.zeros(3)]), [5, 2, 0])


@given(matrices)
@settings(deadline=None)
def test_norm_against_loops(gradient):
    length = math.hypot(*gradient.ravel().tolist())
    assert gradient_norm(gradient) == pytest.approx(length, rel=1e-12, abs=0)
    assert gradient_norm_per_weight(gradient) == pytest.approx(length / math.sqrt(gradient.size), rel=1e-12, abs=0)


@pytest.mark.parametrize("scale", [1e-320, 1e-200, 1e200, 1e307])
def test_norm_neither_overflows_nor_underflows(scale):
    assert gradient_norm(np.array([3.0, 4.0]) * scale) == pytest.approx(5.0 * scale, rel=1e-3)


def test_norm_of_what_is_too_large_is_infinite_without_a_warning():
    assert gradient_norm(np.full(4, 1.7e308)) == math.inf


def test_narrow_types_are_widened_first():
    rough = np.full(1000, 0.1, dtype=np.float16)
    length = float(rough[0]) * math.sqrt(1000)
    assert gradient_norm(rough) == pytest.approx(length, rel=1e-12)
    assert gradient_norm_per_weight(rough) == pytest.approx(float(rough[0]), rel=1e-12)
    assert gradient_through_time(rough[None])[0] == pytest.approx(length, rel=1e-12)
    assert update_ratio(rough, np.ones(1000)) == pytest.approx(float(rough[0]), rel=1e-12)
    assert update_ratio(np.ones(1000), rough) == pytest.approx(1 / float(rough[0]), rel=1e-12)
    assert gradient_norms([]).dtype == np.float64


def test_norm_of_nothing_and_of_what_is_not_finite():
    assert gradient_norm(np.zeros((0, 3))) == 0.0
    assert gradient_norm(np.zeros(3)) == 0.0
    assert math.isnan(gradient_norm_per_weight(np.zeros((0, 3))))
    for bad in (np.nan, np.inf):
        assert math.isnan(gradient_norm([1.0, bad]))
        assert math.isnan(gradient_norm_per_weight([1.0, bad]))
    assert gradient_norms([]).shape == (0,)


def test_first_last_ratio():
    assert first_last_ratio([1.0, 7.0, 4.0]) == 0.25
    assert first_last_ratio([3.0]) == 1.0
    assert first_last_ratio([0.0, 2.0]) == 0.0
    assert first_last_ratio([2.0, 0.0]) == math.inf
    for norms in ([], [0.0, 1.0, 0.0], [1.0, np.nan, 1.0], [np.inf, 1.0]):
        assert math.isnan(first_last_ratio(norms))


def test_slope_by_hand():
    # Sigmoid's fourfold loss a layer, seen from the first layer.
    assert log_norm_slope([1.0, 4.0, 16.0, 64.0]) == pytest.approx(math.log(4))
    assert log_norm_slope([2.0, 1.0]) == pytest.approx(-math.log(2))
    assert log_norm_slope([5.0, 5.0, 5.0]) == pytest.approx(0.0, abs=1e-15)
    assert log_norm_slope([1.0, math.e, 1.0]) == pytest.approx(0.0, abs=1e-15)  # symmetric
    # x = −1.5, −.5, .5, 1.5 (Σx² = 5), y = 0, 0, 0, 1: slope 1.5 / 5
    assert log_norm_slope([1.0, 1.0, 1.0, math.e]) == pytest.approx(0.3)


@given(arrays(np.float64, st.integers(2, 12), elements=st.floats(1e-30, 1e30)))
@settings(deadline=None)
def test_slope_against_polyfit(norms):
    expected = np.polyfit(np.arange(len(norms)), np.log(norms), 1)[0]
    assert log_norm_slope(norms) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert log_norm_slope(norms[::-1]) == pytest.approx(-expected, rel=1e-9, abs=1e-9)
    assert log_norm_slope(norms * 1024) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0]), min_size=2, max_size=9))
@settings(deadline=None)
def test_zeros_are_the_limit_of_small_norms(norms):
    norms = np.array(norms)
    assume(norms.any())
    # Two tiny stand-ins tell where the limit goes: the slope changes in proportion to ln(stand-in), or not at all.
    near = np.polyfit(np.arange(len(norms)), np.log(np.where(norms == 0, 1e-100, norms)), 1)[0]
    nearer = np.polyfit(np.arange(len(norms)), np.log(np.where(norms == 0, 1e-300, norms)), 1)[0]
    slope = log_norm_slope(norms)
    if abs(nearer - near) > 1e-6:
        assert slope == math.copysign(math.inf, nearer - near)
    else:
        assert slope == pytest.approx(near, abs=1e-9)


def test_slope_with_zeros_by_hand():
    assert log_norm_slope([0.0, 0.0, 1.0]) == math.inf  # a dead layer cuts the gradient off: vanishing
    assert log_norm_slope([1.0, 0.0]) == -math.inf
    assert log_norm_slope([1.0, 0.0, math.e**2]) == pytest.approx(1.0)  # the zero is in the middle
    assert log_norm_slope([0.0, 1.0, math.e, 0.0]) == pytest.approx(0.1)  # (−.5·0 + .5·1) / 5


@pytest.mark.parametrize("norms", [[], [1.0], [0.0, 0.0], [1.0, np.nan], [np.inf, 1.0]])
def test_slope_nan(norms):
    assert math.isnan(log_norm_slope(norms))


def test_update_ratio():
    assert update_ratio([[0.003], [0.004]], [[3.0], [4.0]]) == pytest.approx(1e-3)
    assert update_ratio([0.0], [2.0]) == 0.0
    assert update_ratio([2.0], [0.0]) == math.inf
    assert update_ratio([1e300], [1e-300]) == math.inf
    for update, weights in (([0.0], [0.0]), ([np.nan], [1.0]), ([1.0], [np.inf]), ([], [])):
        assert math.isnan(update_ratio(update, weights))


@given(matrices, st.floats(-2, 2))
@settings(deadline=None)
def test_update_ratio_of_a_multiple(weights, factor):
    assume(np.abs(weights).max() > 1e-3)
    assert update_ratio(weights * factor, weights) == pytest.approx(abs(factor), rel=1e-12, abs=1e-300)


def test_through_time():
    gradients = np.array([[3.0, 4.0], [0.0, 1.0], [np.nan, 1.0]])
    np.testing.assert_array_equal(gradient_through_time(gradients), [5.0, 1.0, np.nan])
    batch = np.random.default_rng(0).normal(size=(5, 3, 4))
    expected = [math.sqrt(sum(float(v) ** 2 for v in step.ravel())) for step in batch]
    np.testing.assert_allclose(gradient_through_time(batch), expected)
    # h_t = 0.5 h_{t−1}: ∂L/∂h_t halves with every step back in time.
    chain = 0.5 ** np.arange(9, -1, -1.0)[:, None] * np.ones((1, 3))
    assert log_norm_slope(gradient_through_time(chain)) == pytest.approx(math.log(2))
    assert gradient_through_time(np.zeros((0, 3))).shape == (0,)


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r"norms must have 1 axes, not shape \(1, 1\)"):
        first_last_ratio([[1.0]])
    with pytest.raises(ValueError, match=r"norms must have 1 axes, not shape \(\)"):
        log_norm_slope(np.float64(1.0))
    for function in (first_last_ratio, log_norm_slope):
        with pytest.raises(ValueError, match=r"^a norm is never negative$"):
            function([1.0, -1.0])
    with pytest.raises(ValueError, match=r"update has shape \(2,\), weights \(3,\)"):
        update_ratio(np.ones(2), np.ones(3))
    for shape in ((3,), (1, 2, 3, 4)):
        with pytest.raises(ValueError, match=rf"hidden_gradients must have 2 or 3 axes, not shape \({shape[0]},"):
            gradient_through_time(np.ones(shape))
