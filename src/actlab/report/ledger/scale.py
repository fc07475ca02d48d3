"""Where a number stands in the picture of an effect."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab.study.claims.claim import Effect
    from actlab.study.claims.decide import Finding


def ends(effect: Effect, found: Sequence[Finding]) -> tuple[float, float]:
    """The numbers at both ends: all intervals fit, with the threshold and "no effect"; infinite ones lie at the edge.

    Factors are drawn on a logarithmic axis; of those at most a thousandfold around the threshold.
    """
    numbers = [x for one in found for x in (one.interval.low, one.interval.high, one.interval.estimate)]
    numbers = [x for x in (*numbers, effect.threshold, effect.null) if math.isfinite(x)]
    if effect.unit == "times":
        numbers = [x for x in numbers if x > 0]
        low, high = max(min(numbers), effect.threshold / 1e3), min(max(numbers), effect.threshold * 1e3)
        room = (high / low) ** 0.06
        return low / room, high * room
    room = 0.06 * (max(numbers) - min(numbers)) or 0.5
    return min(numbers) - room, max(numbers) + room


def place(effect: Effect, domain: tuple[float, float]) -> Callable[[float], float]:
    """From a number to its place between 0 and 1; beyond the ends it is put at them."""
    low, high = domain

    def bend(x: float) -> float:
        return math.log(max(x, 1e-300)) if effect.unit == "times" else x

    def put(x: float) -> float:
        x = min(max(x, low), high)
        return (bend(x) - bend(low)) / (bend(high) - bend(low))

    return put
