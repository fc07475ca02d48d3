"""ACT001: units that are silent on every input and get no gradient."""

from __future__ import annotations

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
        share = _dead(reading)
        if not share > limits.dead_warning:
            continue
        severe = share > limits.dead_error
        before = _dead(first[reading.site]) if reading.site in first else share
        cause = "training" if before < 0.5 * share else _cause(reading)
        units = len(reading.states)
        yield Finding(
            code=CODE,
            severity="error" if severe else "warning",
            layer=reading.site.layer,
            where=where(reading),
            value=share,
            threshold=limits.dead_error if severe else limits.dead_warning,
            normal=(0.0, 0.1),
            unit="share",
            confidence=confidence(signal.points),
            cause=cause,
            remedies=_REMEDIES[cause],
            values={
                "dead": integer(round(share * units)),
                "units": integer(units),
                "points": integer(signal.points),
                "bound": percent(3.0 / signal.points, 2),
            },
        )


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
