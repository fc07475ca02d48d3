"""What must hold for every function, and finite random nets as the judge."""

from __future__ import annotations

import json
import math
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import actlab
from actlab.theory.maps import correlation_slope, next_correlation
from actlab.theory.trained import trained

NAMES = ("relu", "tanh", "gelu", "silu", "elu", "softplus", "sigmoid", "hard_tanh", "x*tanh(softplus(x))", "sin(2*x)")
WIDTH = 4096


@given(
    name=st.sampled_from(NAMES), q=st.floats(0.05, 8), sigma_w2=st.floats(0.2, 5), sigma_b2=st.floats(0, 1),
    c=st.floats(-0.99, 0.99),
)  # fmt: skip
@settings(max_examples=15, deadline=None)
def test_correlation_map(name, q, sigma_w2, sigma_b2, c):
    """1 is a fixed point, no correlation leaves [−1, 1], and χ is the derivative, whatever the variance."""
    activation = actlab.get(name)
    weights = (sigma_w2, sigma_b2)
    total = actlab.theory(activation).next_variance(q, sigma_w2=sigma_w2, sigma_b2=sigma_b2)
    assert next_correlation(activation, 1.0, q, *weights) == 1
    assert abs(next_correlation(activation, c, q, *weights)) <= 1 + 1e-9
    step = 1e-4
    around = [next_correlation(activation, c + d, q, *weights) for d in (-step, step)]
    slope = correlation_slope(activation, c, q, sigma_w2) * q / total
    assert (around[1] - around[0]) / (2 * step) == pytest.approx(slope, abs=2e-4 * (1 + q) ** 2)


@pytest.mark.parametrize("name", NAMES)
def test_chi1_is_the_slope_at_one(name):
    """By differences towards c = 1; a kink bends the map there like (1 − c)^1.5, which Richardson takes out."""
    activation, q, sigma_w2, sigma_b2 = actlab.get(name), 1.3, 1.5, 0.2
    total = sigma_w2 * actlab.theory(name).moments(q).second + sigma_b2
    first, second = (
        (1 - next_correlation(activation, 1 - step, q, sigma_w2, sigma_b2)) / step for step in (1e-6, 0.25e-6)
    )
    assert (2 * second - first) * total / q == pytest.approx(correlation_slope(activation, 1.0, q, sigma_w2), abs=2e-5)


@pytest.mark.parametrize("name", ["relu", "tanh", "elu", "gelu", "hard_tanh"])
def test_growth_is_the_slope_of_the_variance_map(name):
    t = actlab.theory(name)
    step = 1e-5
    difference = (t.moments(1 + step).second - t.moments(1 - step).second) / (2 * step)
    assert t.moments(1.0).growth == pytest.approx(difference, abs=1e-8)


@pytest.mark.parametrize("name", ["tanh", "elu", "selu", "sin", "erf", "mish", "gelu", "silu", "leaky_relu", "abs(x)"])
def test_critical_points_are_critical(name):
    t = actlab.theory(name)
    point = t.critical_point()
    assert point.sigma_b2 >= 0
    assert t.next_variance(point.q, sigma_w2=point.sigma_w2, sigma_b2=point.sigma_b2) == pytest.approx(
        point.q, rel=1e-9
    )
    assert correlation_slope(t.activation, 1.0, point.q, point.sigma_w2) == pytest.approx(1, abs=1e-9)
    found = t.depth_scale(sigma_w2=point.sigma_w2, sigma_b2=point.sigma_b2)
    assert found.chi1 == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "sigma_w2"), [("tanh", 3.0), ("elu", 1.0), ("sigmoid", 2.0), ("silu", 1.5), ("hard_tanh", 2.5)]
)
def test_iteration_comes_to_the_fixed_points(name, sigma_w2):
    """The maps, walked layer by layer from q = 1 and c = 0.3, end where the fixed points are said to be."""
    t, weights = actlab.theory(name), {"sigma_w2": sigma_w2, "sigma_b2": 0.1}
    found = t.depth_scale(**weights)
    q = 1.0
    for _ in range(200):
        q = t.next_variance(q, **weights)
    assert q == pytest.approx(found.q, rel=1e-6)
    layers = 60
    away = 2 * math.exp(-layers / found.correlation) + 1e-6
    assert away < 0.05
    assert t.correlations(0.3, layers, **weights)[-1] == pytest.approx(found.c, abs=away)


def standard_error_test(samples, expected):
    """Mean of `samples`, shape (n,), within what a t-test at 0.1 % allows: 3.3 standard errors of many."""
    error = np.std(samples, ddof=1) / math.sqrt(len(samples))
    assert abs(np.mean(samples) - expected) <= stats.t.ppf(0.9995, len(samples) - 1) * error


@pytest.mark.parametrize("name", ["relu", "tanh", "silu", "x*tanh(softplus(x))", "where(x > 0, x, 0.2*sin(x))"])
def test_kernels_of_wide_nets(name):
    """Nets of two hidden layers, 4,096 wide: the covariance of outputs and the inner product of gradients.

    Given a layer, the next one's pre-activations are independent Gaussians, so they are drawn without the matrix; the
    gradient's way back through the second layer is likewise a Gaussian combination.
    """
    rng, activation, (sigma_w2, sigma_b2) = np.random.default_rng(5), actlab.get(name), (1.7, 0.1)
    X = np.array([[1.0, 0.2, -0.4], [0.3, -0.9, 0.8]])
    expected = actlab.theory(name).kernels(X, 2, sigma_w2=sigma_w2, sigma_b2=sigma_b2)
    K0 = sigma_w2 * X @ X.T / 3 + sigma_b2
    nngp, ntk = [], []
    for _ in range(24):
        z1 = np.linalg.cholesky(K0) @ rng.standard_normal((2, WIDTH))
        a1, s1 = activation.value_and_derivative(z1)
        K1 = sigma_w2 * a1 @ a1.T / WIDTH + sigma_b2
        z2 = np.linalg.cholesky(K1) @ rng.standard_normal((2, WIDTH))
        a2, s2 = activation.value_and_derivative(z2)
        K2 = sigma_w2 * a2 @ a2.T / WIDTH + sigma_b2
        back2 = s2 * rng.standard_normal(WIDTH) * math.sqrt(sigma_w2 / WIDTH)
        G2 = back2 @ back2.T
        back1 = s1 * (np.linalg.cholesky(G2 * sigma_w2 / WIDTH) @ rng.standard_normal((2, WIDTH)))
        G1 = back1 @ back1.T
        nngp.append(K2)
        ntk.append(K2 + G2 * K1 + G1 * K0)
    for i, j in ((0, 0), (0, 1), (1, 1)):
        standard_error_test(np.array(nngp)[:, i, j], expected.nngp[i, j])
        standard_error_test(np.array(ntk)[:, i, j], expected.ntk[i, j])


def test_kernel_with_real_matrices():
    """Once with every weight drawn, forward and back: nothing above relied on the shortcut being right."""
    rng, (sigma_w2, sigma_b2) = np.random.default_rng(11), (1.7, 0.1)
    activation = actlab.get("tanh")
    X = np.array([[1.0, 0.2, -0.4], [0.3, -0.9, 0.8]])
    expected = actlab.theory("tanh").kernels(X, 2, sigma_w2=sigma_w2, sigma_b2=sigma_b2)
    K0 = sigma_w2 * X @ X.T / 3 + sigma_b2
    samples = []
    for _ in range(12):
        z1 = math.sqrt(sigma_w2 / 3) * X @ rng.standard_normal((3, WIDTH)) + math.sqrt(sigma_b2) * rng.standard_normal(
            WIDTH
        )
        a1, s1 = activation.value_and_derivative(z1)
        W = rng.standard_normal((WIDTH, WIDTH), dtype=np.float32) * np.float32(math.sqrt(sigma_w2 / WIDTH))
        z2 = a1.astype(np.float32) @ W + math.sqrt(sigma_b2) * rng.standard_normal(WIDTH)
        a2, s2 = activation.value_and_derivative(z2)
        back2 = s2 * rng.standard_normal(WIDTH) * math.sqrt(sigma_w2 / WIDTH)
        back1 = (back2.astype(np.float32) @ W.T) * s1
        K1, K2 = (sigma_w2 * a @ a.T / WIDTH + sigma_b2 for a in (a1, a2))
        samples.append((K2 + (back2 @ back2.T) * K1 + (back1 @ back1.T) * K0)[0, 1])
    standard_error_test(np.array(samples), expected.ntk[0, 1])


def test_kernels_of_many_inputs_are_those_of_each_pair():
    """Interpolation in the angle, against each pair by itself."""
    angles = np.linspace(0, math.pi, 18)
    X = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for name in ("relu", "tanh", "elu"):
        t = actlab.theory(name)
        many = t.kernels(X, 2, sigma_w2=1.5, sigma_b2=0.1)
        for i, j in ((0, 0), (0, 17), (3, 9), (16, 17)):
            two = t.kernels(X[[i, j]], 2, sigma_w2=1.5, sigma_b2=0.1)
            for a, b in zip(many, two, strict=True):
                assert a[i, j] == pytest.approx(b[0, 1], abs=1e-8)


@pytest.mark.parametrize("weights", ["gaussian", "orthogonal"])
@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_isometry(name, weights):
    """The singular values of products of random matrices; slopes drawn as an infinitely wide net has them."""
    rng, n, layers, q = np.random.default_rng(3), 96, 4, 0.7
    activation = actlab.get(name)
    expected = actlab.theory(name).isometry(layers, q=q, weights=weights)
    sigma_w2 = 1 / actlab.theory(name).moments(q).slope_second
    squares = []
    for _ in range(16):
        J = np.eye(n)
        for _ in range(layers):
            W = rng.standard_normal((n, n)) / math.sqrt(n) if weights == "gaussian" else np.linalg.qr(
                rng.standard_normal((n, n))
            )[0] @ np.diag(rng.choice([-1.0, 1.0], n))  # fmt: skip
            slopes = activation.derivative(math.sqrt(q) * rng.standard_normal(n))
            J = slopes[:, None] * (math.sqrt(sigma_w2) * W @ J)
        squares.append(np.linalg.svd(J, compute_uv=False) ** 2)
    assert expected.mean == pytest.approx(1, abs=1e-9)
    standard_error_test(np.mean(squares, axis=1), 1)
    assert np.var(np.array(squares)) == pytest.approx(expected.variance, rel=0.2)


def test_finite_width():
    """Rectifier nets: ‖Ju‖⁴ over ‖Ju‖² squared, from narrow random nets; 5/n a layer."""
    rng, n, layers = np.random.default_rng(8), 64, 6
    expected = actlab.theory("relu").finite_width([n] * layers)
    assert expected.beta == pytest.approx(layers / n)
    assert expected.relative_second_moment == pytest.approx((1 + 5 / n) ** layers, rel=1e-9)
    draws = rng.standard_normal((layers, 60_000, n)) ** 2 * (rng.random((layers, 60_000, n)) < 0.5)
    lengths = np.prod(2 * draws.mean(axis=2), axis=0)
    assert np.mean(lengths**2) / np.mean(lengths) ** 2 == pytest.approx(expected.relative_second_moment, rel=0.03)
    assert actlab.theory("x").finite_width([10]).relative_second_moment == pytest.approx(1.2)


def test_the_room_is_its_own_door():
    import actlab.theory as room

    assert room is actlab.theory
    assert isinstance(actlab.theory("leaky_relu", alpha=0.05), room.Theory)
    assert repr(actlab.theory("gelu")) == "actlab.theory('gelu')"


def test_trained_nets_bear_theory_out():
    """The records that ship: ten functions at eight initialisations, ranked as ξ ranks them."""
    rows = json.loads((files("actlab.theory") / "trained.json").read_text(encoding="utf-8"))["rows"]
    assert len(rows) == 80
    assert len({row[0] for row in rows}) == 10
    predicted = []
    for name, sigma_w2, sigma_b2, _ in rows:
        found = actlab.theory(name).depth_scale(sigma_w2=sigma_w2, sigma_b2=sigma_b2)
        predicted.append(np.nanmin([found.correlation, found.gradient, 1e9]))
    measured = [1e9 if depth is None else depth for *_, depth in rows]
    assert stats.spearmanr(predicted, measured).statistic >= 0.9
    tanh = trained(actlab.get("tanh"))
    assert [(one.sigma_w2, one.fails_from) for one in tanh] == [
        (row[1], math.inf if row[3] is None else row[3]) for row in rows if row[0] == "tanh"
    ]
    assert trained(actlab.get("x*tanh(softplus(x))")) == ()
