"""ACT010: steps that are far too large or far too small for the weights they move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actlab.doctor.finding import Finding
from actlab.text import integer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings, WeightReading
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT010"
_FEWEST: Final = 3  # steps
_SMALL: Final = 64  # numbers: biases and scales move by other rules


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """Median ‖Δw‖/‖w‖ over the steps seen; only the worst matrix on each side is named, with how many there are.

    Weights behind a norm grow until a rate that is far too large looks sound; what is left then is the burst before.
    """
    seen = [
        w
        for w in readings.weights
        if w.updates >= _FEWEST and w.kind in ("linear", "conv", "recurrent") and _size(w.shape) >= _SMALL
    ]
    large = [w for w in seen if w.update > limits.update_high]
    # One still matrix may be frozen in all but name; a model most of whose matrices stand still does not learn.
    small = [w for w in seen if w.update < limits.update_low]
    yield from _medians(limits, seen, large, small if 2 * len(small) > len(seen) else [])
    burst = [w for w in seen if w.largest_update > limits.update_burst]
    if burst and not large and 2 * len(burst) > len(seen):
        worst = max(burst, key=lambda w: w.largest_update)
        yield _finding(worst, worst.largest_update, limits.update_burst, "burst", False, len(burst), len(seen))


def _medians(
    limits: Thresholds, seen: list[WeightReading], large: list[WeightReading], small: list[WeightReading]
) -> Iterator[Finding]:
    for found, cause in ((large, "large"), (small, "small")):
        if not found:
            continue
        worst = max(found, key=lambda w: w.update) if cause == "large" else min(found, key=lambda w: w.update)
        severe = cause == "large" and worst.update > limits.update_error
        high = limits.update_error if severe else limits.update_high
        line = high if cause == "large" else limits.update_low
        yield _finding(worst, worst.update, line, cause, severe, len(found), len(seen))


def _finding(
    worst: WeightReading, value: float, line: float, cause: str, severe: bool, found: int, seen: int
) -> Finding:
    return Finding(
        code=CODE,
        severity="error" if severe else "warning",
        layer=worst.layer,
        where=worst.name,
        value=value,
        threshold=line,
        normal=(1e-4, 1e-1),
        unit="number",
        confidence="high" if worst.updates >= 20 else "medium",
        cause=cause,
        remedies=("raise_rate", "look_for_cut") if cause == "small" else ("lower_rate", "fitted_init"),
        values={"matrices": integer(found), "all": integer(seen), "steps": integer(worst.updates)},
    )


def _size(shape: tuple[int, ...]) -> int:
    size = 1
    for n in shape:
        size *= n
    return size
