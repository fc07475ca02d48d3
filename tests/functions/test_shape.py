"""The shape of every built-in against estimates that use values alone: dense samples, differences, root finders."""

import math
from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
from scipy.optimize import brentq

from actlab.functions.activation import Activation, get
from actlab.functions.catalogue import names
from actlab.functions.expression import Number, X
from actlab.functions.facts import facts
from actlab.functions.interpret import evaluate_mpmath, evaluate_numpy
from actlab.functions.parser import parse
from actlab.functions.rounding import certain_signs, evaluate_with_error
from actlab.functions.switches import pieces

MORE = ("leaky_relu(alpha=-0.5)", "hard_tanh(min_val=-2, max_val=0.5)", "silu(beta=3)", "-relu(x)", "abs(x)",
        "where(x > 0, x, x + 5)", "max(x, 0)**3", "x**2", "x**3 - x", "tanh(x)*exp(-x**2)",
        "abs(abs(x) - 3) - 1")  # fmt: skip
ALL = (*names(), *MORE)
DENSE = np.sort(np.concatenate([np.random.default_rng(1).uniform(-45, 45, 60_000), np.linspace(-6, 6, 48_001)]))


def _values(f: Activation) -> np.ndarray:
    return f(DENSE)


def _eps(values: np.ndarray) -> np.ndarray:
    """What rounding may do to a value: a few units, and of terms as large as x where they cancel."""
    return 8e-16 * (np.abs(values) + np.abs(DENSE[: len(values)]))


@pytest.mark.parametrize("name", ALL)
def test_range(name: str) -> None:
    f = get(name)
    low, high = f.facts.range
    y = _values(f)
    assert np.all(y >= low - _eps(y))
    assert np.all(y <= high + _eps(y))
    assert f.facts.bounded == (math.isfinite(low) and math.isfinite(high))
    far = np.concatenate([y, f(np.array([-1e8, -1e4, -300.0, 300.0, 1e4, 1e8]))])
    for bound, met in ((low, np.min(far)), (high, np.max(far))):
        assert abs(met - bound) <= 2e-6 * (1 + abs(bound)) if math.isfinite(bound) else abs(met) > 30


@pytest.mark.parametrize("name", ALL)
def test_limits(name: str) -> None:
    f = get(name)
    with mp.workdps(60):
        for side, limit, slope in zip((-1, 1), f.facts.limits, f.facts.derivative_limits, strict=True):
            near, far = (evaluate_mpmath(f.expression, side * x) for x in (1e3, 1e6))
            steep = (evaluate_mpmath(f.expression, side * 1e6 * 1.001) - far) / (side * 1e3)
            if math.isnan(limit):
                assert abs(far - near) > 1e-3  # a wave
                continue
            if math.isinf(limit):
                assert abs(far) > 100 * abs(near)
                assert mp.sign(far) == mp.sign(limit)
            else:
                assert abs(far - limit) < 2e-6
            assert abs(steep) > 1e3 if math.isinf(slope) else abs(steep - slope) < 1e-6
            assert f.facts.saturates[side > 0] == (slope == 0)


@pytest.mark.parametrize("name", ALL)
def test_steepest_slope(name: str) -> None:
    f = get(name)
    found = f.facts
    y = _values(f)
    gaps = np.diff(DENSE)
    wide = gaps > 1e-7
    slopes = np.abs(np.diff(y))[wide] / gaps[wide]
    if found.jumps:
        assert found.lipschitz == math.inf
        across = np.zeros(len(gaps), bool)
        for s in found.jumps:
            assert abs(f(s + 1e-9) - f(s - 1e-9)) > 0.4
            across |= (DENSE[:-1] <= s) & (s <= DENSE[1:])
        slopes = slopes[~across[wide]]
    else:
        assert found.lipschitz == found.max_derivative
    assert np.all(slopes <= found.max_derivative + 1e-7 * (1 + slopes))
    if math.isfinite(found.max_derivative):
        assert np.max(slopes) >= found.max_derivative * (1 - 6e-4)
        at = (
            found.max_derivative_at if math.isfinite(found.max_derivative_at) else 44 * np.sign(found.max_derivative_at)
        )
        local = [abs(f(at + d) - f(at + d / 2)) / 1e-6 for d in (-2e-6, 2e-6)]
        assert max(local) == pytest.approx(found.max_derivative, rel=6e-4, abs=1e-9)
    else:
        assert np.max(slopes) > 30


@pytest.mark.parametrize("name", ALL)
def test_monotone_convex_and_symmetric(name: str) -> None:
    f = get(name)
    found = f.facts
    y = _values(f)
    rise, slack = np.diff(y), _eps(y)[1:]
    up, down = np.any(rise > slack), np.any(rise < -slack)
    assert found.monotone == (None if up == down else "increasing" if up else "decreasing")
    rng = np.random.default_rng(2)
    a, b = rng.uniform(-30, 30, (2, 40_000)) * np.exp(rng.uniform(-4, 0, 40_000))
    sag = (f(a) + f(b)) / 2 - f((a + b) / 2)
    noise = 1e-14 * (1 + np.abs(f(a)) + np.abs(f(b)))
    assert found.convex == (not np.any(sag < -noise))
    assert found.concave == (not np.any(sag > noise))
    odd, even = (np.all(np.abs(f(a) - sign * f(-a)) <= noise) for sign in (-1, 1))
    assert found.symmetry == ("odd" if odd else "even" if even else None)
    if odd:
        assert found.zero_centred


@pytest.mark.parametrize("name", ALL)
def test_zeros(name: str) -> None:
    f = get(name)
    found = f.facts
    x = np.linspace(-40.0123, 40.0345, 40_001)
    y = f(x)
    crossing = np.flatnonzero(y[:-1] * y[1:] < 0)
    roots = [brentq(lambda t: float(f(t)), x[k], x[k + 1], xtol=1e-14, maxiter=5000) for k in crossing]
    inside = [z for z in found.zeros if abs(z) < 40 and not _touches(f, z)]
    assert np.sort(roots) == pytest.approx(inside, abs=2e-8)  # x − tanh x is flat at 0
    for zero in found.zeros:
        assert abs(f(zero)) <= 2e-14
    for low, high in found.zero_intervals:
        inner = np.linspace(max(low, -60), min(high, 60), 101)[1:-1]
        assert np.all(f(inner) == 0)
        for end, side in ((low, -1), (high, 1)):
            if math.isfinite(end):
                assert f(end + side * 1e-3) != 0
    isolated = np.isin(x, found.zeros)
    covered = np.zeros(len(x), bool)
    for low, high in found.zero_intervals:
        covered |= (x >= low) & (x <= high)
    assert np.all((y != 0) | isolated | covered | (np.abs(x) > 20))  # far out a value may underflow


def _touches(f: Activation, at: float) -> bool:
    return f(at - 1e-3) * f(at + 1e-3) > 0


@pytest.mark.parametrize("name", ALL)
def test_critical_points_and_flat_stretches(name: str) -> None:
    """A value lies lower or higher than both its neighbours there, or the graph has a level tangent."""
    f = get(name)
    found = f.facts
    for at in found.critical_points:
        with mp.workdps(50):
            h = mp.mpf("1e-6")
            steep = (evaluate_mpmath(f.expression, at + h) - evaluate_mpmath(f.expression, at - h)) / (2 * h)
        assert abs(steep) < 1e-5
    x = np.linspace(-12.0123, 12.0345, 4_001)
    y = f(x)
    noise = 4e-16 * (np.abs(y) + 1)
    turn = np.flatnonzero(
        (np.abs(np.diff(y)[1:]) > noise[1:-1]) & (np.abs(np.diff(y)[:-1]) > noise[1:-1])
        & (np.sign(np.diff(y)[1:]) != np.sign(np.diff(y)[:-1]))
    )  # fmt: skip
    known = np.array([*found.critical_points, *found.kinks, *(e for pair in found.flat_intervals for e in pair)])
    for k in turn:
        assert np.any((known >= x[k]) & (known <= x[k + 2])), x[k]
    for low, high in found.flat_intervals:
        inner = f(np.linspace(max(low, -60), min(high, 60), 101)[1:-1])
        assert np.all(inner == inner[0])


@pytest.mark.parametrize("name", ALL)
def test_smoothness(name: str) -> None:
    """One-sided differences of rising order at high precision: where the two sides part for the first time."""
    f = get(name)
    found = f.facts
    lowest = math.inf
    with mp.workdps(200):
        h = mp.mpf(10) ** -25
        for at in found.switch_points:
            place = mp.mpf(at)
            for order in range(5):
                sides = []
                for side in (-1, 1):
                    ys = [evaluate_mpmath(f.expression, place + side * (k + 1) * h) for k in range(order + 1)]
                    total = mp.fsum((-1) ** (order - k) * mp.binomial(order, k) * y for k, y in enumerate(ys))
                    sides.append(total / (side * h) ** order)
                if abs(sides[0] - sides[1]) > 1e-10:
                    lowest = min(lowest, order)
                    assert (at in found.kinks) == (order <= 1)
                    assert (at in found.jumps) == (order == 0)
                    break
            else:
                assert at not in found.kinks
    expected = "C∞" if lowest == math.inf else "discontinuous" if lowest == 0 else f"C{lowest - 1}"
    assert found.smoothness == expected


@pytest.mark.parametrize("name", ALL)
def test_piecewise_linear(name: str) -> None:
    f = get(name)
    edges = [-20.0, *(s for s in f.facts.switch_points if abs(s) < 20), 20.0]
    bent = False
    for low, high in pairwise(edges):
        x = np.linspace(low, high, 52)[1:-1]
        bent |= bool(np.any(np.abs(np.diff(f(x), 2)) > 1e-12 * (1 + np.max(np.abs(f(x))))))
    assert f.facts.piecewise_linear == (not bent)


@pytest.mark.parametrize("name", [n for n in ALL if n not in ("exponential",)])
def test_curvature_moments(name: str) -> None:
    """E[φ″] is the second derivative of s ↦ E[φ(z + s)]; E[φφ″] that of E[φ(z)φ(z + s)] where φ has no jump."""
    f = get(name)
    found = f.facts
    nodes, weights = np.polynomial.legendre.leggauss(40)
    step = 2e-3

    def mean(shift: float, factor: bool) -> float:
        cuts = sorted({*np.linspace(-9, 9, 37), *found.switch_points, *(s - shift for s in found.switch_points)})
        cuts = [c for c in cuts if -9 <= c <= 9]
        low, high = np.array(cuts[:-1]), np.array(cuts[1:])
        z = ((low + high) / 2)[:, None] + ((high - low) / 2)[:, None] * nodes
        density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi) * weights * ((high - low) / 2)[:, None]
        return float(np.sum(density * f(z + shift) * (f(z) if factor else 1.0)))

    def second(factor: bool) -> float:  # a kink leaves an error of the first order in the step: extrapolated away
        once, twice = ((mean(h, factor) - 2 * mean(0.0, factor) + mean(-h, factor)) / (h * h) for h in (step, 2 * step))
        return 2 * once - twice if factor else (4 * once - twice) / 3

    assert found.curvature_mean == pytest.approx(second(False), abs=2e-6, rel=1e-6)
    if found.jumps:
        assert math.isnan(found.value_curvature_mean)
    else:
        assert found.value_curvature_mean == pytest.approx(second(True), abs=2e-4, rel=1e-4)


# --- formulas made to be difficult ---

_ERF_TURN = math.sqrt(math.log(4 / math.pi) / 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max(x, 0)**1.5", {"smoothness": "C1", "convex": True}),
        ("max(x, 0)**4", {"smoothness": "C3", "critical_points": (), "flat_intervals": ((-math.inf, 0.0),)}),
        ("where(x == 0, 5, x)", {"smoothness": "discontinuous", "jumps": (0.0,), "monotone": None}),
        ("where(x < 1, x, 0)", {"range": (-math.inf, 1.0), "jumps": (1.0,), "monotone": None}),
        ("where(x > 0, x, x + 5)", {"monotone": None, "zeros": (-5.0,), "lipschitz": math.inf}),
        ("where(x > 0, x + 1, x)", {"monotone": "increasing", "convex": False}),
        ("x*sin(x)", {"range": (-math.inf, math.inf), "max_derivative": math.inf, "bounded": False}),
        ("abs(abs(x) - 100) - 3", {"switch_points": (-100.0, 0.0, 100.0), "zeros": (-103.0, -97.0, 97.0, 103.0),
                                   "range": (-3.0, math.inf), "symmetry": "even", "smoothness": "C0"}),
        ("max(x - 1000, 0)", {"kinks": (1000.0,), "zero_intervals": ((-math.inf, 1000.0),)}),
        ("max(abs(x) - 2, 0.5*x)", {"switch_points": (-4 / 3, 0.0, 4.0), "kinks": (-4 / 3, 4.0)}),
        ("abs(x)*x", {"smoothness": "C1", "symmetry": "odd", "critical_points": (0.0,)}),
        ("x**2", {"zeros": (0.0,), "critical_points": (0.0,), "max_derivative": math.inf, "smoothness": "C∞"}),
        ("(x - 1)**2*(x + 2)", {"zeros": (-2.0, 1.0), "critical_points": (-1.0, 1.0)}),
        ("1 + 0.5*sign(x)", {"monotone": "increasing", "flat_intervals": ((-math.inf, 0.0), (0.0, math.inf))}),
        ("min(max(x, -1), 1)*2 + 3", {"range": (1.0, 5.0), "critical_points": (), "zeros": ()}),
        ("where(x > 0, x, x + 0*x)", {"switch_points": (), "convex": True, "concave": True}),
        ("x - erf(x)", {"critical_points": (-_ERF_TURN, _ERF_TURN)}),
        ("tanh(x - 30) + 1", {"monotone": "increasing", "range": (0.0, 2.0), "zeros": ()}),
        ("log(x)", {"smoothness": None, "convex": False, "concave": False, "finite": False}),
        ("1/x", {"finite": False, "smoothness": None}),
        ("sqrt(1 + x**2)", {"range": (1.0, math.inf), "convex": True, "critical_points": (0.0,),
                            "max_derivative": 1.0}),
        ("exp(x)/(1 + exp(x))", {"limits": (0.0, 1.0)}),
        ("x/sqrt(1 + x**2)", {"limits": (-1.0, 1.0), "range": (-1.0, 1.0), "symmetry": "odd", "bounded": True}),
        ("(1 + x/sqrt(1 + x**2))/2", {"limits": (0.0, 1.0), "monotone": "increasing"}),
        ("x + sin(x)", {"monotone": "increasing", "symmetry": "odd", "max_derivative": 2.0}),
    ],
)  # fmt: skip
def test_difficult_formulas(text: str, expected: dict) -> None:
    found = get(text).facts
    for name, value in expected.items():
        got = getattr(found, name)
        if isinstance(value, tuple):
            assert len(got) == len(value), name
            assert np.array(got, dtype=float) == pytest.approx(np.array(value, dtype=float), rel=1e-12, abs=1e-9), name
        else:
            assert got == (pytest.approx(value) if isinstance(value, float) else value), name


def test_the_range_is_met_to_the_last_digits() -> None:
    assert get("sin").facts.range == (-1.0, 1.0)
    assert get("hard_swish").facts.range == (-0.375, math.inf)
    assert get("silu").facts.range[0] == pytest.approx(-0.27846454276107379511, rel=1e-15)
    assert get("gelu").facts.critical_points[0] == pytest.approx(-0.7517915246935645, rel=1e-14)
    assert get("mish").facts.critical_points[0] == pytest.approx(-1.1924312145154951, rel=1e-13)


def test_pieces_have_no_branch_left() -> None:
    tree = parse("where(x > 1, x**2, max(abs(x), 0.5)) + sign(x)")
    found = pieces(tree, (-0.5, 0.0, 0.5, 1.0))
    assert [p.tree.has_x for p in found] == [True, False, False, True, True]
    assert found[0].tree is parse("-x - 1")
    assert found[1].tree is Number(-0.5)
    assert found[4].tree is parse("x**2 + 1")
    assert (found[0].low, found[0].high, found[4].high) == (-math.inf, -0.5, math.inf)
    assert pieces(X, ())[0].tree is X


@pytest.mark.parametrize("text", ["x - tanh(x)", "1 - sech2(x)", "(x + sqrt(x**2 + 4))/2", "x*sigmoid(x)", "x**2.5",
                                  "sin(x)/x", "2**x", "erf(x) - x", "where(x > 0, expm1(x), atan(x)) + min(x, cos(x))",
                                  "log1p(exp(x)) - x", "softplus(x)*normcdf(-x)/(1 + abs(x))"])  # fmt: skip
def test_the_bound_on_rounding_holds(text: str) -> None:
    tree = parse(text)
    x = np.random.default_rng(4).uniform(-30, 30, 300)
    values, errors = evaluate_with_error(tree, x)
    np.testing.assert_array_equal(values, evaluate_numpy(tree, x))
    with mp.workdps(60):
        for at, value, error in zip(x.tolist(), values.tolist(), errors.tolist(), strict=True):
            if math.isfinite(value):
                assert abs(evaluate_mpmath(tree, at) - value) <= error
                assert error < 1e-12 * (1 + abs(value)) * (1 + abs(at))


def test_a_sign_is_believed_only_beyond_its_rounding() -> None:
    tree = parse("(1 + x/sqrt(x**2 + 4))/2")  # positive everywhere; far to the left only rounding is left
    x = -np.logspace(0, 12, 400)
    assert np.min(evaluate_numpy(tree, x)) <= 0
    assert set(certain_signs(tree, x).tolist()) == {0.0, 1.0}
    assert facts(tree).monotone == "increasing"
