"""ACT003: the gradient does not reach the early layers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.doctor.checks._common import course, hidden, steady, where
from actlab.doctor.finding import Finding
from actlab.text import integer, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings, SiteReading
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT003"


def gradient_course(readings: Readings) -> tuple[list[SiteReading], float]:
    """The hidden activations at which a gradient was seen, and by what factor it changes from the last to the first."""
    sites = [s for s in hidden(readings) if math.isfinite(s.flow.z)]
    return sites, course([s.flow.z for s in sites])


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """‖∂L/∂z‖ of the first activations far below that of the last, or no gradient at all."""
    yield from _none_at_all(readings)
    # a gradient of exactly 0 has no size to compare: dead units, or a cut, and not weights that are too small
    sites = [s for s in gradient_course(readings)[0] if s.flow.z > 0.0]
    factor = course([s.flow.z for s in sites])
    if not factor < limits.vanishing_warning or not steady([s.flow.z for s in sites], limits.vanishing_warning):
        return
    severe = factor < limits.vanishing_error
    logs = np.log([max(s.flow.z, 1e-300) for s in sites])
    drop = int(np.argmax(np.diff(logs)))  # the largest loss on the way back is between drop + 1 and drop
    saturating = all(s.activation is not None and s.activation.facts.max_derivative <= 0.5 for s in sites)
    cause = "slope" if saturating else "scale"
    yield Finding(
        code=CODE,
        severity="error" if severe else "warning",
        layer=sites[0].site.layer,
        where=where(sites[0]),
        value=factor,
        threshold=limits.vanishing_error if severe else limits.vanishing_warning,
        normal=(0.1, 10.0),
        unit="number",
        confidence="high" if len(sites) >= 5 else "medium",
        cause=cause,
        remedies=("relu_family", "norm", "residual") if cause == "slope" else ("fitted_init", "norm", "residual"),
        values={
            "depth": integer(len(sites)),
            "last": sites[-1].site.layer or where(sites[-1]),
            "drop": sites[drop].site.layer or where(sites[drop]),
            "times": number(math.exp(min(float(logs[drop + 1] - logs[drop]), 600.0))),
            "function": sites[0].site.function,
        },
    )


def _none_at_all(readings: Readings) -> Iterator[Finding]:
    """Layers whose weights got no gradient, or one of exactly 0, on every step: the first such layer is named."""
    own = [w for w in readings.weights if w.kind in ("linear", "conv") and not w.frozen]
    moving = [w for w in readings.weights if w.gradient > 0]
    last = max((w.order for w in moving), default=-1)
    # a head that the loss does not ask for stands behind all others
    silent = [w for w in own if w.gradient_is_zero or (not w.gradients and 0 <= w.order < last)]
    if not silent:
        return
    rectified = any(s.site.function == "relu" for s in readings.sites)
    yield Finding(
        code=CODE,
        severity="error",
        layer=silent[0].layer,
        where=silent[0].name,
        value=0.0,
        threshold=0.0,
        normal=(0.1, 10.0),
        unit="number",
        confidence="high",
        cause="cut" if moving else "nothing",
        remedies=("look_for_cut", "fitted_init", "leaky_relu") if rectified else ("look_for_cut", "fitted_init"),
        values={"others": integer(len(silent) - 1), "last": silent[-1].layer},
        sentence="found_none" if len(silent) == 1 else "found_none_many",
    )
