"""Correlated moments of functions that turn again and again, by power series: against closed forms and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import actlab
from actlab.report.outlook import outlook
from actlab.theory.maps import pair
from actlab.theory.moments import moments
from actlab.theory.series import series_means


def by_grid(g, q, c, nodes=300):
    """E[g(u₁)g(u₂)] by Gauss–Hermite in two dimensions."""
    x, w = np.polynomial.hermite_e.hermegauss(nodes)
    u, v = np.meshgrid(x, x, indexing="ij")
    first, second = g(math.sqrt(q) * u), g(math.sqrt(q) * (c * u + math.sqrt(1 - c * c) * v))
    return float(np.einsum("i,j,ij->", w, w, first * second) / (2 * math.pi))


@given(a=st.floats(0.2, 30), q=st.floats(0.05, 5), c=st.floats(-0.98, 0.98))
@settings(max_examples=20, deadline=None)
def test_sines_in_closed_form(a, q, c):
    """E[sin(au₁)sin(au₂)] = e^(−a²q)·sinh(a²qc), and so for the slopes with cosh."""
    size = a * a * q
    sines = 0.5 * (math.exp(-size * (1 - c)) - math.exp(-size * (1 + c)))
    cosines = 0.5 * (math.exp(-size * (1 - c)) + math.exp(-size * (1 + c)))
    found = pair(actlab.get(f"sin({a!r}*x)"), q, q, c)
    assert found.values == pytest.approx(sines, abs=1e-9)
    assert found.slopes == pytest.approx(a * a * cosines, abs=1e-9 * a * a)


@pytest.mark.parametrize("c", [-0.7, 0.0, 0.4, 0.95])
@pytest.mark.parametrize(("text", "g"), [("sin(exp(x))", lambda x: np.sin(np.exp(x))), ("tanh(x)", np.tanh)])
def test_against_a_grid(text, g, c):
    q = 0.2
    found = series_means(actlab.get(text), q, q, c, True)
    assert found == pytest.approx([by_grid(g, q, c)], rel=1e-9, abs=1e-12)


def test_different_variances():
    """exp: E[e^(u₁ + u₂)] = e^((q₁ + q₂)/2 + c√(q₁q₂))."""
    found = series_means(actlab.get("exp(x)"), 0.3, 1.7, -0.6, False)
    assert found == pytest.approx([math.exp(1.0 - 0.6 * math.sqrt(0.51))] * 2, rel=1e-11)


@pytest.mark.parametrize("text", ["x*sin(1/x)", "x**2*sin(1/x)"])
def test_endless_turns_against_random_numbers(text):
    """A million pairs; each mean within five of its standard errors."""
    rng = np.random.default_rng(5)
    q, c = 0.6, 0.7
    u, v = rng.standard_normal((2, 1_000_000))
    phi = actlab.get(text)
    product = phi(math.sqrt(q) * u) * phi(math.sqrt(q) * (c * u + math.sqrt(1 - c * c) * v))
    found = pair(phi, q, q, c, only_values=True).values
    assert abs(found - product.mean()) <= 5 * product.std() / 1000


def test_what_a_series_cannot_tell_is_left_open():
    """A sign at a correlation of nearly 1: its coefficients fall off too slowly."""
    assert np.isnan(series_means(actlab.get("tanh(1000*x)"), 1.0, 1.0, 1 - 1e-9, True)).all()


@pytest.mark.parametrize("text", ["x*sin(1/x)", "sin(exp(x))", "tanh", "elu", "x**2", "sin(3*x)"])
@pytest.mark.parametrize("weights", [(0.7, 0.05), (1.5, 0.05), (3.0, 0.2)])
def test_fixed_points_are_kept(text, weights):
    activation = actlab.get(text)
    for point in actlab.theory(activation).fixed_points(sigma_w2=weights[0], sigma_b2=weights[1]):
        if point.q > 0:
            kept = weights[0] * moments(activation, point.q).second + weights[1]
            assert kept == pytest.approx(point.q, rel=2e-11)


@pytest.mark.parametrize(
    "text", ["(7 + where(x < 10, 0.5, x))/normcdf(x/x)", "x*sin(1/x)", "(1 - cos(x))/x**2", "max(x - x, x/x)"]
)
def test_an_outlook_of_anything(text):
    """Moments that end, or cannot be had, on the way to a critical point or a resting correlation are no accident."""
    assert outlook(actlab.theory(text)).rows
