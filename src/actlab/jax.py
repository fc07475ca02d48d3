"""actlab for JAX: any activation under jit, grad and vmap; concrete arrays on the CPU through the core.

Importing this imports jax. Arrays given to ``actlab.get(...)`` need nothing from here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

import numpy as np

import actlab.functions.activation as functions
from actlab.functions.derivative import derivative as differentiated
from actlab.functions.evaluate import run as run_core
from actlab.functions.expression import Expression
from actlab.functions.printed import Table, printed, run
from actlab.functions.program import Program
from actlab.text import UserError

try:
    import jax  # type: ignore[import-not-found, unused-ignore]  # an extra: often not there when types are checked
    import jax.numpy as jnp  # type: ignore[import-not-found, unused-ignore]
    from jax import lax  # type: ignore[import-not-found, unused-ignore]
except ModuleNotFoundError:
    raise UserError("frameworks.missing", package="JAX", extra="jax") from None

__all__ = ["activation", "derivative", "value", "value_and_derivative"]

_ROOT_HALF: Final = math.sqrt(0.5)
_DENSITY: Final = 1 / math.sqrt(2 * math.pi)
_HALVES: Final = ("float16", "bfloat16")


def _softplus(u: Any) -> Any:
    return jnp.maximum(u, 0.0) + jnp.log1p(jnp.exp(-jnp.abs(u)))


def _sech2(u: Any) -> Any:
    t = jnp.exp(jnp.abs(u) * -2.0)
    return 4.0 * t / jnp.square(1.0 + t)


_TABLE: Final[Table] = {
    "neg": jnp.negative, "add": jnp.add, "sub": jnp.subtract, "mul": jnp.multiply, "div": jnp.divide,
    "pow": jnp.power, "min": jnp.minimum, "max": jnp.maximum, "abs": jnp.abs, "sign": jnp.sign,
    "exp": jnp.exp, "expm1": jnp.expm1, "log": jnp.log, "log1p": jnp.log1p, "sqrt": jnp.sqrt,
    "sigmoid": lax.logistic, "tanh": jnp.tanh, "softplus": _softplus, "erf": lax.erf,
    "normcdf": lambda u: 0.5 * lax.erfc(u * -_ROOT_HALF), "normpdf": lambda u: jnp.exp(u * u * -0.5) * _DENSITY,
    "sech2": _sech2, "atan": jnp.arctan, "sin": jnp.sin, "cos": jnp.cos,
    "lt": jnp.less, "le": jnp.less_equal, "eq": jnp.equal, "ne": jnp.not_equal,
    "where": jnp.where, "constant": jnp.full_like, "copy": jnp.copy,
}  # fmt: skip


def activation(name: str | functions.Activation, **values: float) -> Callable[[Any], Any]:
    """An activation as a function of JAX arrays, for jit, grad and vmap.

    >>> phi = activation("leaky_relu", alpha=0.05)
    >>> jax.grad(phi)(0.0)  # the left slope
    Array(0.05, dtype=float32, weak_type=True)

    Args:
        name: what `actlab.get` takes: a name, a formula in x, or an activation.
        values: its parameters, by name.

    Returns:
        A function of an array or number of any shape; the result has the same shape and dtype. float16 and bfloat16
        are computed in float32 and rounded once; whole numbers become JAX's default dtype.

    Guarantees:
        Inside jit, grad, vmap and on accelerators printed `jax.numpy` operations run: a few ULP where the expression
        does not cancel, the limits at ±∞, and XLA's own rules (it flushes subnormal numbers to 0). Derivatives of
        every order, forward and reverse, are those of the expression: the left slope at a kink. A concrete array on
        the CPU, outside of any transformation, goes through the core and has the bits of NumPy's path.

    Raises:
        UserError: for names, formulas and parameters that `actlab.get` refuses, and for inputs that are not real.
    """
    found = functions.get(name, **values)

    def phi(x: Any) -> Any:
        return value(found, jnp.asarray(x))

    phi.__name__ = phi.__qualname__ = found.name
    phi.__doc__ = f"{found.formula} of a JAX array of any shape."
    return phi


def value(activation: functions.Activation, x: Any) -> Any:
    """φ(x) for a JAX array or tracer `x`; same shape and dtype."""
    x = _as_floats(x)
    if not _core_can(x):
        return _nth(activation.expression)(x)
    return _through_core(activation.program("value"), x, True, False)[0]


def derivative(activation: functions.Activation, x: Any) -> Any:
    """φ′(x), itself differentiable."""
    x = _as_floats(x)
    if not _core_can(x):
        return _nth(activation.derivative_expression)(x)
    return _through_core(activation.program("derivative"), x, False, True)[1]


def value_and_derivative(activation: functions.Activation, x: Any) -> tuple[Any, Any]:
    """φ(x) and φ′(x); in one pass through the core where it can look."""
    x = _as_floats(x)
    if not _core_can(x):
        return value(activation, x), derivative(activation, x)
    return _through_core(activation.program("both"), x, True, True)


@lru_cache(maxsize=1024)
def _nth(expression: Expression) -> Callable[[Any], Any]:
    """`expression` in printed operations, with the derivative of the expression in the place of JAX's own."""
    steps = printed(expression, _TABLE)

    def plain(x: Any) -> Any:
        if x.dtype.name in _HALVES:
            return run(steps, x.astype(jnp.float32)).astype(x.dtype)
        return run(steps, x).astype(x.dtype)

    def rule(primals: tuple[Any], tangents: tuple[Any]) -> tuple[Any, Any]:
        return phi(*primals), _nth(differentiated(expression))(*primals) * tangents[0]

    phi: Callable[[Any], Any] = jax.custom_jvp(plain)
    phi.defjvp(rule)  # type: ignore[attr-defined, unused-ignore]  # a callable object
    return phi


def _as_floats(x: Any) -> Any:
    if x.dtype.name in ("float32", "float64", *_HALVES):
        return x
    if jnp.issubdtype(x.dtype, jnp.integer) or x.dtype == jnp.bool_:
        return x.astype(jnp.result_type(float))
    raise UserError("frameworks.dtype", dtype=x.dtype.name)


def _core_can(x: Any) -> bool:
    """Whether `x` is concrete, and lies in the memory of one CPU."""
    if isinstance(x, jax.core.Tracer):
        return False
    devices = x.devices()
    return len(devices) == 1 and all(device.platform == "cpu" for device in devices)


def _through_core(program: Program, x: Any, value: bool, derivative: bool) -> tuple[Any, Any]:
    wide = np.asarray(x.astype(jnp.float32) if x.dtype.name in _HALVES else x)  # no copy: it reads JAX's own memory
    results = run_core(program, np.ascontiguousarray(wide).reshape(-1), value, derivative)
    (device,) = x.devices()

    def back(result: Any) -> Any:
        return None if result is None else jax.device_put(result.reshape(wide.shape), device).astype(x.dtype)

    return back(results[0]), back(results[1])
