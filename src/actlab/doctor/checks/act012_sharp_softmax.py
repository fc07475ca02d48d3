"""ACT012: a softmax inside of the model whose rows are one-hot from the start: no gradient passes through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actlab.doctor.checks._common import confidence, where
from actlab.doctor.finding import Finding
from actlab.text import integer, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT012"
_FEWEST: Final = 32  # rows


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """Share of rows with almost all of their mass at one place, at attention and other inner softmaxes."""
    for reading in readings.sites:
        rows = reading.sharpness
        if rows is None or reading.output or rows.rows < _FEWEST or not rows.saturated > limits.sharp_warning:
            continue
        yield Finding(
            code=CODE,
            severity="warning",
            layer=reading.scorers[0] if reading.scorers else reading.site.layer,
            where=where(reading),
            value=rows.saturated,
            threshold=limits.sharp_warning,
            normal=(0.0, 0.5),
            unit="share",
            confidence=confidence(rows.rows),
            cause="scale",
            remedies=("reset_scores", "scale_scores", "query_norm", "lower_rate"),
            values={"rows": integer(rows.rows), "mean": number(rows.mean)},
        )
