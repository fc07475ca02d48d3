import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from actlab.measure import (
    DerivativeBuffer,
    UnitShares,
    UnitState,
    classify_gains,
    classify_units,
    sparsity,
    summarise_derivative,
    unit_gain,
    unit_shares,
)

LIVE, LINEAR, SATURATED, DEAD, NOT_APPLICABLE, UNDEFINED = UnitState
NAN = float("nan")
derivatives = arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.floats(-10, 10))


def test_gain_by_hand():
    # rms of (3, 4, 0, 0) is 2.5; √E[φ′²] = 0.5
    np.testing.assert_array_equal(unit_gain([[3.0, 0.0], [4.0, 0.0], [0.0, 0.0], [0.0, 0.0]], 0.25), [5.0, 0.0])


def test_gain_of_standard_normal_pre_activations_is_one():
    z = np.random.default_rng(1).normal(size=(200_000, 2))
    sigmoid = expit(z) * (1 - expit(z))
    np.testing.assert_allclose(unit_gain((z > 0).astype(float), 0.5), 1.0, atol=0.01)
    np.testing.assert_allclose(unit_gain(sigmoid, 0.044836), 1.0, atol=0.01)
    np.testing.assert_allclose(unit_gain(1 - np.tanh(z) ** 2, 0.464403), 1.0, atol=0.01)


@given(derivatives, st.floats(0.01, 10))
@settings(deadline=None)
def test_gain_against_plain_loops(dphi, reference):
    expected = [math.sqrt(math.fsum(v * v for v in unit) / len(unit) / reference) for unit in dphi.T.tolist()]
    np.testing.assert_allclose(unit_gain(dphi, reference), expected, rtol=1e-12, atol=1e-100)


@given(derivatives, st.data())
@settings(deadline=None)
def test_splitting_into_batches_and_merging_does_not_matter(dphi, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(dphi)), max_size=4)))
    buffers = []
    for batch in np.split(dphi, cuts):
        buffer = DerivativeBuffer(dphi.shape[1])
        buffer.update(batch)
        buffers.append(buffer)
    order = data.draw(st.permutations(range(len(buffers))))
    total = buffers[order[0]]
    for k in order[1:]:
        total.merge(buffers[k])
    running = DerivativeBuffer(dphi.shape[1])
    for batch in np.split(dphi, cuts):
        running.update(batch)
    whole = summarise_derivative(dphi)
    for summary in (total.result(), running.result()):
        assert summary.count == whole.count == len(dphi)
        np.testing.assert_array_equal(summary.minimum, dphi.min(axis=0))
        np.testing.assert_array_equal(summary.maximum, dphi.max(axis=0))
        np.testing.assert_allclose(summary.mean_square, whole.mean_square, rtol=1e-13, atol=1e-300)
        np.testing.assert_array_equal(summary.constant, whole.constant)


def test_merging_leaves_the_other_buffer_as_it_is():
    one, other = DerivativeBuffer(1), DerivativeBuffer(1)
    one.update([[2.0]])
    other.update([[4.0]])
    one.merge(other)
    one.update([[6.0]])
    assert other.result().count == 1
    assert other.result().mean_square[0] == 16.0
    result = one.result()
    assert (result.count, result.minimum[0], result.maximum[0]) == (3, 2.0, 6.0)
    assert result.mean_square[0] == pytest.approx(56 / 3)


def test_a_result_does_not_change_when_the_buffer_goes_on():
    buffer = DerivativeBuffer(1)
    buffer.update([[1.0]])
    before = buffer.result()
    buffer.update([[5.0]])
    assert (before.count, before.mean_square[0], before.maximum[0]) == (1, 1.0, 1.0)


def test_a_unit_dead_in_one_batch_is_judged_over_all():
    buffer = DerivativeBuffer(1)
    buffer.update(np.zeros((99, 1)))
    assert buffer.result().states(0.5)[0] == DEAD
    buffer.update(np.ones((1, 1)))
    assert buffer.result().states(0.5)[0] == LIVE  # g = 0.1 / 0.707


def test_thresholds_exactly_at_the_boundary():
    below = np.nextafter([1e-3, 0.1], 0)
    gain = np.array([0.0, below[0], 1e-3, below[1], 0.1, 1.0, np.inf])
    states = classify_gains(gain, np.zeros(7, bool), 1.0)
    assert states.tolist() == [DEAD, DEAD, SATURATED, SATURATED, LIVE, LIVE, LIVE]
    assert states.dtype == np.int64


def test_thresholds_through_phi_prime():
    # Powers of two make the arithmetic exact: the gain is φ′ itself.
    dphi = np.array([[1.0, 2**-3, 2**-4, 2**-9, 2**-10]]) * np.array([[1.0], [-1.0]])
    assert classify_units(dphi, 1.0).tolist() == [LIVE, LIVE, SATURATED, SATURATED, DEAD]


def test_order_of_the_states():
    gain, constant = np.array([NAN, 0.0, 0.01, 1.0, 1.0]), np.array([True, True, True, True, False])
    assert classify_gains(gain, constant, 1.0).tolist() == [UNDEFINED, DEAD, SATURATED, LINEAR, LIVE]
    assert classify_gains(gain, constant, 0.0).tolist() == [NOT_APPLICABLE] * 5
    assert classify_gains([1, 1], [0, 1], 1).tolist() == [LIVE, LINEAR]


def test_known_functions():
    z = np.linspace(-3, 3, 31)[:, None]
    relu = (z > 0) * 1.0
    assert classify_units(np.ones_like(z), 1.0).tolist() == [LINEAR]  # identity
    assert classify_units(relu, 0.5).tolist() == [LIVE]
    assert classify_units(np.zeros_like(z), 0.5).tolist() == [DEAD]  # ReLU, always negative
    assert classify_units(np.ones_like(z), 0.5).tolist() == [LINEAR]  # ReLU, always positive
    assert classify_units(np.full_like(z, 0.01), 0.50005).tolist() == [SATURATED]  # Leaky ReLU, always negative
    assert classify_units(np.full_like(z, 0.25), 0.53125).tolist() == [LINEAR]  # Leaky ReLU 0.25, always negative
    assert classify_units(1 / np.cosh(z + 5) ** 2, 0.464403).tolist() == [SATURATED]
    assert classify_units(1 / np.cosh(z + 9) ** 2, 0.464403).tolist() == [DEAD]
    assert classify_units(np.zeros_like(z), 0.0).tolist() == [NOT_APPLICABLE]  # step


def test_linear_tolerance():
    def constant(low, high):
        return bool(summarise_derivative([[low], [high], [low]]).constant[0])

    assert constant(1.0, 1.0)
    assert constant(1.0 - 9e-7, 1.0)
    assert not constant(1.0 - 1.1e-6, 1.0)
    assert constant(-1000.0, -1000.0 + 9e-4)
    assert not constant(-1000.0, -1000.0 + 1.1e-3)
    assert not constant(-1.0, 1.0)
    assert constant(0.0, 0.0)
    assert not constant(-1.7e308, 1.7e308)


def test_the_tolerance_itself_still_counts_as_constant():
    largest = 1e6  # 1e-6 · 1e6 is exactly 1
    assert summarise_derivative([[largest - 1.0], [largest]]).constant[0]
    assert not summarise_derivative([[largest - 1.0 - 2**-20], [largest]]).constant[0]


def test_one_point_cannot_tell_a_constant():
    assert classify_units([[1.0]], 1.0).tolist() == [LIVE]
    assert classify_units([[1.0], [1.0]], 1.0).tolist() == [LINEAR]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_non_finite_derivative_concerns_its_unit_only(bad):
    dphi = np.array([[1.0, 1.0], [bad, 0.5]])
    np.testing.assert_array_equal(np.isnan(unit_gain(dphi, 1.0)), [True, False])
    assert classify_units(dphi, 1.0).tolist() == [UNDEFINED, LIVE]
    summary = summarise_derivative(dphi)
    for values in (summary.mean_square, summary.minimum, summary.maximum):
        np.testing.assert_array_equal(np.isnan(values), [True, False])
    buffer = DerivativeBuffer(2)
    buffer.update(dphi)
    buffer.update(np.ones((5, 2)))
    assert buffer.result().states(1.0).tolist() == [UNDEFINED, LIVE]


@pytest.mark.parametrize("reference", [np.nan, np.inf])
def test_an_unknown_reference_is_undefined(reference):
    assert math.isnan(unit_gain(np.ones((2, 1)), reference)[0])
    assert classify_units(np.ones((2, 1)), reference).tolist() == [UNDEFINED]


def test_no_points():
    assert math.isnan(unit_gain(np.zeros((0, 1)), 1.0)[0])
    assert classify_units(np.zeros((0, 2)), 1.0).tolist() == [UNDEFINED, UNDEFINED]
    assert DerivativeBuffer(2).result().count == 0
    assert classify_units(np.zeros((4, 0)), 1.0).shape == (0,)
    assert DerivativeBuffer(0).result().mean_square.shape == (0,)


def test_huge_derivatives_do_not_warn():
    buffer = DerivativeBuffer(1)
    for _ in range(2):
        buffer.update([[1.3e154], [1.3e154]])
    assert classify_units([[1e200], [-1e200]], 1.0).tolist() == [LIVE]
    assert buffer.result().states(1e-300).tolist() == [LINEAR]
    assert unit_gain([[1e150]], 1e-320)[0] == math.inf


def test_each_unit_may_have_its_own_reference():
    dphi = np.full((2, 3), 0.2) * [[1.0], [-1.0]]
    np.testing.assert_allclose(unit_gain(dphi, [0.04, 4.0, 0.0]), [1.0, 0.1, NAN])
    assert classify_units(dphi, [0.04, 16.0, 0.0]).tolist() == [LIVE, SATURATED, NOT_APPLICABLE]


def test_shares_by_hand():
    states = [DEAD, SATURATED, SATURATED, LINEAR, LINEAR, LINEAR, LIVE, LIVE]
    assert unit_shares(np.array(states)) == UnitShares(dead=0.125, saturated=0.25, linear=0.375)
    assert unit_shares(np.array([LIVE])) == UnitShares(0.0, 0.0, 0.0)


@pytest.mark.parametrize("states", [[], [LIVE, UNDEFINED], [NOT_APPLICABLE, DEAD]])
def test_shares_are_nan_where_a_unit_has_no_state(states):
    shares = unit_shares(np.array(states, dtype=np.int64))
    assert all(math.isnan(v) for v in (shares.dead, shares.saturated, shares.linear))


@given(arrays(np.int64, st.integers(1, 20), elements=st.integers(0, 3)))
@settings(deadline=None)
def test_shares_exclude_each_other(states):
    shares = unit_shares(states)
    assert shares.dead + shares.saturated + shares.linear == pytest.approx(np.mean(states != LIVE))


def test_sparsity_by_hand():
    assert sparsity([[0.0, 1.0, -0.0, 1e-300]]) == 0.5
    assert sparsity(np.zeros((2, 2))) == 1.0
    assert sparsity(np.ones((2, 2))) == 0.0


def test_sparsity_is_not_death():
    # Each point wakes one of four units: three quarters are zeros, and no unit is dead.
    a = np.eye(4)
    assert sparsity(a) == 0.75
    assert unit_shares(classify_units((a > 0) * 1.0, 0.5)).dead == 0.0


@pytest.mark.parametrize("a", [np.zeros((0, 2)), np.array([[0.0, np.nan]]), np.array([[0.0, np.inf]])])
def test_sparsity_nan(a):
    assert math.isnan(sparsity(a))


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r"dphi must have 2 axes, not shape \(3,\)"):
        unit_gain(np.ones(3), 1.0)
    with pytest.raises(ValueError, match=r"dphi must have 2 axes, not shape \(3,\)"):
        DerivativeBuffer(3).update(np.ones(3))
    with pytest.raises(ValueError, match="the layer has 3 units, not 2"):
        DerivativeBuffer(3).update(np.ones((5, 2)))
    with pytest.raises(ValueError, match="the layer has 3 units, not 2"):
        DerivativeBuffer(3).merge(DerivativeBuffer(2))
    with pytest.raises(ValueError, match="units must not be negative, not -1"):
        DerivativeBuffer(-1)
    with pytest.raises(ValueError, match=r"gain must have 1 axes, not shape \(1, 2\)"):
        classify_gains(np.ones((1, 2)), np.ones(2), 1.0)
    with pytest.raises(ValueError, match=r"constant has shape \(3,\), gain \(2,\)"):
        classify_gains(np.ones(2), np.ones(3), 1.0)
    with pytest.raises(ValueError, match=r"reference_mean_square has shape \(3,\), the layer's units \(2,\)"):
        unit_gain(np.ones((5, 2)), np.ones(3))
    with pytest.raises(ValueError, match=r"^reference_mean_square must not be negative$"):
        unit_gain(np.ones((5, 2)), -1.0)
    with pytest.raises(ValueError, match=r"states must have 1 axis, not shape \(1, 1\)"):
        unit_shares(np.zeros((1, 1)))
    with pytest.raises(ValueError, match=r"a must have 2 axes, not shape \(1,\)"):
        sparsity(np.zeros(1))
