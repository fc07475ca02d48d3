"""The signed distance to the Bayes boundary, and the Bayes accuracy, against independent computations."""

import math

import numpy as np
import pytest
from scipy import stats

from actlab.data import Circles, Moons, Spiral, Xor, resolve
from actlab.data._contour import zero_level
from actlab.data._segments import Segments

FOUR = ["circles", "moons", "spiral", "xor"]
EACH = pytest.mark.parametrize("name", FOUR)
ALL = pytest.mark.parametrize("name", [*FOUR, "blobs:2", "checkerboard", "checkerboard:5"])
MANY = pytest.mark.parametrize("name", ["blobs", "blobs:4", "blobs:7", "spiral:3", "spiral:5"])
CURVED = pytest.mark.parametrize("kind", [Moons, Spiral])
PLANE = np.random.default_rng(1).uniform(-3, 3, size=(2_000, 2))


def density(source, X, label, nodes=4_000):
    """The density of a class at standardised X, up to a factor: a mean over equal steps along its curve."""
    t = (np.arange(nodes) + 0.5) / nodes
    curve = source.place(t, np.full(nodes, float(label)))
    raw = X * source.sd + source.mean
    out = np.empty(len(X))
    for k, x in enumerate(raw):
        out[k] = np.exp(-((x - curve) ** 2).sum(axis=1) / (2 * source.noise**2)).mean()
    return out


@EACH
def test_the_sign_is_the_bayes_rule(name):
    source = resolve(name)
    X = PLANE[:600]
    zero, one = density(source, X, 0), density(source, X, 1)
    clear = np.abs(zero - one) > 1e-9 * (zero + one)
    clear &= zero + one > 1e-250  # beyond, the plain sums underflow
    assert clear.sum() > 250
    np.testing.assert_array_equal((source.signed_distance(X) > 0)[clear], (one > zero)[clear])


@EACH
def test_the_bayes_accuracy_is_that_of_the_rule_on_fresh_points(name):
    n = 200_000
    source = resolve(name, n_test=n)
    test = source.draw(11).test
    right = ((source.signed_distance(test.X) > 0) == (test.y == 1)).mean()
    expected = source.bayes_accuracy
    assert 0.97 < expected < 1
    assert abs(right - expected) < 4 * math.sqrt(expected * (1 - expected) / n)


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.3, 1.0])
@pytest.mark.parametrize("kind", [Moons, Circles, Xor, Spiral])
def test_the_bayes_accuracy_at_other_noises(kind, noise):
    n = 8_000
    source = kind(noise=noise, n_test=n)
    test = source.draw(2).test
    expected = source.bayes_accuracy
    assert 0.5 < expected <= 1 + 1e-9
    right = ((source.signed_distance(test.X) > 0) == (test.y == 1)).mean()
    assert abs(right - expected) < 4.5 * math.sqrt(expected * (1 - expected) / n) + 1e-5


@ALL
def test_the_gradient_has_length_one(name):
    source, step = resolve(name), 1e-5
    gradient = [
        (source.signed_distance(PLANE + step * e) - source.signed_distance(PLANE - step * e)) / (2 * step)
        for e in np.eye(2)
    ]
    length = np.hypot(*gradient)
    # On the skeleton, where two stretches of the boundary are equally near, the distance has a crease.
    assert np.mean(np.abs(length - 1) < 1e-3) > 0.995
    assert length.max() < 1 + 1e-3


@ALL
def test_no_sign_changes_within_the_distance_and_one_just_outside(name):
    source = resolve(name)
    X = PLANE[:150]
    distance = source.signed_distance(X)
    angle = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    around = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    # The boundary is a polyline good to 3e-4, and the ring is met between two of its points.
    for radius, changes in ((np.abs(distance) - 1e-3, False), (1.001 * np.abs(distance) + 1e-3, True)):
        ring = X[:, None] + np.maximum(radius, 0)[:, None, None] * around
        sign = source.signed_distance(ring.reshape(-1, 2)).reshape(len(X), -1) > 0
        changed = (sign != (distance > 0)[:, None]).any(axis=1)
        np.testing.assert_array_equal(changed[radius > 0], changes)


@CURVED
def test_points_on_the_boundary_have_equal_densities(kind):
    source = kind()
    segments = source.curve.boundary(source.sd)
    ends, middles = segments[:-2].reshape(-1, 2), segments[:-2].mean(axis=1)
    for points, error in ((ends, 1e-6), (middles, 3e-4)):
        step = 1e-6
        slope = [
            (source.curve.log_ratio(points + step * e) - source.curve.log_ratio(points - step * e)) for e in np.eye(2)
        ]
        off = np.abs(source.curve.log_ratio(points)) / np.hypot(*slope) * 2 * step
        assert off.max() < error


@CURVED
def test_class_1_is_class_0_turned_by_half_a_turn(kind):
    source = kind()
    np.testing.assert_allclose(source.signed_distance(-PLANE), -source.signed_distance(PLANE), atol=1e-3)
    assert abs(source.signed_distance(np.zeros((1, 2)))[0]) < 1e-4
    t = np.linspace(0, 1, 9, endpoint=False)
    np.testing.assert_allclose(source.place(t, np.ones(9)), 2 * source.mean - source.place(t, np.zeros(9)), atol=1e-15)


def test_speed_is_the_greatest_speed():
    t = np.linspace(0, 1, 2_000)
    for kind in (Moons, Spiral):
        steps = np.diff(kind().place(t, np.zeros(len(t))), axis=0)
        assert 0.99 * kind.speed < np.hypot(*steps.T).max() * 1_999 <= kind.speed * (1 + 1e-9)


def test_the_quadrature_is_exact():
    for source in (Moons(), Spiral(), Moons(noise=0.02)):
        X = source.draw(0).train.X[:50]
        raw = X * source.sd + source.mean
        zero, one = density(source, X, 0, 60_000), density(source, X, 1, 60_000)
        usable = np.minimum(zero, one) > 1e-280  # below, the plain sums underflow
        assert usable.sum() > 10 or source.noise == 0.02
        expected = np.log(one[usable] / zero[usable])
        np.testing.assert_allclose(
            source.curve.log_ratio(raw)[usable], expected, atol=1e-5, rtol=1e-6 if source.noise > 0.02 else 1e-3
        )


def test_circles_in_closed_form():
    source = Circles(noise=0.05)
    radius = source.signed_distance(np.zeros((1, 2)))[0]
    np.testing.assert_allclose(radius * source.sd[0], 0.75 + 0.05**2 * math.log(2), atol=1e-4)  # large-argument I₀
    np.testing.assert_allclose(source.signed_distance(np.array([[3.0, 4.0]])), radius - 5)


def test_xor_in_closed_form():
    found = Xor().signed_distance(np.array([[2.0, 1.0], [-1, 3], [-2, -0.5], [0, 1], [1, -1]]))
    np.testing.assert_array_equal(found, [-1, 1, -0.5, 0, 1])


def test_far_away_the_boundary_goes_on():
    X = np.random.default_rng(3).normal(size=(200, 2)) * 500
    for source in (Moons(), Spiral()):
        distance = source.signed_distance(X)
        assert np.isfinite(distance).all()
        # The line through the two ends, seen from afar, leaves no point farther than its distance from the centre.
        assert (np.abs(distance) < np.hypot(*X.T) + 1).all()
        assert np.abs(distance).min() < 100


def circle_field(X):
    return 1 - np.hypot(X[:, 0], X[:, 1])


def test_marching_squares_on_a_circle():
    x = np.linspace(-1.5, 1.5, 61)
    grid = np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1)
    segments = zero_level(circle_field, x, x, circle_field(grid.reshape(-1, 2)).reshape(61, 61))
    np.testing.assert_allclose(np.hypot(*segments.reshape(-1, 2).T), 1, atol=1e-9)
    length = np.hypot(*(segments[:, 1] - segments[:, 0]).T).sum()
    np.testing.assert_allclose(length, 2 * math.pi, rtol=1e-4)  # closed, counted once, without an end to continue


def test_marching_squares_where_all_four_sides_of_a_cell_are_crossed():
    x = np.array([-1.0, 1.0])
    for shift in (0.2, -0.2):

        def field(X, shift=shift):
            return X[:, 0] * X[:, 1] + shift

        corners = np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1).reshape(-1, 2)
        segments = zero_level(field, x, x, field(corners).reshape(2, 2))
        inside = segments[np.abs(segments).max(axis=(1, 2)) <= 1]
        assert len(inside) == 8  # two pieces of four
        np.testing.assert_allclose(field(inside.reshape(-1, 2)), 0, atol=1e-9)
        quadrants = np.sign(inside.mean(axis=1)).prod(axis=1)
        assert (quadrants == -np.sign(shift)).all()


def test_the_nearest_segment_against_all_segments():
    random = np.random.default_rng(0)
    t = np.cumsum(random.uniform(0.2, 1, size=400)) / 60
    walk = np.stack([np.sin(3 * t), np.sin(2 * t + 0.4)], axis=1)
    segments = np.concatenate([np.stack([walk[:-1], walk[1:]], axis=1), [[[9, 9], [90, 9]], [walk[0], walk[0]]]])
    X = random.normal(size=(300, 2))
    brute = np.full(300, np.inf)
    for a, b in segments:
        s = np.linspace(0, 1, 201)[:, None]
        brute = np.minimum(brute, np.hypot(*(X[:, None] - (a + s * (b - a))).transpose(2, 0, 1)).min(axis=1))
    np.testing.assert_allclose(Segments(segments).distance(X), brute, atol=1e-3)
    np.testing.assert_allclose(Segments(segments).distance(np.array([[50.0, 12.0]])), 3)


def all_densities(source, X):
    """Densities of the k classes at standardised X ``(n, k)``, up to a factor, by plain sums."""
    return np.stack([density(source, X, label) for label in range(len(source.classes))], axis=1)


@MANY
def test_many_classes_the_sign_is_the_bayes_rule(name):
    source = resolve(name)
    X = np.random.default_rng(2).uniform(-2, 2, size=(500, 2))
    found, distance = all_densities(source, X), source.signed_distance(X)
    assert distance.shape == (500, len(source.classes))
    ranked = np.sort(found, axis=1)
    clear = (ranked[:, -1] > 1e-250) & (ranked[:, -1] - ranked[:, -2] > 1e-9 * ranked[:, -1])
    assert clear.sum() > 300
    np.testing.assert_array_equal(distance.argmax(axis=1)[clear], found.argmax(axis=1)[clear])
    np.testing.assert_array_equal((distance > 0).sum(axis=1)[clear], 1)


@MANY
def test_many_classes_the_bayes_accuracy_is_that_of_the_rule_on_fresh_points(name):
    n = 100_000
    source = resolve(name, n_test=n)
    test = source.draw(7).test
    right = (source.signed_distance(test.X).argmax(axis=1) == test.y).mean()
    expected = source.bayes_accuracy
    assert 0.6 < expected < 1
    assert abs(right - expected) < 4 * math.sqrt(expected * (1 - expected) / n) + 1e-4


@pytest.mark.parametrize("noise", [0.02, 0.2, 1.0])
def test_bayes_accuracy_of_arms_and_blobs_at_other_noises(noise):
    n = 5_000
    for name in ("spiral:3", "blobs:5", "blobs:2"):
        source = resolve(name, noise=noise, n_test=n)
        test = source.draw(4).test
        distance = source.signed_distance(test.X)
        answer = distance > 0 if distance.ndim == 1 else distance.argmax(axis=1)
        expected = source.bayes_accuracy
        assert 0.2 < expected <= 1 + 1e-9
        assert abs((answer == test.y).mean() - expected) < 4.5 * math.sqrt(expected * (1 - expected) / n) + 2e-4


@MANY
def test_many_classes_against_the_numeric_nearest_boundary_point(name):
    """Brute force: along rays from each point, the first radius at which the likeliest class is another.

    That is never less than the distance, but for the steps of the radius; a corner may lie between two rays.
    """
    source = resolve(name)
    blobs = name.startswith("blobs")
    X = np.random.default_rng(5).uniform(-1.3, 1.3, size=(40 if blobs else 6, 2))
    X[0] /= 20  # near the centre, where all regions meet
    distance = source.signed_distance(X)
    best = distance.argmax(axis=1)
    angle = np.linspace(0, 2 * np.pi, 360, endpoint=False)
    rays = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    radii = np.linspace(0.004, 1.6, 400)
    for x, own, row in zip(X, best, distance, strict=True):
        left = set(range(len(source.classes)))  # whose first radius is not known yet
        for some in np.array_split(radii, 20):
            ring = (x + some[:, None, None] * rays).reshape(-1, 2)
            winner = _likeliest(source, ring, 1 if blobs else 120).reshape(len(some), len(rays))
            for label in sorted(left):
                met = ((winner != own) if label == own else (winner == label)).any(axis=1)
                if met.any():
                    found = row[own] if label == own else -row[label]
                    assert some[met.argmax()] - 0.04 < found < some[met.argmax()] + 0.006
                    left.remove(label)
            if not left:
                break
        for label in left:
            assert label != own
            assert -row[label] > radii[-1] - 0.01


def _likeliest(source, X, nodes):
    """The class of the greatest density at each of X ``(n, 2)``, by sums in float32: good to 1e-4 of a distance."""
    raw = (X * source.sd + source.mean).astype(np.float32)
    t = (np.arange(nodes) + 0.5) / nodes
    out = []
    for label in range(len(source.classes)):
        curve = source.place(t, np.full(nodes, float(label))).astype(np.float32)
        terms = 2 * raw @ curve.T
        terms -= (raw**2).sum(axis=1)[:, None] + (curve**2).sum(axis=1)
        terms /= np.float32(2 * source.noise**2)
        top = terms.max(axis=1)
        terms -= top[:, None]
        out.append(np.log(np.exp(terms, out=terms).mean(axis=1)) + top)
    return np.argmax(out, axis=0)


@pytest.mark.parametrize(("n", "noise"), [(2, 0.3), (3, 0.5), (4, 0.1), (4, 0.5), (5, 0.25), (16, 0.4)])
def test_a_boards_lines_are_where_the_densities_are_equal(n, noise):
    """The densities by sums over the squares, each a product of two smoothed steps."""
    source = resolve(f"checkerboard:{n}", noise=noise)
    X = np.random.default_rng(0).uniform(-1.8, 1.8, size=(400, 2))
    raw = X * source.sd + source.mean
    step = stats.norm.cdf((raw[:, :, None] - np.arange(n + 1)) / noise)
    cell = step[:, :, :-1] - step[:, :, 1:]  # (points, coordinate, square)
    odd = np.add.outer(np.arange(n), np.arange(n)) % 2 == 1
    both = np.einsum("pi,pj->pij", cell[:, 0], cell[:, 1])
    one, zero = (both * odd).sum(axis=(1, 2)), (both * ~odd).sum(axis=(1, 2))
    clear = np.abs(one - zero) > 1e-12
    assert clear.sum() > 300
    np.testing.assert_array_equal((source.signed_distance(X) > 0)[clear], (one > zero)[clear])
    test = resolve(source, n_test=40_000).draw(0).test
    right = ((source.signed_distance(test.X) > 0) == test.y).mean()
    assert abs(right - source.bayes_accuracy) < 4.5 * math.sqrt(0.25 / 40_000)


def test_a_board_without_noise():
    source = resolve("checkerboard:4")
    assert source.bayes_accuracy == 1
    test = source.draw(3).test
    np.testing.assert_array_equal(source.signed_distance(test.X) > 0, test.y == 1)
    middle = (np.array([[0.5, 0.5], [1.5, 0.5], [1.9, 0.5], [-9, 0.5]]) - 2) / source.sd
    np.testing.assert_allclose(source.signed_distance(middle) * source.sd[0], [-0.5, 0.5, 0.1, -0.5])


@pytest.mark.parametrize("name", ["moons", "blobs", "checkerboard"])
def test_columns_of_noise_do_not_move_the_boundary(name):
    source = resolve(name)
    wide = resolve(name, noise_columns=4)
    X = wide.draw(0).train.X
    np.testing.assert_array_equal(wide.signed_distance(X), source.signed_distance(X[:, :2]))
