"""ACT001: units that are silent on every input and get no gradient."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.doctor.checks._common import confidence, hidden, two_sided, where
from actlab.doctor.finding import Finding
from actlab.measure import UnitState
from actlab.text import integer, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings, SiteReading
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT001"
_FEWEST: Final = 32  # points; on fewer a healthy unit is often silent by chance
_MOST: Final = 0.9  # of few units, all may be silent by chance; a layer without one is worth a word all the same
_REMEDIES: Final = {
    "training": ("lower_rate", "leaky_relu", "prelu", "norm"),
    "shift": ("fitted_init", "leaky_relu", "prelu", "norm"),
    "collapse": ("norm", "fitted_init", "leaky_relu", "prelu"),
    "chance": ("fitted_init", "leaky_relu", "prelu", "norm"),
}


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """Dead units (unit gain below 1e-3), where φ is flat on one side; see ACT002 for those flat on both."""
    first = {reading.site: reading for reading in readings.initial}
    for reading in hidden(readings):
        signal = reading.signal
        assert signal is not None
        if two_sided(reading) or signal.points < _FEWEST or reading.derivative is None:
            continue
        share, units = _dead(reading), len(reading.states)
        before = _dead(first[reading.site]) if reading.site in first and not readings.trained else share
        died = share - before > limits.dead_warning
        line = limits.dead_warning if died else _by_chance(units, limits.dead_start)
        if not share > line:
            continue
        severe = share > max(limits.dead_error, line)
        cause = "training" if died else _cause(reading)
        yield Finding(
            code=CODE,
            severity="error" if severe else "warning",
            layer=reading.site.layer,
            where=where(reading),
            value=share,
            threshold=max(limits.dead_error, line) if severe else line,
            normal=(0.0, 0.5),
            unit="share",
            confidence=confidence(signal.points),
            cause=cause,
            remedies=_REMEDIES[cause],
            values={
                "function": reading.site.function,
                "dead": integer(round(share * units)),
                "units": integer(units),
                "points": integer(signal.points),
                "bound": percent(3.0 / signal.points, 2),
            },
        )


def _by_chance(units: int, share: float) -> float:
    """`share` of units and three standard deviations of a binomial number of them.

    Where inputs look alike to a layer (a mean over many, a deep stack), each unit is silent or always on by the toss of
    a coin: half of them at a sound start.
    """
    return min(share + 3.0 * math.sqrt(max(share * (1.0 - share), 0.0) / units), max(share, _MOST))


def _dead(reading: SiteReading) -> float:
    return float(np.mean(reading.states == UnitState.DEAD))


def _cause(reading: SiteReading) -> str:
    """Why units were dead from the start."""
    signal = reading.signal
    assert signal is not None
    dead = reading.states == UnitState.DEAD
    spread = np.sqrt(signal.unit_var) + 1e-30
    if float(np.median(signal.unit_mean[dead] / spread[dead])) > -3.0:
        return "chance"  # near enough to the kink that other inputs may wake them
    # silent and always-on units in equal parts: all inputs look alike; only silent ones: a shift
    always = float(np.mean(signal.unit_mean > 3.0 * spread))
    return "collapse" if always > 0.25 * float(np.mean(dead)) else "shift"
