"""From a `Comparison` to the few numbers that sentences and figures are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.result import Comparison, Portrait, View


@dataclass(frozen=True)
class Row:
    """An arm in a view. What does not apply is NaN."""

    view: int
    arm: str
    index: int  # of the arm
    rates: tuple[float, ...]
    nets: int
    estimate: float
    low: float
    high: float
    difference: float
    difference_low: float
    difference_high: float
    p_value: float
    superiority: float
    superiority_low: float
    superiority_high: float
    detectable: float
    loss: float
    collapsed: int
    diverged: int
    sign_flip: float = math.nan  # p of the paired sign-flip test, corrected for the number of arms
    seeds_needed: int = 0  # about how many seeds would show a difference of 5 points; 0 where that cannot be told

    @property
    def verdict(self) -> int:
        """+1 where the arm is better than the first beyond doubt, −1 worse, 0 no difference found."""
        if math.isnan(self.difference_low) or math.isnan(self.difference_high):
            return 0
        return 1 if self.difference_low > 0 else -1 if self.difference_high < 0 else 0

    @property
    def failed(self) -> int:
        """Nets that collapsed or diverged."""
        return self.collapsed + self.diverged


@dataclass(frozen=True)
class RateRow:
    """An arm at one learning rate."""

    rate: float
    nets: int
    estimate: float
    low: float
    high: float
    collapsed: int
    diverged: int

    @property
    def failed(self) -> int:
        """Nets that collapsed or diverged."""
        return self.collapsed + self.diverged


@dataclass(frozen=True)
class Band:
    """A quantity over training, over the nets of an arm: median and 10–90 % band at each checkpoint."""

    epochs: Array  # (checkpoints,)
    low: Array  # (checkpoints,)
    median: Array  # (checkpoints,)
    high: Array  # (checkpoints,)
    nets: int
    lost: int  # nets whose last value is not finite

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.median.size == 0 or bool(np.all(np.isnan(self.median)))


def _float(value: Any) -> float:
    return math.nan if value is None else float(value)


def rows(comparison: Comparison, view: int) -> list[Row]:
    """The summary of one view, in the order of the arms."""
    found = {r["arm"]: r for r in comparison.summary.filter(pl.col("view") == view).iter_rows(named=True)}
    columns = ["estimate", "low", "high", "difference", "difference_low", "difference_high", "p_value"]
    columns += ["superiority", "superiority_low", "superiority_high", "detectable"]
    out = []
    for index, arm in enumerate(comparison.arms):
        if arm in found:
            r = found[arm]
            out.append(
                Row(
                    view=view, arm=arm, index=index, rates=tuple(comparison.views[view].rates.get(arm, ())),
                    nets=int(r["nets"]), loss=_float(r["median_test_loss"]),
                    collapsed=int(r["collapsed"] or 0), diverged=int(r["diverged"] or 0),
                    **{c: _float(r[c]) for c in columns}, sign_flip=_float(r.get("sign_flip_p")),
                    seeds_needed=int(r.get("seeds_needed") or 0),
                )
            )  # fmt: skip
    return out


def datasets(comparison: Comparison) -> list[str]:
    """The names of the data in the order of the views."""
    return list(dict.fromkeys(view.data for view in comparison.views))


def lead_views(comparison: Comparison) -> list[int]:
    """The views whose nets are looked into: those on fresh data where there are any, else all."""
    fresh = [i for i, view in enumerate(comparison.views) if not view.conditional]
    return fresh or list(range(len(comparison.views)))


def rate_rows(comparison: Comparison, data: str) -> dict[str, list[RateRow]]:
    """Arm → its results by learning rate, lowest rate first."""
    out: dict[str, list[RateRow]] = {}
    table = comparison.by_rate.filter(pl.col("data") == data).sort("learning_rate")
    for arm in comparison.arms:
        mine = [
            RateRow(
                float(r["learning_rate"]), int(r["nets"]), _float(r["estimate"]), _float(r["low"]), _float(r["high"]),
                int(r["collapsed"] or 0), int(r["diverged"] or 0),
            )
            for r in table.filter(pl.col("arm") == arm).iter_rows(named=True)
        ]  # fmt: skip
        if mine:
            out[arm] = mine
    return out


def portraits(comparison: Comparison, view: int) -> list[Portrait]:
    """The portraits of a view in the order of the arms."""
    mine = {p.arm: p for p in comparison.portraits if p.view == view}
    return [mine[arm] for arm in comparison.arms if arm in mine]


def _of_view(table: pl.DataFrame, view: View, arm: str) -> pl.DataFrame:
    """The rows of an arm's nets in a view. Rates are compared with a tolerance: they went through a calculation."""
    table = table.filter(pl.col("seed") >= view.first) if view.first else table
    rates = view.rates.get(arm, ())
    near = pl.any_horizontal([pl.lit(False), *((pl.col("learning_rate") / rate - 1).abs() < 1e-6 for rate in rates)])
    return table.filter((pl.col("data") == view.data) & (pl.col("arm") == arm) & near)


def of_view(table: pl.DataFrame, view: View) -> pl.DataFrame:
    """The rows of all nets in a view."""
    return pl.concat([table.clear(), *(_of_view(table, view, arm) for arm in view.rates)])


def _grid(table: pl.DataFrame, column: str) -> tuple[Array, Array]:
    """Epochs (checkpoints,) and values (nets, checkpoints); NaN where a net has no value."""
    if table.is_empty() or column not in table.columns:
        return np.zeros(0), np.zeros((0, 0))
    epochs, at = np.unique(table["epoch"].to_numpy().astype(float), return_inverse=True)
    keys = table.select("learning_rate", "seed").to_numpy()
    nets, net = np.unique(keys, axis=0, return_inverse=True)
    values = np.full((len(nets), len(epochs)), np.nan)
    values[net.ravel(), at.ravel()] = table[column].cast(pl.Float64).to_numpy()
    return epochs, values


def _quantiles(values: Array) -> Array:
    """(3, checkpoints): 10 %, 50 %, 90 % over nets, by order statistics because infinities have no mean."""
    return np.quantile(values, [0.1, 0.5, 0.9], axis=0, method="inverted_cdf")


def loss_band(comparison: Comparison, view: int, arm: str, column: str) -> Band:
    """`train_loss` or `validation_loss` of an arm; a loss that is no number counts as infinitely bad."""
    table = _of_view(comparison.curves, comparison.views[view], arm)
    epochs, values = _grid(table, column)
    if values.size == 0:
        return Band(epochs, np.zeros(0), np.zeros(0), np.zeros(0), 0, 0)
    if column == "validation_loss":
        _, train = _grid(table, "train_loss")
        if np.all(np.isnan(values[np.isfinite(train)])):  # no validation points: nothing was lost
            none = np.full(len(epochs), np.nan)
            return Band(epochs, none, none, none, len(values), 0)
    values = np.where(np.isnan(values), np.inf, values)
    low, median, high = _quantiles(values)
    return Band(epochs, low, median, high, len(values), int(np.sum(~np.isfinite(values[:, -1]))))


def trace(comparison: Comparison, view: int, arm: str, column: str) -> dict[int, Band]:
    """Layer → a traced quantity over training. Nets without a finite value at a checkpoint are left out there."""
    table = _of_view(comparison.traces, comparison.views[view], arm)
    out = {}
    for layer in sorted(table["layer"].unique().to_list()):
        epochs, values = _grid(table.filter(pl.col("layer") == layer), column)
        out[int(layer)] = _finite_band(epochs, values)
    return out


def trace_mean(comparison: Comparison, view: int, arm: str, column: str) -> dict[int, tuple[Array, Array]]:
    """Layer → epochs and the mean over nets of a traced share (of dead units, say); layers without one are left out."""
    table = _of_view(comparison.traces, comparison.views[view], arm)
    out = {}
    for layer in sorted(table["layer"].unique().to_list()):
        epochs, values = _grid(table.filter(pl.col("layer") == layer), column)
        if np.isfinite(values).any():
            kept = np.isfinite(values)
            count = np.maximum(kept.sum(axis=0), 1)
            out[int(layer)] = (epochs, np.where(kept, values, 0.0).sum(axis=0) / count)
    return out


def _finite_band(epochs: Array, values: Array) -> Band:
    bands = np.full((3, len(epochs)), np.nan)
    for k in range(len(epochs)):
        kept = values[np.isfinite(values[:, k]), k]
        if kept.size:
            bands[:, k] = np.quantile(kept, [0.1, 0.5, 0.9])
    lost = int(np.sum(~np.isfinite(values[:, -1]))) if values.size else 0
    return Band(epochs, bands[0], bands[1], bands[2], len(values), lost)


def geometry(comparison: Comparison, view: int, arm: str, column: str, last: bool = True) -> dict[int, Band]:
    """Layer (0 is the input) → a geometric quantity at the last (or first) checkpoint, as a band of one epoch."""
    table = comparison.geometry.filter((pl.col("view") == view) & (pl.col("arm") == arm))
    out = {}
    for layer in sorted(table["layer"].unique().to_list()):
        epochs, values = _grid(table.filter(pl.col("layer") == layer), column)
        at = slice(-1, None) if last else slice(0, 1)
        band = _finite_band(epochs[at], values[:, at])
        if not band.empty:
            out[int(layer)] = band
    return out


def through_time(comparison: Comparison, view: int, arm: str, last: bool) -> dict[int, Band]:
    """Layer → the gradient at each step of a sequence, before training or at its end; steps take the epochs' place."""
    if comparison.through_time is None:
        return {}
    table = _of_view(comparison.through_time, comparison.views[view], arm)
    if table.is_empty():
        return {}
    table = table.filter(pl.col("step") == (table["step"].max() if last else 0))
    table = table.with_columns(pl.col("time").cast(pl.Float64).alias("epoch"))
    out = {}
    for layer in sorted(table["layer"].unique().to_list()):
        times, values = _grid(table.filter(pl.col("layer") == layer), "gradient_norm")
        out[int(layer)] = _finite_band(times, values)
    return out


def back_to_the_start(comparison: Comparison, view: int, last: bool) -> dict[str, Band]:
    """Arm → `through_time` of the last hidden layer, which the answer is read from; arms without any are left out."""
    out = {}
    for arm in comparison.arms:
        layers = through_time(comparison, view, arm, last)
        if layers and not layers[max(layers)].empty:
            out[arm] = layers[max(layers)]
    return out


def learned_quantiles(comparison: Comparison) -> pl.DataFrame:
    """Learned numbers of φ after training: median and 10–90 % band over the nets of an arm, rate, layer and number.

    Over the nets that did not diverge: in one that did, the number where it happened to stand means nothing.
    """
    keys = ["data", "arm", "learning_rate", "layer", "number", "start"]
    if comparison.learned is None:
        return pl.DataFrame(schema=[*keys, "nets", "diverged", "low", "median", "high"])
    value, counts = pl.col("value").filter(did_not_diverge()), did_not_diverge().cast(pl.UInt32)
    bands = {"low": 0.1, "median": 0.5, "high": 0.9}
    quantiles = [value.quantile(q, "linear").alias(name) for name, q in bands.items()]
    return comparison.learned.group_by(keys, maintain_order=True).agg(
        counts.sum().alias("nets"), (1 - counts).sum().alias("diverged"), *quantiles
    )


def did_not_diverge() -> pl.Expr:
    """Whether a row's net has finite weights and answers."""
    return pl.col("status") != "diverged"


def line_accuracy(x: Array, y: Array, x_test: Array | None = None, y_test: Array | None = None) -> float:
    """Share of points on the right side of the straight lines (planes) that least squares puts between the classes.

    Fitted to ``(x, y)``, judged on ``(x_test, y_test)`` where given. `x` is (n, d), `y` (n,) of 0, 1, …
    """
    kept = np.all(np.isfinite(x), axis=1)
    if not kept.any():
        return math.nan
    x_test, y_test = (x, y) if x_test is None or y_test is None else (x_test, y_test)
    return float(np.mean(line_answers(x[kept], y[kept], np.nan_to_num(x_test)) == y_test))


def line_fit(x: Array, y: Array, regression: bool, x_test: Array | None = None, y_test: Array | None = None) -> float:
    """`line_accuracy`; of a regression the share of the variance that least squares explains, 0 … 1."""
    if not regression:
        return line_accuracy(x, y, x_test, y_test)
    kept = np.all(np.isfinite(x), axis=1)
    if not kept.any():
        return math.nan
    weights, *_ = np.linalg.lstsq(_with_one(x[kept]), y[kept], rcond=None)
    x_test, y_test = (x, y) if x_test is None or y_test is None else (x_test, y_test)
    rest = np.mean((np.nan_to_num(_with_one(x_test)) @ weights - y_test) ** 2)
    return float(np.clip(1 - rest / np.var(y_test), 0.0, 1.0))


def line_answers(x: Array, y: Array, places: Array) -> Array:
    """The classes (m,) that the least-squares lines through ``(x, y)`` give the points `places` (m, d).

    Of k > 2 classes, the one whose indicator (1 for its points, 0 for others) has the greatest fitted value.
    """
    classes = np.unique(y)
    targets = 2 * y - 1 if y.max() <= 1 else (y[:, None] == classes).astype(np.float64)
    weights, *_ = np.linalg.lstsq(_with_one(x), targets, rcond=None)
    fitted = _with_one(places) @ weights
    return np.asarray((fitted > 0).astype(np.float64) if fitted.ndim == 1 else classes[fitted.argmax(axis=1)])


def _with_one(x: Array) -> Array:
    return np.column_stack([x, np.ones(len(x))])


def plane(x: Array) -> tuple[Array, float]:
    """(n, d) points on their two leading principal axes (n, 2), and the share of the variance that these carry."""
    centred = x - x.mean(axis=0)
    _, size, axes = np.linalg.svd(centred, full_matrices=False)
    total = float(np.sum(size**2))
    flat = centred @ axes[:2].T
    if flat.shape[1] < 2:
        flat = np.column_stack([flat, np.zeros(len(flat))])
    return flat, float(np.sum(size[:2] ** 2) / total) if total > 0 else 1.0
