"""ACT004: gradients that grow on their way back, or activations that grow on their way forward."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actlab.doctor.checks._common import course, hidden, rms_z, steady, where
from actlab.doctor.checks.act003_vanishing_gradients import gradient_course
from actlab.doctor.finding import Finding
from actlab.text import integer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings, SiteReading
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT004"


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """The mirror of ACT003, for gradients and (before any training) for the size of z."""
    sites, factor = gradient_course(readings)
    if factor > limits.exploding_warning and steady([s.flow.z for s in sites], limits.exploding_warning):
        severe = factor > limits.exploding_error
        line = limits.exploding_error if severe else limits.exploding_warning
        yield _finding("gradient", sites, factor, line, severe)
    sites = hidden(readings, initial=not readings.trained)
    sizes = [rms_z(s) for s in reversed(sites)]
    grown = course(sizes)
    if grown > limits.growth_warning and steady(sizes, limits.growth_warning):
        severe = grown > limits.growth_error
        line = limits.growth_error if severe else limits.growth_warning
        yield _finding("signal", sites, grown, line, severe)


def _finding(cause: str, sites: list[SiteReading], value: float, line: float, severe: bool) -> Finding:
    at = sites[0] if cause == "gradient" else sites[-1]
    return Finding(
        code=CODE,
        severity="error" if severe else "warning",
        layer=at.site.layer,
        where=where(at),
        value=value,
        threshold=line,
        normal=(0.1, 10.0),
        unit="factor",
        confidence="high" if len(sites) >= 5 else "medium",
        cause=cause,
        remedies=("fitted_init", "norm", "clip") if cause == "gradient" else ("fitted_init", "norm", "centre_inputs"),
        values={
            "depth": integer(len(sites)),
            "first": sites[0].site.layer or where(sites[0]),
            "last": sites[-1].site.layer or where(sites[-1]),
        },
    )
