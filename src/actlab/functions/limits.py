"""What an expression tends to at −∞ and +∞.

Where the tree has a value at ±∞ in IEEE arithmetic, that value is the limit: every primitive is continuous there. Where
it has none (∞·0, ∞ − ∞) the limit is read off a row of ever larger arguments: it settles, vanishes, or grows without
bound; an expression that does none of these (sin) has no limit, NaN.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from actlab._arrays import Array
from actlab.functions.expression import COMPARISONS, Call, Expression
from actlab.functions.interpret import evaluate_nodes

# Not round, so that a periodic function does not look constant.
_FAR: Final = np.array(
    [2.1e1, 4.6e1, 9.3e1, 1.7e2, 3.3e2, 6.7e2, 3.1e3, 7.3e5, 4.9e8, 2.3e13, 6.1e20, 1.3e33, 8.7e60, 5.3e102, 3.7e160,
     9.1e230, 1.1e300]
)  # fmt: skip

_DOUBT: Final = 1e-6


@dataclass(frozen=True)
class Ends:
    """Limits at −∞ and +∞ (NaN: none), and whether the plain tree misses them there."""

    low: float
    high: float
    patch_low: bool
    patch_high: bool


def ends(expression: Expression) -> Ends:
    """The limits of `expression` at both ends."""
    at_low, at_high = _there(expression)
    low = float(at_low) if not math.isnan(at_low) else _far(expression, -1.0)
    high = float(at_high) if not math.isnan(at_high) else _far(expression, 1.0)
    return Ends(low, high, math.isnan(at_low) and not math.isnan(low), math.isnan(at_high) and not math.isnan(high))


def _there(expression: Expression) -> Array:
    """The values at −∞ and +∞; NaN where a comparison is with NaN there or of ∞ with ∞, and so decides nothing."""
    parts = evaluate_nodes(expression, np.array([-math.inf, math.inf]))
    found = np.array(np.broadcast_to(parts[expression], (2,)))
    for node in parts:
        if isinstance(node, Call) and node.op in COMPARISONS:
            left, right = (parts[argument] for argument in node.arguments)
            undecided = np.isnan(left) | np.isnan(right) | (np.isinf(left) & (left == right))
            found[np.broadcast_to(undecided, (2,))] = math.nan
    return found


def _certain(expression: Expression, x: Array) -> Array:
    """Where rounding has left something of a value: x − (x − 2) is 0 at 1e20."""
    from actlab.functions.rounding import evaluate_with_error  # which needs derivatives

    value, error = evaluate_with_error(expression, x)
    return np.asarray(error <= _DOUBT * np.maximum(np.abs(value), 1e-3))


def _far(expression: Expression, side: float) -> float:
    """The limit by samples. Those from the first overflow on are left out: the tree no longer follows the function.

    An overflow may hide: 1/√(x² + 4) is 0 where x² is infinite, and x times it is 0 and not 1. So every part counts,
    unless that leaves too little to see a limit by (e^(e^x)). Nor is a value believed of which rounding has left
    nothing, where the others tell.
    """
    x = side * _FAR
    parts = evaluate_nodes(expression, x)
    values = np.broadcast_to(parts[expression], x.shape)
    finite = np.isfinite(values)
    inner = finite & np.all([np.broadcast_to(np.isfinite(part), x.shape) for part in parts.values()], axis=0)
    if np.argmin(inner) >= 4:
        finite = inner
    sure = finite & _certain(expression, x)
    found = _read_off(values, sure) if not sure.all() and np.argmin(sure) >= 4 else math.nan
    return found if not math.isnan(found) else _read_off(values, finite)


def _read_off(values: Array, finite: Array) -> float:
    """The limit of a row, of which what lies behind the first that is not `finite` does not count."""
    whole = bool(finite.all())
    known = values if whole else values[: int(np.argmin(finite))]
    first_lost = math.nan if whole else float(values[len(known)])
    if len(known) < 4:
        return first_lost if math.isinf(first_lost) else math.nan
    before, last = float(known[-2]), float(known[-1])
    if last == before or abs(last - before) <= 1e-9 * abs(last):
        return last
    size = np.abs(known)
    if size[-1] < 1e-9 and np.all(size[-4:] < 1e-6):
        return math.copysign(0.0, last)
    if np.all(np.diff(size[-6:]) > 0) and np.all(np.sign(known[-6:]) == np.sign(last)) and size[-1] > 1:
        return math.copysign(math.inf, last)
    return math.nan
