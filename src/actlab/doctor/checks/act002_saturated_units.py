"""ACT002: layers that work where the activation is flat."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.doctor.checks._common import confidence, hidden, rms_z, two_sided, where
from actlab.doctor.finding import Finding, Severity
from actlab.measure import UnitState
from actlab.text import integer, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT002"
_FEWEST: Final = 32
_REMEDIES: Final = {
    "training": ("lower_rate", "norm", "relu_family"),
    "scale": ("fitted_init", "norm", "centre_inputs"),
    "shift": ("fitted_init", "norm", "centre_inputs"),
}


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """Saturated units (unit gain below 0.1), or most of the points on the flat parts of φ."""
    first = {reading.site: reading for reading in readings.initial}
    for reading in hidden(readings):
        signal = reading.signal
        assert signal is not None
        if signal.points < _FEWEST or reading.derivative is None:
            continue
        states = reading.states
        counted = [UnitState.SATURATED, UnitState.DEAD] if two_sided(reading) else [UnitState.SATURATED]
        units = float(np.mean(np.isin(states, counted)))
        flat = reading.flat if two_sided(reading) else math.nan
        by_units = units > (limits.saturated_warning if two_sided(reading) else limits.saturated_error)
        if not by_units and not flat > limits.flat_warning:
            continue
        # of functions that are flat on one side only, a unit that is rarely on the other is sparse, and may be meant
        severity: Severity = "warning" if two_sided(reading) else "info"
        if two_sided(reading) and (units > limits.saturated_error or flat > limits.flat_error):
            severity = "error"
        lines = ("saturated_error", "saturated_warning") if by_units else ("flat_error", "flat_warning")
        early = first.get(reading.site)
        moved = early is not None and early.signal is not None and rms_z(early) < 0.5 * rms_z(reading)
        spread = float(np.sqrt(signal.unit_var.mean()))
        cause = "training" if moved else "scale" if spread > abs(rms_z(reading)) * 0.5 else "shift"
        yield Finding(
            code=CODE,
            severity=severity,
            layer=reading.site.layer,
            where=where(reading),
            value=units if by_units else flat,
            threshold=getattr(limits, lines[1 if severity == "warning" else 0]),
            normal=(0.0, 0.1),
            unit="share",
            confidence=confidence(signal.points),
            cause=cause,
            remedies=_REMEDIES[cause],
            values={
                "what": integer(len(states)),
                "function": reading.site.function,
                "points": integer(signal.points),
                "size": number(rms_z(reading)),
            },
        )
