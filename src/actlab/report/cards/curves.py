"""Curves for drawing: φ, φ′ and φ″ sampled, with the pen lifted where they jump."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.functions.derivative import derivative
from actlab.functions.interpret import evaluate_numpy
from actlab.report._svg import linear_ticks
from actlab.text import UserError, number

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.functions import Activation
    from actlab.functions.expression import Expression

ORDERS: Final = (0, 1, 2)
DEFAULT_WINDOW: Final = (-6.0, 6.0)
_WIDEST: Final = 1e6
_POINTS: Final = 481  # with the ends of the window: a multiple of 12 intervals, so that whole numbers are among them


@dataclass(frozen=True)
class Curve:
    """Points of one curve, in the order of x, shape (n,) each; a NaN in y lifts the pen."""

    x: Array
    y: Array

    def __bool__(self) -> bool:
        return bool(np.isfinite(self.y).any())


def window(text: str | None) -> tuple[float, float]:
    """``"-6,6"`` as two numbers; a `UserError` for anything that is no interval."""
    if text is None:
        return DEFAULT_WINDOW
    try:
        low, high = (float(part.strip().replace("−", "-")) for part in text.split(","))
    except ValueError:
        raise UserError("show.bad_range", value=text[:40]) from None
    if not (low < high and abs(low) <= _WIDEST and abs(high) <= _WIDEST and high - low >= 1e-3):  # NaN fails too
        raise UserError("show.bad_range", value=text[:40])
    return low, high


def tree(activation: Activation, order: int) -> Expression | None:
    """The expression of φ, φ′ or φ″; None where a constant of φ″ overflows."""
    if order == 0:
        return activation.expression
    if order == 1:
        return activation.derivative_expression
    try:
        return derivative(activation.derivative_expression)
    except UserError:
        return None


def values(activation: Activation, order: int, x: Array) -> Array:
    """φ, φ′ or φ″ at `x`; what is not a finite number is NaN."""
    expression = tree(activation, order)
    if expression is None:
        return np.full(np.shape(x), math.nan)
    if order == 0:
        y = np.asarray(activation(x))
    elif order == 1:
        y = np.asarray(activation.derivative(x))
    else:
        y = evaluate_numpy(expression, x)
    y = np.broadcast_to(np.asarray(y, dtype=np.float64), np.shape(x))
    return np.where(np.isfinite(y), y, math.nan)


def sample(activation: Activation, order: int, low: float, high: float, points: int = _POINTS) -> Curve:
    """The curve over [low, high]: even steps, and both sides of every switch point in it."""
    near = (high - low) * 1e-7
    inside = [s for s in activation.facts.switch_points if low < s < high]
    if len(inside) > points:  # a formula such as sign(sin(50*x)): drawn as the grid sees it
        inside = []
    x = np.unique(np.concatenate([np.linspace(low, high, points), *([s - near, s, s + near] for s in inside)]))
    y = values(activation, order, x)
    for s in inside:
        at = int(np.searchsorted(x, s))
        left, right = y[at - 1], y[at + 1]
        if abs(right - left) > 1e-5 * (1 + abs(left) + abs(right)):
            y[at] = math.nan
    return Curve(x, y)


def frame(curves: Sequence[Curve], low: float, high: float, room: float = 0.06) -> tuple[float, float]:
    """The y range that shows `curves` over [low, high]: what they need, but not more than the window is wide.

    A curve that runs off (eˣ, a pole) is cut where |y| exceeds the larger end of the window. 0 is always in sight.
    """
    reach = max(abs(low), abs(high), 1.0)
    found = [curve.y[np.isfinite(curve.y)] for curve in curves]
    every = np.concatenate([*found, np.zeros(1)])
    bottom = max(float(every.min()), -reach)
    top = min(float(every.max()), reach)
    if top - bottom < 1e-9:
        return bottom - 0.5, top + 0.5
    pad = room * (top - bottom)
    return bottom - pad, top + pad


def x_ticks(low: float, high: float) -> list[float]:
    """Five values from end to end where they are short numbers (−6, −3, 0, 3, 6), else round ones inside."""
    even = [low + k * (high - low) / 4 for k in range(5)]
    if all(len(f"{x:.6g}".lstrip("-")) <= 3 for x in even):
        return even
    return linear_ticks(low, high, 4)


def extreme(curve: Curve) -> tuple[float, float, float, float]:
    """The lowest value with its place and the highest with its place, for a description in words."""
    low, high = int(np.nanargmin(curve.y)), int(np.nanargmax(curve.y))
    return float(curve.y[low]), float(curve.x[low]), float(curve.y[high]), float(curve.x[high])


def at_text(x: float) -> str:
    """A place on the x axis in words: three digits are enough to find it."""
    return number(round(x, 6) + 0.0, 3)
