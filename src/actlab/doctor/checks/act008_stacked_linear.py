"""ACT008: two linear layers with no activation between them are one linear layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actlab.doctor.finding import Finding
from actlab.text import integer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT008"
_FEWEST: Final = 3  # layers: two may be a matrix in two factors


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:  # noqa: ARG001
    """Stacked layers; a bottleneck narrower than both sides is a factorised matrix, and meant."""
    for stack in readings.stacks:
        into, between, out = stack.widths
        if between < min(into, out):
            continue
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
    if not readings.stacks:
        yield from _nowhere(readings)


def _nowhere(readings: Readings) -> Iterator[Finding]:
    """Three layers or more, and no activation at all."""
    layers = list({w.layer: w for w in readings.weights if w.kind in ("linear", "conv") and w.order >= 0}.values())
    if len(layers) < _FEWEST or any(not s.output for s in readings.sites):
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
