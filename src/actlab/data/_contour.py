"""The zero level of a function of the plane, by marching squares (Lorensen and Cline 1987, in two dimensions)."""

from collections import Counter
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from actlab._arrays import Array, Integers, Mask

__all__ = ["zero_level"]

_ROUNDS = 2  # of halving each segment: a cell's piece becomes four
_FAR = 1e4  # how far the ends are continued, in widths of the box

Field: TypeAlias = Callable[[Array], Array]


def zero_level(field: Field, x: Array, y: Array, values: Array) -> Array:
    """The zero level of `field` as segments ``(k, 2, 2)`` (segment, end, coordinate).

    `field` maps points ``(n, 2)`` to values ``(n,)``; `values` ``(len(x), len(y))`` are its values on the grid x × y.
    Ends on the rim of the grid are continued outwards by one long straight segment each.
    """
    positive = values > 0
    points, edge_of = _crossings(field, x, y, values, positive)
    pairs = _pairs(field, x, y, positive, edge_of)
    segments = points[pairs]
    for _ in range(_ROUNDS):
        segments = _halved(field, segments)
    return np.concatenate([segments, _continued(points, pairs, np.hypot(x[-1] - x[0], y[-1] - y[0]))])


def _root(field: Field, a: Array, b: Array, fa: Array, fb: Array) -> Array:
    """The zero of `field` between a and b ``(n, 2)``, where its values fa and fb have opposite signs.

    Regula falsi with the Illinois modification (Dowell and Jarratt 1971).
    """
    a, b, fa, fb = a.copy(), b.copy(), fa.copy(), fb.copy()
    middle = a
    side = np.zeros(len(a), dtype=np.int64)
    for _ in range(9):
        span = fa - fb
        share = np.divide(fa, span, out=np.full_like(fa, 0.5), where=span != 0)
        middle = a + share[:, None] * (b - a)
        value = field(middle)
        left = (value > 0) == (fa > 0)
        fb = np.where(left & (side == 1), fb / 2, fb)
        fa = np.where(~left & (side == -1), fa / 2, fa)
        a, fa = np.where(left[:, None], middle, a), np.where(left, value, fa)
        b, fb = np.where(left[:, None], b, middle), np.where(left, fb, value)
        side = np.where(left, 1, -1)
    return middle


def _crossings(
    field: Field, x: Array, y: Array, values: Array, positive: Mask
) -> tuple[Array, tuple[Integers, Integers]]:
    """Points on the grid's edges where the sign changes, and their numbers by edge (−1: none), along x and along y."""
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    ends, numbers, count = [], [], 0
    for here, there in (((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
                        ((slice(None), slice(None, -1)), (slice(None), slice(1, None)))):  # fmt: skip
        crossed = positive[here] != positive[there]
        number = np.full(crossed.shape, -1, dtype=np.int64)
        number[crossed] = count + np.arange(crossed.sum())
        count += int(crossed.sum())
        numbers.append(number)
        ends.append((grid[here][crossed], grid[there][crossed], values[here][crossed], values[there][crossed]))
    a, b, fa, fb = (np.concatenate(parts) for parts in zip(*ends, strict=True))
    return _root(field, a, b, fa, fb), (numbers[0], numbers[1])


def _pairs(field: Field, x: Array, y: Array, positive: Mask, edge_of: tuple[Integers, Integers]) -> Integers:
    """Pairs ``(k, 2)`` of crossings that one cell joins."""
    along_x, along_y = edge_of
    # (cells, 4): bottom, right, top, left
    sides = np.stack([along_x[:, :-1], along_y[1:, :], along_x[:, 1:], along_y[:-1, :]], axis=-1)
    count = (sides >= 0).sum(axis=-1)
    two: Integers = sides[count == 2]
    simple: Integers = two[two >= 0].reshape(-1, 2)
    i, j = np.nonzero(count == 4)
    if len(i) == 0:
        return simple
    # All four sides are crossed: the sign in the middle says which corners belong together.
    middle = np.stack([(x[i] + x[i + 1]) / 2, (y[j] + y[j + 1]) / 2], axis=1)
    joined = (field(middle) > 0) == positive[i, j]
    bottom, right, top, left = sides[i, j].T
    one = np.where(joined[:, None], np.stack([bottom, right], axis=1), np.stack([bottom, left], axis=1))
    other = np.where(joined[:, None], np.stack([left, top], axis=1), np.stack([right, top], axis=1))
    return np.concatenate([simple, one, other])


def _halved(field: Field, segments: Array) -> Array:
    """Each segment as two, bent at the zero of `field` on its perpendicular bisector."""
    a, b = segments[:, 0], segments[:, 1]
    middle = (a + b) / 2
    normal = np.stack([-(b - a)[:, 1], (b - a)[:, 0]], axis=1) / 4
    low, high = middle - normal, middle + normal
    flow, fhigh = field(low), field(high)
    bent = (flow > 0) != (fhigh > 0)
    middle[bent] = _root(field, low[bent], high[bent], flow[bent], fhigh[bent])
    return np.concatenate([np.stack([a, middle], axis=1), np.stack([middle, b], axis=1)])


def _continued(points: Array, pairs: Integers, width: float) -> Array:
    """Long segments ``(ends, 2, 2)`` that continue the line where it leaves the grid."""
    degree = Counter(pairs.ravel().tolist())
    rays = []
    for inner, outer in [*pairs.tolist(), *pairs[:, ::-1].tolist()]:
        if degree[outer] == 1:
            direction = points[outer] - points[inner]
            rays.append([points[outer], points[outer] + direction / np.hypot(*direction) * width * _FAR])
    return np.asarray(rays).reshape(-1, 2, 2)
