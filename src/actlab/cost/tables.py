"""From trained sizes to the tables of a `Cost`: curves fitted, nets timed, intervals resampled."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from actlab import nets
from actlab.cost.fit import logistic_fits, percentiles, resampled, smallest_widths
from actlab.cost.latency import engines
from actlab.cost.price import prices
from actlab.cost.result import MEASURES, Cost
from actlab.cost.size import bytes_of, flops_of
from actlab.statistics import mean_interval
from actlab.study.provenance import machine, versions
from actlab.study.result import Provenance
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from actlab._arrays import Array, Integers
    from actlab.cost.grow import Grower, Size
    from actlab.cost.latency import Stopwatch
    from actlab.nets import NetSpec
    from actlab.study.plan import Plan

ENOUGH: Final = 0.95
_DRAWS: Final = 1_000

Key = tuple[str, int, int]  # regime, arm, depth


@dataclass(frozen=True)
class _Curve:
    """The sizes of one regime, arm and depth, and what resampling makes of them."""

    sizes: tuple[Size, ...]
    width: float  # ∞ where none tried is enough
    resampled: Array  # (draws,)
    intercept: float
    slope: float

    @property
    def widest(self) -> int:
        return self.sizes[-1].width


def assemble(plan: Plan, grower: Grower, stopwatch: Stopwatch, started: datetime, clock: float) -> Cost:
    """The result, of the sizes that `grower` has trained so far.

    Sizes that the stopwatch has not timed yet are timed now. The seeds are resampled with numbers drawn once (2026), so
    that the same sizes give the same intervals. `started` and `clock` (of `time.perf_counter`) are for the provenance.

    Raises:
        UserError: where it was interrupted before one ladder of widths was climbed.
    """
    draws = np.random.default_rng(2026).integers(0, plan.seeds, size=(_DRAWS, plan.seeds))
    curves = {key: _curve(sizes, grower.target, draws) for key, sizes in _grouped(grower).items()}
    if not curves:
        raise UserError("study.nothing_kept")
    arms = [a for a in range(len(plan.arms)) if any(arm == a for _, arm, _ in curves)]
    tables = _Tables(plan, stopwatch)
    tables.measure(curves)
    labels = plan.labels
    return Cost(
        arms=tuple(labels[a] for a in arms),
        data=plan.source.name,
        task=plan.source.task,
        target=grower.target,
        enough=ENOUGH,
        seeds=plan.seeds,
        pilots=grower.pilots,
        depths=tuple(grower.depths),
        widths=tuple(grower.widths),
        learning_rates=plan.learning_rates,
        common_rate=plan.common_rate,
        epochs=plan.epochs,
        batch_size=plan.batch_size,
        engine=engines()[0],
        frame=pl.DataFrame([tables.frame_row(key, s, grower.target) for key, c in curves.items() for s in c.sizes]),
        fits=pl.DataFrame([_fit_row(labels, key, curve) for key, curve in curves.items()]),
        summary=pl.DataFrame(_summary(tables, curves, arms), infer_schema_length=None),
        prices=dict(zip((labels[a] for a in arms), prices([plan.arms[a].activation for a in arms]), strict=True)),
        provenance=Provenance(
            command="", versions=versions(), machine=machine(plan.threads),
            started=started.isoformat(timespec="seconds"), seconds=time.perf_counter() - clock,
            nets=grower.finished, net_steps=0,
        ),
        interrupted=grower.interrupted,
    )  # fmt: skip


def _grouped(grower: Grower) -> dict[Key, list[Size]]:
    found: dict[Key, list[Size]] = {}
    for size in grower.sizes:
        found.setdefault((size.regime, size.arm, size.depth), []).append(size)
    if grower.interrupted and found:  # the last ladder may be half climbed
        found.pop(list(found)[-1])
    return dict(sorted(found.items(), key=lambda item: (item[0][0] != "best", item[0][1:])))


def _curve(sizes: list[Size], target: float, draws: Integers) -> _Curve:
    widths = np.array([size.width for size in sizes])
    success = np.stack([size.accuracy >= target for size in sizes]).astype(np.float64)
    seeds = success.shape[1]
    whole_sample = success.sum(axis=1)[None]
    a, b = logistic_fits(widths, whole_sample, seeds)
    return _Curve(
        tuple(sizes),
        float(smallest_widths(widths, whole_sample, seeds, ENOUGH)[0]),
        smallest_widths(widths, resampled(success, draws), seeds, ENOUGH),
        float(a[0]),
        float(b[0]),
    )


def _fit_row(labels: Sequence[str], key: Key, curve: _Curve) -> dict[str, Any]:
    regime, arm, depth = key
    low, high = percentiles(curve.resampled)
    return {
        "regime": regime, "arm": labels[arm], "depth": depth, "intercept": curve.intercept, "slope": curve.slope,
        "width": curve.width, "low": low, "high": high,
    }  # fmt: skip


class _Tables:
    """What nets of any size cost, by measure."""

    def __init__(self, plan: Plan, stopwatch: Stopwatch) -> None:
        self.plan, self.stopwatch = plan, stopwatch
        self.engine = engines()[0]

    def spec(self, arm: int, depth: int, width: int) -> NetSpec:
        return replace(self.plan, hidden=(int(width),) * depth).spec(self.plan.arms[arm])

    def measure(self, curves: dict[Key, _Curve]) -> None:
        """Time every size tried, and every size that a resampling found."""
        wanted = set()
        for (_, arm, depth), curve in curves.items():
            found = {size.width for size in curve.sizes} | {curve.width, *curve.resampled.tolist()}
            wanted |= {(arm, depth, int(width)) for width in found if math.isfinite(width)}
        specs = [self.spec(*size) for size in sorted(wanted)]
        self.stopwatch.measure([(spec, nets.initial_weights(spec, [0])[0]) for spec in specs])

    def of(self, measure: str, arm: int, depth: int, width: float) -> float:
        """One number of `MEASURES`."""
        if not math.isfinite(width):
            return math.inf
        spec = self.spec(arm, depth, int(width))
        if measure == "parameters":
            return float(spec.parameters)
        if measure == "flops":
            return float(flops_of(spec))
        batch = 1024 if measure == "ns_batch" else 1
        return 1e9 * self.stopwatch(spec, self.engine, batch) / batch

    def many(self, measure: str, arm: int, depth: int, widths: Array) -> Array:
        """The same for widths (draws,)."""
        distinct, place = np.unique(widths, return_inverse=True)
        return np.array([self.of(measure, arm, depth, width) for width in distinct])[place]

    def frame_row(self, key: Key, size: Size, target: float) -> dict[str, Any]:
        spec = self.spec(size.arm, size.depth, size.width)
        interval = mean_interval(size.accuracy)
        return {
            "regime": key[0], "arm": self.plan.labels[size.arm], "depth": size.depth, "width": size.width,
            "learning_rate": size.rate, "seeds": len(size.accuracy),
            "share": float((size.accuracy >= target).mean()), "accuracy": interval.estimate, "low": interval.low,
            "high": interval.high, "parameters": spec.parameters, "flops": flops_of(spec), "bytes": bytes_of(spec),
            "ns_batch": self.of("ns_batch", size.arm, size.depth, size.width),
            "ns_one": self.of("ns_one", size.arm, size.depth, size.width),
        }  # fmt: skip


def _summary(tables: _Tables, curves: dict[Key, _Curve], arms: Sequence[int]) -> list[dict[str, Any]]:
    rows = []
    for regime in dict.fromkeys(regime for regime, _, _ in curves):
        first: dict[str, tuple[float, Array]] | None = None
        for arm in arms:
            own = {depth: curve for (r, a, depth), curve in curves.items() if (r, a) == (regime, arm)}
            if not own:
                continue
            least = {m: _least(tables, m, arm, own) for m in MEASURES}
            first = first or least
            rows.append(_summary_row(tables, regime, arm, own, least, first))
    return rows


def _least(tables: _Tables, measure: str, arm: int, own: dict[int, _Curve]) -> tuple[float, Array]:
    """The least over the depths, as estimated and resampled."""
    estimate = min(tables.of(measure, arm, depth, curve.width) for depth, curve in own.items())
    return estimate, np.min([tables.many(measure, arm, d, c.resampled) for d, c in own.items()], axis=0)


def _summary_row(
    tables: _Tables, regime: str, arm: int, own: dict[int, _Curve],
    least: dict[str, tuple[float, Array]], first: dict[str, tuple[float, Array]],
) -> dict[str, Any]:  # fmt: skip
    depth = min(own, key=lambda d: (tables.of("parameters", arm, d, own[d].width), d))
    curve = own[depth]
    reached = math.isfinite(curve.width)
    low, high = percentiles(curve.resampled)
    row: dict[str, Any] = {
        "regime": regime, "arm": tables.plan.labels[arm], "reached": reached,
        "learning_rate": _nearest(curve).rate if reached else None, "depth": depth if reached else None,
        "width": int(curve.width) if reached else None, "width_low": _or_none(low) if reached else None,
        "width_high": _or_none(high) if reached else None, "parameters": None, "flops": None, "bytes": None,
    }  # fmt: skip
    if reached:
        spec = tables.spec(arm, depth, int(curve.width))
        row |= {"parameters": spec.parameters, "flops": flops_of(spec), "bytes": bytes_of(spec)}
    for engine in ("core", "onnxruntime"):
        for batch in (1, 1024):
            timed = reached and engine in engines()
            row[f"{engine}_{batch}"] = 1e6 * tables.stopwatch(spec, engine, batch) if timed else None
    for measure in MEASURES:
        value, draws = least[measure]
        base, base_draws = first[measure]
        row[f"least_{measure}"] = _or_none(value)
        row[f"least_{measure}_low"], row[f"least_{measure}_high"] = map(_or_none, percentiles(draws))
        with np.errstate(invalid="ignore"):
            ratios = draws / base_draws
        ends = percentiles(np.where(np.isnan(ratios), math.inf, ratios))
        if math.isinf(value) and math.isfinite(base):  # more than the largest nets tried
            bound = min(tables.of(measure, arm, d, c.widest) for d, c in own.items()) / base
            ends = (min(bound, ends[0]), math.inf)
        row[f"ratio_{measure}"] = _or_none(value / base) if math.isfinite(base) else None
        row[f"ratio_{measure}_low"] = _or_none(ends[0]) if math.isfinite(base) else None
        row[f"ratio_{measure}_high"] = _or_none(ends[1]) if math.isfinite(base) else None
    return row


def _nearest(curve: _Curve) -> Size:
    """The size tried that is the nearest in width."""
    return min(curve.sizes, key=lambda size: abs(math.log(size.width / curve.width)))


def _or_none(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
