"""The shape of a function: where it and its derivative are 0, how far it reaches, where it rises and how it bends."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np

from actlab._arrays import Array
from actlab.functions.derivative import derivative
from actlab.functions.domain import Domain, domain
from actlab.functions.expression import Expression, Number
from actlab.functions.interpret import evaluate_numpy
from actlab.functions.limits import Ends, ends
from actlab.functions.rounding import certain_signs, evaluate_with_error, signs_of
from actlab.functions.switches import REACH, Piece, pieces, roots_between
from actlab.text import UserError

Side = Literal["low", "high"]
_FINEST: Final = 1e-9
_NEARER: Final = (1e-9, 1e-13, 2.0**-51)
_NEAREST: Final = (1e-30, 1e-100)
_SMOOTHEST: Final = 5  # derivatives up to this order are compared at a switch point
_FAR: Final = REACH * np.exp2(np.arange(1, 25))  # up to 8e8, beyond REACH only signs and bounds are looked at
# Stretches far out, to see whether a function without a limit grows
_WINDOWS: Final = tuple(start + np.linspace(0, 40, 2001) for start in (50.0, 5e3, 5e5))


@dataclass(frozen=True)
class Zeros:
    """Where a function is 0: single points, ascending, and closed intervals (±inf at the ends)."""

    points: tuple[float, ...]
    intervals: tuple[tuple[float, float], ...]


class Course:
    """An expression with its switch points, looked at piece by piece.

    `switches` may hold points of another expression's too: a derivative is looked at between those of its function,
    and not on the intervals `outside`, where that has no value (1/x is the slope of log(x) on one side only).
    """

    def __init__(
        self, tree: Expression, switches: tuple[float, ...], outside: tuple[tuple[float, float], ...] = ()
    ) -> None:
        self.tree, self.switches, self.outside = tree, switches, outside

    @cached_property
    def slope(self) -> "Course":
        """The derivative, the left slope at kinks."""
        return Course(derivative(self.tree), self.switches, self.domain.undefined)

    @cached_property
    def ends(self) -> Ends:
        """Limits at ±∞; none on a side on which there is no value."""
        found = ends(self.tree)
        undefined = (*self.outside, *self.domain.undefined)
        low = math.nan if any(low == -math.inf for low, _ in undefined) else found.low
        high = math.nan if any(high == math.inf for _, high in undefined) else found.high
        return Ends(low, high, found.patch_low, found.patch_high)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The expression between switch points."""
        return pieces(self.tree, self.switches)

    @cached_property
    def grid(self) -> Array:
        """Where to look: [−50, 50], finer near 0, both sides of every switch point; farther out where there is a limit.

        No point is a switch point.
        """
        near = [s + d * max(1.0, abs(s)) for s in self.switches for d in (-_FINEST, _FINEST)]
        plain = ends(self.tree)
        far = [s for s in (-_FAR, _FAR) if not math.isnan(plain.low if s[0] < 0 else plain.high)]
        grid = np.unique(np.concatenate([np.linspace(-REACH, REACH, 20_001), np.linspace(-4, 4, 8001), near, *far]))
        for low, high in self.outside:
            grid = grid[(grid < low) | (grid > high)]
        return grid[~np.isin(grid, self.switches)]

    @cached_property
    def _seen(self) -> tuple[Array, Array]:
        return signs_of((self.tree,), self.grid)[0]

    @cached_property
    def values(self) -> Array:
        """Values on the grid; 0 where all that is left of one is rounding."""
        value, sign = self._seen
        return np.where((sign == 0) & np.isfinite(value), 0.0, value)

    @cached_property
    def signs(self) -> Array:
        """Signs on the grid, 0 in doubt."""
        return self._seen[1]

    @cached_property
    def sides(self) -> Array:
        """Limits from the left and the right at every switch point, shape (switches, 2)."""
        pairs = list(zip(self.pieces, self.pieces[1:], strict=False))
        found = [
            (side_value(a.tree, s, -1), side_value(b.tree, s, 1))
            for (a, b), s in zip(pairs, self.switches, strict=True)
        ]
        return np.array(found).reshape(len(found), 2)

    @cached_property
    def domain(self) -> Domain:
        """Where it has no value, and where it runs off to infinity."""
        found = domain(self.pieces, self.grid, tuple(end for gap in self.outside for end in gap if math.isfinite(end)))
        return found if not self.outside else found.without(self.outside)

    @cached_property
    def turns(self) -> tuple[float, ...]:
        """Where it changes sign inside a piece."""
        return tuple(place for piece in self.pieces for place in _turns(piece, self.grid))

    @cached_property
    def zeros(self) -> Zeros:
        """Where it is 0. At a switch point: where the limits from both sides are."""
        flat = [(p.low, p.high) for p in self.pieces if isinstance(p.tree, Number) and p.tree.value == 0]
        joined: list[tuple[float, float]] = []
        for low, high in flat:
            if joined and joined[-1][1] == low:
                joined[-1] = (joined[-1][0], high)
            else:
                joined.append((low, high))
        points = {s for s, (a, b) in zip(self.switches, self.sides, strict=True) if abs(a) < 1e-13 and abs(b) < 1e-13}
        points.update(self.turns)
        points.update(self._touched())
        single = (p for p in sorted(points) if not any(low <= p <= high for low, high in joined))
        kept: list[float] = []
        for point in single:
            if not kept or point - kept[-1] > 1e-7 * max(1.0, abs(point)):
                kept.append(point)
        return Zeros(tuple(kept), tuple(joined))

    def _touched(self) -> list[float]:
        """Zeros at which the sign stays: where the derivative turns and no value is left but rounding."""
        places = np.array(self.slope.turns)
        found: list[float] = []
        for piece in self.pieces if len(places) else ():
            inside = places[(places > piece.low) & (places < piece.high)]
            if len(inside):
                values, errors = evaluate_with_error(piece.tree, inside)
                found.extend(inside[np.abs(values) <= errors + 1e-15 * np.abs(inside)].tolist())
        return found

    def supremum(self, sign: float, stationary: tuple[float, ...]) -> tuple[float, float]:
        """The supremum of sign·u and where it is met (±inf: in the limit); `stationary` are the zeros of u′.

        Of several places the one nearest to 0 is named. NaN where u has no value.
        """
        places = [self.grid, np.repeat(self.switches, 2), np.array(stationary, dtype=np.float64)]
        values = [self.values, self.sides.ravel(), evaluate_numpy(self.tree, places[2])]
        level = [p for p in self.pieces if isinstance(p.tree, Number)]  # the nearest point of a plateau
        places.append(np.array([min(max(0.0, p.low), p.high) for p in level]))
        values.append(np.array([p.tree.value for p in level if isinstance(p.tree, Number)]))
        x, u = np.concatenate(places), sign * np.concatenate(values)
        u = np.where(np.isnan(u), -math.inf, u)
        best = float(np.max(u, initial=-math.inf))  # there is nothing at all where u has no value anywhere
        if best == -math.inf:
            return math.nan, math.nan
        tied = np.flatnonzero(u >= best - 1e-14 * abs(best)) if math.isfinite(best) else np.array([np.argmax(u)])
        at = float(x[tied[np.argmin(np.abs(x[tied]))]])
        rounded = bool(np.all(tied < len(self.grid)))  # on the way to a limit a value may equal it by rounding alone
        for edge in sorted(self.domain.edges, key=lambda edge: abs(edge.at)):
            beside = max((sign * side for side in (edge.left, edge.right) if not math.isnan(side)), default=-math.inf)
            if beside > best + 1e-12 * abs(best):
                best, at, rounded = beside, edge.at, False
        for end, limit in ((-math.inf, self.ends.low), (math.inf, self.ends.high)):
            towards = sign * limit
            overflown = towards == best == math.inf
            if towards > best or overflown or (rounded and towards >= best - 1e-12 * abs(best)):
                best, at = max(towards, best), end
            elif math.isnan(limit) and self._grows(end, sign):
                best, at = math.inf, end
        return best, at

    def _grows(self, end: float, sign: float) -> bool:
        """Whether the crests of sign·u become higher and higher on the way to an end that has no limit."""
        crests = [np.max(sign * evaluate_numpy(self.tree, math.copysign(1.0, end) * w)) for w in _WINDOWS]
        return bool(crests[0] > 0 and crests[1] > 1.2 * crests[0] and crests[2] > 1.2 * crests[1])


def side_value(tree: Expression, at: float, side: int) -> float:
    """The limit of a piece at its end `at`, from the left (−1) or the right (1)."""
    value = float(evaluate_numpy(tree, np.array([at]))[0])
    if not math.isnan(value):
        return value
    # sin(x)/x at 0: by a line through two points, which errs by the square of their distance; nearer to the place where
    # nothing cancels there, as in x·log(x), which a line does not follow
    for step in (1e-5, *_NEARER, *(_NEAREST if at == 0 else ())):
        x = at + side * step * max(1.0, abs(at)) * np.array([1.0, 2.0])
        (near, far), errors = evaluate_with_error(tree, x)
        if step < 1e-5 and not np.max(errors) <= 1e-15 * max(1.0, abs(near)):
            break
        value = float(2 * near - far)
    return value


def _turns(piece: Piece, grid: Array) -> list[float]:
    return _crossings(piece.tree, grid[(grid > piece.low) & (grid < piece.high)])


def _derivative(tree: Expression) -> Expression | None:
    try:
        return derivative(tree)
    except UserError:  # a constant factor overflows
        return None


def _crossings(tree: Expression, x: Array) -> list[float]:
    """Zeros of `tree` at which its sign changes, between neighbours among `x` or nearly so."""
    if isinstance(tree, Number) or len(x) < 2:
        return []
    signs = certain_signs(tree, x)
    sure = np.flatnonzero(signs)
    before, after = sure[:-1], sure[1:]
    turn = (signs[before] != signs[after]) & (after - before <= 3)  # farther apart: underflow, not a zero
    before, after = before[turn], after[turn]
    if not len(before):
        return []
    roots = roots_between(tree, x[before], x[after])
    low, high = x[before], x[after]
    middle = 0.5 * (low + high)
    # a zero at a round number is hit exactly by the point between its neighbours
    for candidate in (middle, np.round(roots, 6)):
        exact = (evaluate_numpy(tree, candidate) == 0) & (candidate > low) & (candidate < high)
        roots = np.where(exact & (np.abs(candidate - roots) < 1e-6), candidate + 0.0, roots)
    values = evaluate_numpy(tree, roots)
    pole = ~(np.abs(values) <= np.maximum(np.abs(evaluate_numpy(tree, low)), np.abs(evaluate_numpy(tree, high))))
    return [float(root) for root in roots[~pole]]


def rises(course: Course) -> str | None:
    """Whether the function is "increasing", "decreasing" or ``None``, jumps included; neither is strict."""
    signs, sides = course.slope.signs, course.sides
    at = evaluate_numpy(course.tree, np.array(course.switches)) if course.switches else np.zeros(0)
    leaps = [np.sign(np.where(_same(a, b), 0.0, b - a)) for a, b in ((sides[:, 0], at), (at, sides[:, 1]))]
    over = [edge.leap for edge in course.domain.edges]  # as 1/x does, from −∞ to ∞
    signs = np.concatenate([signs, *leaps, np.array(over)])
    up, down = bool(np.any(signs > 0)), bool(np.any(signs < 0))
    return None if up == down else "increasing" if up else "decreasing"


def bends(course: Course, jumps: tuple[float, ...]) -> tuple[bool, bool]:
    """Whether the function is convex, and whether it is concave; one with a jump is neither."""
    if jumps:
        return False, False
    sides = course.slope.sides
    leaps = np.sign(np.where(_same(sides[:, 0], sides[:, 1]), 0.0, sides[:, 1] - sides[:, 0]))
    signs = np.concatenate([course.slope.slope.signs, leaps])
    return not bool(np.any(signs < 0)), not bool(np.any(signs > 0))


def symmetry(course: Course) -> str | None:
    """Whether the function is "odd", "even" or ``None``: φ(−x) against ∓φ(x) on the grid and at 0, to rounding."""
    x = np.unique(np.abs(np.append(course.grid, 0.0)))
    x = x[~np.isin(x, np.abs(course.switches)) | (x == 0)]
    right, right_error = evaluate_with_error(course.tree, x)
    left, left_error = evaluate_with_error(course.tree, -x)
    with np.errstate(invalid="ignore", over="ignore"):
        slack = right_error + left_error + 1e-15 * np.abs(right)
        for name, mirrored in (("odd", -left), ("even", left)):
            alike = (np.abs(right - mirrored) <= slack) | (right == mirrored) | (np.isnan(right) & np.isnan(mirrored))
            if np.all(alike) and not np.all(np.isnan(right)):
                return name
    return None


def breaks(course: Course) -> list[int]:
    """For every switch point the order of the lowest derivative that jumps there (0: the value), −1 for none."""
    at = evaluate_numpy(course.tree, np.array(course.switches)) if course.switches else np.zeros(0)
    found = []
    for k, place in enumerate(course.switches):
        left, right = course.pieces[k].tree, course.pieces[k + 1].tree
        a, b = course.sides[k]
        alone = not math.isnan(at[k]) and not (_same(a, at[k]) or _same(b, at[k]))  # where(x == 0, 5, x)
        found.append(0 if alone or not _same(a, b) else _first_jump(left, right, place))
    return found


def _first_jump(left: Expression, right: Expression, place: float) -> int:
    for order in range(_SMOOTHEST + 1):
        if left is right:
            return -1
        value, next_left, next_right = _gap(left, right, place)
        if value:
            return order
        if next_left is None or next_right is None or max(next_left.count, next_right.count) > 20_000:
            return -1
        left, right = next_left, next_right
    return -1


def _gap(left: Expression, right: Expression, place: float) -> tuple[bool, Expression | None, Expression | None]:
    """Whether two pieces differ at `place`, and their derivatives. What the place is uncertain by is no gap."""
    slopes = _derivative(left), _derivative(right)
    a, b = side_value(left, place, -1), side_value(right, place, 1)
    if math.isinf(a) != math.isinf(b):  # √x beside 0: the slope runs off to infinity on one side
        return True, *slopes
    steep = sum(abs(side_value(s, place, side)) for s, side in zip(slopes, (-1, 1), strict=True) if s is not None)
    slack = 1e-9 * max(abs(a), abs(b)) + 1e-13 * max(1.0, abs(place)) * (steep if math.isfinite(steep) else 0.0)
    x = np.array([place])
    slack += sum(float(e) for e in (evaluate_with_error(t, x)[1][0] for t in (left, right)) if math.isfinite(e))
    return not (abs(a - b) <= slack or a == b), *slopes


def _same(a: Array | float, b: Array | float) -> Array:
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(np.subtract(a, b)) <= 1e-9 * np.maximum(np.abs(a), np.abs(b)) + 1e-12
        return np.asarray((a == b) | (near & np.isfinite(a) & np.isfinite(b)))
