"""What the facts imply about the shape of φ: pieces, smoothness, symmetry, the operations it takes. All derived."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.functions.derivative import derivative
from actlab.functions.expression import Call, Number, nodes
from actlab.functions.interpret import evaluate_numpy
from actlab.report.cards.curves import values
from actlab.report.cards.ranges import Part, parts
from actlab.text import UserError

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.functions import Activation
    from actlab.functions.expression import Expression

Span = tuple[float, float]  # an interval; ±inf at an open end

# Which primitives need more than comparisons and arithmetic, by the name of the sentence that says so.
_TRANSCENDENTAL: Final = {
    "exp": "exponential", "expm1": "exponential", "sigmoid": "exponential", "tanh": "exponential",
    "sech2": "exponential", "normpdf": "exponential", "log": "logarithm", "log1p": "logarithm",
    "erf": "error_function", "normcdf": "error_function", "atan": "arctangent", "sin": "trigonometric",
    "cos": "trigonometric", "sqrt": "root",
}  # fmt: skip
_ALSO: Final = {"softplus": ("exponential", "logarithm")}
_MOST: Final = 40  # switch points that are looked at one by one
_DEEPEST: Final = 3  # derivatives that are looked at for a jump


@dataclass(frozen=True)
class Shape:
    """The shape of φ.

    Attributes:
        smoothness: the number of continuous derivatives (−1: φ itself jumps; inf: no derivative jumps).
        jumps: the kinks at which φ itself jumps.
        flat: pieces on which φ′ is exactly 0, ascending; `silent` those of them on which φ is 0 too.
        steep: pieces on which φ′ is constant and of the largest size; empty where the largest is met at a point.
        unit: pieces on which φ′ is exactly 1.
        slopes: the constant slope of each piece, where every piece has one; else empty.
        range: infimum and supremum of φ.
        closed: whether the infimum and the supremum of φ are met.
        values: what φ takes, where it jumps or has no value at a finite x; None where that is not known.
        direction: "increasing", "decreasing" (both in the wide sense) or "neither".
        symmetry: "odd", "even" or "".
        affine: φ is a straight line.
        operations: names of operations beyond comparisons and arithmetic, in the order of the catalogue above.
    """

    smoothness: float
    jumps: tuple[float, ...]
    flat: tuple[Span, ...]
    silent: tuple[Span, ...]
    steep: tuple[Span, ...]
    unit: tuple[Span, ...]
    slopes: tuple[tuple[Span, float], ...]
    range: Span
    closed: tuple[bool, bool]
    values: tuple[Part, ...] | None
    direction: str
    symmetry: str
    affine: bool
    operations: tuple[str, ...]


@lru_cache(maxsize=512)
def shape(activation: Activation) -> Shape:
    """The shape of `activation`."""
    facts = activation.facts
    switches = facts.switch_points
    edges = (-math.inf, *switches, math.inf)
    pieces = list(itertools.pairwise(edges)) if len(switches) <= _MOST else [(-math.inf, math.inf)]
    slopes = {piece: _constant(values(activation, 1, _inside(piece))) for piece in pieces}
    heights = {piece: _constant(values(activation, 0, _inside(piece))) for piece in pieces}
    flat = tuple(_merged([p for p in pieces if slopes[p] == 0]))
    largest = facts.max_derivative
    affine = all(slope is not None for slope in slopes.values()) and len(set(slopes.values())) == 1
    affine = affine and not facts.kinks
    taken = parts(activation)
    ends = (taken[0].low_met, taken[-1].high_met) if taken else tuple(_met(activation, end) for end in facts.range)
    return Shape(
        smoothness=_smoothness(activation, affine),
        jumps=tuple(s for s in facts.kinks[:_MOST] if _gap(activation.expression, s)),
        flat=flat,
        silent=tuple(_merged([p for p in pieces if slopes[p] == 0 and heights[p] == 0])),
        steep=tuple(_merged([p for p in pieces if _same(slopes[p], largest)])) if largest > 0 else (),
        unit=tuple(_merged([p for p in pieces if slopes[p] == 1])),
        slopes=tuple((p, s) for p, s in slopes.items() if s is not None) if None not in slopes.values() else (),
        range=facts.range,
        closed=(ends[0], ends[1]),
        values=taken,
        direction=_direction(activation),
        symmetry=_symmetry(activation),
        affine=affine,
        operations=_operations(activation),
    )


def _inside(piece: Span) -> Array:
    """Points of the open interval `piece`; an unbounded one is followed 20 units."""
    low, high = piece
    if math.isinf(low) and math.isinf(high):
        return np.linspace(-20.0, 20.0, 82)
    low = high - 20.0 if math.isinf(low) else low
    high = low + 20.0 if math.isinf(high) else high
    return low + (high - low) * (np.arange(41) + 0.37) / 41


def _constant(y: Array) -> float | None:
    """The value that all of `y` has; None where there are several, or none."""
    first = float(y[0])
    return first if bool(np.all(np.abs(y - first) <= 1e-14 * max(1.0, abs(first)))) else None


def _same(slope: float | None, largest: float) -> bool:
    return slope is not None and math.isfinite(largest) and abs(abs(slope) - largest) <= 1e-12 * largest


def _merged(pieces: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for low, high in pieces:
        if joined and joined[-1][1] == low:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _smoothness(activation: Activation, affine: bool) -> float:
    facts = activation.facts
    if affine or not facts.switch_points or len(facts.switch_points) > _MOST:
        return math.inf if not facts.kinks else 0
    expression = activation.expression
    for order in range(_DEEPEST + 1):
        for s in facts.switch_points:
            if _gap(expression, s):
                return order - 1
        try:
            expression = derivative(expression)
        except UserError:
            return order
    return math.inf


def _gap(expression: Expression, at: float) -> bool:
    """Whether `expression` jumps at `at`: the difference across it does not shrink with the distance."""
    step = 1e-5 * max(1.0, abs(at))
    y = np.broadcast_to(evaluate_numpy(expression, at + step * np.array([-1.0, 1.0, -1 / 16, 1 / 16])), (4,))
    with np.errstate(invalid="ignore"):
        wide, near = abs(y[1] - y[0]), abs(y[3] - y[2])
    return bool(near > 1e-7 * (1 + abs(y[0]) + abs(y[1])) and near > 0.5 * wide)


def _met(activation: Activation, bound: float) -> bool:
    """Whether φ takes the value `bound`, rather than only coming near it far out."""
    if not math.isfinite(bound):
        return False
    near = 1e-12 * max(1.0, abs(bound))
    if not any(abs(limit - bound) <= near for limit in activation.facts.limits):
        return True
    # Not far out: there rounding alone meets the limit (tanh is 1 in float64 from 19 on).
    pieces = [s + d for s in activation.facts.switch_points for d in (-0.5, 0.0, 0.5)]
    turns = (*activation.facts.critical_points, *(activation.facts.zeros if bound == 0 else ()))
    y = values(activation, 0, np.array([*np.linspace(-4.0, 4.0, 33), *pieces, *turns]))
    return bool(np.any(np.abs(y - bound) <= near))


def _direction(activation: Activation) -> str:
    return activation.facts.monotone or "neither"


def _symmetry(activation: Activation) -> str:
    x = np.linspace(0.013, 7.3, 200)
    right, left = values(activation, 0, x), values(activation, 0, -x)
    size = 1e-12 * (1 + np.abs(right))
    if bool(np.all(np.abs(right + left) <= size)):
        return "odd"
    return "even" if bool(np.all(np.abs(right - left) <= size)) else ""


def _operations(activation: Activation) -> tuple[str, ...]:
    needed: set[str] = set()
    for node in nodes(activation.expression):
        if not isinstance(node, Call) or not node.has_x:
            continue
        if node.op in _TRANSCENDENTAL:
            needed.add(_TRANSCENDENTAL[node.op])
        needed.update(_ALSO.get(node.op, ()))
        exponent = node.arguments[-1]
        if node.op == "pow" and not (isinstance(exponent, Number) and exponent.value == int(exponent.value)):
            needed.add("power")
    order = (*dict.fromkeys(_TRANSCENDENTAL.values()), "power")
    return tuple(name for name in order if name in needed)
