"""How far a function reaches: its supremum, and where it is met or come near to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from actlab.functions.exactly import exactly
from actlab.functions.expression import Number
from actlab.functions.interpret import evaluate_numpy
from actlab.functions.rounding import evaluate_with_error

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array
    from actlab.functions.domain import Edge
    from actlab.functions.shape import Course

_CLEAN: Final = 1e-14  # relative; a value with a larger error is taken anew
_MOST: Final = 64  # of these
_TRUSTED: Final = 1e-3
_THINNED: Final = 50
_GROWTH: Final = 1.2  # from one stretch to the next
# Stretches far out, to see whether a function without a limit grows; nearer ones where float64 ends before those
_WINDOWS: Final = tuple(start + np.linspace(0, 40, 2001) for start in (50.0, 5e3, 5e5))
_NEARER: Final = tuple(start + np.linspace(0, 12, 2001) for start in (10.0, 22.0, 34.0))
# The same towards a finite place, for one of size 1
_TOWARDS: Final = np.geomspace(1e-14, 1e-1, 8001)
_ZOOMS: Final = 4
_CREST: Final = 1e-12
_BESIDE: Final = tuple(distance * np.geomspace(0.1, 1.0, 2001) for distance in (1e-2, 1e-4, 1e-7))


def supremum(course: Course, sign: float, stationary: tuple[float, ...]) -> tuple[float, float]:
    """The supremum of sign·u and where it is met (±inf: in the limit); `stationary` are the zeros of u′.

    Of several places the one nearest to 0 is named. NaN where u has no value.
    """
    x, u, sure = _candidates(course, sign, stationary)
    u = _cleaned(course, x, sign, u, sure)
    best = float(np.max(u, initial=-math.inf))  # there is nothing at all where u has no value anywhere
    if best == -math.inf:
        return math.nan, math.nan
    tied = np.flatnonzero(u >= best - 1e-14 * abs(best)) if math.isfinite(best) else np.array([np.argmax(u)])
    at = float(x[tied[np.argmin(np.abs(x[tied]))]])
    rounded = bool(np.all(tied < len(course.grid)))  # on the way to a limit a value may equal it by rounding alone
    for edge in sorted(course.domain.edges, key=lambda edge: abs(edge.at)):
        beside = max(_towards(course, edge, sign))
        if beside > best + 1e-12 * abs(best):
            best, at, rounded = beside, edge.at, False
    for end, limit in ((-math.inf, course.ends.low), (math.inf, course.ends.high)):
        towards = sign * limit
        overflown = towards == best == math.inf
        if towards > best or overflown or (rounded and towards >= best - 1e-12 * abs(best)):
            best, at = max(towards, best), end
        elif math.isnan(limit) and _grows(_far_out(course, sign, math.copysign(1.0, end))):
            best, at = math.inf, end
    return best, at


def _candidates(course: Course, sign: float, stationary: tuple[float, ...]) -> tuple[Array, Array, AnyArray]:
    """Places, sign·u there (−inf where it has no value), and which are no matter of rounding; the grid comes first."""
    turns, switches = np.array(stationary, dtype=np.float64), np.array(course.switches)
    crests, errors = evaluate_with_error(course.tree, turns)
    touched = np.isfinite(crests) & (np.abs(crests) <= errors)
    level = [(p.low, p.high, p.tree.value) for p in course.pieces if isinstance(p.tree, Number)]
    poles = {edge.at for edge in course.domain.edges if edge.pole}
    gaps = [(end, side) for gap in course.domain.undefined for end, side in zip(gap, (-1, 1), strict=True)]
    ends = [(end, side) for end, side in gaps if math.isfinite(end) and end not in poles]
    rows: list[tuple[Any, Any, bool]] = [
        (course.grid, course.values, False),
        (np.repeat(switches, 2), course.sides.ravel(), True),
        (switches, evaluate_numpy(course.tree, switches), True),  # which may stand alone: sign(x)² is 0 at 0
        (turns[touched], np.zeros(np.count_nonzero(touched)), True),
        (turns[~touched], crests[~touched], False),
        ([min(max(0.0, low), high) for low, high, _ in level], [value for _, _, value in level], True),  # nearest to 0
        ([end for end, _ in ends], [course.beside(end, side) for end, side in ends], True),
    ]
    x = np.concatenate([np.asarray(places, np.float64) for places, _, _ in rows])
    u = sign * np.concatenate([np.asarray(values, np.float64) for _, values, _ in rows])
    u[np.isnan(u)] = -math.inf
    return x, u, np.concatenate([np.full(len(places), sure) for places, _, sure in rows])


def _cleaned(course: Course, x: Array, sign: float, u: Array, sure: AnyArray) -> Array:
    """`u` with the largest values taken anew, where rounding might have made them: (1 − cos(x))/x² beside 0."""
    best = int(np.argmax(u)) if len(u) else 0
    if not len(u) or not math.isfinite(u[best]):
        return u
    error = float(evaluate_with_error(course.tree, x[best : best + 1])[1][0])
    if not _CLEAN * abs(u[best]) < error < math.inf:
        return u
    among = np.flatnonzero((u >= u[best] - 4 * error) & ~sure)
    among = among[np.argsort(-u[among], kind="stable")[:_MOST]]
    found = sign * exactly(course.tree, x[among])
    u = u.copy()
    u[among] = np.where(np.isfinite(found), found, u[among])
    return u


def _towards(course: Course, edge: Edge, sign: float) -> list[float]:
    """What sign·u comes to on both sides of an edge: its limits, inf where its crests grow, −inf for nothing."""
    found = []
    for side, limit in ((-1.0, edge.left), (1.0, edge.right)):
        rows = [edge.at + side * w * max(1.0, abs(edge.at)) for w in _BESIDE]
        inside = not any(low <= rows[0][0] <= high for low, high in (*course.outside, *course.domain.undefined))
        if not math.isnan(limit):
            found.append(sign * limit)
        elif inside and _grows([_crest(course, sign, row) for row in rows]):
            found.append(math.inf)
        else:
            found.append(_highest(course, sign, edge.at, side) if inside else -math.inf)
    return found


def _highest(course: Course, sign: float, at: float, side: float) -> float:
    """The highest crest of sign·u beside a place at which it turns without end, as x + cos(log(x)) at 0."""
    distances = _TOWARDS * max(1.0, abs(at))
    best = -math.inf
    for _ in range(_ZOOMS):
        value, error = evaluate_with_error(course.tree, at + side * distances)
        u = np.where(error <= _CREST * np.abs(value), sign * value, -math.inf)  # what is left is not rounding
        k = int(np.argmax(u))
        if not u[k] > best:
            break
        best = float(u[k])
        distances = np.geomspace(distances[max(k - 1, 0)], distances[min(k + 1, len(distances) - 1)], 401)
    return best


def _far_out(course: Course, sign: float, side: float) -> list[float]:
    far = [_crest(course, sign, side * w) for w in _WINDOWS]
    return far if math.isfinite(far[-1]) else [_crest(course, sign, side * w) for w in _NEARER]


def _crest(course: Course, sign: float, x: Array) -> float:
    value, error = evaluate_with_error(course.tree, x)
    if np.any(error > _TRUSTED * np.abs(value)):  # what grows may be rounding
        value = exactly(course.tree, x[::_THINNED])
    return float(np.max(sign * value))


def _grows(crests: list[float]) -> bool:
    """Whether crests become higher and higher."""
    return bool(crests[0] > 0 and crests[1] > _GROWTH * crests[0] and crests[2] > _GROWTH * crests[1])
