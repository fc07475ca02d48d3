"""ACT011: a number that is no number, and the first module that made one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from actlab.doctor.finding import Finding
from actlab.doctor.readings import NonFinite
from actlab.text import integer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT011"
_REMEDIES: Final = {
    "input": ("clean_inputs",),
    "parameter": ("reset_layer", "lower_rate", "clip"),
    "made": ("look_at_formula", "fitted_init", "lower_rate"),
    "before": ("look_at_formula", "lower_rate"),
    "output": ("look_at_formula", "lower_rate"),
    "loss": ("clean_targets", "look_at_formula"),
    "gradient": ("clean_targets", "look_at_formula"),
}
_OF_NO_LAYER: Final = ("input", "output", "loss", "gradient")


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:  # noqa: ARG001
    """The first tensor of the forward pass that held a NaN or an infinity."""
    seen = readings.non_finite
    if seen is None:
        bad = next((w for w in readings.weights if not w.finite), None)
        if bad is None:
            return
        # a gate that is shut, or a unit that is cut off, can hide them from every output
        seen = NonFinite(bad.layer, bad.kind, "parameter", readings.steps_passed, bad.name)
    yield Finding(
        code=CODE,
        severity="error",
        layer=seen.path,
        where=f"{seen.path} · {seen.function}" if seen.path else seen.function,
        value=math.nan,
        threshold=math.inf,
        normal=(-math.inf, math.inf),
        unit="number",
        confidence="medium" if seen.origin == "before" else "high",
        cause=seen.origin,
        remedies=_REMEDIES[seen.origin],
        values={"step": integer(seen.step), "function": seen.function, "parameter": seen.parameter or "–"},
        sentence=f"found_{seen.origin}" if seen.origin in _OF_NO_LAYER else "found",
    )
