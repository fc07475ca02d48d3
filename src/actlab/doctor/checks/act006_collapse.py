"""ACT006: at initialisation all samples look alike to a layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.doctor.checks._common import hidden, where
from actlab.doctor.finding import Finding
from actlab.measure import distance_retention, effective_rank
from actlab.text import integer, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab._arrays import AnyArray
    from actlab.doctor.readings import Readings
    from actlab.doctor.thresholds import Thresholds

CODE: Final = "ACT006"
_FEWEST: Final = 8  # samples


def check(readings: Readings, limits: Thresholds) -> Iterator[Finding]:
    """The share of a representation's mean square that differs from sample to sample, at the first weights.

    Named is the first layer at which it is lost; distance retention and effective rank are told beside it.
    """
    if readings.trained:
        return
    geometry = readings.geometry
    inputs = geometry.inputs
    if inputs is None or len(inputs) < _FEWEST or not telling(inputs) > 10 * limits.collapse_warning:
        return
    for reading in hidden(readings, initial=True):
        rows = geometry.layers.get(reading.site)
        if rows is None or len(rows) != len(inputs):
            continue
        share = telling(rows)
        if not share < limits.collapse_warning:
            continue
        severe = share < limits.collapse_error
        kept = distance_retention(inputs, rows)
        yield Finding(
            code=CODE,
            severity="error" if severe else "warning",
            layer=reading.site.layer,
            where=where(reading),
            value=share,
            threshold=limits.collapse_error if severe else limits.collapse_warning,
            normal=(0.01, 1.0),
            unit="number",
            confidence="high" if len(rows) >= 32 else "medium",
            cause="depth",
            remedies=("fitted_init", "norm", "residual"),
            values={
                "samples": integer(len(rows)),
                "retention": number(kept),
                "rank": number(effective_rank(rows)),
            },
        )
        return


def telling(rows: AnyArray) -> float:
    """Σ variance over samples ÷ Σ mean square, over features: 0 = all samples alike. NaN where not finite or all 0."""
    x = np.asarray(rows, dtype=np.float64)
    total = float(np.square(x).mean(axis=0).sum())
    return float(x.var(axis=0).sum()) / total if total > 0 and math.isfinite(total) else math.nan
