"""JAX arrays: concrete ones through the core, traced ones by printed operations, derivatives of the expression."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="JAX is not installed")

import jax.numpy as jnp  # noqa: E402

import actlab  # noqa: E402
from actlab.functions import get, names  # noqa: E402
from actlab.text import UserError  # noqa: E402

FORMULA = "x*tanh(softplus(x))**2"
EVERY = (*names(), FORMULA)
ENDS = (math.inf, -math.inf, math.nan, 0.0, -0.0, 3e38, -3e38, 88.8, -104.0, 16.7, -5.6)
# x − tanh x cancels and gelu_tanh's tail is a difference: in float32 printed operations lose digits there
CANCELS = {"tanhshrink": 1e-4, "mish": 3e-5, "gelu_tanh": 5e-5, "gelu": 1e-5, "silu": 1e-5, FORMULA: 5e-5}


def points(dtype=np.float32):
    return np.concatenate([np.array(ENDS, dtype=dtype), np.linspace(-30, 30, 1001, dtype=dtype)])


def same(found, wanted):
    np.testing.assert_array_equal(np.asarray(found), wanted)
    assert np.asarray(found).dtype == wanted.dtype
    assert (np.signbit(np.asarray(found)) == np.signbit(wanted))[~np.isnan(wanted)].all()


@pytest.mark.parametrize("name", EVERY)
def test_bits_of_numpy(name):
    f, x = get(name), points()
    a = jnp.asarray(x)
    same(f(a), f(x))
    same(f.derivative(a), f.derivative(x))
    for found, wanted in zip(f.value_and_derivative(a), f.value_and_derivative(x), strict=True):
        same(found, wanted)
    assert isinstance(f(a), jax.Array)
    assert f(a).devices() == a.devices()
    same(actlab.jax.activation(name)(a), f(x))


@pytest.mark.parametrize("name", EVERY)
def test_under_jit_and_grad(name):
    f, phi = get(name), actlab.jax.activation(name)
    x = np.linspace(-5, 5, 401, dtype=np.float32)
    tolerance = CANCELS.get(name, 3e-6)
    found = jax.jit(phi)(x)
    np.testing.assert_allclose(found, f(x), rtol=tolerance, atol=tolerance)
    slopes = jax.jit(jax.vmap(jax.grad(phi)))(x)
    np.testing.assert_allclose(slopes, f.derivative(x), rtol=tolerance, atol=tolerance)
    assert float(jax.grad(phi)(0.0)) == pytest.approx(f.derivative(0.0), abs=1e-7)


@pytest.mark.parametrize("name", ["gelu", "silu", "mish", "relu", "leaky_relu", "tanh", "sign", "identity", FORMULA])
def test_ends_under_jit(name):
    f, phi = get(name), jax.jit(actlab.jax.activation(name))
    x = np.array([math.inf, -math.inf, math.nan], dtype=np.float32)
    np.testing.assert_array_equal(phi(x), f(x))
    np.testing.assert_array_equal(jax.vmap(jax.grad(phi))(x), f.derivative(x))


def test_second_order_and_forward_mode():
    phi = actlab.jax.activation("tanh")
    x = np.linspace(-2, 2, 41, dtype=np.float32)
    wanted = -2 * np.tanh(x) / np.cosh(x) ** 2
    np.testing.assert_allclose(jax.vmap(jax.grad(jax.grad(phi)))(x), wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(jax.vmap(jax.jacfwd(jax.jacrev(phi)))(x), wanted, rtol=1e-5, atol=1e-6)
    value, tangent = jax.jvp(phi, (x,), (np.full_like(x, 2.0),))
    np.testing.assert_allclose(tangent, 2 / np.cosh(x) ** 2, rtol=1e-5)
    np.testing.assert_allclose(value, np.tanh(x), rtol=1e-6)


def test_left_slope_at_kinks():
    assert float(jax.grad(actlab.jax.activation("leaky_relu", alpha=0.05))(0.0)) == pytest.approx(0.05)
    assert float(jax.grad(actlab.jax.activation("max(x, 0)"))(0.0)) == 0.0  # JAX's own maximum says 0.5


@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3, 4)])
def test_shapes_and_kinds(shape):
    x = jnp.ones(shape)
    phi = actlab.jax.activation("gelu")
    assert phi(x).shape == jax.jit(phi)(x).shape == shape
    assert phi(2.0).shape == ()
    assert phi(jnp.arange(3)).dtype == jnp.float32
    for dtype in (jnp.float16, jnp.bfloat16):
        half = jnp.linspace(-4, 4, 33).astype(dtype)
        same(phi(half).astype(jnp.float32), np.asarray(phi(half.astype(jnp.float32)).astype(dtype), np.float32))
        assert jax.jit(phi)(half).dtype == dtype


def test_an_activation_itself_under_transformations():
    f = get("silu")
    x = jnp.linspace(-3, 3, 7)
    np.testing.assert_allclose(jax.jit(f)(x), f(x), rtol=1e-6)
    np.testing.assert_allclose(jax.vmap(f.derivative)(x), f.derivative(x), rtol=1e-6)
    np.testing.assert_allclose(jax.jit(f.value_and_derivative)(x)[1], f.derivative(x), rtol=1e-6)


def test_refused():
    for call in (get("gelu"), get("gelu").derivative, get("gelu").value_and_derivative):
        with pytest.raises(UserError) as caught:
            call(jnp.ones(2, dtype=jnp.complex64))
        assert caught.value.key == "frameworks.dtype"
    with pytest.raises(UserError):
        actlab.jax.activation("gelo")


def test_named():
    phi = actlab.jax.activation("leaky_relu", alpha=0.05)
    assert phi.__name__ == "leaky_relu(alpha=0.05)"
    assert "0.05*x" in phi.__doc__


def test_float64_in_a_process_of_its_own():
    code = (
        "import jax; jax.config.update('jax_enable_x64', True)\n"
        "import jax.numpy as jnp, numpy as np, sys, actlab\n"
        "x = np.linspace(-20, 20, 999)\n"
        f"for name in {EVERY!r}:\n"
        "    f = actlab.get(name)\n"
        "    assert (np.asarray(f(jnp.asarray(x))) == f(x)).all(), name\n"
        "    assert f(jnp.asarray(x)).dtype == jnp.float64\n"
        "near = x[(abs(x) < 4) & (abs(x) > .1)]\n"
        f"for name in {EVERY!r}:\n"
        "    phi = jax.jit(actlab.jax.activation(name))\n"
        "    np.testing.assert_allclose(phi(near), actlab.get(name)(near), rtol=1e-12, atol=1e-13)\n"
        "    found = jax.vmap(jax.grad(phi))(near)\n"
        "    np.testing.assert_allclose(found, actlab.get(name).derivative(near), rtol=1e-11, atol=1e-13)\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
