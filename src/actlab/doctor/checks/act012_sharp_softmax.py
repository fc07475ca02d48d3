"""ACT012: a softmax inside of the model whose rows are one-hot from the start: no gradient passes through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actlab.doctor.checks._common import confidence, where
from actlab.doctor.finding import Finding
from actlab.text import integer, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab.doctor.readings import Readings, Sharpness
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT012"
_FEWEST: Final = 32  # rows


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """Share of rows with almost all of their mass at one place, at attention and other inner softmaxes.

    A model that has learned whom to attend to may be sharp; one that has learned nothing yet may not.
    """
    for reading in readings.sites:
        early, late = reading.first_sharpness, reading.sharpness
        start = not readings.trained and _sharp(early, limits.sharp_start)
        rows, line = (early, limits.sharp_start) if start else (late, limits.sharp_warning)
        if rows is None or reading.output or not _sharp(rows, line):
            continue
        yield Finding(
            code=CODE,
            severity="warning",
            layer=reading.scorers[0] if reading.scorers else reading.site.layer,
            where=where(reading),
            value=rows.saturated,
            threshold=line,
            normal=(0.0, 0.5),
            unit="share",
            confidence=confidence(rows.rows),
            cause="scale",
            remedies=("reset_scores", "scale_scores", "query_norm", "lower_rate"),
            values={"rows": integer(rows.rows), "mean": number(rows.mean)},
        )


def _sharp(rows: Sharpness | None, line: float) -> bool:
    return rows is not None and rows.rows >= _FEWEST and rows.saturated > line
