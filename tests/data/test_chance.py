"""Random numbers: their bits, their distribution, their independence."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from actlab.data._chance import TEST, TRAIN, VALIDATION, gaussian_pairs, uniforms
from actlab.data._elementary import circle, logarithm
from actlab.text import UserError

SEEDS = st.integers(0, 2**63 - 1)


def test_the_first_numbers_are_pinned():
    # These bits are part of every published result: they may not change with NumPy, the machine or a refactoring.
    assert [x.hex() for x in uniforms(0, TRAIN, 1, 3)[0].tolist()] == PINNED_UNIFORMS
    u = uniforms(0, TRAIN, 1, 3)
    assert [x.hex() for x in gaussian_pairs(u[:, 1], u[:, 2])[0].tolist()] == PINNED_GAUSSIANS


PINNED_UNIFORMS = ["0x1.7182f66856000p-14", "0x1.b8ea05f3956eep-1", "0x1.6a877aba46d70p-5"]
PINNED_GAUSSIANS = ["0x1.e92d89467c197p+0", "0x1.1745d8c40e2d6p-1"]


@given(SEEDS, st.integers(1, 40), st.integers(1, 40))
def test_a_longer_draw_begins_with_the_shorter(seed, n, more):
    np.testing.assert_array_equal(uniforms(seed, TEST, n + more, 3)[:n], uniforms(seed, TEST, n, 3))


@given(SEEDS)
def test_streams_and_seeds_differ(seed):
    drawn = [uniforms(seed, stream, 4, 1) for stream in (TRAIN, VALIDATION, TEST)]
    drawn.append(uniforms(seed ^ 1, TRAIN, 4, 1))
    for i, a in enumerate(drawn):
        for b in drawn[:i]:
            assert not np.any(a == b)


def test_streams_are_uncorrelated():
    columns = [uniforms(seed, stream, 20_000, 1)[:, 0] for seed in (0, 1) for stream in (TRAIN, VALIDATION, TEST)]
    correlation = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(correlation).max() < 4 / math.sqrt(20_000)


def test_distributions():
    u = uniforms(5, TRAIN, 50_000, 2)
    assert u.min() >= 0
    assert u.max() < 1
    assert stats.kstest(u[:, 0], "uniform").pvalue > 1e-3
    z = gaussian_pairs(u[:, 0], u[:, 1])
    for k in range(2):
        assert stats.kstest(z[:, k], "norm").pvalue > 1e-3
    assert abs(np.corrcoef(z.T)[0, 1]) < 4 / math.sqrt(50_000)


def test_the_ends_of_the_uniform_range():
    u = np.array([0.0, 1 - 2.0**-53])
    z = gaussian_pairs(u, np.array([0.0, 0.0]))
    np.testing.assert_allclose(z, [[0, 0], [math.sqrt(2 * 53 * math.log(2)), 0]], rtol=1e-15)


@given(st.floats(0, 1, exclude_max=True))
def test_circle_is_exact_to_a_few_ulp(u):
    found = circle(np.array([u]))[0]
    with mpmath.workdps(40):
        expected = [mpmath.cospi(2 * mpmath.mpf(u)), mpmath.sinpi(2 * mpmath.mpf(u))]
    for x, exact in zip(found, expected, strict=True):
        assert abs(float(x - exact)) <= 3 * np.spacing(abs(float(exact))) + 1e-320


@given(st.floats(2.0**-60, 1))
def test_logarithm_is_exact_to_a_few_ulp(x):
    with mpmath.workdps(40):
        exact = mpmath.log(x)
    assert abs(float(logarithm(np.array([x]))[0] - exact)) <= 3 * np.spacing(abs(float(exact))) + 1e-320


@pytest.mark.parametrize("seed", [-1, 2**63, 1.5, "3", None])
def test_unfit_seeds(seed):
    with pytest.raises(UserError) as caught:
        uniforms(seed, TRAIN, 1, 1)
    assert caught.value.key == "data.seed"
