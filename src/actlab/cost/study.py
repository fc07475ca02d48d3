"""`cost`: the smallest net with which each function reaches a target, found by training nets of every size."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from actlab import nets
from actlab.cost.fit import logistic_fits, percentiles, resampled, smallest_widths
from actlab.cost.grow import Grower
from actlab.cost.latency import Stopwatch, engines
from actlab.cost.price import prices
from actlab.cost.result import MEASURES, Cost
from actlab.cost.size import bytes_of, flops_of
from actlab.statistics import mean_interval
from actlab.study import make_plan
from actlab.study.arm import is_number, whole
from actlab.study.provenance import machine, versions
from actlab.study.result import Provenance
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab._arrays import Array, Integers
    from actlab.cost.grow import Size
    from actlab.functions import Activation
    from actlab.nets import NetSpec, Optimiser
    from actlab.study import Arm
    from actlab.study.plan import Plan

WIDTHS: Final = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
MOST: Final = 1_500  # parameters
DEPTHS: Final = (1, 2, 3)
RATES: Final = (0.05, 0.015, 0.15, 0.5, 1.5, 5.0, 15.0)
ENOUGH: Final = 0.95
_DRAWS: Final = 1_000


def cost(
    activations: str | Activation | Arm | Sequence[str | Activation | Arm],
    *,
    data: Any = "moons",
    target: float = 0.95,
    widths: Sequence[int] = WIDTHS,
    depths: Sequence[int] = DEPTHS,
    most_parameters: int = MOST,
    seeds: int = 64,
    pilots: int = 16,
    learning_rates: Sequence[float] | float | None = None,
    epochs: int = 400,
    batch_size: int = 32,
    init: str | None = None,
    optimiser: str | Optimiser = "sgd",
    noise: float | None = None,
    test_points: int | None = None,
    threads: int = 0,
    progress: Callable[[float, int], None] | None = None,
    stopwatch: Stopwatch | None = None,
) -> Cost:
    """The smallest net with which each function reaches a target in at least 95 % of the seeds, and what it costs.

    Nets of every depth and of growing width are trained, each function at its best learning rate (chosen by pilot seeds
    of their own, on validation points) and at one rate for all. Success against width is fitted (logistic in the
    logarithm of the width, a fit a depth, to every width tried); the smallest width at which the fitted share of
    successful seeds is 95 % gives the net. Intervals are percentiles of 1,000 resamplings of the seeds, the same for
    all functions, through fit, choice of the depth and ratio; the learning rates stay as chosen.

    Parameters
    ----------
    activations
        As in `actlab.compare`; the others are compared to the first.
    data
        As in `actlab.compare`; sequences are refused.
    target
        Test accuracy in (0, 1) that a net must reach; of a regression R².
    widths, depths
        Units of each hidden layer, and hidden layers, to try. Widths go up until nearly all seeds succeed twice in a
        row.
    most_parameters
        Larger nets are not tried.
    seeds, pilots
        Judged nets of each size, and pilot nets for each rate.
    learning_rates
        The first is the one common to all. With a single one nothing is tuned.
    epochs, batch_size, init, optimiser, noise, test_points, threads
        As in `actlab.compare`. `test_points`: 10,000 by default.
    progress
        Called with (nets done, nets planned so far).
    stopwatch
        Latencies measured before, to be used again.

    Raises
    ------
    UserError
        One sentence on what is wrong.
    """
    goal = float(target) if is_number(target, (int, float)) else math.nan  # type: ignore[arg-type]
    if not 0 < goal < 1:
        raise UserError("cost.bad_target", value=str(target)[:40])
    ladder = _ladder("widths", widths, 1_024)
    floors = _ladder("depths", depths, 64)
    plan = make_plan(
        activations, data=data, hidden=(ladder[0],), seeds=seeds, epochs=epochs, batch_size=batch_size, init=init,
        learning_rates=RATES if learning_rates is None else learning_rates, optimiser=optimiser, noise=noise,
        geometry_seeds=0, threads=threads, test_points=_test_points(data, test_points),
    )  # fmt: skip
    whole("pilots", pilots, 1, 100_000)
    most = whole("most_parameters", most_parameters, 1, 10_000_000)
    settings = [plan.settings_of(arm) for arm in plan.arms]
    if plan.source.steps is not None or any(own.norm != "none" or own.residual for own in settings):
        raise UserError("cost.plain_only")
    started, clock = datetime.now(UTC), time.perf_counter()
    grower = Grower(plan, pilots, goal, ladder, floors, most, progress)
    try:
        grower.grow()
    except KeyboardInterrupt:
        grower.interrupted = True
    return assemble(plan, grower, stopwatch or Stopwatch(), started, clock)


def _test_points(data: Any, asked: int | None) -> int | None:
    from actlab.data import resolve

    if asked is not None or not isinstance(data, str):
        return asked
    source = resolve(data)
    return None if source.conditional else 10_000


def _ladder(name: str, values: Any, most: int) -> tuple[int, ...]:
    given = [values] if is_number(values, int) else list(values)
    if not given:
        raise UserError("cost.empty", name=name)
    return tuple(sorted({whole(name, int(v) if isinstance(v, np.integer) else v, 1, most) for v in given}))


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
    """From trained sizes to the tables."""
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


Key = tuple[str, int, int]  # regime, arm, depth


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
