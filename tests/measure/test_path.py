import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from actlab.measure import expected_sign_agreement, path_efficiency, sign_agreement


def test_sign_agreement_by_hand():
    assert sign_agreement([1.0, 2.0, 0.1]) == 1.0
    assert sign_agreement([-1.0, -2.0]) == 1.0
    assert sign_agreement([1.0, -2.0, 0.1, 5.0]) == 0.75
    assert sign_agreement([-1.0, -2.0, -0.1, 5.0]) == 0.75
    assert sign_agreement([1.0, -1.0]) == 0.5
    assert sign_agreement([[1.0, 1.0], [1.0, -1.0]]) == 0.75  # mean over units


def test_a_gradient_that_is_not_finite_anywhere_is_not_averaged_away():
    assert math.isnan(sign_agreement([[1.0, 1.0], [np.nan, 1.0]]))


def test_zeros_have_no_sign():
    assert sign_agreement([1.0, 0.0, 2.0, 0.0]) == 1.0
    assert sign_agreement([1.0, -1.0, -0.0]) == 0.5
    assert sign_agreement([[1.0, 0.0, 0.0], [1.0, -1.0, -1.0]]) == pytest.approx(2 / 3)  # one sign cannot disagree
    assert sign_agreement([[0.0, 0.0, 0.0], [1.0, -1.0, -1.0]]) == pytest.approx(2 / 3)  # a dead unit is left out


@pytest.mark.parametrize("gradients", [[0.0, 0.0], [1.0], [[1.0], [-1.0]], [], [1.0, np.nan, 2.0], [np.inf, 1.0]])
def test_sign_agreement_nan(gradients):
    assert math.isnan(sign_agreement(gradients))


@given(arrays(np.float64, st.tuples(*[st.integers(1, 4)] * 3), elements=st.sampled_from([-2.0, -1e-9, 0.0, 1e-9, 1.0])))
@settings(deadline=None)
def test_sign_agreement_against_loops(gradients):
    shares = []
    for step, unit in itertools.product(range(gradients.shape[0]), range(gradients.shape[1])):
        signs = [math.copysign(1, v) for v in gradients[step, unit].tolist() if v != 0]
        if len(signs) > 1:
            shares.append(max(signs.count(1), signs.count(-1)) / len(signs))
    result = sign_agreement(gradients)
    assert result == pytest.approx(np.mean(shares)) if shares else math.isnan(result)


def test_positive_inputs_tie_the_signs_and_centred_ones_do_not():
    # The deck's claim: for one point the gradient of w_i is δ·a_i.
    rng = np.random.default_rng(0)
    delta, a = rng.normal(size=(200, 1)), rng.normal(size=(200, 8))
    assert sign_agreement(delta * (1 / (1 + np.exp(-a)))) == 1.0
    assert sign_agreement(delta * np.tanh(a)) == pytest.approx(expected_sign_agreement(8), abs=0.03)


@pytest.mark.parametrize(("k", "value"), [(1, 1.0), (2, 0.75), (3, 0.75), (4, 0.6875), (5, 0.6875), (6, 0.65625)])
def test_expected_sign_agreement_by_hand(k, value):
    assert expected_sign_agreement(k) == value


@pytest.mark.parametrize("k", range(1, 12))
def test_expected_sign_agreement_by_enumeration(k):
    shares = [max(sum(signs), k - sum(signs)) / k for signs in itertools.product((0, 1), repeat=k)]
    assert expected_sign_agreement(k) == pytest.approx(math.fsum(shares) / len(shares), rel=1e-14)


def test_expected_sign_agreement_of_many():
    assert expected_sign_agreement(10_000) == pytest.approx(0.5 + 1 / math.sqrt(2 * math.pi * 10_000), rel=1e-6)


def test_expected_sign_agreement_needs_a_sign():
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        expected_sign_agreement(0)


def test_path_efficiency_by_hand():
    assert path_efficiency([0.0, 0.0], [3.0, 4.0], [3.0, 4.0]) == pytest.approx(5 / 7)
    assert path_efficiency([[1.0]], [[4.0]], [1.0, 2.0]) == 1.0
    assert path_efficiency([1.0], [1.0], [1.0, 1.0]) == 0.0  # there and back


def test_zig_zag_at_right_angles():
    # n steps to the right, n up, in turn: √2 n over 2n, whatever n.
    assert path_efficiency(np.zeros(2), np.array([50.0, 50.0]), np.ones(100)) == pytest.approx(math.sqrt(0.5))


@given(arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 4)), elements=st.integers(-5, 5)))
@settings(deadline=None)
def test_path_efficiency_is_a_share(path):
    lengths = np.linalg.norm(np.diff(path, axis=0), axis=1)
    result = path_efficiency(path[0], path[-1], lengths)
    if lengths.sum() == 0:
        assert math.isnan(result)
    else:
        assert 0 <= result <= 1 + 1e-12
        assert path_efficiency(path[-1], path[0], lengths) == result


@pytest.mark.parametrize(
    ("start", "end", "lengths"),
    [
        ([0.0], [0.0], [0.0]),
        ([0.0], [0.0], []),
        ([np.nan], [0.0], [1.0]),
        ([0.0], [np.inf], [1.0]),
        ([0.0], [1.0], [np.inf]),
        ([np.inf], [np.inf], [1.0]),
        ([-1.7e308], [1.7e308], [1.0]),
    ],
)
def test_path_efficiency_nan(start, end, lengths):
    assert math.isnan(path_efficiency(start, end, lengths))


def test_narrow_types_are_widened_first():
    small = np.array([100], dtype=np.uint8), np.array([200], dtype=np.uint8)
    assert path_efficiency(*small, [100.0]) == path_efficiency(*small[::-1], [100.0]) == 1.0
    assert path_efficiency(small[1], [100.0], [200.0]) == path_efficiency([100.0], small[1], [200.0]) == 0.5


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r"^weight_gradients needs an axis of incoming weights$"):
        sign_agreement(1.0)
    with pytest.raises(ValueError, match=r"w_0 has shape \(2,\), w_T \(3,\)"):
        path_efficiency(np.ones(2), np.ones(3), [1.0])
    with pytest.raises(ValueError, match=r"step_lengths must have 1 axes, not shape \(1, 1\)"):
        path_efficiency([1.0], [1.0], [[1.0]])
    with pytest.raises(ValueError, match=r"^a step length is never negative$"):
        path_efficiency([1.0], [1.0], [1.0, -1.0])
