"""Activation functions and their slopes by JAX: `jax.nn` and `jax.numpy`, value and derivative fused by one `jit`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import nn

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTIONS = {
    "relu": nn.relu,
    "relu6": nn.relu6,
    "leaky_relu": nn.leaky_relu,
    "hard_tanh": nn.hard_tanh,
    "hard_sigmoid": nn.hard_sigmoid,
    "hard_swish": nn.hard_silu,
    "softsign": nn.soft_sign,
    "squareplus": nn.squareplus,
    "tanh": jnp.tanh,
    "sigmoid": nn.sigmoid,
    "silu": nn.silu,
    "softplus": nn.softplus,
    "logsigmoid": nn.log_sigmoid,
    "mish": nn.mish,
    "gelu": lambda x: nn.gelu(x, approximate=False),
    "gelu_tanh": lambda x: nn.gelu(x, approximate=True),
    "elu": nn.elu,
    "selu": nn.selu,
    "celu": nn.celu,
    "erf": jax.scipy.special.erf,
    "sin": jnp.sin,
    "arctan": jnp.arctan,
    "exponential": jnp.exp,
    "gaussian": lambda x: jnp.exp(-x * x),
    "tanhshrink": lambda x: x - jnp.tanh(x),
}


class Jax:
    """JAX on the CPU; XLA takes a thread a processor."""

    def prepare(self, name: str, x: Any) -> Callable[[], Any] | None:
        """What computes value and slope at x when it is called; None: there is no such function here."""
        function = FUNCTIONS.get(name)
        if function is None:
            return None
        array = jnp.asarray(x)
        fused = jax.jit(lambda z: jax.jvp(function, (z,), (jnp.ones_like(z),)))

        def call() -> Any:
            value, slope = fused(array)
            slope.block_until_ready()
            return value.block_until_ready(), slope

        return call

    @staticmethod
    def arrays(result: Any) -> tuple[Any, Any]:
        return np.asarray(result[0]), np.asarray(result[1])
