"""Smooth stand-ins for a function beside places at which its formula cancels: (1 − cos(x))/x² beside 0.

There float64 gives noise, which no quadrature converges on, while the function is as smooth as anywhere. So it is
interpolated from exact values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from actlab._arrays import Array
from actlab.functions.derivative import derivative
from actlab.functions.exactly import exactly
from actlab.functions.expression import Expression
from actlab.functions.interpret import evaluate_numpy
from actlab.functions.rounding import evaluate_with_error

_WIDTHS: Final = 2.0 ** -np.arange(1, 31)
_NODES: Final = 24
_TESTS: Final = 9
_FAR: Final = np.concatenate([-np.geomspace(3e5, 3.0, 40), np.geomspace(3.0, 3e5, 40)])
_CLEAN: Final = 1e-13  # relative rounding error at which the formula itself will do
_TOLERANCE: Final = 1e-12  # of the stand-in

Both = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True)
class Patch:
    """Polynomials for φ and φ′ on [at − width, at + width], in Chebyshev's coefficients."""

    at: float
    width: float
    value: Array
    slope: Array

    def put(self, x: Array, value: Array, slope: Array) -> None:
        """Writes the polynomials' values into `value` and `slope`, those of the formula at `x`, all of shape (n,)."""
        near = np.flatnonzero(np.abs(x - self.at) <= self.width)
        if len(near):
            t = (x[near] - self.at) / self.width
            value[near] = np.polynomial.chebyshev.chebval(t, self.value)
            slope[near] = np.polynomial.chebyshev.chebval(t, self.slope)


def patched(both: Both, expression: Expression, places: tuple[float, ...], everywhere: bool) -> Both:
    """`both`, which gives φ and φ′ by the formula, with stand-ins beside those of `places` that need and allow one.

    `everywhere`: φ is defined on the whole line, so that NaN far out comes of an overflow on the way: it is mended.
    """
    found = tuple(p for p in (_patch(expression, place) for place in places) if p is not None)
    trees = _overflowing(expression) if everywhere else ()
    if not (found or trees):
        return both

    def steady(x: Array) -> tuple[Array, Array]:
        value, slope = both(x)
        for patch in found:
            patch.put(x, value, slope)
        for tree in trees:
            y = value if tree is expression else slope
            lost = np.flatnonzero(np.isnan(y))
            y[lost] = exactly(tree, x[lost])
        return value, slope

    return steady


@lru_cache(maxsize=1024)
def _overflowing(expression: Expression) -> tuple[Expression, ...]:
    """Which of φ and φ′ the formula has no value for somewhere far out, though more digits have: x/exp(x²)."""
    found = []
    for tree in (expression, derivative(expression)):
        x = _FAR[np.isnan(evaluate_numpy(tree, _FAR))]
        if len(x) and np.isfinite(exactly(tree, x)).all():
            found.append(tree)
    return tuple(found)


@lru_cache(maxsize=1024)
def _patch(expression: Expression, at: float) -> Patch | None:
    slope = derivative(expression)
    unit = max(1.0, abs(at))
    doubtful = np.zeros(len(_WIDTHS), bool)
    for tree in (expression, slope):
        for side in (-1.0, 1.0):
            value, error = evaluate_with_error(tree, np.asarray(at + side * _WIDTHS * unit, np.float64))
            doubtful |= ~(error <= _CLEAN * np.maximum(np.abs(value), 1.0))
    if not doubtful.any():
        return None
    width = float(_WIDTHS[int(np.argmax(doubtful))] * unit)
    nodes = np.cos(np.pi * (np.arange(_NODES) + 0.5) / _NODES)
    tests = np.linspace(-0.97, 0.96, _TESTS)
    fitted: list[Array] = []
    for tree in (expression, slope):
        x = np.asarray(at + width * np.concatenate([nodes, tests]), np.float64)
        exact, (value, error) = exactly(tree, x), evaluate_with_error(tree, x)
        exact = np.where(np.isnan(exact) & (np.abs(value) <= error), 0.0, exact)  # no precision tells it from 0
        if not np.isfinite(exact).all():
            return None
        series = np.asarray(np.polynomial.chebyshev.chebfit(nodes, exact[:_NODES], _NODES - 1), np.float64)
        off = np.abs(np.polynomial.chebyshev.chebval(tests, series) - exact[_NODES:])
        if np.max(off) > _TOLERANCE * max(1.0, float(np.max(np.abs(exact)))):
            return None
        fitted.append(series)
    return Patch(at, width, fitted[0], fitted[1])
