"""E[g(u₁)g(u₂)] as a power series of the correlation, for functions that turn too often for a double integral.

With the normalised Hermite polynomials h_n and a_n(q) = E[g(√q ξ)h_n(ξ)] it is Σ a_n(q₁)a_n(q₂)cⁿ (Mehler 1866). As
Σ a_n² = E[g²], what N terms leave out is at most |c|^N·√(r₁r₂), with r = E[g²] − Σ_{n<N} a_n². So a row of single
integrals serves every correlation that is not too near to 1, and tells when it does not.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.functions.moments import Panels, panels_for
from actlab.theory.moments import FEATURES, SMALLEST, both_of, breaks_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab._arrays import Array
    from actlab.functions import Activation

_STEP: Final = 64  # coefficients at a time
_MOST: Final = 2048
_WORK: Final = 100_000_000  # coefficients times points
_PANELS: Final = 25_000
_HOPELESS: Final = 8_000  # points
_TOLERANCE: Final = 1e-10  # of the scale; the least that is left out of it


class Series:
    """Hermite coefficients of φ and φ′ at one variance, as many as are asked for.

    `points` are ξ of shape (n,) and `weights` those of a quadrature; `functions`, shape (k, n), are the values of
    each g at √q·ξ; `squares`, shape (k,), are E[g²].
    """

    def __init__(self, points: Array, weights: Array, functions: Array, squares: Array) -> None:
        root = np.exp(-0.25 * points * points)
        counts = np.any(weights * np.square(functions * root) > 1e-22 * squares[:, None], axis=0)
        self._x, root = points[counts], root[counts]
        self._weighted = functions[:, counts] * weights[counts] * root
        self._before, self._last = np.zeros_like(root), root / math.sqrt(2 * math.pi)
        self.squares = squares
        self._found = np.zeros((len(squares), 0))
        self.most = min(_MOST, max(_STEP, _WORK // max(1, len(self._x))))

    def coefficients(self, count: int) -> Array:
        """The first `count` of each function, shape (k, count), and no more than `most`."""
        while self._found.shape[1] < min(count, self.most):
            n = self._found.shape[1]
            block = np.empty((_STEP, len(self.squares)))
            for k in range(_STEP):
                # BLAS would give other bits on another number of threads
                block[k] = np.sum(self._weighted * self._last, axis=1)
                following = (self._x * self._last - math.sqrt(n + k) * self._before) / math.sqrt(n + k + 1)
                self._before, self._last = self._last, following
            self._found = np.concatenate([self._found, block.T], axis=1)
        return self._found[:, :count]

    def left(self, count: int) -> Array:
        """Σ a_n² from n = `count` on, shape (k,)."""
        left: Array = np.maximum(self.squares - np.sum(np.square(self.coefficients(count)), axis=1), 0.0)
        return left


@lru_cache(maxsize=64)
def series(activation: Activation, q: float, only_values: bool) -> Series | None:
    """The series of φ, and of φ′ unless `only_values`, at variance `q`; None where too few panels do not serve it."""
    panels = _panels(activation, q, only_values)
    if not panels.settled:
        return None
    return Series(
        panels.points, panels.weights, _functions(activation, q, only_values)(panels.points), panels.integrals
    )


def turns_throughout(activation: Activation, q: float) -> bool:
    """Whether φ turns so often at variance `q` that there is no hope for a double integral."""
    return len(_panels(activation, q, True).points) > _HOPELESS


def _functions(activation: Activation, q: float, only_values: bool) -> Callable[[Array], Array]:
    root_q, both = math.sqrt(max(q, SMALLEST)), both_of(activation)

    def functions(z: Array) -> Array:
        value, slope = both(root_q * z)
        return value[None] if only_values else np.stack([value, slope])

    return functions


@lru_cache(maxsize=64)
def _panels(activation: Activation, q: float, only_values: bool) -> Panels:
    """Panels for E[g] and E[g²] of each function: where g² is small g need not be. `integrals` are the E[g²]."""
    functions = _functions(activation, q, only_values)

    def integrand(z: Array, root: Array) -> Array:
        scaled = functions(z) * root
        return np.concatenate([scaled * root, scaled * scaled])

    marks = (*breaks_of(activation), *(FEATURES if q > 1 else ()))
    found = panels_for(integrand, tuple(b / math.sqrt(max(q, SMALLEST)) for b in marks), _PANELS)
    return found._replace(integrals=found.integrals[len(found.integrals) // 2 :])


def series_means(
    activation: Activation, q1: float, q2: float, c: float, only_values: bool
) -> Array:  # fmt: skip
    """E[φ(u₁)φ(u₂)], and E[φ′(u₁)φ′(u₂)] unless `only_values`: shape (1,) or (2,).

    NaN where the series does not come to 1e-10 of √(E[g(u₁)²]E[g(u₂)²]).
    """
    first, second = series(activation, q1, only_values), series(activation, q2, only_values)
    if first is None or second is None:
        return np.full(2 - only_values, math.nan)
    scale = np.sqrt(first.squares * second.squares)
    most = min(first.most, second.most)
    count = min(_STEP, most)
    while True:
        left = abs(c) ** count * np.sqrt(first.left(count) * second.left(count))
        if count == most or np.all(left <= _TOLERANCE * scale):
            break
        count = min(2 * count, most)
    terms = first.coefficients(count) * second.coefficients(count)
    return np.where(left <= _TOLERANCE * scale, np.sum(terms * c ** np.arange(count), axis=1), math.nan)
