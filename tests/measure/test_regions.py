import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from actlab.measure import activation_patterns, count_regions, pattern_changes

patterns_ = arrays(np.int64, st.tuples(st.integers(0, 12), st.integers(0, 3)), elements=st.integers(-1, 2))


def test_patterns_by_hand():
    np.testing.assert_array_equal(activation_patterns([[-1.0, 0.0, 1e-9]]), [[0, 0, 1]])
    z = [[-4.0, -3.0, 0.0, 3.0, 4.0]]
    np.testing.assert_array_equal(activation_patterns(z, (-3.0, 3.0)), [[0, 0, 1, 1, 2]])
    np.testing.assert_array_equal(activation_patterns([[np.nan, np.inf, -np.inf, 2.0]]), [[-1, -1, -1, 1]])
    np.testing.assert_array_equal(activation_patterns(z, ()), np.zeros((1, 5)))
    assert activation_patterns(z).dtype == np.int64


def test_counts_by_hand():
    patterns = np.array([[0, 1], [0, 1], [1, 1], [0, 1], [0, 0]])
    assert count_regions(patterns) == 3
    assert pattern_changes(patterns) == 3
    assert count_regions(patterns > 0) == 3
    assert pattern_changes(patterns > 0) == 3
    assert count_regions(patterns.astype(np.uint8)) == 3


def test_lines_through_the_plane():
    # Three lines in general position cut the plane into 7 regions, two parallel ones into 3.
    axis = np.linspace(-2, 2, 81) + 0.01
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    lines = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, -1.0]])
    assert count_regions(activation_patterns(grid @ lines[:, :2].T + lines[:, 2])) == 7
    parallel = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, -1.0]])
    assert count_regions(activation_patterns(grid @ parallel[:, :2].T + parallel[:, 2])) == 3


def test_breakpoints_of_a_one_dimensional_relu_net():
    # relu(x + 1) , relu(x), relu(x − 1): three kinks on the line, four pieces; the slope changes as often.
    x = np.linspace(-3, 3, 602)[:, None]
    z = x + np.array([1.0, 0.0, -1.0])
    patterns = activation_patterns(z)
    assert pattern_changes(patterns) == 3
    assert count_regions(patterns) == 4
    slopes = np.diff(np.maximum(z, 0) @ [1.0, -2.0, 2.0]) / np.diff(x[:, 0])
    assert len(np.unique(np.round(slopes, 9))) >= 3  # 0, 1, −1, 1 and the straddling intervals


def test_regions_along_a_line_of_a_deep_net_are_entered_once():
    rng = np.random.default_rng(3)
    x = np.linspace(-5, 5, 4001)[:, None] * rng.normal(size=2) + rng.normal(size=2)
    hidden, patterns = x, []
    for width in (16, 16, 16):
        z = hidden @ rng.normal(size=(hidden.shape[1], width)) / np.sqrt(hidden.shape[1]) + rng.normal(size=width)
        patterns.append(activation_patterns(z))
        hidden = np.maximum(z, 0)
    together = np.hstack(patterns)
    assert count_regions(together) == pattern_changes(together) + 1 > 20


@given(patterns_)
@settings(deadline=None)
def test_against_plain_python(patterns):
    rows = [tuple(row) for row in patterns.tolist() if -1 not in row]
    assert count_regions(patterns) == len(set(rows))
    assert pattern_changes(patterns) == sum(a != b for a, b in zip(rows[1:], rows[:-1], strict=True))


def test_no_points_or_no_units():
    assert count_regions(np.zeros((0, 3), int)) == 0
    assert count_regions(np.zeros((5, 0), int)) == 1
    assert pattern_changes(np.zeros((0, 3), int)) == 0
    assert pattern_changes(np.zeros((5, 0), int)) == 0


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r"z must have 2 axes, not shape \(3,\)"):
        activation_patterns(np.zeros(3))
    with pytest.raises(ValueError, match=r"kinks must have 1 axes, not shape \(\)"):
        activation_patterns(np.zeros((1, 1)), np.float64(0.0))
    for kinks in ((0.0, 2.0, 1.0), (1.0, 0.0), (0.0, 0.0), (np.nan,), (0.0, np.inf)):
        with pytest.raises(ValueError, match=r"^kinks must be finite and ascending$"):
            activation_patterns(np.zeros((1, 1)), kinks)
    for function in (count_regions, pattern_changes):
        with pytest.raises(ValueError, match=r"patterns must have 2 axes, not shape \(3,\)"):
            function(np.zeros(3, int))
        with pytest.raises(ValueError, match="patterns must be whole numbers, not float64"):
            function(np.zeros((3, 1)))


@pytest.mark.parametrize("units", [1, 40, 200])
def test_as_many_units_as_there_are(units):
    """More patterns than a whole number has digits for."""
    rng = np.random.default_rng(units)
    patterns = rng.integers(0, 3, size=(60, units))
    patterns = np.concatenate([patterns, patterns[::2]])
    assert count_regions(patterns) == len({tuple(row) for row in patterns.tolist()})
    assert count_regions(patterns * 2**55) == count_regions(patterns)
