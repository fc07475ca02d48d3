"""What several checks ask of readings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.measure import first_last_ratio, log_norm_slope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.doctor.finding import Confidence
    from actlab.doctor.readings import Readings, Site, SiteReading


#: Functions that models also use to make something positive or a share of 1, which is then multiplied with a signal.
_GATES: Final = ("sigmoid", "hard_sigmoid", "softplus", "exponential", "glu")


def hidden(readings: Readings, initial: bool = False) -> list[SiteReading]:
    """Elementwise activations inside of the model; those that make the output are left out, and gates.

    A gate (the forget gate of a recurrence, squeeze and excitation, the step size of a state space) is often meant to
    be open or shut. A function that can be one counts as one unless a layer with weights gets its output as it is. What
    a gate computes its opening with is part of it.
    """
    gates = _gates(readings)
    return [
        s
        for s in (readings.initial if initial else readings.sites)
        if s.kind == "activation" and not s.output and s.signal is not None and s.site not in gates
    ]


def _gates(readings: Readings) -> set[Site]:
    feeding: dict[Site, list[str]] = {}
    for w in readings.weights:
        if w.source is not None and w.source.site is not None:
            feeding.setdefault(w.source.site, []).append(w.layer)
    activations = [s for s in readings.sites if s.kind == "activation"]
    gates = {s.site for s in activations if s.site not in feeding and s.site.function in _GATES}
    while True:
        fed: dict[str, list[Site]] = {}
        for s in activations:
            if s.source is not None:
                fed.setdefault(s.source.path, []).append(s.site)
        more = {
            site
            for site, layers in feeding.items()
            if site not in gates and all(fed.get(layer) and gates.issuperset(fed[layer]) for layer in layers)
        }
        if not more:
            return gates
        gates |= more


def course(values: Sequence[float]) -> float:
    """By what factor a positive quantity changes from the last to the first of several places, if it does so steadily.

    Of two ways to say it, the ratio of the ends and the factor of the fitted slope of its logarithm, the one nearer to
    1. `steady` asks besides that no single step makes most of it: a head behind a stack is no trend.
    """
    norms = np.asarray(values, dtype=np.float64)
    if len(norms) < 3 or not norms.any() or not np.isfinite(norms).all():
        return 1.0
    ratio = first_last_ratio(norms)
    with np.errstate(over="ignore"):
        fitted = float(np.exp(-log_norm_slope(norms) * (len(norms) - 1)))
    if ratio < 1.0 and fitted < 1.0:
        return max(ratio, fitted)
    if ratio > 1.0 and fitted > 1.0:
        return min(ratio, fitted)
    return 1.0


def steady(values: Sequence[float], line: float) -> bool:
    """Whether the change reaches half of `line` (in logarithms) without its largest single step."""
    logs = np.log(np.maximum(np.asarray(values, dtype=np.float64), 1e-300))
    steps = -np.diff(logs) if line > 1.0 else np.diff(logs)  # from last to first: growth, or loss
    return bool(steps.sum() - steps.max() > 0.5 * abs(math.log(line)))


def where(reading: SiteReading) -> str:
    """The place of a call in a few words: ``"encoder.1 · relu"``, with its number where it is not the first."""
    site = reading.site
    again = f" {site.ordinal}" if site.ordinal > 1 else ""
    return f"{site.path} · {site.function}{again}" if site.path else f"{site.function}{again}"


def two_sided(reading: SiteReading) -> bool:
    """Whether φ saturates on both sides, as sigmoid and tanh do; ReLU6 and its like are shut on one and dead there."""
    if reading.activation is None:
        return False
    facts = reading.activation.facts
    shut = facts.piecewise_linear and facts.limits[0] == 0.0
    return all(facts.saturates) and not shut


def confidence(points: int) -> Confidence:
    """From the points seen: with n points without an event its share is below 3/n, at 95 %."""
    return "high" if points >= 1000 else "medium" if points >= 100 else "low"


def rms_z(reading: SiteReading) -> float:
    """Root mean square of z over points and units."""
    assert reading.signal is not None
    return math.sqrt(reading.signal.var_z + reading.signal.mean_z**2)
