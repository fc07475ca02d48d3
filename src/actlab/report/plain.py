"""A comparison as plain JSON values, for programs to read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from actlab.report import readings
from actlab.report.sentences.seeds import needed
from actlab.study.inference import TOLD_DIFFERENCE

if TYPE_CHECKING:
    from actlab.study.result import Comparison


def to_json(comparison: Comparison) -> dict[str, Any]:
    """What `--json` prints. Shares and differences are shares of 1; what is not a finite number is ``None``."""
    gap = comparison.gap
    intervals = ("as_published", "fresh", "fresh_best")
    cleaned: dict[str, Any] = clean(
        {
            "arms": comparison.arms,
            "formulas": dict(comparison.formulas),
            "settings": {
                "data": comparison.data,
                "task": comparison.task,
                "classes": comparison.classes,
                "hidden": comparison.hidden,
                "seeds": comparison.seeds,
                "learning_rates": comparison.learning_rates,
                "common_rate": comparison.common_rate,
                "epochs": comparison.epochs,
                "batch_size": comparison.batch_size,
                "init": dict(comparison.init),
                "arms": {arm: dict(own) for arm, own in comparison.settings.items()},
                "target_loss": comparison.target_loss,
                "sizes": dict(comparison.sizes),
                "test_points": dict(comparison.test_points),
            },
            "views": [
                {
                    "data": v.data,
                    "regime": v.regime,
                    "rates": dict(v.rates),
                    "conditional": v.conditional,
                    "resplits": v.resplits,
                    "first": v.first,
                }
                for v in comparison.views
            ],
            "stopping": None
            if comparison.stopping is None
            else vars(comparison.stopping) | {"reached": comparison.stopping.reached},
            "hint": None if (seeds := needed(comparison)) is None else {"difference": TOLD_DIFFERENCE, "seeds": seeds},
            "summary": comparison.summary.to_dicts(),
            "by_rate": comparison.by_rate.to_dicts(),
            "gap": None
            if gap is None
            else {"arms": gap.arms}
            | {n: dict(zip(("estimate", "low", "high"), getattr(gap, n), strict=True)) for n in intervals},
            "provenance": {f.name: getattr(comparison.provenance, f.name) for f in fields(comparison.provenance)},
            "interrupted": comparison.interrupted,
            "through_time": [
                {"view": view, "arm": arm, "layer": layer, "trained": last, "gradient_norm": band.median.tolist()}
                for view in range(len(comparison.views))
                for arm in comparison.arms
                for last in (False, True)
                for layer, band in readings.through_time(comparison, view, arm, last).items()
            ],
            "learned": readings.learned_quantiles(comparison).to_dicts(),
            "notes": [note.message() for note in comparison.notes],
        }
    )
    return cleaned


def clean(value: Any) -> Any:
    """`value` with JSON's types only."""
    if isinstance(value, Mapping):
        return {str(k): clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(v) for v in value]
    if hasattr(value, "item"):  # a NumPy scalar
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
