"""Which values φ takes, where it jumps or has no value at a finite x: the union of what its branches take.

A branch is what lies between two such places. There φ is continuous, so what it takes is an interval; its ends are
among the values at critical points and kinks, and the limits at the branch's own ends.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from actlab.report.cards.curves import values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.functions import Activation

_MOST_BRANCHES: Final = 60
_CLOSE: Final = 1e-9  # of two ends: beside a jump φ is read one float64 away


class Part(NamedTuple):
    """An interval of values; whether its ends are met."""

    low: float
    high: float
    low_met: bool
    high_met: bool


def parts(activation: Activation) -> tuple[Part, ...] | None:
    """The values of φ as disjoint intervals, ascending; None where they cannot be told apart from what lies between.

    A function without jumps, poles and other singular points has one, which its facts know already: here it has none.
    A limit at such a place is no value: tanh(1/x) comes as near to 1 and −1 as one likes, and takes neither.
    """
    facts = activation.facts
    breaks = sorted({*facts.jumps, *facts.singular_points})
    if not breaks:
        return ()
    if len(breaks) > _MOST_BRANCHES:
        return None
    edges = (-math.inf, *breaks, math.inf)
    found = [part for low, high in itertools.pairwise(edges) for part in _branch(activation, low, high)]
    at = values(activation, 0, np.array([x for x in breaks if x not in facts.singular_points]))
    found += [Part(y, y, True, True) for y in at.tolist() if math.isfinite(y)]
    joined = _joined(found)
    whole = (joined[0].low, joined[-1].high) if joined else (math.nan, math.nan)
    return tuple(joined) if all(map(_same, whole, facts.range)) else None


def _branch(activation: Activation, low: float, high: float) -> Iterator[Part]:
    """What φ takes between two breaks; nothing where it has no value there."""
    facts = activation.facts
    inner = {x for x in (*facts.critical_points, *facts.kinks, *facts.zeros) if low < x < high}
    # sin(x)/x has its crest where it has no value
    inner = {x for x in inner if not any(_same(x, s) for s in facts.singular_points)}
    for start, end in facts.flat_intervals:
        start, end = max(start, low), min(end, high)
        if start < end:
            inner.add(_between(start, end))
    met = values(activation, 0, np.array(sorted(inner)))
    ends = [
        facts.limits[0] if math.isinf(low) else _beside(activation, low, math.inf),
        facts.limits[1] if math.isinf(high) else _beside(activation, high, -math.inf),
    ]
    taken = [y for y in met.tolist() if not math.isnan(y)]
    reached = [*taken, *(y for y in ends if not math.isnan(y))]
    if reached:
        least, most = min(reached), max(reached)
        constant = least == most
        yield Part(least + 0.0, most + 0.0, constant or least in taken, constant or most in taken)


def _beside(activation: Activation, x: float, towards: float) -> float:
    """The limit of φ at `x` from the side of `towards`: ±∞ at a pole."""
    y = float(activation(np.nextafter(x, towards)))
    if x not in activation.facts.poles or math.isnan(y):
        return y
    further = float(activation(x + math.copysign(1e-3 * max(1.0, abs(x)), towards)))
    return math.copysign(math.inf, y) if abs(y) > 10 * abs(further) else y


def _between(low: float, high: float) -> float:
    if math.isinf(low) or math.isinf(high):
        return high - 1.0 if math.isinf(low) and math.isfinite(high) else low + 1.0 if math.isfinite(low) else 0.0
    return 0.5 * (low + high)


def _same(a: float, b: float) -> bool:
    return a == b or abs(a - b) <= _CLOSE * max(1.0, min(abs(a), abs(b)))


def _touching(first: Part, second: Part) -> bool:
    """Whether nothing lies between two intervals, of which `first` begins no later."""
    if first.low == second.low and first.low < first.high and second.low < second.high:
        return True
    if _same(second.low, first.high):
        return second.low_met or first.high_met
    return second.low < first.high


def _joined(found: list[Part]) -> list[Part]:
    joined: list[Part] = []
    for part in sorted(found, key=lambda p: (p.low, not p.low_met, p.high)):
        last = joined[-1] if joined else None
        if last is None or not _touching(last, part):
            joined.append(part)
            continue
        same = _same(part.high, last.high)
        high = last if last.high >= part.high else part
        joined[-1] = Part(
            last.low, high.high, last.low_met or (_same(last.low, part.low) and part.low_met),
            (part.high_met or last.high_met) if same else high.high_met,
        )  # fmt: skip
    return joined
