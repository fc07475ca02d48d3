import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from actlab.measure import directional, distance_retention, effective_rank, far_contrast, principal_axes

clouds = arrays(np.float64, st.tuples(st.integers(3, 12), st.integers(1, 5)), elements=st.integers(-20, 20))


def rotation(d, seed=0):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


# distance retention


def test_distance_retention_by_hand():
    # On a line at 0, 1, 3 the distances are 1, 3, 2.
    x = np.array([[0.0], [1.0], [3.0]])
    assert distance_retention(x, 5 - 2 * x) == 1.0
    # 0, 2, 1: distances 2, 1, 1 with ranks 3, 1.5, 1.5 against 1, 3, 2: ρ = −1.5 / √(2 · 1.5)
    assert distance_retention(x, [[0.0], [2.0], [1.0]]) == pytest.approx(-math.sqrt(0.75))
    # 0, 3, 1: distances 3, 1, 2: the exact reverse
    assert distance_retention(x, [[0.0], [3.0], [1.0]]) == -1.0


@given(clouds, st.integers(0, 1000))
@settings(deadline=None)
def test_distance_retention_against_scipy(x, seed):
    representation = np.random.default_rng(seed).integers(-9, 10, size=(len(x), 2)).astype(float)
    # Squares of whole numbers are exact, so that scipy sees the ties too.
    a, b = pdist(x, "sqeuclidean"), pdist(representation, "sqeuclidean")
    assume(np.ptp(a) > 0)
    assume(np.ptp(b) > 0)
    expected = spearmanr(a, b).statistic
    assert distance_retention(x, representation) == pytest.approx(expected, abs=1e-9)
    # the ties survive rotation, scale and shift
    turned = 0.7 * representation @ rotation(2, seed) + 3.0
    assert distance_retention(0.3 * x - 5.0, turned) == pytest.approx(expected, abs=1e-9)


@given(clouds)
@settings(deadline=None)
def test_distance_retention_of_itself_is_one(x):
    assume(len(set(np.round(pdist(x), 9))) > 1)
    assert 1 - 1e-12 < distance_retention(x, x) <= 1
    assert distance_retention(x, 4.0 * x + 8.0) == pytest.approx(1.0)


def test_distance_retention_is_unchanged_by_rotation_scale_and_shift():
    rng = np.random.default_rng(2)
    x, h = rng.normal(size=(40, 3)), rng.normal(size=(40, 5))
    value = distance_retention(x, h)
    assert -0.5 < value < 0.5
    assert distance_retention(x, 7.3 * h @ rotation(5) - 11.0) == pytest.approx(value, abs=1e-12)
    assert distance_retention(0.1 * x @ rotation(3) + 2.0, h) == pytest.approx(value, abs=1e-12)
    assert distance_retention(x, np.hstack([h, np.full((40, 2), 9.0)])) == pytest.approx(value, abs=1e-12)


def test_distance_retention_of_a_collapsed_representation_is_zero():
    x = np.random.default_rng(0).normal(size=(10, 2))
    assert distance_retention(x, np.full((10, 3), 0.1)) == 0.0
    assert distance_retention(x, np.zeros((10, 0))) == 0.0
    # What is left of float32 after thirty sigmoid layers is the noise of the last bits, not a representation.
    noise = np.float32(0.73) + np.float32(6e-8) * np.random.default_rng(1).integers(0, 3, size=(10, 3))
    assert noise.std() > 0
    assert distance_retention(x, noise.astype(np.float32)) == 0.0
    assert distance_retention(x, noise.astype(np.float64)) != 0.0


def test_distance_retention_of_three_equidistant_points_is_zero():
    x = np.array([[0.0], [1.0], [3.0]])
    assert distance_retention(x, np.eye(3)) == 0.0


def test_distance_retention_survives_extreme_scales():
    x = np.random.default_rng(0).normal(size=(10, 2))
    for scale in (1e-300, 1e300):
        assert distance_retention(x * scale, x) == pytest.approx(1.0)
        assert distance_retention(x, x * scale) == pytest.approx(1.0)


def test_distance_retention_nan():
    x = np.random.default_rng(0).normal(size=(10, 2))
    broken = x.copy()
    broken[3, 1] = np.inf
    assert math.isnan(distance_retention(x, broken))
    assert math.isnan(distance_retention(broken, x))
    assert math.isnan(distance_retention(np.ones((10, 2)), x))
    assert math.isnan(distance_retention(np.eye(3), [[0.0], [1.0], [3.0]]))
    for points in (0, 1, 2):
        assert math.isnan(distance_retention(x[:points], x[:points]))
    assert distance_retention(x[:3], x[:3]) == 1.0


def test_distance_retention_checks_shapes():
    with pytest.raises(ValueError, match=r"inputs must have 2 axes, not shape \(3,\)"):
        distance_retention(np.ones(3), np.ones((3, 1)))
    with pytest.raises(ValueError, match=r"representation must have 2 axes, not shape \(3,\)"):
        distance_retention(np.ones((3, 1)), np.ones(3))
    with pytest.raises(ValueError, match="first axes differ in length: inputs 3, representation 4"):
        distance_retention(np.ones((3, 1)), np.ones((4, 1)))


# far contrast


def test_directional_by_hand():
    J = np.array([[[1.0, 0.0], [0.0, 2.0]], [[3.0, 1.0], [4.0, 1.0]]])
    np.testing.assert_array_equal(directional(J, [[0.0, 1.0], [1.0, 0.0]]), [2.0, 5.0])
    np.testing.assert_array_equal(directional(J, [[0.0, 3.0], [-1.0, 0.0]]), [6.0, 5.0])


def test_directional_against_einsum():
    rng = np.random.default_rng(0)
    J, n = rng.normal(size=(7, 5, 3)), rng.normal(size=(7, 3))
    np.testing.assert_allclose(directional(J, n), np.linalg.norm(np.einsum("pud,pd->pu", J, n), axis=1))


def test_directional_keeps_to_its_point_what_is_not_finite():
    J = np.ones((3, 2, 2))
    J[1, 0, 0] = np.inf
    n = np.array([[1.0, 0.0], [0.0, 1.0], [np.nan, 0.0]])
    np.testing.assert_allclose(directional(J, n), [math.sqrt(2), np.nan, np.nan])
    assert directional(np.zeros((0, 2, 2)), np.zeros((0, 2))).shape == (0,)
    assert math.isnan(directional(np.full((1, 1, 2), 1.7e308), np.ones((1, 2)))[0])


def test_directional_checks_shapes():
    with pytest.raises(ValueError, match=r"J must have 3 axes, not shape \(2, 2\)"):
        directional(np.ones((2, 2)), np.ones((2, 2)))
    with pytest.raises(ValueError, match=r"n must have 2 axes, not shape \(2,\)"):
        directional(np.ones((2, 2, 2)), np.ones(2))
    for shape in ((3, 2), (2, 3)):
        with pytest.raises(ValueError, match=rf"J has shape \(2, 4, 2\), n \({shape[0]}, {shape[1]}\)"):
            directional(np.ones((2, 4, 2)), np.ones(shape))


def test_far_contrast_by_hand():
    # 20 points: a decile is 2. Nearest: |−0.1|, 0.2; farthest: 9, |−10|.
    distances = np.array([-0.1, 0.2, *np.linspace(1, 5, 16), 9.0, -10.0])
    norms = np.array([4.0, 2.0, *np.full(16, 100.0), 1.0, 0.5])
    assert far_contrast(norms, distances) == 0.25
    shuffle = np.random.default_rng(0).permutation(20)
    assert far_contrast(norms[shuffle], distances[shuffle]) == 0.25


@pytest.mark.parametrize(("points", "decile"), [(2, 1), (9, 1), (10, 1), (19, 1), (20, 2), (64, 6)])
def test_far_contrast_takes_a_decile(points, decile):
    norms = np.ones(points)
    norms[-decile:] = 3.0
    norms[:decile] = 2.0
    assert far_contrast(norms, np.arange(points)) == pytest.approx(1.5)
    if points > 2 * decile:  # one point more on either side would change the mean
        norms[decile] = norms[-decile - 1] = 50.0
        assert far_contrast(norms, np.arange(points)) == pytest.approx(1.5)


def test_far_contrast_takes_equal_distances_in_the_order_given():
    assert far_contrast([1.0, 5.0, 7.0], [2.0, 2.0, 2.0]) == 7.0
    norms = np.arange(1.0, 1001.0)
    for distances in (np.zeros(1000), np.arange(1000) % 2):
        order = sorted(range(1000), key=lambda i: distances[i])
        expected = norms[order[-100:]].mean() / norms[order[:100]].mean()
        assert far_contrast(norms, distances) == pytest.approx(expected)


def test_far_contrast_of_one_sigmoid_falls():
    x = np.linspace(0.1, 6, 100)
    slope = np.exp(-x) / (1 + np.exp(-x)) ** 2
    assert far_contrast(slope, x) < 0.02
    assert far_contrast(np.full(100, 3.0), x) == pytest.approx(1.0)


def test_far_contrast_of_zeros():
    assert math.isnan(far_contrast([0.0, 0.0], [0.0, 1.0]))
    assert far_contrast([0.0, 1.0], [0.0, 1.0]) == math.inf
    assert far_contrast([1.0, 0.0], [0.0, 1.0]) == 0.0
    assert far_contrast(np.full(40, 1.7e308), np.arange(40)) == 1.0


@pytest.mark.parametrize(
    ("norms", "distances"),
    [([], []), ([1.0], [1.0]), ([np.nan, 1.0], [0, 1]), ([1, np.nan, 1], [0, 1, 2]), ([1.0, 1.0], [0, np.inf])],
)
def test_far_contrast_nan(norms, distances):
    assert math.isnan(far_contrast(norms, distances))


def test_far_contrast_checks_shapes():
    with pytest.raises(ValueError, match=r"directional_norms must have 1 axes, not shape \(2, 1\)"):
        far_contrast(np.ones((2, 1)), np.ones(2))
    with pytest.raises(ValueError, match=r"distances must have 1 axes, not shape \(2, 1\)"):
        far_contrast(np.ones(2), np.ones((2, 1)))
    with pytest.raises(ValueError, match="first axes differ in length: directional_norms 2, distances 3"):
        far_contrast(np.ones(2), np.ones(3))
    with pytest.raises(ValueError, match=r"^a norm is never negative$"):
        far_contrast([1.0, -1.0], [0.0, 1.0])


# effective rank


def test_effective_rank_by_hand():
    square = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    assert effective_rank(square) == pytest.approx(2.0)
    assert effective_rank(square * [2.0, 1.0]) == pytest.approx(25 / 17)  # λ = 4 : 1
    assert effective_rank(square * [1.0, 0.0]) == 1.0
    assert effective_rank(np.eye(5)) == pytest.approx(4.0)  # five points span four directions


@given(clouds)
@settings(deadline=None)
def test_effective_rank_against_eigenvalues(x):
    assume(np.ptp(x, axis=0).any())
    eigenvalues = np.linalg.eigvalsh(np.atleast_2d(np.cov(x, rowvar=False)))
    expected = eigenvalues.sum() ** 2 / (eigenvalues**2).sum()
    assert effective_rank(x) == pytest.approx(expected, rel=1e-9)
    assert 1 - 1e-9 <= effective_rank(x) <= min(len(x) - 1, x.shape[1]) + 1e-9


def test_effective_rank_is_unchanged_by_rotation_scale_and_shift():
    x = np.random.default_rng(0).normal(size=(20, 4)) * [4.0, 3.0, 2.0, 1.0]
    assert effective_rank(1e-3 * x @ rotation(4) + 5.0) == pytest.approx(effective_rank(x))
    assert effective_rank(x * 1e200) == pytest.approx(effective_rank(x))
    assert effective_rank(x * 1e-200) == pytest.approx(effective_rank(x))


def test_effective_rank_of_wide_and_narrow_agree():
    x = np.random.default_rng(0).normal(size=(6, 30))
    values = np.linalg.svd(x - x.mean(axis=0), compute_uv=False) ** 2
    assert effective_rank(x) == pytest.approx(values.sum() ** 2 / (values**2).sum())


@pytest.mark.parametrize(
    "x", [np.full((9, 3), 0.1), np.zeros((4, 2)), np.zeros((0, 3)), np.ones((1, 3)), np.ones((3, 0))]
)
def test_effective_rank_of_a_collapsed_representation_is_zero(x):
    assert effective_rank(x) == 0.0


def test_effective_rank_does_not_count_rounding():
    noise = 0.73 + 1e-16 * np.random.default_rng(0).integers(-2, 3, size=(64, 8))
    assert noise.std() > 0
    assert effective_rank(noise) == 0.0
    assert effective_rank(0.73 + 1e-12 * np.random.default_rng(0).normal(size=(64, 8))) > 4


@pytest.mark.parametrize(("dtype", "ulp"), [(np.float32, 2.0**-23), (np.float64, 2.0**-52), (np.float16, 2.0**-10)])
def test_constant_means_sixteen_ulp_of_the_type_of_the_array(dtype, ulp):
    def column(spread):
        return np.array([[1.0 + spread], [1.0]])

    # the largest magnitude is 1 + spread itself, hence a little slack on either side
    assert effective_rank(column(16 * ulp).astype(dtype)) == 0.0
    assert effective_rank(column(17 * ulp).astype(dtype)) == 1.0
    assert effective_rank(-column(16 * ulp).astype(dtype)) == 0.0
    assert effective_rank(-column(17 * ulp).astype(dtype)) == 1.0


def test_whole_numbers_are_exact():
    x = np.array([[10**9], [10**9 + 1]])
    assert effective_rank(x) == 1.0
    assert effective_rank(x.astype(np.longdouble)) == 1.0


def test_a_constant_unit_does_not_hide_the_others():
    x = np.random.default_rng(0).normal(size=(10, 2))
    for level in (1e6, -1e250):
        beside = np.hstack([x, np.full((10, 1), level)])
        assert effective_rank(beside) == pytest.approx(effective_rank(x))
        assert distance_retention(x, beside) == pytest.approx(1.0)
        np.testing.assert_allclose(principal_axes(beside).scores, principal_axes(x).scores, atol=1e-12)
        assert principal_axes(beside).share == pytest.approx(1.0)
    tiny = np.hstack([1e-200 * x, np.full((10, 1), 0.1)])
    assert effective_rank(tiny) == pytest.approx(effective_rank(x))
    assert distance_retention(x, tiny) == pytest.approx(1.0)


def test_effective_rank_nan_and_shapes():
    assert math.isnan(effective_rank([[1.0], [np.nan]]))
    assert math.isnan(effective_rank([[1.0], [np.inf]]))
    with pytest.raises(ValueError, match=r"representation must have 2 axes, not shape \(3,\)"):
        effective_rank(np.ones(3))


# principal axes


def test_principal_axes_by_hand():
    x = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]])
    axes = principal_axes(x)
    np.testing.assert_allclose(axes.scores, [[-5.0, 0.0], [0.0, 0.0], [5.0, 0.0]], atol=1e-12)
    assert axes.share == pytest.approx(1.0)
    cross = np.array([[3.0, 0, 0], [-3.0, 0, 0], [0, 2.0, 0], [0, -2.0, 0], [0, 0, 1.0], [0, 0, -1.0]])
    axes = principal_axes(cross)
    np.testing.assert_allclose(axes.scores, cross[:, :2], atol=1e-12)
    assert axes.share == pytest.approx(13 / 14)
    assert principal_axes(cross, k=1).share == pytest.approx(9 / 14)
    assert principal_axes(cross, k=3).share == pytest.approx(1.0)


def test_principal_axes_sign_does_not_depend_on_the_order_of_points():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 5)) * [5.0, 4.0, 3.0, 2.0, 1.0] @ rotation(5)
    reference = principal_axes(x)
    for seed in range(10):
        order = np.random.default_rng(seed).permutation(30)
        np.testing.assert_allclose(principal_axes(x[order]).scores, reference.scores[order], atol=1e-9)
    # mirroring the data mirrors the picture: the axes themselves stay
    np.testing.assert_allclose(principal_axes(-x).scores, -reference.scores, atol=1e-9)


def test_principal_axes_point_along_their_largest_loading():
    t = np.array([[-1.0], [0.0], [2.0]])
    scores = principal_axes(t * [1.0, -3.0]).scores[:, 0]
    assert scores[2] < scores[0]  # unit 2, which loads most, falls as t grows
    scores = principal_axes(t * [-1.0, 3.0]).scores[:, 0]
    assert scores[2] > scores[0]


@given(clouds, st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_principal_axes_against_the_covariance(x, k):
    assume(np.ptp(x, axis=0).any())
    axes = principal_axes(x, k)
    eigenvalues = np.sort(np.linalg.eigvalsh(np.atleast_2d(np.cov(x, rowvar=False, ddof=0))))[::-1]
    eigenvalues = np.concatenate([eigenvalues, np.zeros(4)])
    assert axes.scores.shape == (len(x), k)
    np.testing.assert_allclose(axes.scores.mean(axis=0), 0, atol=1e-9)
    covariance = axes.scores.T @ axes.scores / len(x)
    np.testing.assert_allclose(covariance, np.diag(eigenvalues[:k]), atol=1e-9 * eigenvalues[0])
    assert axes.share == pytest.approx(eigenvalues[:k].sum() / eigenvalues.sum())


def test_principal_axes_keep_the_units_of_the_representation():
    x = np.random.default_rng(0).normal(size=(20, 3)) * [3.0, 2.0, 1.0]
    reference = principal_axes(x)
    for scale in (1e-300, 1e-3, 1e300):
        scaled = principal_axes(x * scale)
        np.testing.assert_allclose(scaled.scores / scale, reference.scores, atol=1e-9)
        assert scaled.share == pytest.approx(reference.share)


def test_principal_axes_pad_with_zeros():
    axes = principal_axes([[1.0], [3.0]])
    np.testing.assert_allclose(axes.scores, [[-1.0, 0.0], [1.0, 0.0]])
    assert axes.share == pytest.approx(1.0)
    assert principal_axes(np.zeros((0, 5))).scores.shape == (0, 2)


def test_principal_axes_of_a_constant_and_of_what_is_not_finite():
    axes = principal_axes(np.full((4, 3), 0.1))
    np.testing.assert_array_equal(axes.scores, np.zeros((4, 2)))
    assert math.isnan(axes.share)
    axes = principal_axes([[1.0, 2.0], [np.nan, 1.0], [0.0, 0.0]], k=3)
    np.testing.assert_array_equal(axes.scores, np.full((3, 3), np.nan))
    assert math.isnan(axes.share)


def test_principal_axes_check_shapes():
    with pytest.raises(ValueError, match=r"representation must have 2 axes, not shape \(3,\)"):
        principal_axes(np.ones(3))
    with pytest.raises(ValueError, match="k must be at least 1, not 0"):
        principal_axes(np.ones((3, 2)), k=0)


def test_narrow_types_are_widened_first():
    # In uint8 arithmetic 0 − 1 is 255.
    x = np.array([[0, 7], [200, 1], [30, 90], [255, 0]], dtype=np.uint8)
    wide = x.astype(float)
    assert effective_rank(x) == effective_rank(wide)
    assert distance_retention(x, x[:, ::-1] // 2) == distance_retention(wide, wide[:, ::-1] // 2)
    np.testing.assert_array_equal(principal_axes(x).scores, principal_axes(wide).scores)
    huge = np.array([[1.7e308, 1.0], [-1.7e308, 0.0]])  # a spread beyond float64
    assert effective_rank(huge) == 1.0


def test_inputs_are_left_as_they_are():
    x = np.random.default_rng(0).normal(size=(8, 3))
    kept = x.copy()
    principal_axes(x)
    effective_rank(x)
    distance_retention(x, x)
    np.testing.assert_array_equal(x, kept)
