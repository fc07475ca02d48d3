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
from actlab.functions.switches import REACH, Piece, all_known, pieces, roots_between
from actlab.text import UserError

Side = Literal["low", "high"]
_FINEST: Final = 1e-9
_NEARER: Final = (1e-9, 1e-13, 2.0**-51)
_NEAREST: Final = (1e-30, 1e-100)
_SMALL: Final = 1e-6
_SMOOTHEST: Final = 5  # derivatives up to this order are compared at a switch point
_FAR: Final = REACH * np.exp2(np.arange(1, 25))  # up to 8e8, beyond REACH only signs and bounds are looked at


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
    def _within(self) -> Array:
        """The grid as far out as the pieces are known."""
        return self.grid if all_known(self.tree) else self.grid[np.abs(self.grid) <= REACH]

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
            [_beside(a.tree, s, -1), _beside(b.tree, s, 1)] for (a, b), s in zip(pairs, self.switches, strict=True)
        ]
        values, doubts = np.moveaxis(np.array(found).reshape(len(found), 2, 2), 2, 0)
        return np.where(np.abs(values) <= 4 * doubts * (doubts < _SMALL), 0.0, values)

    def beside(self, at: float, side: int) -> float:
        """The limit at `at`, which is no pole, from the left (−1) or the right (1)."""
        piece = next(p for p in self.pieces if (p.low < at <= p.high if side < 0 else p.low <= at < p.high))
        value, doubt = _beside(piece.tree, at, side)
        return 0.0 if abs(value) <= 4 * doubt and doubt < _SMALL else value

    @cached_property
    def domain(self) -> Domain:
        """Where it has no value, and where it runs off to infinity."""
        gaps = tuple(end for gap in self.outside for end in gap if math.isfinite(end))
        found = domain(self.pieces, self._within, gaps)
        return found if not self.outside else found.without(self.outside)

    @cached_property
    def turns(self) -> tuple[float, ...]:
        """Where it changes sign inside a piece."""
        return tuple(place for piece in self.pieces for place in _turns(piece, self._within))

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
                found.extend(inside[np.abs(values) <= errors + _uncertain(piece.tree, inside)].tolist())
        return found


def side_value(tree: Expression, at: float, side: int) -> float:
    """The limit of a piece at its end `at`, from the left (−1) or the right (1)."""
    return _beside(tree, at, side)[0]


def _beside(tree: Expression, at: float, side: int) -> tuple[float, float]:
    """`side_value`, and how far it may be off: by rounding, and as `at` is known to the last bits only.

    That counts where a function is steep: √|cos(x)| is 1e-8 beside its zero.
    """
    value = float(evaluate_numpy(tree, np.array([at]))[0])
    next_to = float(evaluate_numpy(tree, np.array([at + side * 2.0**-50 * abs(at)]))[0])
    if not math.isnan(value):
        return value, abs(next_to - value) if math.isfinite(next_to) and math.isfinite(value) else 0.0
    # sin(x)/x at 0: by a line through two points, which errs by the square of their distance; at the distance at which
    # the points differ least, as far as nothing cancels there: x·log(x) and √x do not follow a line
    found = (math.nan, math.inf)
    for step in (1e-5, *_NEARER, *(_NEAREST if at == 0 else ())):
        x = at + side * step * max(1.0, abs(at)) * np.array([1.0, 2.0])
        (near, far), errors = evaluate_with_error(tree, x)
        doubt = float(abs(near - far) + np.max(errors))
        if doubt < found[1] or math.isnan(found[0]):
            found = float(2 * near - far), doubt
    return found


def _uncertain(tree: Expression, x: Array) -> Array:
    """How much `tree` changes within the last bits of x."""
    at = evaluate_numpy(tree, x)
    below, above = (np.abs(evaluate_numpy(tree, x * (1 + d)) - at) for d in (-(2.0**-50), 2.0**-50))
    return np.maximum(below, above)


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
            near = np.abs(right - mirrored) <= np.where(np.isinf(slack), 1e-9 * np.abs(right), slack)
            alike = near | (right == mirrored) | (np.isnan(right) & np.isnan(mirrored))
            if np.all(alike) and not np.all(np.isnan(right)):
                return name
    return None


def breaks(course: Course) -> list[int]:
    """For every switch point the order of the lowest derivative that jumps there (0: the value), −1 for none."""
    at = evaluate_numpy(course.tree, np.array(course.switches)) if course.switches else np.zeros(0)
    found = []
    for k, place in enumerate(course.switches):
        left, right = course.pieces[k].tree, course.pieces[k + 1].tree
        (a, doubt), (b, other) = _beside(left, place, -1), _beside(right, place, 1)
        slack = 10 * (doubt + other) if doubt + other < _SMALL else 0.0
        alone = not math.isnan(at[k]) and not (_same(a, at[k], slack) or _same(b, at[k], slack))  # where(x == 0, 5, x)
        found.append(0 if alone or not _same(a, b, slack) else _first_jump(left, right, place))
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


def _same(a: Array | float, b: Array | float, slack: float = 0.0) -> Array:
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(np.subtract(a, b)) <= 1e-9 * np.maximum(np.abs(a), np.abs(b)) + 1e-12 + slack
        return np.asarray((a == b) | (near & np.isfinite(a) & np.isfinite(b)))
