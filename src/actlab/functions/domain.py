"""Where an expression has no value, and where it runs off to infinity at a finite x.

Both can only happen where a part leaves the domain of its operation: a divisor, a radicand or the base of a power is 0,
or the argument of a logarithm is. These places are found piece by piece; what happens beside each is read off a row of
points that approach it.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from actlab._arrays import Array
from actlab.functions.build import add
from actlab.functions.derivative import derivative
from actlab.functions.exactly import exactly
from actlab.functions.expression import Call, Expression, Number, nodes
from actlab.functions.interpret import evaluate_numpy
from actlab.functions.rounding import evaluate_with_error, signs_of
from actlab.functions.switches import Piece, roots_between
from actlab.text import UserError

_APPROACH: Final = np.exp2(-np.arange(3.0, 41.0))  # distances from a place, for one of size 1
_ROW: Final = 12  # points that must tell the same
_NEAREST: Final = (1e-30, 1e-100)
_TRUSTED: Final = 1e-3  # relative rounding error at which a value still counts
_THROUGH: Final = frozenset({"neg", "abs", "sqrt", "mul", "pow", "div"})
_NEVER_ZERO: Final = frozenset({"exp", "sigmoid", "softplus", "normcdf", "normpdf", "sech2"})


@dataclass(frozen=True)
class Edge:
    """A place at which the expression has no finite value, and its limits from the left and the right (NaN: none)."""

    at: float
    left: float
    right: float

    @property
    def pole(self) -> bool:
        """Whether it runs off to infinity, on one side at least."""
        return math.isinf(self.left) or math.isinf(self.right)

    @property
    def leap(self) -> float:
        """1 or −1 where the limits from the two sides differ, 0 where they agree or one is missing."""
        if math.isnan(self.left) or math.isnan(self.right) or self.left == self.right:
            return 0.0
        far = math.isinf(self.left) or math.isinf(self.right)
        near = not far and abs(self.right - self.left) <= 1e-6 * max(1.0, abs(self.left), abs(self.right))
        return 0.0 if near else math.copysign(1.0, self.right - self.left)


@dataclass(frozen=True)
class Domain:
    """The edges of an expression, ascending, and the closed intervals on which it has no value (±inf at the ends)."""

    edges: tuple[Edge, ...]
    undefined: tuple[tuple[float, float], ...]

    def without(self, outside: tuple[tuple[float, float], ...]) -> "Domain":
        """The same but for what is seen from inside the intervals `outside`."""

        def limits(edge: Edge) -> Edge:
            left = math.nan if any(low < edge.at <= high for low, high in outside) else edge.left
            right = math.nan if any(low <= edge.at < high for low, high in outside) else edge.right
            return Edge(edge.at, left, right)

        inner = [edge for edge in self.edges if not any(low < edge.at < high for low, high in outside)]
        return Domain(tuple(map(limits, inner)), self.undefined)


def domain(pieces: tuple[Piece, ...], grid: Array, also: tuple[float, ...] = ()) -> Domain:
    """The domain of an expression that is cut into `pieces`.

    `grid` is where zeros of its parts are looked for; `also` are places that are looked at in any case.
    """
    edges: dict[float, list[float]] = {}
    gaps: list[tuple[float, float]] = []
    lost: set[float] = set()
    for piece in pieces:
        inside = grid[(grid > piece.low) & (grid < piece.high)]
        doubtful = _places(piece, inside, also)
        ends = [end for end in (piece.low, piece.high) if math.isfinite(end)]
        if _parts(piece.tree):
            _look(piece, sorted({*doubtful, *ends}), edges, lost)
        for end in ends if not _parts(piece.tree) else ():  # nothing is special on this side
            side = 0 if end == piece.high else 1
            edges.setdefault(end, [math.nan, math.nan])[side] = float(evaluate_numpy(piece.tree, np.array([end]))[0])
        cuts = [piece.low, *doubtful, piece.high]
        gaps.extend(cell for cell in pairwise(cuts) if _empty(piece.tree, *cell))
    joined: list[tuple[float, float]] = []
    for low, high in gaps:
        if joined and joined[-1][1] == low:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    found = (Edge(at, *edges[at]) for at in sorted(edges))
    switches = {piece.low for piece in pieces}
    kept = (e for e in found if e.pole or e.at in lost or (e.leap and e.at not in switches))  # else nothing is special
    return Domain(tuple(kept), tuple(joined))


def _parts(tree: Expression) -> list[Expression]:
    """The parts whose zeros matter."""
    found: dict[Expression, None] = {}
    for node in nodes(tree):
        if not isinstance(node, Call) or not node.has_x:
            continue
        if node.op == "div":
            critical = node.arguments[1]
        elif node.op in ("log", "sqrt") or (node.op == "pow" and not _whole(node.arguments[1])):
            critical = node.arguments[0]
        elif node.op == "log1p":
            critical = add(Number(1.0), node.arguments[0])
        else:
            continue
        found |= dict.fromkeys(_zero_with(critical))
    return list(found)


def _whole(exponent: Expression) -> bool:
    return isinstance(exponent, Number) and exponent.value >= 0 and exponent.value == math.floor(exponent.value)


def _zero_with(part: Expression) -> list[Expression]:
    """The simplest parts that `part` is 0 with: x for 3·x² and for √|x|."""
    found, stack = [], [part]
    while stack:
        node = stack.pop()
        if not node.has_x:
            continue
        if isinstance(node, Call) and node.op in _THROUGH:
            stack.extend(node.arguments if node.op == "mul" else node.arguments[:1])
        elif not (isinstance(node, Call) and node.op in _NEVER_ZERO):
            found.append(node)
    return found


def _places(piece: Piece, x: Array, also: tuple[float, ...]) -> list[float]:
    """Zeros of critical parts inside the piece, ascending."""
    parts = _parts(piece.tree)
    found = [place for place in also if piece.low < place < piece.high]
    curved: list[Expression] = []
    for part in parts:
        slope = _slope(part)
        if isinstance(slope, Number):  # a straight line: wherever its zero is
            root = -float(evaluate_numpy(part, np.zeros(1))[0]) / slope.value + 0.0 if slope.value else math.nan
            found.extend([root] if piece.low < root < piece.high else [])
        else:
            curved.append(part)
    if curved and len(x) > 2:
        for part, (values, signs) in zip(curved, signs_of(tuple(curved), x), strict=True):
            found.extend(_crossed(part, x, signs))
            found.extend(_met(part, x, values))
    kept: list[float] = []
    for place in sorted(found):
        if not kept or place - kept[-1] > 1e-9 * max(1.0, abs(place)):
            kept.append(place)
    return kept


def _slope(part: Expression) -> Expression | None:
    try:
        return derivative(part)
    except UserError:  # a constant factor overflows
        return None


def _crossed(part: Expression, x: Array, signs: Array) -> list[float]:
    sure = np.flatnonzero(signs)
    turn = (signs[sure[:-1]] != signs[sure[1:]]) & (np.diff(sure) <= 3)
    if not turn.any():
        return []
    low, high = x[sure[:-1][turn]], x[sure[1:][turn]]
    roots = roots_between(part, low, high)
    near = np.round(roots, 6) + 0.0  # a zero at a round number is that number
    there = evaluate_numpy(part, near)  # it may have no value there, as expm1(1/x)
    roots = np.where(((there == 0) | ~np.isfinite(there)) & (near > low) & (near < high), near, roots)
    values = np.abs(evaluate_numpy(part, roots))
    most = np.maximum(np.abs(evaluate_numpy(part, low)), np.abs(evaluate_numpy(part, high)))
    return [float(root) for root in roots[values <= most]]  # at a pole the values are larger


def _met(part: Expression, x: Array, values: Array) -> list[float]:
    """Zeros at which the sign stays: 1 + cos(x) at π."""
    size = np.abs(values)
    lowest = (size[1:-1] <= size[:-2]) & (size[1:-1] <= size[2:])
    lowest &= size[1:-1] <= size[:-2] - 2 * size[1:-1] + size[2:]  # as near to 0 as a parabola that meets it
    at = np.flatnonzero(lowest & np.isfinite(size[1:-1]) & (values[:-2] * values[2:] > 0))
    slope = _slope(part)
    if not len(at) or slope is None:
        return []
    low, high = x[at], x[at + 2]
    turns = np.sign(evaluate_numpy(slope, low)) * np.sign(evaluate_numpy(slope, high)) < 0
    places = roots_between(slope, low[turns], high[turns])
    value, error = evaluate_with_error(part, places)
    found = places[np.abs(value) <= error + 1e-15 * np.abs(places)]
    near = np.round(found, 6) + 0.0
    return [float(place) for place in np.where(evaluate_numpy(part, near) == 0, near, found)]


def _look(piece: Piece, places: list[float], edges: dict[float, list[float]], lost: set[float]) -> None:
    """Enters the limits beside every place of `places`, and in `lost` those at which the piece has no finite value."""
    at = np.array(places)
    if not len(at):
        return
    there = evaluate_numpy(piece.tree, at)
    for k, side in enumerate((-1.0, 1.0)):
        x = at[:, None] + side * _APPROACH * np.maximum(1.0, np.abs(at))[:, None]
        value, error = (found.reshape(x.shape) for found in evaluate_with_error(piece.tree, x.ravel()))
        for n, place in enumerate(places):
            inside = (x[n] > piece.low) & (x[n] < piece.high)
            if inside.any():
                limit = _limit(value[n][inside], error[n][inside], math.isinf(there[n]))
                if math.isfinite(limit) and not math.isfinite(there[n]):
                    limit = _refined(piece.tree, place, side, limit)
                edges.setdefault(place, [math.nan, math.nan])[k] = limit
    lost.update(place for place, value in zip(places, there.tolist(), strict=True) if not math.isfinite(value))


def _limit(values: Array, errors: Array, beyond: bool) -> float:
    """What a row of values, ever nearer to the place, tends to; NaN where that cannot be told.

    Powers grow by a factor from point to point and logarithms by a summand; where the growth slows down there is a
    finite limit. `beyond`: the tree is infinite at the place itself.
    """
    with np.errstate(invalid="ignore"):
        trusted = np.isfinite(values) & ((errors <= _TRUSTED * np.abs(values)) | (values == 0))
    over = np.flatnonzero(np.isinf(values))
    end = int(over[0]) if len(over) else len(values)
    known, doubt = values[:end][trusted[:end]], errors[:end][trusted[:end]]
    if len(known) < 4:
        return float(values[end]) if len(over) and np.all(values[end:] == values[end]) else math.nan
    row = np.abs(known[-_ROW:])
    steps = np.diff(row)
    grows = np.all(steps > 0) and np.all(np.sign(known[-_ROW:]) == np.sign(known[-1]))
    if grows and steps[-1] >= (0.9 if beyond else 0.95) * steps[0] and (len(row) == _ROW or len(over)):
        return math.copysign(math.inf, known[-1])
    off = np.abs(np.diff(known)) + doubt[1:]
    best = int(np.argmin(off))
    return float(known[best + 1]) if off[best] <= 1e-6 * max(1.0, abs(known[best + 1])) else math.nan


def _refined(tree: Expression, place: float, side: float, limit: float) -> float:
    """A finite limit that is known to six digits, to the last: by a line through two exact values beside the place."""
    for step in (1e-9, *(_NEAREST if place == 0 else ())):
        near, far = exactly(tree, place + side * step * max(1.0, abs(place)) * np.array([1.0, 2.0]))
        found = float(2 * near - far)
        if abs(near - far) <= 1e-10 * abs(found) and abs(found - limit) <= 1e-5 * max(1.0, abs(limit)):
            return found
        if place == 0 and abs(near) <= step**0.25 and abs(near) <= abs(far) and abs(limit) <= 1e-5:
            limit = 0.0 if step == _NEAREST[-1] else limit
    return limit


def _empty(tree: Expression, low: float, high: float) -> bool:
    """Whether `tree` has no value on the open interval, in which no part changes its sign."""
    if math.isinf(low) and math.isinf(high):
        x = np.array([0.6180339887, -0.7320508076])
    elif math.isinf(low) or math.isinf(high):
        end, side = (high, -1.0) if math.isinf(low) else (low, 1.0)
        x = end + side * np.array([0.2718281828, 1.0570796327]) * max(1.0, 1e-3 * abs(end))
    else:
        x = low + (high - low) * np.array([0.381966, 0.618034])
    return bool(np.all(~np.isfinite(evaluate_numpy(tree, x))))
