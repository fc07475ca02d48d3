"""The theory against published values and closed forms, and against integrals written another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gamma, hyp2f1

import actlab
from actlab.theory.maps import pair

# E[φ²], gain, E[φ′²] at N(0, 1), to six digits.
TABLE = {
    "relu": (0.5, 1.414214, 0.5),
    "tanh": (0.394294, 1.592537, 0.464403),
    "gelu": (0.425221, 1.533530, 0.455851),
    "silu": (0.355776, 1.676532, 0.379482),
    "mish": (0.452342, 1.486848, 0.479084),
    "elu": (0.644945, 1.245198, 0.668102),
    "selu": (1.0, 1.0, 1.071575),
    "softplus": (0.921246, 1.041867, 0.293379),
    "sigmoid": (0.293379, 1.846229, 0.044836),
    "erf": (0.464559, 1.467167, 0.569410),
}


@pytest.mark.parametrize("name", TABLE)
def test_moments(name):
    t = actlab.theory(name)
    found = (t.moments().second, t.gain(), t.moments().slope_second)
    assert found == pytest.approx(TABLE[name], abs=5.1e-7)
    assert t.gain(of="slope") == pytest.approx(1 / math.sqrt(found[2]), rel=1e-12)


def test_selu_is_centred():
    assert abs(actlab.theory("selu").moments().mean) < 1e-12


def test_tanh_with_bias():
    t = actlab.theory("tanh")
    point = t.critical_point(sigma_b2=0.05)
    assert (point.sigma_w2, point.q) == pytest.approx((1.760955, 0.570048), abs=5.1e-7)
    for sigma_w2, xi, digits in ((1, 3.627, 5e-4), (2, 25.21, 5e-3), (4, 6.980, 5e-4)):
        assert t.depth_scale(sigma_w2=sigma_w2, sigma_b2=0.05).correlation == pytest.approx(xi, abs=digits)
    phases = [t.depth_scale(sigma_w2=s, sigma_b2=0.05).phase for s in (1, point.sigma_w2, 2)]
    assert phases == ["ordered", "critical", "chaotic"]


def test_relu_map():
    t = actlab.theory("relu")
    assert t.next_correlation(0, sigma_w2=2) == pytest.approx(1 / math.pi, abs=1e-12)
    assert t.next_correlation(0.5, sigma_w2=2) == pytest.approx(0.608998, abs=5.1e-7)
    assert t.correlations(0, 100, sigma_w2=2)[-1] == pytest.approx(0.996423, abs=5.1e-7)
    assert t.moments().slope_ratio == pytest.approx(2, abs=1e-12)
    assert actlab.theory("tanh").moments(1 / 64).slope_ratio == pytest.approx(1.00169, abs=5e-6)
    assert t.recommended_init() == pytest.approx((2, 0), abs=1e-12)
    assert t.depth_scale(sigma_w2=2).phase == "critical"
    assert t.depth_scale(sigma_w2=3, sigma_b2=0.1).phase == "explodes"
    assert t.depth_scale(sigma_w2=1, sigma_b2=0.1).q == pytest.approx(0.2, abs=1e-12)


def test_curvature_of_the_value():
    """E[φφ″] by hand: 2z² for squares; the kink of |z| adds 2δ(z)|z| = 0, and that of |z| + 1 adds 2δ(z)."""
    assert actlab.theory("x**2").moments(0.7).value_curvature == pytest.approx(1.4, rel=1e-12)
    assert actlab.theory("abs(x)").moments(0.7).value_curvature == pytest.approx(0, abs=1e-12)
    density = 1 / math.sqrt(2 * math.pi * 0.7)
    assert actlab.theory("abs(x) + 1").moments(0.7).value_curvature == pytest.approx(2 * density, rel=1e-9)


@pytest.mark.parametrize(("name", "slope"), [("elu", 0.5), ("gelu", 0.5), ("softplus", 0.5), ("leaky_relu", 0.50005)])
def test_where_the_signal_grows_without_bound(name, slope):
    """φ becomes a rectifier of large signals: χ₁ tends to σw²/2 (to σw²(1 + 0.01²)/2), whatever φ does near 0."""
    found = actlab.theory(name).depth_scale(sigma_w2=3, sigma_b2=0.05)
    assert found.phase == "explodes"
    assert found.chi1 == pytest.approx(3 * slope, rel=1e-7)
    assert found.gradient == pytest.approx(1 / math.log(3 * slope), rel=1e-6)
    assert math.isnan(found.variance)
    assert actlab.theory("elu").depth_scale(sigma_w2=2, sigma_b2=0.05).gradient == math.inf


def test_where_moments_end():
    """E[exp(z)²] = exp(2q) leaves float64: no variance is kept, and no slope has a limit."""
    found = actlab.theory("exp(x)").depth_scale(sigma_w2=2)
    assert found.phase == "explodes"
    assert math.isnan(found.chi1)
    assert math.isnan(found.gradient)


@pytest.mark.parametrize(
    ("name", "q", "sigma_w2", "sigma_b2"), [("silu", 14.32017, 1.98800, 0.55514), ("gelu", 3.57, 1.98305, 0.17292)]
)
def test_half_stable_points(name, q, sigma_w2, sigma_b2):
    """Roberts, Yaida, Hanin (2022), section 5.3.4: where both the variance and the gradient are kept."""
    point = actlab.theory(name).critical_point()
    assert point.q == pytest.approx(q, rel=2e-3)
    assert point.sigma_w2 == pytest.approx(sigma_w2, rel=1e-4)
    assert point.sigma_b2 == pytest.approx(sigma_b2, rel=1e-3)
    assert point.slope == pytest.approx(1, abs=1e-4)


def relu_kernel(c, q1, q2):
    """Cho and Saul (2009), order 1."""
    angle = math.acos(c)
    return math.sqrt(q1 * q2) * (math.sin(angle) + (math.pi - angle) * c) / (2 * math.pi)


def erf_kernel(c, q1, q2):
    """Williams (1997)."""
    return 2 / math.pi * math.asin(2 * c * math.sqrt(q1 * q2) / math.sqrt((1 + 2 * q1) * (1 + 2 * q2)))


CORRELATIONS = (-1.0, -0.999, -0.6, -1e-6, 0.0, 0.2, 0.9, 0.9999, 1 - 1e-9, 1.0)


@pytest.mark.parametrize(("q1", "q2"), [(1.0, 1.0), (0.01, 0.01), (30.0, 30.0), (0.3, 7.0)])
@pytest.mark.parametrize("c", CORRELATIONS)
def test_closed_forms(q1, q2, c):
    scale = math.sqrt(q1 * q2)
    relu, erf = (pair(actlab.get(name), q1, q2, c) for name in ("relu", "erf"))
    cubic = pair(actlab.get("x**3"), q1, q2, c)
    assert relu.values == pytest.approx(relu_kernel(c, q1, q2), abs=1e-9 * scale)
    assert relu.slopes == pytest.approx((math.pi - math.acos(c)) / (2 * math.pi), abs=1e-9)
    assert erf.values == pytest.approx(erf_kernel(c, q1, q2), abs=1e-9)
    assert cubic.values == pytest.approx(scale**3 * (9 * c + 6 * c**3), abs=1e-9 * 15 * scale**3)


def nested_integral(phi, breaks, q, c):
    """E[φ(u₁)φ(u₂)] in other coordinates than ours, u₁ and u₂ given u₁, split where either meets a kink."""
    nodes, weights = np.polynomial.legendre.leggauss(80)
    root, own = math.sqrt(q), math.sqrt(1 - c * c)

    def panels(bounds):
        bounds = np.unique(np.clip(bounds, -9, 9))
        half = 0.5 * np.diff(bounds)
        y = ((bounds[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
        return y, (half[:, None] * weights).ravel() * np.exp(-0.5 * y * y) / math.sqrt(2 * math.pi)

    z, outer = panels([-9, -3, 0, 3, 9, *(b / root for b in breaks)])
    total = 0.0
    for at, weight in zip(z, outer, strict=True):
        y, inner = panels([-9, -3, 0, 3, 9, *((b / root - c * at) / own for b in breaks)])
        total += weight * phi(root * at) * np.sum(inner * phi(root * (c * at + own * y)))
    return float(total)


@pytest.mark.parametrize(
    ("name", "phi", "q", "c"),
    [
        ("elu", lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))), 0.83, 0.37),
        ("hard_tanh", lambda x: np.clip(x, -1, 1), 1.7, -0.55),
        ("tanh", np.tanh, 2.1, 0.81),
        ("where(x > 0.5, x, 0.1*x*x)", lambda x: np.where(x > 0.5, x, 0.1 * x * x), 0.9, 0.24),
    ],
)
def test_nested_integrals_agree(name, phi, q, c):
    activation = actlab.get(name)
    scale = actlab.theory(name).moments(q).second
    expected = nested_integral(phi, activation.facts.switch_points, q, c)
    assert pair(activation, q, q, c).values == pytest.approx(expected, abs=1e-8 * scale)


NONE = {
    "sigmoid": "bias", "softplus": "bias", "squareplus": "bias", "x**3": "unstable", "sign": "jumps", "step": "jumps",
    "exp(x**2)": "bias", "1/x": "moments",
}  # fmt: skip


@pytest.mark.parametrize("name", NONE)
def test_none_is_said_to_have_none(name):
    t = actlab.theory(name)
    assert not t.has_critical_point
    assert t.critical_line() == ()
    with pytest.raises(actlab.UserError) as error:
        t.critical_point()
    assert error.value.key == f"theory.none_ever_{NONE[name]}"
    with pytest.raises(actlab.UserError):
        t.recommended_init()
    for lang in ("en", "ko"):
        assert name in error.value.message(lang)


@pytest.mark.parametrize("q", [0.1, 1.0, 4.0])
@pytest.mark.parametrize("name", ["sigmoid", "softplus"])
def test_the_bias_would_be_negative(name, q):
    with pytest.raises(actlab.UserError) as error:
        actlab.theory(name).critical_point(q=q)
    assert error.value.key == "theory.none_bias"


def test_growth_that_has_no_moment():
    assert math.isnan(actlab.theory("exp(x**2/4)").moments().second)
    assert actlab.theory("exp(x**2/5)").moments().second == pytest.approx(math.sqrt(5), rel=1e-10)
    assert actlab.theory("exp(x)").moments(30.0).second == pytest.approx(math.exp(60), rel=1e-10)
    assert math.isnan(actlab.theory("exp(x)").moments(400.0).second)
    assert actlab.theory("x**3").moments(50.0).slope_second == pytest.approx(27 * 50**2, rel=1e-11)


BAD = {
    "theory.bad_number": [
        lambda t: t.moments(-1), lambda t: t.gain(0), lambda t: t.next_correlation(1.1, sigma_w2=1),
        lambda t: t.depth_scale(sigma_w2=0), lambda t: t.depth_scale(sigma_w2=1, sigma_b2=-0.1),
        lambda t: t.depth_scale(sigma_w2=math.nan), lambda t: t.critical_point("1"),
    ],
    "theory.bad_whole": [lambda t: t.finite_width([2.5]), lambda t: t.isometry(-1), lambda t: t.isometry(True)],
    "theory.bad_choice": [lambda t: t.gain(of="x"), lambda t: t.isometry(3, weights="x")],
    "theory.bad_inputs": [lambda t: t.kernels([1.0], 1, sigma_w2=1), lambda t: t.kernels([["a"]], 1, sigma_w2=1)],
    "theory.q_or_bias": [lambda t: t.critical_point(1.0, sigma_b2=0.1)],
    "theory.none_at_bias": [lambda t: t.critical_point(sigma_b2=1e4)],
}  # fmt: skip


@pytest.mark.parametrize("key", BAD)
def test_one_sentence(key):
    for call in BAD[key]:
        with pytest.raises(actlab.UserError) as error:
            call(actlab.theory("tanh"))
        assert error.value.key == key
        assert error.value.message("en") != error.value.message("ko")


def test_no_variance_to_rest_at():
    with pytest.raises(actlab.UserError) as error:
        actlab.theory("x**3").next_correlation(0.5, sigma_w2=2, sigma_b2=0.5)
    assert error.value.key == "theory.no_rest"
    assert np.isfinite(actlab.theory("x**3").next_correlation(0.5, sigma_w2=2, q=1.0))


def test_a_function_without_moments_costs_a_handful_of_them(monkeypatch):
    """E[sin²(1/z)] converges at no variance: seven show it, and the hundreds of the tables are not tried in vain."""
    from actlab.theory import moments as module

    tried = []
    computed = module._integrals.__wrapped__
    monkeypatch.setattr(module, "_integrals", lambda a, q, asked: tried.append(q) or computed(a, q, asked))
    monkeypatch.setattr(module, "_PROBES", (1e-4, 1.0))
    fresh = actlab.get("sin(0.7/x)")
    found = [module.moments(fresh, q).second for q in (0.5, 0.7, 1.0, 3.0, 9.0)]
    assert all(math.isnan(second) for second in found)
    assert set(tried) == {1e-4, 1.0}


def power_pair(a, c):
    """E[|u|ᵃ|v|ᵃ] and E[sgn(u)sgn(v)|u|ᵃ|v|ᵃ] of two standard Gaussians of correlation c (Kamat 1953)."""
    even = 2**a / math.pi * gamma((1 + a) / 2) ** 2 * hyp2f1(-a / 2, -a / 2, 0.5, c * c)
    odd = 2 ** (a + 1) / math.pi * c * gamma(1 + a / 2) ** 2 * hyp2f1((1 - a) / 2, (1 - a) / 2, 1.5, c * c)
    return even, odd


@pytest.mark.parametrize("c", [-0.999, 0.0, 0.4, 0.97, 1 - 1e-7])
@pytest.mark.parametrize("a", [0.3, 0.5, 0.8])
def test_powers_whose_slope_is_infinite_at_zero(a, c):
    """|x|ᵃ: values always, slopes where E[φ′²] exists (2a > 1), at any variance."""
    found = pair(actlab.get(f"|x|^{a}"), 1.0, 1.0, c)
    assert found.values == pytest.approx(power_pair(a, c)[0], rel=1e-9)
    slopes = a * a * power_pair(a - 1, c)[1]
    assert found.slopes == pytest.approx(slopes if a == 0.8 else math.nan, abs=2e-9, nan_ok=True)
    assert pair(actlab.get(f"|x|^{a}"), 30.0, 30.0, c).values == pytest.approx(30**a * found.values, rel=1e-9)


def test_an_infinite_slope_costs_few_points(monkeypatch):
    """Halving alone takes 1.6 million points for this integral; nodes drawn together towards the kink, 250,000."""
    from actlab.theory import maps

    points = []
    plain = maps.both_of(actlab.get("sqrt(|x|)"))
    monkeypatch.setattr(maps, "both_of", lambda _: lambda x: points.append(x.size) or plain(x))
    maps.pair.cache_clear()
    assert math.isfinite(pair(actlab.get("sqrt(|x|)"), 1.0, 1.0, 0.998).values)
    assert sum(points) < 500_000


def test_what_is_not_known_is_not_called_an_explosion(monkeypatch):
    """|x·sin(1/x)| ≤ |x|, so at σw² = 1 the signal shrinks, to variances at which it turns too often for any moment."""
    monkeypatch.setattr("actlab.functions.moments._MOST", 3_000)
    found = actlab.theory("x*sin(0.9/x)").depth_scale(sigma_w2=1)
    assert found.phase == "undefined"
    assert math.isnan(found.q)


def test_a_correlation_that_is_not_known_lasts_for_no_known_depth():
    """φ is 0 near 0, where the signal comes to rest: no correlation of two zeros exists, and none is kept."""
    found = actlab.theory("sqrt(max(x - 0.5, 0))").depth_scale(sigma_w2=1)
    assert found.q == 0
    assert math.isnan(found.c)
    assert math.isnan(found.correlation)


@pytest.mark.parametrize("name", ["tanh(1/x)", "atan(1/x)", "1/(1+exp(1/x))"])
def test_a_jump_where_there_is_no_value(name):
    """As one at a switch: two inputs on its sides are told apart however alike they are, and χ₁ does not exist."""
    t = actlab.theory(name)
    assert math.isnan(t.moments().slope_second)
    assert t.depth_scale(sigma_w2=1).phase == "unknown"
    with pytest.raises(actlab.UserError) as error:
        t.critical_point()
    assert error.value.key == "theory.none_ever_jumps"
