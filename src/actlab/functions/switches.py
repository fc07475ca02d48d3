"""Where an expression changes its branch, and what it is between two such points."""

import math
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from actlab._arrays import Array
from actlab.functions.build import call, neg, sub
from actlab.functions.derivative import derivative
from actlab.functions.expression import COMPARISONS, Call, Expression, Number, Variable, nodes, size
from actlab.functions.interpret import evaluate_nodes, evaluate_numpy
from actlab.text import UserError

REACH: Final = 50.0  # what no rule finds is looked for in [−50, 50]
_POINTS: Final = 20_001
_BENDING: Final = frozenset({"abs", "sign", "min", "max", *COMPARISONS})
_CONSTANT, _LINEAR, _OTHER = 0, 1, 2
_GOLDEN: Final = 0.6180339887  # no point at which a function is likely to be special
_LARGEST: Final = 150_000  # switch points times parts: what facts are derived for
_MOST: Final = 2_000  # switch points at all: of more, the grid does not see each
_STEPS: Final = 120


@dataclass(frozen=True)
class Piece:
    """`tree` is the expression on the open interval from `low` to `high` (±inf at the ends), no branch left in it."""

    low: float
    high: float
    tree: Expression


def degrees(expression: Expression) -> dict[Expression, int]:
    """For every part: 0 where it is constant between switch points, 1 where linear, 2 where neither is certain."""
    found: dict[Expression, int] = {}
    for node in nodes(expression):
        if not isinstance(node, Call):
            found[node] = _LINEAR if isinstance(node, Variable) else _CONSTANT
            continue
        of = [found[argument] for argument in node.arguments]
        if node.op == "sign" or node.op in COMPARISONS:
            found[node] = _CONSTANT
        elif node.op == "where":
            found[node] = max(of[1:])
        elif node.op in ("neg", "abs", "add", "sub", "min", "max"):
            found[node] = max(of)
        elif node.op == "mul":
            found[node] = min(sum(of), _OTHER)
        elif node.op == "div":
            found[node] = of[0] if of[1] == _CONSTANT else _OTHER
        else:
            found[node] = _CONSTANT if max(of) == _CONSTANT else _OTHER
    return found


def all_known(expression: Expression) -> bool:
    """Whether `switch_points` are all there are, and not those in [−REACH, REACH] only."""
    degree = degrees(expression)
    bent = (node for node in degree if isinstance(node, Call) and node.op in _BENDING)
    return all(degree[argument] <= _LINEAR for node in bent for argument in node.arguments)


@lru_cache(maxsize=256)
def switch_points(expression: Expression) -> tuple[float, ...]:
    """Where the expression changes its branch: zeros of the differences it compares, ascending.

    Exact, and all of them, where what is compared is piecewise linear; otherwise searched for in [−50, 50], to the
    last bits of float64.

    Raises:
        UserError: where they are too many to be looked at one by one, as those of sign(sin(1000*x)).
    """
    most = min(_MOST, _LARGEST // size(expression))
    grid = np.linspace(-REACH, REACH, _POINTS)
    degree = degrees(expression)
    found: set[float] = set()
    for node in nodes(expression):  # parts first: the bends of what is compared are known when it is looked at
        if not isinstance(node, Call):
            continue
        if node.op in ("abs", "sign"):
            u, of = node.arguments[0], degree[node.arguments[0]]
        elif node.op in COMPARISONS or node.op in ("min", "max"):
            u, of = sub(*node.arguments), max(degree[argument] for argument in node.arguments)
        else:
            continue
        if u.has_x:
            found.update(_linear_zeros(u, merged(found)) if of <= _LINEAR else _zeros(u, grid))
            if len(found) > most:
                raise UserError("functions.too_many_switches", limit=most)
    return merged(found)


def merged(points: set[float]) -> tuple[float, ...]:
    """`points` ascending; one that is reached by two routes is one."""
    kept: list[float] = []
    for point in sorted(points):
        if not kept or point - kept[-1] > 1e-9 * max(1.0, abs(point)):
            kept.append(point)
    return tuple(kept)


def _linear_zeros(u: Expression, bends: tuple[float, ...]) -> list[float]:
    """Zeros of a piecewise-linear `u` with no bends but `bends`: every one, each from one line."""
    slope = derivative(u)
    if isinstance(slope, Number):
        at_zero = float(evaluate_numpy(u, np.zeros(1))[0])
        root = -at_zero / slope.value + 0.0 if slope.value != 0 else math.nan
        return [root] if math.isfinite(root) else []
    middles = samples(bends)
    values, slopes = evaluate_numpy(u, middles), evaluate_numpy(slope, middles)
    with np.errstate(all="ignore"):
        roots = middles - values / slopes
    low, high = np.array([-math.inf, *bends]), np.array([*bends, math.inf])
    with np.errstate(invalid="ignore"):
        slack = 1e-12 * np.maximum(1.0, np.abs(roots))
    inside = np.isfinite(roots) & (roots >= low - slack) & (roots <= high + slack)
    return [_snapped(float(root) + 0.0, bends) for root in roots[inside]]


def _snapped(root: float, bends: tuple[float, ...]) -> float:
    """`root`, or the bend that it is but for rounding."""
    return next((bend for bend in bends if abs(root - bend) <= 1e-12 * max(1.0, abs(bend))), root)


def _zeros(u: Expression, grid: Array) -> list[float]:
    values = evaluate_numpy(u, grid)
    roots = [float(x) for x in grid[values == 0]] if np.count_nonzero(values == 0) < 1000 else []
    signs = np.sign(values)
    holes = 1 + np.flatnonzero(np.isnan(signs[1:-1]) & (signs[:-2] * signs[2:] < 0))  # 0 in 1/x − x/x
    roots.extend(grid[holes].tolist())
    crossing = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    if len(crossing):
        roots.extend(roots_between(u, grid[crossing], grid[crossing + 1]).tolist())
    return roots


def roots_between(u: Expression, low: Array, high: Array) -> Array:
    """A zero of `u` between each `low` and `high`, shape (n,), where it has opposite signs; to the last bit or two.

    A pole at which the sign changes is found too.

    References:
        Chandrupatla: A new hybrid quadratic/bisection algorithm (1997).
    """
    found = np.array(low)
    left = np.arange(low.size)  # what is still open, by its place in `found`
    old, new = np.array(high), np.array(low)
    f_old, f_new = evaluate_numpy(u, old), evaluate_numpy(u, new)
    step = np.full(low.size, 0.5)
    for _ in range(_STEPS):
        x = old + step * (new - old)
        f = evaluate_numpy(u, x)
        same = np.sign(f) == np.sign(f_old)
        third, f_third = np.where(same, old, new), np.where(same, f_old, f_new)
        new, f_new = np.where(same, new, old), np.where(same, f_new, f_old)
        old, f_old = x, f
        nearer = np.abs(f_old) < np.abs(f_new)
        found[left] = np.where(nearer, old, new)
        gap = np.abs(new - old)
        least = 2.0**-52 * np.abs(found[left]) + 2.0**-1060
        go = (gap > least) & (np.where(nearer, f_old, f_new) != 0)
        if not go.any():
            break
        left, old, new, third = left[go], old[go], new[go], third[go]
        f_old, f_new, f_third, limit = f_old[go], f_new[go], f_third[go], (0.5 * least / gap)[go]
        with np.errstate(all="ignore"):
            xi, phi = (old - new) / (third - new), (f_old - f_new) / (f_third - f_new)
            curve = f_old / (f_new - f_old) * f_third / (f_new - f_third)
            curve += (third - old) / (new - old) * f_old / (f_third - f_old) * f_new / (f_third - f_new)
            safe = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi) & np.isfinite(curve)
        step = np.clip(np.where(safe, curve, 0.5), limit, 1 - limit)
    return found


def samples(switches: tuple[float, ...], fraction: float = 0.5) -> Array:
    """One point inside every interval that `switches` cut the line into, shape (len(switches) + 1,).

    `fraction` is how far into a finite interval.
    """
    if not switches:
        return np.array([_GOLDEN])
    inner = [a + fraction * (b - a) for a, b in pairwise(switches)]
    return np.array([-_beyond(-switches[0], fraction), *inner, _beyond(switches[-1], fraction)])


def _beyond(last: float, fraction: float) -> float:
    """A point on the far side of the last switch point, and inside REACH where that is: another may lie behind it."""
    return last + 2 * fraction * (min(1.0, 0.5 * (REACH - last)) if -REACH < last < REACH else max(1.0, abs(last)))


def pieces(expression: Expression, switches: tuple[float, ...]) -> tuple[Piece, ...]:
    """The expression between its switch points, branches resolved, from left to right."""
    edges = (-math.inf, *switches, math.inf)
    points = samples(switches, 1 - _GOLDEN)
    values = {node: np.broadcast_to(value, points.shape) for node, value in evaluate_nodes(expression, points).items()}
    trees = [_resolved(expression, {n: float(v[k]) for n, v in values.items()}) for k in range(len(points))]
    return tuple(Piece(*edge) for edge in zip(edges, edges[1:], trees, strict=False))


def _resolved(expression: Expression, at: dict[Expression, float]) -> Expression:
    """`expression` with every branch taken that it takes at the point where its parts have the values `at`."""
    done: dict[Expression, Expression] = {}
    for node in nodes(expression):
        if not isinstance(node, Call):
            done[node] = node
            continue
        inner = [done[argument] for argument in node.arguments]
        outer = [at[argument] for argument in node.arguments]
        try:
            done[node] = _branch(node.op, inner, outer)
        except UserError:  # a constant part that is no number, as 1/0 beside the point where it matters
            done[node] = Call(node.op, tuple(inner))
    return done[expression]


def _branch(op: str, inner: list[Expression], outer: list[float]) -> Expression:
    if any(map(math.isnan, outer[:1] if op == "where" else outer)):  # undecided
        return call(op, *inner)
    if op == "where":
        return inner[1] if outer[0] != 0 else inner[2]
    if op in COMPARISONS and outer[0] != outer[1]:
        holds = {"lt": outer[0] < outer[1], "le": outer[0] <= outer[1], "ne": True}.get(op, False)
        return Number(float(holds))
    if op in ("min", "max") and outer[0] != outer[1]:
        first = (outer[0] < outer[1]) == (op == "min")
        return inner[0] if first else inner[1]
    if op == "abs" and outer[0] != 0:
        return inner[0] if outer[0] > 0 else neg(inner[0])
    if op == "sign" and outer[0] != 0:
        return Number(math.copysign(1.0, outer[0]))
    return call(op, *inner)
