"""How the gradient of a recurrent net fares on its way back through time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.measure import log_norm_slope
from actlab.report import readings
from actlab.report.sentences._say import Said, said
from actlab.text import number

if TYPE_CHECKING:
    from actlab.report.readings import Band
    from actlab.study.result import Comparison

_STEADY = 1.05  # a factor a step nearer to 1 than this is called steady


def factor(band: Band) -> float:
    """By what the median gradient is multiplied from one step to the one before it; 0 or ∞ where it is lost at once."""
    slope = log_norm_slope(band.median)
    return math.exp(-slope) if math.isfinite(slope) else 0.0 if slope > 0 else math.inf if slope < 0 else math.nan


def through_time(comparison: Comparison, view: int) -> list[Said]:
    """The factor a step of every arm, before training and after it, in the last hidden layer."""
    out = []
    factors: dict[bool, dict[str, float]] = {}
    for last in (False, True):
        found = {arm: factor(band) for arm, band in readings.back_to_the_start(comparison, view, last).items()}
        factors[last] = {arm: by for arm, by in found.items() if not math.isnan(by)}
        items = [said("item.value", arm=arm, value=number(by, 3)) for arm, by in factors[last].items()]
        if items:
            out.append(said("time.end" if last else "time.start", items=items))
    for key, arms in (
        ("vanishing", [arm for arm, by in factors[False].items() if by < 1 / _STEADY]),
        ("exploding", [arm for arm, by in factors[False].items() if by > _STEADY]),
    ):
        if arms:
            out.append(said(f"time.{key}", arms=arms))
    return out
