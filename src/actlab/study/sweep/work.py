"""Training chunks: draws their points, trains, scores, and makes their rows."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from actlab import nets
from actlab.nets import TRACES, PointSets
from actlab.study.run import STATUS, explained, status_of
from actlab.study.sweep.parquet import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab._arrays import Array
    from actlab.data import Source
    from actlab.study.sweep.cell import Chunk

MOST_DRAWS = 256 * 2**20  # bytes of points kept for the next chunks
_draws: dict[tuple[Source, int, int], tuple[PointSets, PointSets, PointSets]] = {}
_draws_lock = threading.Lock()


class StoppedError(Exception):
    """Somebody asked the training to stop."""


def batches(chunks: Sequence[Chunk]) -> list[list[Chunk]]:
    """Chunks that are trained side by side: alike but for the learning rate. They share their data in the cache."""
    groups: dict[Any, list[Chunk]] = {}
    for chunk in chunks:
        key = (chunk.first, chunk.stop, *chunk.cell.siblings)
        groups.setdefault(key, []).append(chunk)
    return list(groups.values())


def train(
    batch: Sequence[Chunk], threads: int = 0, progress: Callable[[float], None] | None = None
) -> list[pl.DataFrame]:
    """The rows of every chunk of a batch; `progress` as in `nets.train`.

    Raises `KeyboardInterrupt` after Ctrl-C, with nothing to show.
    """
    cell, seeds = batch[0].cell, range(batch[0].first, batch[0].stop)
    rates = [chunk.cell.rate for chunk in batch]
    train_sets, validation_sets, test_sets = points_of(cell.source, seeds)
    spec = cell.net
    which = np.repeat(np.arange(len(seeds)), len(rates))
    trained = nets.train(
        spec,
        cell.training,
        seeds=np.repeat(np.arange(seeds.start, seeds.stop), len(rates)),  # type: ignore[arg-type]
        learning_rates=np.tile(rates, len(seeds)),  # type: ignore[arg-type]
        train_sets=train_sets,
        validation_sets=validation_sets,
        set_of_net=which,  # type: ignore[arg-type]
        checkpoints=cell.checkpoints(),
        threads=threads,
        progress=progress,
    )
    if trained.interrupted:
        raise KeyboardInterrupt
    scores = nets.score(spec, trained.weights, test_sets, which, threads=threads)  # type: ignore[arg-type]
    final, test = trained.curves[:, -1, :].copy(), scores.accuracy
    regression = cell.source.task == "regression"
    if regression:
        final[:, 1] = explained(final[:, 0], train_sets, which)
        final[:, 3] = explained(final[:, 2], validation_sets, which)
        test = explained(scores.loss, test_sets, which)
    status = status_of(trained.weights, scores, test)
    gradient, dead, saturated = (TRACES.index(name) for name in ("gradient_norm", "dead", "saturated"))
    hidden = trained.traces[:, -1, :-1, :]
    applies = cell.arm.facts.derivative_second_moment > 0
    measured = {
        "seed": np.asarray(seeds)[which],
        "status": np.asarray(STATUS)[status],
        "train_loss": final[:, 0],
        "train_score": final[:, 1],
        "validation_loss": final[:, 2],
        "validation_score": final[:, 3],
        "test_loss": scores.loss,
        "test_score": test,
        "constant_score": _constant(train_sets, test_sets, regression)[which],
        "gradient_first_start": trained.traces[:, 0, 0, gradient],
        "gradient_last_start": trained.traces[:, 0, -1, gradient],
        "gradient_first_end": trained.traces[:, -1, 0, gradient],
        "gradient_last_end": trained.traces[:, -1, -1, gradient],
        "dead": hidden[:, :, dead].mean(axis=1) if applies else np.full(len(which), np.nan),
        "saturated": hidden[:, :, saturated].mean(axis=1) if applies else np.full(len(which), np.nan),
    }
    return [
        _rows(chunk, {name: values[k :: len(rates)] for name, values in measured.items()})
        for k, chunk in enumerate(batch)
    ]


def points_of(source: Source, seeds: range) -> tuple[PointSets, PointSets, PointSets]:
    """Training, validation and test points of some seeds side by side; the last ones drawn are kept."""
    key = (source, seeds.start, seeds.stop)
    with _draws_lock:
        if key in _draws:
            _draws[key] = _draws.pop(key)  # the last used stands last
            return _draws[key]
    draws = [source.draw(seed) for seed in seeds]
    sets = (
        PointSets.stack([draw.train for draw in draws]),
        PointSets.stack([draw.validation for draw in draws]),
        PointSets.stack([draw.test for draw in draws]),
    )
    with _draws_lock:
        _draws[key] = sets
        while len(_draws) > 1 and sum(map(_size, _draws.values())) > MOST_DRAWS:
            del _draws[next(iter(_draws))]
    return sets


def _size(sets: tuple[PointSets, ...]) -> int:
    return sum(points.X.nbytes + points.y.nbytes for points in sets)


def _constant(train: PointSets, test: PointSets, regression: bool) -> Array:
    """``(sets,)``: what the best constant answer scores on the test points; of a regression 0, by definition of R²."""
    if regression:
        return np.zeros(len(test.y))
    classes = int(max(train.y.max(), test.y.max())) + 1
    counts = np.stack([np.bincount(y.astype(np.int64), minlength=classes) for y in train.y])
    return np.asarray((test.y == counts.argmax(axis=1)[:, None]).mean(axis=1))


def _rows(chunk: Chunk, measured: dict[str, Any]) -> pl.DataFrame:
    cell, widths = chunk.cell, set(chunk.cell.hidden)
    said = cell.specification
    constant = {
        "cell": cell.name,
        "data": cell.source.name,
        "task": cell.source.task,
        "activation": said["activation"],
        "hidden": ",".join(map(str, cell.hidden)),
        "depth": len(cell.hidden),
        "width": next(iter(widths)) if len(widths) == 1 else None,
        "parameters": cell.net.parameters,
        "optimiser": said["optimiser"]["rule"],
        "noise": said["data"].get("noise"),
        "train_points": cell.source.n_train,
    }
    settings = ("init", "norm", "residual", "schedule", "warm_up", "weight_decay", "clip", "epochs", "batch_size")
    constant |= {name: said[name] for name in (*settings, "learning_rate")}
    columns = {
        name: pl.Series(name, measured[name]).cast(kind)
        if name in measured
        else pl.repeat(constant[name], chunk.nets, dtype=kind, eager=True).alias(name)
        for name, kind in SCHEMA.items()
    }
    frame = pl.DataFrame(columns)
    return frame.with_columns(pl.col("dead", "saturated").fill_nan(None))
