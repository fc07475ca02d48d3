"""From trained cells to the tables of a `Comparison`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from actlab.nets import TRACES
from actlab.study.run import COLLAPSED, DIVERGED, STATUS, times

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from actlab._arrays import Array
    from actlab.study.inference import Inference
    from actlab.study.run import Cell, Runner, Task
    from actlab.study.views import Seen

_LOSSES = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "test_loss", "test_accuracy")


def _ordered(runner: Runner) -> Iterator[tuple[Task, int, Cell]]:
    """Cells with at least one finished seed: by task in the order trained, then arm, then rate."""
    tasks = list(dict.fromkeys(task for task, _, _ in runner.cells))
    for task in tasks:
        keys = sorted((arm, rate) for t, arm, rate in runner.cells if t == task)
        for arm, rate in keys:
            cell = runner.cells[task, arm, rate]
            if cell.done:
                yield task, arm, cell


def _repeated(rows: int, **columns: Any) -> dict[str, pl.Series]:
    return {name: pl.repeat(value, rows, eager=True).alias(name) for name, value in columns.items()}


def net_table(runner: Runner) -> pl.DataFrame:
    """A row per net."""
    frames = []
    regression = runner.plan.source.task == "regression"
    names = [name.replace("accuracy", "r2") for name in _LOSSES] if regression else _LOSSES
    for task, arm, cell in _ordered(runner):
        activation = runner.plan.arms[arm]
        arrival = {} if runner.plan.target_loss is None else {"steps_to_target": _or_null(cell.arrival[: cell.done])}
        frames.append(
            pl.DataFrame(
                _repeated(
                    cell.done,
                    data=task.source.name,
                    role="tuning" if task.kind == "tuning" else "result",
                    arm=activation.name,
                    activation=activation.formula,
                    learning_rate=cell.rate,
                )
                | {"seed": np.arange(cell.done), "status": [STATUS[s] for s in cell.status[: cell.done].tolist()]}
                | {name: cell.losses[: cell.done, k] for k, name in enumerate(names)}
                | arrival
            )
        )
    return pl.concat(frames)


def _or_null(values: Array) -> pl.Series:
    """Null where a number is not finite: a net that never arrives."""
    return pl.Series([value if math.isfinite(value) else None for value in values.tolist()], dtype=pl.Float64)


def _checkpoint_columns(runner: Runner, task: Task, arm: int, cell: Cell, layers: int) -> dict[str, Any]:
    """What identifies a row: nets × checkpoints × layers, the last fastest."""
    steps = runner.plan.checkpoints(task.points)
    per_epoch = runner.plan.steps_per_epoch(task.points)
    rows = cell.done * len(steps) * layers
    step = np.tile(np.repeat(steps, layers), cell.done)
    return _repeated(rows, data=task.source.name, arm=runner.plan.labels[arm], learning_rate=cell.rate) | {
        "seed": np.repeat(np.arange(cell.done), len(steps) * layers),
        "step": step,
        "epoch": step / per_epoch,
    }


def curve_table(runner: Runner) -> pl.DataFrame:
    """A row per result net and checkpoint."""
    frames = []
    for task, arm, cell in _ordered(runner):
        if task.kind != "tuning":
            curves = cell.curves[: cell.done].reshape(-1, cell.curves.shape[-1])
            columns = _checkpoint_columns(runner, task, arm, cell, 1)
            frames.append(pl.DataFrame(columns | {"train_loss": curves[:, 0], "validation_loss": curves[:, 2]}))
    return pl.concat(frames)


def trace_table(runner: Runner) -> pl.DataFrame:
    """A row per result net, checkpoint and layer."""
    plan = runner.plan
    shapes = plan.spec(plan.arms[0]).shapes
    layers = len(shapes)
    again = runner.plan.source.steps is not None
    weights = np.array([(fan_in + again * (k < layers - 1) * out) * out for k, (fan_in, out) in enumerate(shapes)])
    applies = [arm.facts.derivative_second_moment > 0 for arm in plan.arms]
    frames = []
    for task, arm, cell in _ordered(runner):
        if task.kind == "tuning":
            continue
        values = cell.traces[: cell.done].reshape(-1, len(TRACES))
        rows = len(values)
        layer = np.tile(np.arange(1, layers + 1), rows // layers)
        columns = _checkpoint_columns(runner, task, arm, cell, layers) | {
            "layer": layer,
            "units": np.tile([fan_out for _, fan_out in shapes], rows // layers),
        }
        hidden = (layer < layers) & applies[arm]
        for k, name in enumerate(TRACES):
            unit_share = name in ("dead", "saturated", "linear")
            columns[name] = pl.Series(name, np.where(hidden, values[:, k], np.nan) if unit_share else values[:, k])
            if unit_share or name in _PATH:
                columns[name] = columns[name].fill_nan(None)
            if name == "gradient_norm":
                columns["gradient_norm_per_weight"] = values[:, k] / np.sqrt(np.tile(weights, rows // layers))
        frames.append(pl.DataFrame(columns))
    return pl.concat(frames)


def time_table(runner: Runner) -> pl.DataFrame:
    """A row per result net, kept checkpoint, hidden layer and step of the sequence; of recurrent nets."""
    frames = [pl.DataFrame(schema=_THROUGH_TIME)]
    for task, arm, cell in _ordered(runner):
        if task.kind == "tuning" or not cell.through_time.size:
            continue
        _, kept, layers, length = cell.through_time.shape
        steps = runner.plan.checkpoints(task.points)
        step = steps[times(len(steps))]
        values = cell.through_time[: cell.done].ravel()
        each = len(values) // cell.done
        columns = _repeated(
            len(values), data=task.source.name, arm=runner.plan.labels[arm], learning_rate=cell.rate
        ) | {
            "seed": np.repeat(np.arange(cell.done), each),
            "step": np.tile(np.repeat(step, layers * length), cell.done),
            "epoch": np.tile(np.repeat(step / runner.plan.steps_per_epoch(task.points), layers * length), cell.done),
            "layer": np.tile(np.repeat(np.arange(1, layers + 1), length), cell.done * kept),
            "time": np.tile(np.arange(1, length + 1), cell.done * kept * layers),
            "gradient_norm": values,
        }
        frames.append(pl.DataFrame(columns, schema=_THROUGH_TIME))
    return pl.concat(frames)


def learned_table(runner: Runner) -> pl.DataFrame:
    """A row per result net, hidden layer and learned number of its activation."""
    frames = [pl.DataFrame(schema=_LEARNED)]
    layers = len(runner.plan.hidden)
    for task, arm, cell in _ordered(runner):
        learned = runner.plan.arms[arm].activation.learned
        if task.kind == "tuning" or not learned:
            continue
        rows, numbers = cell.done * layers * len(learned), cell.done * layers
        columns = _repeated(rows, data=task.source.name, arm=runner.plan.labels[arm], learning_rate=cell.rate) | {
            "seed": np.repeat(np.arange(cell.done), layers * len(learned)),
            "layer": np.tile(np.repeat(np.arange(1, layers + 1), len(learned)), cell.done),
            "number": [name for name, _ in learned] * numbers,
            "start": np.tile([start for _, start in learned], numbers),
            "value": cell.learned[: cell.done].ravel(),
            "status": [STATUS[s] for s in np.repeat(cell.status[: cell.done], layers * len(learned)).tolist()],
        }
        frames.append(pl.DataFrame(columns, schema=_LEARNED))
    return pl.concat(frames)


def rate_table(runner: Runner, tasks: Sequence[Task], inference: Inference) -> pl.DataFrame:
    """A row per data, arm and learning rate of the grid."""
    rows: list[dict[str, Any]] = []
    for task, arm, cell in _ordered(runner):
        if task not in tasks:
            continue
        mean = inference.means(cell.test_accuracy[: cell.done, None])
        validation = cell.validation_accuracy[: cell.done]
        rows.append(
            {
                "data": task.source.name,
                "arm": runner.plan.labels[arm],
                "learning_rate": cell.rate,
                "nets": cell.done,
                "estimate": float(mean.estimate[0]),
                "low": float(mean.low[0]),
                "high": float(mean.high[0]),
                "validation_estimate": None if np.isnan(validation).any() else float(validation.mean()),
                **_counts(cell.status[: cell.done]),
            }
        )
    return pl.DataFrame(rows, schema=_BY_RATE)  # in words: after Ctrl-C there may be no row to infer it from


def _counts(status: Any) -> dict[str, int]:
    return {"collapsed": int((status == COLLAPSED).sum()), "diverged": int((status == DIVERGED).sum())}


def summary_table(
    labels: Sequence[str], views: Sequence[Seen], inference: Inference, target: bool = False
) -> pl.DataFrame:
    """A row per view and arm."""
    rows: list[dict[str, Any]] = []
    for index, seen in enumerate(views):
        own = inference.means(seen.scores)
        pairs = _pairs(seen.scores, inference)
        for arm, (label, nets) in enumerate(zip(labels, seen.arms, strict=True)):
            rates = seen.view.rates[label]
            row = {
                "view": index,
                "data": seen.view.data,
                "regime": seen.view.regime,
                "arm": label,
                "learning_rate": rates[0] if len(rates) == 1 else None,
                "nets": seen.seeds,
                "estimate": float(own.estimate[arm]),
                "low": float(own.low[arm]),
                "high": float(own.high[arm]),
            }
            if arm:
                row |= {name: values[arm - 1] for name, values in pairs.items()}
            if target:
                row |= _arrivals(nets.arrival, seen.arms[0].arrival if arm else None, inference)
            rows.append(row | {"median_test_loss": float(np.median(nets.test_loss)), **_counts(nets.status)})
    schema: dict[str, Any] = dict.fromkeys([*_SUMMARY_FLOATS, *(_TARGET if target else ())], pl.Float64)
    # A comparison of one arm has no differences: those columns are there all the same, empty.
    rows = [dict.fromkeys([*_SUMMARY, *(_TARGET if target else ())]) | row for row in rows]
    return pl.DataFrame(rows, schema_overrides=schema | {"seeds_needed": pl.Int64}, infer_schema_length=None)


def _pairs(scores: Array, inference: Inference) -> dict[str, list[Any]]:
    """What is said of every arm ``(seeds, arms)`` but the first in comparison to it, a list a column."""
    arms = scores.shape[1]
    if arms < 2:
        return {}
    between, wins = inference.differences(scores), inference.superiority(scores)
    d = (scores[:, 1:] - scores[:, :1]).T
    ends = zip(between.low.tolist(), between.high.tolist(), strict=True)
    return {
        "difference": between.estimate.tolist(),
        "difference_low": between.low.tolist(),
        "difference_high": between.high.tolist(),
        "p_value": between.p_value.tolist(),
        "sign_flip_p": inference.sign_flips(scores).tolist(),
        "superiority": wins.estimate.tolist(),
        "superiority_low": wins.low.tolist(),
        "superiority_high": wins.high.tolist(),
        "detectable": [inference.detectable(row, end) for row, end in zip(d, ends, strict=True)],
        "seeds_needed": [inference.seeds_to_see(row, arms - 1) if len(row) > 1 else None for row in d],
    }


def _arrivals(arrival: Array, first: Array | None, inference: Inference) -> dict[str, float | None]:
    """How many nets arrived, the median of their steps, and of the ratio to the first arm's net of the same seed.

    Null stands for ∞, in an estimate too: half of the nets or more never arrive. Two that never arrive count as equal.
    """
    steps = inference.median(arrival)
    found = {"target_share": float(np.isfinite(arrival).mean())}
    found |= {"target_steps": steps.estimate, "target_low": max(steps.low, 0.0), "target_high": steps.high}
    if first is not None:
        with np.errstate(invalid="ignore", divide="ignore"):
            times = np.where(np.isinf(arrival) & np.isinf(first) | (arrival == first), 1.0, arrival / first)
        ratio = inference.median(times)
        found |= {"target_ratio": ratio.estimate, "target_ratio_low": max(ratio.low, 0.0)}
        found |= {"target_ratio_high": ratio.high}
    return {name: value if math.isfinite(value) else None for name, value in found.items()}


_TARGET = (
    "target_share", "target_steps", "target_low", "target_high", "target_ratio", "target_ratio_low",
    "target_ratio_high",
)  # fmt: skip
_THROUGH_TIME = {
    "data": pl.String, "arm": pl.String, "learning_rate": pl.Float64, "seed": pl.Int64, "step": pl.Int64,
    "epoch": pl.Float64, "layer": pl.Int64, "time": pl.Int64, "gradient_norm": pl.Float64,
}  # fmt: skip
_LEARNED = {
    "data": pl.String, "arm": pl.String, "learning_rate": pl.Float64, "seed": pl.Int64, "layer": pl.Int64,
    "number": pl.String, "start": pl.Float64, "value": pl.Float64, "status": pl.String,
}  # fmt: skip
# Not there before the first step, or where nothing has a sign.
_PATH = ("update_ratio", "sign_agreement", "path_efficiency")
_BY_RATE = {
    "data": pl.String, "arm": pl.String, "learning_rate": pl.Float64, "nets": pl.Int64, "estimate": pl.Float64,
    "low": pl.Float64, "high": pl.Float64, "validation_estimate": pl.Float64, "collapsed": pl.Int64,
    "diverged": pl.Int64,
}  # fmt: skip
_SUMMARY_FLOATS = (
    "learning_rate", "difference", "difference_low", "difference_high", "p_value", "sign_flip_p",
    "superiority", "superiority_low", "superiority_high", "detectable",
)  # fmt: skip
_SUMMARY = (
    "view", "data", "regime", "arm", "learning_rate", "nets", "estimate", "low", "high", *_SUMMARY_FLOATS[1:],
    "seeds_needed", "median_test_loss", "collapsed", "diverged",
)  # fmt: skip
