"""E[g(u₁)g(u₂)] for two correlated Gaussians, g any function with kinks: the integral under every map and kernel.

Two Gaussians of correlation c share a part: u₁ = √q₁(√|c|·w + √(1−|c|)·y₁), u₂ = √q₂(±√|c|·w + √(1−|c|)·y₂) with w,
y₁, y₂ independent. Given w they are independent, so E[g(u₁)g(u₂)] = E_w[G₁(w)G₂(±w)], where G(w) is g smoothed by a
Gaussian of width √(1−|c|). The inner integral is split at the kinks of g, wherever they lie for the given w; the outer
one around the places at which w meets a kink, where G bends within about √(1−|c|). Both are Gauss–Legendre panels, in
two orders: where the two disagree the panels are halved.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.functions.moments import drawn_together, legendre
from actlab.theory.moments import FEATURES, SMALLEST

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab._arrays import Array

    Functions = Callable[[Array], Array]
    Rule = tuple[Array, Array]  # nodes and weights on [−1, 1]

_FAR: Final = np.arange(0.0, 39.01, 0.25)
_ORDERS: Final = (20, 14)
_DRAWN: Final = (40, 32)  # the inner orders where nodes are drawn together: every panel has fewer in its middle
_STEP: Final = 3.0  # width of a panel, in standard deviations
_LEVELS: Final = 5
_TOLERANCE: Final = 2e-10  # of the scale, between the two orders; the higher one is far better than this
_MOST: Final = 20_000_000  # evaluations of g
_CHUNK: Final = 1 << 14  # points at a time: what lies in the cache, and needs no fresh memory from the system


def pair_means(
    functions: Functions,
    kinks: tuple[float, ...],
    q1: float,
    q2: float,
    c: float,
    scale: Array,
    steep: bool = False,
    narrow: tuple[float, ...] = (),
) -> Array:
    """E[g(u₁)g(u₂)] for each g of `functions`, u₁ ~ N(0, q1), u₂ ~ N(0, q2) with correlation c, |c| < 1.

    `functions` maps points of shape (n,) to values of shape (k, n); between `kinks` each g is smooth. `scale`, of shape
    (k,), is √(E[g(u₁)²]E[g(u₂)²]); `steep` says that a slope may be infinite at a kink, and `narrow` are places about
    which g bends at once. Returns shape (k,), to 1e-9 of `scale`; NaN where that does not converge.
    """
    found = np.full(len(scale), math.nan)
    roots = (math.sqrt(max(q1, SMALLEST)), math.sqrt(max(q2, SMALLEST)))
    with np.errstate(all="ignore"):
        reach = [_reach(functions, root) for root in roots]
        if max(reach) > _FAR[-1] - 1:  # a tail still counts where float64 ends
            return found
        sides = [_Side(functions, kinks, narrow, root, far, abs(c)) for root, far in zip(roots, reach, strict=True)]
        if roots[0] == roots[1]:
            sides = sides[:1]
        for level in range(_LEVELS):
            edges = _outer_edges(sides, abs(c), level)
            inner = _rules(steep or level > 0)
            if sum(side.cost(level) for side in sides) * len(inner[0][0]) * len(edges) * _ORDERS[0] > _MOST:
                break
            fine, coarse = (
                _integral(sides, edges, level, outer, rule, c < 0)
                for outer, rule in zip(map(legendre, _ORDERS), inner, strict=True)
            )
            agreed = np.abs(fine - coarse) <= _TOLERANCE * scale
            found = np.where(np.isnan(found) & agreed, fine, found)
            if not np.isnan(found).any():
                break
    return found


def _rules(steep: bool) -> list[Rule]:
    """Nodes and weights for the inner panels, the finer ones first."""
    return [drawn_together(order) for order in _DRAWN] if steep else [legendre(order) for order in _ORDERS]


def _reach(functions: Functions, root_q: float) -> float:
    """How far out, in standard deviations, g² still counts."""
    z = np.concatenate([-_FAR[::-1], _FAR])
    size = np.abs(functions(root_q * z)) * np.exp(-0.25 * z * z)
    size = np.where(np.isfinite(size), size, 0.0) if np.isfinite(size).any() else size
    counts = np.any(size > 1e-13 * np.max(size, axis=1, keepdims=True), axis=0)
    return float(np.max(np.abs(z[counts]), initial=6.0)) + 0.25


def _inner_bends(width: float) -> bool:
    """Whether a function that bends within 1 or so does it inside a panel, one standard deviation being `width`."""
    return width > 1


class _Side:
    """g at one variance, smoothed: G(w) = E_y[g(√q(√|c|·w + √(1−|c|)·y))]."""

    def __init__(
        self,
        functions: Functions,
        kinks: tuple[float, ...],
        narrow: tuple[float, ...],
        root_q: float,
        reach: float,
        c: float,
    ) -> None:
        self.functions, self.reach, self.root_q = functions, reach, root_q
        self.shared, self.own = math.sqrt(c), math.sqrt(1 - c)
        self.kinks = self._inside(kinks)
        bent = _inner_bends(root_q * max(self.shared, self.own))
        places = self._inside(narrow)
        self.features = np.concatenate([places, self._inside(FEATURES) if bent else ()])
        self.breaks = np.concatenate([self.kinks, self.features if _inner_bends(root_q * self.own) else places])

    def _inside(self, places: tuple[float, ...]) -> Array:
        return np.array([b / self.root_q for b in places if abs(b) < self.reach * self.root_q])

    def cost(self, level: int) -> int:
        """Panels at one w."""
        return len(self._fixed(level)) + len(self.breaks)

    def _fixed(self, level: int) -> Array:
        return np.linspace(-self.reach, self.reach, 1 + math.ceil(2 * self.reach / _STEP) * 2**level)

    def smoothed(self, w: Array, level: int, rule: Rule) -> Array:
        """G at every w, shape (k, len(w)), times e^(−w²/4)."""
        rows = max(1, _CHUNK // (self.cost(level) * len(rule[0])))
        fixed = self._fixed(level)
        return np.concatenate([self._rows(w[i : i + rows], fixed, *rule) for i in range(0, len(w), rows)], axis=1)

    def _rows(self, w: Array, fixed: Array, nodes: Array, weights: Array) -> Array:
        places = np.clip((self.breaks - (self.shared * w)[:, None]) / self.own, -self.reach, self.reach)
        edges = np.sort(np.concatenate([np.broadcast_to(fixed, (len(w), len(fixed))), places], axis=1))
        half = 0.5 * np.diff(edges)
        y = (edges[:, :-1] + half)[:, :, None] + half[:, :, None] * nodes
        z = self.shared * w[:, None, None] + self.own * y
        values = self.functions(self.root_q * z.ravel()).reshape(-1, *z.shape)
        density = np.exp(-0.5 * y * y - 0.25 * (w * w)[:, None, None]) * (half[:, :, None] * weights)
        # Beyond the reach g is cut off: by Cauchy and Schwarz that part does not count, and it may overflow there.
        # A panel without width is a kink that lies on an edge: φ need have no value there.
        counts = (np.abs(z) <= self.reach) & (half > 0)[:, :, None]
        return np.asarray(np.sum(np.where(counts, values * density, 0.0), axis=(2, 3)))


def _outer_edges(sides: list[_Side], c: float, level: int) -> Array:
    """Panels of w: even ones, and ever smaller ones towards the places where w meets a kink. Symmetric."""
    reach = max(side.reach for side in sides)
    step = _STEP / 2**level
    parts = [np.linspace(0.0, reach, 1 + math.ceil(reach / step))]
    bend = math.sqrt((1 - c) / c) / 2**level if c > 0 else math.inf
    for side in sides if c > 0 else ():
        marks = side.kinks / side.shared
        parts += [marks, side.features / side.shared]
        size = bend
        while size < step:
            parts += [marks - size, marks + size]
            size *= 2
    edges = np.concatenate(parts)
    edges = np.unique(np.abs(edges[np.abs(edges) <= reach]))
    return np.concatenate([-edges[:0:-1], edges])


def _integral(sides: list[_Side], edges: Array, level: int, outer: Rule, inner: Rule, mirrored: bool) -> Array:
    """The integral, shape (k,)."""
    nodes, weights = outer
    half = 0.5 * np.diff(edges)
    w = ((edges[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
    first = sides[0].smoothed(w, level, inner)
    second = sides[-1].smoothed(w, level, inner) if len(sides) > 1 else first
    measure = (half[:, None] * weights).ravel() / (2 * math.pi) ** 1.5
    return np.asarray(np.sum(first * (second[:, ::-1] if mirrored else second) * measure, axis=1))
