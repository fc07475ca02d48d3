"""Activation functions and their slopes as a practised user of NumPy or SciPy writes them for speed, in float32.

A function writes its value to y and its slope to d: common parts once, results in place where that is no trouble, and
what SciPy has is taken from there. `Whole` calls it on the whole array, which is how NumPy is used: one thread, an
operation at a time. `Shared` is what can be made of NumPy by hand: two threads share the array (ufuncs let go of the
interpreter's lock) in blocks that fit into a processor's cache, so that temporary arrays stay there.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float32]
    Function = Callable[[Array, Array, Array], object]

BLOCK = 1 << 15
ROOT = np.float32(np.sqrt(0.5))
DENSITY = np.float32(1 / np.sqrt(2 * np.pi))
CUBIC, OUTER = np.float32(0.044715), np.float32(np.sqrt(2 / np.pi))
SCALE, ALPHA = np.float32(1.0507009873554805), np.float32(1.6732632423543772)
ONE, SIXTH, HALF = np.float32(1), np.float32(1 / 6), np.float32(0.5)


def relu(x: Array, y: Array, d: Array) -> None:
    np.maximum(x, 0, out=y)
    np.greater(x, 0, out=d)


def relu6(x: Array, y: Array, d: Array) -> None:
    np.clip(x, 0, 6, out=y)
    np.equal(x, y, out=d)  # at 0 itself this is 1; nobody minds


def leaky_relu(x: Array, y: Array, d: Array) -> None:
    slope = np.float32(0.01)
    np.maximum(x, slope * x, out=y)
    np.copyto(d, np.where(x > 0, ONE, slope))


def hard_tanh(x: Array, y: Array, d: Array) -> None:
    np.clip(x, -1, 1, out=y)
    np.equal(x, y, out=d)


def hard_sigmoid(x: Array, y: Array, d: Array) -> None:
    u = x * SIXTH
    u += HALF
    np.clip(u, 0, 1, out=y)
    np.equal(u, y, out=d)
    d *= SIXTH


def hard_swish(x: Array, y: Array, d: Array) -> None:
    hard_sigmoid(x, y, d)
    d *= x
    d += y
    y *= x


def softsign(x: Array, y: Array, d: Array) -> None:
    r = np.abs(x)
    r += 1
    np.divide(x, r, out=y)
    np.reciprocal(r, out=d)
    d *= d


def squareplus(x: Array, y: Array, d: Array) -> None:
    root = x * x
    root += 4
    np.sqrt(root, out=root)
    np.add(x, root, out=y)
    np.divide(y, root, out=d)
    y *= HALF
    d *= HALF


def softshrink(x: Array, y: Array, d: Array) -> None:
    np.subtract(x, np.clip(x, -0.5, 0.5), out=y)
    np.not_equal(y, 0, out=d)


def tanh(x: Array, y: Array, d: Array) -> None:
    np.tanh(x, out=y)
    np.multiply(y, y, out=d)
    np.subtract(1, d, out=d)


def tanhshrink(x: Array, y: Array, d: Array) -> None:
    t = np.tanh(x)
    np.subtract(x, t, out=y)
    np.multiply(t, t, out=d)


def sigmoid(x: Array, y: Array, d: Array) -> None:
    np.negative(x, out=y)
    np.exp(y, out=y)
    y += 1
    np.reciprocal(y, out=y)
    np.subtract(1, y, out=d)
    d *= y


def silu(x: Array, y: Array, d: Array) -> None:
    s = np.exp(-x)
    s += 1
    np.reciprocal(s, out=s)
    np.multiply(x, s, out=y)
    np.subtract(1, s, out=d)
    d *= y
    d += s


def softplus(x: Array, y: Array, d: Array) -> None:
    e = np.exp(-np.abs(x))
    np.log1p(e, out=y)
    y += np.maximum(x, 0)
    np.copyto(d, np.where(x > 0, ONE, e))
    e += 1
    d /= e


def logsigmoid(x: Array, y: Array, d: Array) -> None:
    softplus(-x, y, d)
    np.negative(y, out=y)


def mish(x: Array, y: Array, d: Array) -> None:
    t, s = np.empty_like(x), np.empty_like(x)
    softplus(x, t, s)
    np.tanh(t, out=t)
    np.multiply(x, t, out=y)
    s *= x
    s *= 1 - t * t
    np.add(t, s, out=d)


def gelu_tanh(x: Array, y: Array, d: Array) -> None:
    square = x * x
    t = np.tanh(OUTER * x * (1 + CUBIC * square))
    half = HALF * x
    np.multiply(half, 1 + t, out=y)
    square *= 3 * CUBIC
    square += 1
    np.multiply(half, OUTER * (1 - t * t) * square, out=d)
    d += HALF * (1 + t)


def elu(x: Array, y: Array, d: Array) -> None:
    m = np.expm1(np.minimum(x, 0))
    np.maximum(x, m, out=y)
    np.add(m, 1, out=d)


def selu(x: Array, y: Array, d: Array) -> None:
    m = np.expm1(np.minimum(x, 0))
    m *= SCALE * ALPHA
    np.copyto(y, np.where(x > 0, SCALE * x, m))
    m += SCALE * ALPHA
    np.copyto(d, np.where(x > 0, SCALE, m))


def sin(x: Array, y: Array, d: Array) -> None:
    np.sin(x, out=y)
    np.cos(x, out=d)


def arctan(x: Array, y: Array, d: Array) -> None:
    np.arctan(x, out=y)
    np.multiply(x, x, out=d)
    d += 1
    np.reciprocal(d, out=d)


def exponential(x: Array, y: Array, d: Array) -> None:
    np.exp(x, out=y)
    np.copyto(d, y)


def gaussian(x: Array, y: Array, d: Array) -> None:
    np.exp(-x * x, out=y)
    np.multiply(x, y, out=d)
    d *= -2


NUMPY: dict[str, Function] = {
    f.__name__: f
    for f in (
        relu, relu6, leaky_relu, hard_tanh, hard_sigmoid, hard_swish, softsign, squareplus, softshrink, tanh, sigmoid,
        tanhshrink, silu, softplus, logsigmoid, mish, gelu_tanh, elu, selu, sin, arctan, exponential, gaussian,
    )
}  # fmt: skip
NUMPY["celu"] = elu  # the same at α = 1


def expit(x: Array, y: Array, d: Array) -> None:
    special.expit(x, out=y)
    np.subtract(1, y, out=d)
    d *= y


def expit_silu(x: Array, y: Array, d: Array) -> None:
    s = special.expit(x)
    np.multiply(x, s, out=y)
    np.subtract(1, s, out=d)
    d *= y
    d += s


def log_expit(x: Array, y: Array, d: Array) -> None:
    special.log_expit(x, out=y)
    special.expit(-x, out=d)


def softplus_by_expit(x: Array, y: Array, d: Array) -> None:
    special.log_expit(-x, out=y)
    np.negative(y, out=y)
    special.expit(x, out=d)


def gelu(x: Array, y: Array, d: Array) -> None:
    cdf = special.ndtr(x)
    np.multiply(x, cdf, out=y)
    np.exp(-HALF * x * x, out=d)
    d *= x
    d *= DENSITY
    d += cdf


def erf(x: Array, y: Array, d: Array) -> None:
    special.erf(x, out=y)
    np.exp(-x * x, out=d)
    d *= 4 * ROOT * DENSITY


def special_elu(x: Array, y: Array, d: Array) -> None:
    m = special.expm1(np.minimum(x, 0))
    np.maximum(x, m, out=y)
    np.add(m, 1, out=d)


SCIPY: dict[str, Function] = {
    "sigmoid": expit, "silu": expit_silu, "logsigmoid": log_expit, "softplus": softplus_by_expit, "gelu": gelu,
    "erf": erf, "elu": special_elu,
}  # fmt: skip


class Whole:
    """Runs a function on the whole array at once, into two new arrays."""

    def __init__(self, functions: dict[str, Function]) -> None:
        self.functions = functions

    def prepare(self, name: str, x: Array) -> Callable[[], tuple[Array, Array]] | None:
        """What computes value and slope at x when it is called; None: there is no such function here."""
        function = self.functions.get(name)
        if function is None:
            return None

        def call() -> tuple[Array, Array]:
            y, d = np.empty_like(x), np.empty_like(x)
            function(x, y, d)
            return y, d

        return call

    @staticmethod
    def arrays(result: Any) -> tuple[Any, Any]:
        return result


class Shared:
    """Runs a function on a few threads, a block at a time, into two new arrays."""

    def __init__(self, functions: dict[str, Function], threads: int) -> None:
        self.functions, self.threads, self.pool = functions, threads, ThreadPoolExecutor(threads)

    def prepare(self, name: str, x: Array) -> Callable[[], tuple[Array, Array]] | None:
        """What computes value and slope at x when it is called; None: there is no such function here."""
        function = self.functions.get(name)
        if function is None:
            return None
        bounds = np.linspace(0, x.size, self.threads + 1).astype(int)

        def call() -> tuple[Array, Array]:
            y, d = np.empty_like(x), np.empty_like(x)

            def part(k: int) -> None:
                for first in range(bounds[k], bounds[k + 1], BLOCK):
                    block = slice(first, min(first + BLOCK, bounds[k + 1]))
                    function(x[block], y[block], d[block])

            list(self.pool.map(part, range(self.threads)))
            return y, d

        return call

    @staticmethod
    def arrays(result: Any) -> tuple[Any, Any]:
        return result
