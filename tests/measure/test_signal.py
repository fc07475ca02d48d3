import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from actlab.measure import LayerSignal, layer_signal, point_signal

values = st.floats(-1e6, 1e6)


def test_by_hand():
    signal = layer_signal(np.array([[1.0, -3.0], [2.0, 4.0]]), np.array([[1.0, 0.0], [2.0, 4.0]]))
    assert signal == LayerSignal(mean_abs_z=2.5, mean_abs_a=1.75, mean_z=1.0, var_z=6.5)


@given(arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 5)), elements=values))
@settings(deadline=None)
def test_against_plain_loops(z):
    a = np.tanh(z)
    flat = [float(v) for row in z for v in row]
    mean = math.fsum(flat) / len(flat)
    signal = layer_signal(z, a)
    assert signal.mean_z == pytest.approx(mean, rel=1e-12, abs=1e-9)
    assert signal.mean_abs_z == pytest.approx(math.fsum(abs(v) for v in flat) / len(flat), rel=1e-12)
    assert signal.mean_abs_a == pytest.approx(math.fsum(abs(math.tanh(v)) for v in flat) / len(flat), rel=1e-12)
    assert signal.var_z == pytest.approx(math.fsum((v - mean) ** 2 for v in flat) / len(flat), rel=1e-9, abs=1e-12)


def test_variance_is_joint_over_points_and_units_not_averaged_by_unit():
    # Each unit is constant: a per-unit variance would be 0.
    z = np.array([[0.0, 2.0], [0.0, 2.0]])
    assert layer_signal(z, z).var_z == 1.0


def test_variance_of_a_collapsed_layer_is_exactly_zero():
    z = np.full((7, 3), 0.1)
    assert layer_signal(z, z).var_z == 0.0


def test_float32_is_summed_in_float64():
    z = np.full((4096, 1), 0.1, dtype=np.float32)
    assert layer_signal(z, z).mean_z == pytest.approx(float(np.float32(0.1)), rel=1e-12)


def test_a_gated_layer_has_fewer_outputs_than_pre_activations():
    assert layer_signal(np.ones((2, 4)), np.full((2, 2), 3.0)).mean_abs_a == 3.0


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_empty_is_nan(shape):
    assert all(math.isnan(v) for v in dataclasses.astuple(layer_signal(np.zeros(shape), np.zeros(shape))))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_non_finite_value_makes_its_own_quantities_nan(bad):
    good, broken = np.ones((2, 2)), np.array([[1.0, 2.0], [bad, 0.0]])
    signal = layer_signal(broken, good)
    assert math.isnan(signal.mean_abs_z)
    assert math.isnan(signal.mean_z)
    assert math.isnan(signal.var_z)
    assert signal.mean_abs_a == 1.0
    signal = layer_signal(good, broken)
    assert math.isnan(signal.mean_abs_a)
    assert (signal.mean_abs_z, signal.mean_z, signal.var_z) == (1.0, 1.0, 0.0)


def test_huge_values_do_not_warn():
    z = np.full((2, 2), 1.7e308) * np.array([1.0, -1.0])
    signal = layer_signal(z, z)
    assert signal.mean_abs_z == math.inf
    assert not math.isfinite(signal.var_z)


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r"z must have 2 axes, not shape \(3,\)"):
        layer_signal(np.zeros(3), np.zeros((3, 1)))
    with pytest.raises(ValueError, match=r"a must have 2 axes, not shape \(3,\)"):
        layer_signal(np.zeros((3, 1)), np.zeros(3))
    with pytest.raises(ValueError, match="first axes differ in length: z 3, a 2"):
        layer_signal(np.zeros((3, 1)), np.zeros((2, 1)))


def test_point_signal_by_hand():
    signal = point_signal([np.array([1.0, -3.0]), np.array([-0.5])], [np.array([1.0, 0.0]), np.array([0.25])])
    np.testing.assert_array_equal(signal.mean_abs_z, [2.0, 0.5])
    np.testing.assert_array_equal(signal.mean_abs_a, [0.5, 0.25])


def test_point_signal_equals_layer_signal_of_one_point():
    z = np.random.default_rng(0).normal(size=(1, 9))
    layer, point = layer_signal(z, np.tanh(z)), point_signal([z[0]], [np.tanh(z[0])])
    assert point.mean_abs_z[0] == layer.mean_abs_z
    assert point.mean_abs_a[0] == layer.mean_abs_a


def test_point_signal_keeps_to_its_layer_what_is_not_finite():
    signal = point_signal([np.array([1.0]), np.array([np.nan]), np.array([])], [np.ones(1), np.ones(1), np.ones(2)])
    np.testing.assert_array_equal(signal.mean_abs_z, [1.0, np.nan, np.nan])
    np.testing.assert_array_equal(signal.mean_abs_a, [1.0, 1.0, 1.0])


def test_point_signal_of_no_layers():
    assert point_signal([], []).mean_abs_z.shape == (0,)


def test_point_signal_checks_shapes():
    with pytest.raises(ValueError, match="zs has 1 layers, as_ has 2"):
        point_signal([np.ones(1)], [np.ones(1), np.ones(1)])
    with pytest.raises(ValueError, match=r"z must have 1 axes, not shape \(1, 2\)"):
        point_signal([np.ones((1, 2))], [np.ones(2)])
    with pytest.raises(ValueError, match=r"a must have 1 axes, not shape \(1, 2\)"):
        point_signal([np.ones(2)], [np.ones((1, 2))])
