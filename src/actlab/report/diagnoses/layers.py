"""What the charts and the table of a diagnosis show: a row for each activation, and one for each parameter in use."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.doctor.finding import called
from actlab.measure import UnitState

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.doctor import Diagnosis
    from actlab.doctor.readings import SiteReading, WeightReading

#: Shares of the units below which the quantiles of their gains lie.
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
_STATES: Final = {"dead": UnitState.DEAD, "saturated": UnitState.SATURATED, "linear": UnitState.LINEAR}


@dataclass(frozen=True)
class Layer:
    """An activation (or the output of a fused recurrence) at its place in the forward pass, from 1 on.

    `shares` are those of dead, saturated and linear units; `gains` the `QUANTILES` of the units' gains. What was not
    measured is NaN. `before` is the gradient at the first weights, where it differs from the latest.
    """

    number: int
    place: str
    function: str
    output: bool
    units: int
    shares: dict[str, float]
    gains: Array
    gradient: float
    before: float
    mean: float
    variance: float
    flagged: bool  # a warning or an error names it

    @property
    def shown(self) -> str:
        """The place as it is called in sentences."""
        return called(self.place)


@dataclass(frozen=True)
class Weight:
    """A parameter in use with two axes or more, in the order of use, from 1 on."""

    number: int
    name: str
    shape: tuple[int, ...]
    gradient: float
    update: float
    flagged: bool


def layers(diagnosis: Diagnosis) -> list[Layer]:
    """A row for each activation that was measured."""
    readings = diagnosis.readings
    worse = diagnosis.at_least("warning")
    flagged = {f.layer for f in worse}
    first = {reading.site: reading.flow.z for reading in readings.initial}
    found = [s for s in readings.sites if s.signal is not None and s.kind in ("activation", "recurrent")]
    moved = readings.steps > sum(reading.steps for reading in readings.initial[:1])
    return [
        _layer(k, site, site.site.layer in flagged, first.get(site.site, math.nan) if moved else math.nan)
        for k, site in enumerate(found, 1)
    ]


def _layer(number: int, reading: SiteReading, flagged: bool, before: float) -> Layer:
    signal = reading.signal
    assert signal is not None
    shares = dict.fromkeys(_STATES, math.nan)
    gains = np.full(len(QUANTILES), math.nan)
    if reading.derivative is not None:
        states = reading.states
        shares = {name: float(np.mean(states == state)) for name, state in _STATES.items()}
        every = reading.derivative.gain(reading.reference)
        every = every[np.isfinite(every)]
        gains = np.quantile(every, QUANTILES) if every.size else gains
    flow = reading.flow.z if math.isfinite(reading.flow.z) else reading.flow.a
    again = f" ({reading.site.ordinal})" if reading.site.ordinal > 1 else ""
    return Layer(
        number, (reading.site.layer or "·") + again, reading.site.function, reading.output, len(signal.unit_mean),
        shares, gains, flow, before, signal.mean_z, signal.var_z, flagged,
    )  # fmt: skip


def weights(diagnosis: Diagnosis) -> list[Weight]:
    """A row for each matrix or kernel that was seen in use."""
    flagged = {f.layer for f in diagnosis.at_least("warning")}
    found = [w for w in diagnosis.readings.weights if w.order >= 0 and len(w.shape) > 1]
    return [_weight(k, w, w.layer in flagged) for k, w in enumerate(found, 1)]


def _weight(number: int, reading: WeightReading, flagged: bool) -> Weight:
    return Weight(number, reading.name, reading.shape, reading.gradient, reading.update, flagged)
