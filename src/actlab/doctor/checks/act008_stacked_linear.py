"""ACT008: two linear layers with no activation between them are one linear layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.doctor.checks._common import confidence, hidden, two_sided, where
from actlab.doctor.finding import Finding
from actlab.measure import UnitState
from actlab.text import integer, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT008"
_FEWEST: Final = 3  # layers: two may be a matrix in two factors
_POINTS: Final = 32  # on fewer a slope is often constant by chance
_STILL: Final = 1e-3  # of the largest slope: a unit whose slope varies by less is a linear one
_FAR: Final = 3.0  # standard deviations between a linear unit's z and the bend


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """Stacked layers; a bottleneck narrower than both sides is a factorised matrix, and meant."""
    yield from _always_on(readings, limits)
    stacks = [s for s in readings.stacks if s.widths[1] >= min(s.widths[0], s.widths[2])]
    for stack in stacks:
        into, between, out = stack.widths
        yield Finding(
            code=CODE,
            severity="warning",
            layer=stack.second,
            where=f"{stack.first} → {stack.second}",
            value=float(between),
            threshold=float(min(into, out)),
            normal=(0.0, float(min(into, out) - 1)),
            unit="number",
            confidence="high",
            cause="missing",
            remedies=("activation_between", "merge_layers"),
            values={"first": stack.first, "into": integer(into), "out": integer(out)},
        )
    if not stacks:
        yield from _nowhere(readings)


def _nowhere(readings: Readings) -> Iterator[Finding]:
    """Three layers or more, and no activation at all but for those that weigh whole channels."""
    layers = list({w.layer: w for w in readings.weights if w.kind in ("linear", "conv") and w.order >= 0}.values())
    bends = [s for s in readings.sites if not s.output and (s.kind != "activation" or s.site not in readings.scaling)]
    if len(layers) < _FEWEST or bends:
        return
    first, second = layers[0], layers[1]
    yield Finding(
        code=CODE,
        severity="warning",
        layer=second.layer,
        where=f"{first.layer} → {second.layer}",
        value=float(first.shape[0]),
        threshold=0.0,
        normal=(0.0, 0.0),
        unit="number",
        confidence="high",
        cause="nowhere",
        remedies=("activation_between",),
        values={"first": first.layer, "into": integer(first.fan_in), "out": integer(second.shape[0])},
    )


def _always_on(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """Activations that work on one side of their bend for every input: what they compute is linear."""
    for reading in hidden(readings, initial=not readings.trained):
        signal, slopes = reading.signal, reading.derivative
        assert signal is not None
        if reading.source is None or slopes is None or signal.points < _POINTS or two_sided(reading):
            continue
        largest = np.maximum(np.abs(slopes.minimum), np.abs(slopes.maximum))
        still = (slopes.maximum - slopes.minimum <= _STILL * largest) & (reading.states != UnitState.DEAD)
        # a z that is the same for all inputs is far from nothing: it has collapsed, and ACT006 says so
        far = (np.square(signal.unit_mean) > _FAR**2 * signal.unit_var) & (signal.unit_var > 0.0)
        share = float(np.mean(still & far))
        if not share > limits.linear_warning:
            continue
        yield Finding(
            code=CODE,
            severity="warning",
            layer=reading.site.layer,
            where=where(reading),
            value=share,
            threshold=limits.linear_warning,
            normal=(0.0, 0.5),
            unit="share",
            confidence=confidence(signal.points),
            cause="always_on",
            remedies=("fitted_init", "norm"),
            sentence="found_linear",
            values={
                "units": integer(len(still)),
                "function": reading.site.function,
                "points": integer(signal.points),
                "mean": number(float(np.median(signal.unit_mean))),
                "spread": number(float(np.median(np.sqrt(signal.unit_var)))),
            },
        )
