"""Sentences about how weights move: the signs of their gradients, the path they take, the size of their steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.measure import expected_sign_agreement
from actlab.report import readings
from actlab.report.sentences._say import Said, said
from actlab.text import number, percent

if TYPE_CHECKING:
    from actlab.report.readings import Band
    from actlab.study.result import Comparison

_TIED = 0.05  # beyond what chance gives: then signs are called tied
_LOW, _HIGH = 1e-4, 1e-1  # the usual range of an update ratio, see measure/gradient.py


def path(comparison: Comparison, view: int) -> list[Said]:
    """How far the gradients of a unit's weights share their sign behind a hidden layer, and how straight paths are."""
    out = []
    agreement = {arm: _behind(readings.trace(comparison, view, arm, "sign_agreement")) for arm in comparison.arms}
    agreement = {arm: value for arm, value in agreement.items() if not math.isnan(value)}
    if agreement:
        chance = expected_sign_agreement(comparison.hidden[0])
        items = [said("item.value", arm=arm, value=percent(value, 0)) for arm, value in agreement.items()]
        out.append(said("path.signs", items=items, chance=percent(chance, 0)))
        tied = [arm for arm, value in agreement.items() if value >= chance + _TIED]
        out.append(said("path.tied", arms=tied) if tied else said("path.untied"))
    straight = {arm: _last(readings.trace(comparison, view, arm, "path_efficiency")) for arm in comparison.arms}
    items = [
        said("item.value", arm=arm, value=percent(value)) for arm, value in straight.items() if not math.isnan(value)
    ]
    if items:
        out.append(said("path.straight", items=items))
    return out


def _behind(bands: dict[int, Band]) -> float:
    """The layer behind the first hidden one, whose inputs are activations; the median at the start of training."""
    return float(bands[2].median[0]) if 2 in bands and not bands[2].empty else math.nan


def _last(bands: dict[int, Band]) -> float:
    """Of the same layer, at the end."""
    return float(bands[2].median[-1]) if 2 in bands and not bands[2].empty else math.nan


def update(comparison: Comparison, view: int) -> list[Said]:
    """Whose last steps are larger or smaller than is usual, in which layer most."""
    items, small, large = [], [], []
    for arm in comparison.arms:
        bands = readings.trace(comparison, view, arm, "update_ratio")
        ends = {layer: float(band.median[-1]) for layer, band in bands.items() if not band.empty}
        ends = {layer: value for layer, value in ends.items() if not math.isnan(value)}
        if not ends:
            continue
        low, high = min(ends.values()), max(ends.values())
        items.append(said("item.from_to_range", arm=arm, low=number(low, 2), high=number(high, 2)))
        if low < _LOW:
            small.append(said("item.layer", arm=arm, layer=min(ends, key=ends.__getitem__)))
        if high > _HIGH:
            large.append(said("item.layer", arm=arm, layer=max(ends, key=ends.__getitem__)))
    if not items:
        return []
    out = [said("update.ends", items=items)]
    for key, arms in (("update.small", small), ("update.large", large)):
        if arms:
            out.append(said(key, arms=arms))
    return out if small or large else [*out, said("update.usual")]
