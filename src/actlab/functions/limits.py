"""What an expression tends to at −∞ and +∞.

Where the tree has a value at ±∞ in IEEE arithmetic, that value is the limit: every primitive is continuous there. Where
it has none (∞·0, ∞ − ∞) the limit is read off a row of ever larger arguments: it settles, vanishes, or grows without
bound; an expression that does none of these (sin) has no limit, NaN.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from actlab.functions.expression import Expression
from actlab.functions.interpret import evaluate_numpy

# Not round, so that a periodic function does not look constant.
_FAR: Final = np.array([1.7e2, 3.1e3, 7.3e5, 4.9e8, 2.3e13, 6.1e20, 1.3e33, 8.7e60, 5.3e102, 3.7e160, 9.1e230, 1.1e300])


@dataclass(frozen=True)
class Ends:
    """Limits at −∞ and +∞ (NaN: none), and whether the plain tree misses them there."""

    low: float
    high: float
    patch_low: bool
    patch_high: bool


def ends(expression: Expression) -> Ends:
    """The limits of `expression` at both ends."""
    at_low, at_high = evaluate_numpy(expression, np.array([-math.inf, math.inf]))
    low = float(at_low) if not math.isnan(at_low) else _far(expression, -1.0)
    high = float(at_high) if not math.isnan(at_high) else _far(expression, 1.0)
    return Ends(low, high, math.isnan(at_low) and not math.isnan(low), math.isnan(at_high) and not math.isnan(high))


def _far(expression: Expression, side: float) -> float:
    values = evaluate_numpy(expression, side * _FAR)
    values = values[: int(np.argmax(np.isnan(values)))] if np.isnan(values).any() else values
    if len(values) < 3:
        return math.nan
    if np.isinf(values[-1]):
        return float(values[-1])
    before, last = float(values[-2]), float(values[-1])
    if last == before or abs(last - before) <= 1e-9 * abs(last):
        return last
    size = np.abs(values)
    if size[-1] < 1e-9 and np.all(np.diff(size[-4:]) <= 0):
        return math.copysign(0.0, last)
    if len(values) >= 6 and np.all(np.diff(size[-6:]) > 0) and np.all(np.sign(values[-6:]) == np.sign(last)):
        return math.copysign(math.inf, last)
    return math.nan
