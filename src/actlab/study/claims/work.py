"""Trains a job's nets and measures them."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

from actlab import nets
from actlab.nets import CURVES, TRACES, PointSets
from actlab.study.claims.measures import MEASURES
from actlab.study.run import arrivals, explained, status_of, times

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab.data import Draw
    from actlab.study.claims.job import Job
    from actlab.study.claims.measures import Columns

_KEPT = 2  # drawn data sets of all seeds, the last ones used
_draws: OrderedDict[tuple[object, ...], tuple[list[Draw], tuple[PointSets, PointSets, PointSets]]] = OrderedDict()


def train(job: Job, seeds: int, threads: int = 0, progress: Callable[[float], None] | None = None) -> Columns:
    """The record of a job: column → a number a seed ``(seeds,)``.

    ``status`` as in `actlab.study.run`; ``train_loss, validation_loss, validation_accuracy, test_loss, test_accuracy``
    (of a regression R²), ``arrival`` (steps to the target, ∞ where it was not reached); every trace at the start and
    the end, ``start.dead.1`` being that of the first layer; of recurrent nets ``start.through_time``, the factor of the
    gradient from a step to the one before it; and what the job's measures give.
    """
    draws, (train_sets, validation_sets, test_sets) = _points(job, seeds)
    spec, checkpoints = job.net, job.checkpoints
    which = np.arange(seeds)
    trained = nets.train(
        spec,
        job.training,
        seeds=which,  # type: ignore[arg-type]
        learning_rates=np.full(seeds, job.rate),  # type: ignore[arg-type]
        train_sets=train_sets,
        validation_sets=validation_sets,
        set_of_net=which,  # type: ignore[arg-type]
        checkpoints=checkpoints,
        keep=which if job.measures else (),  # type: ignore[arg-type]
        threads=threads,
        progress=progress,
    )
    if trained.interrupted:
        raise KeyboardInterrupt
    scores = nets.score(spec, trained.weights, test_sets, which, threads=threads)  # type: ignore[arg-type]
    final = trained.curves[:, -1, :]
    validation, test = final[:, 3], scores.accuracy
    if spec.loss == "squares":
        validation = explained(final[:, 2], validation_sets, which)
        test = explained(scores.loss, test_sets, which)
    found = {
        "status": status_of(trained.weights, scores, test).astype(np.float64),
        "train_loss": final[:, 0],
        "validation_loss": final[:, 2],
        "validation_accuracy": np.clip(validation, 0.0, 1.0),
        "test_loss": scores.loss,
        "test_accuracy": np.clip(test, 0.0, 1.0),
    }
    if job.target is not None:
        found["arrival"] = arrivals(trained.curves[:, :, CURVES.index("validation_loss")], checkpoints, job.target)
    for when, k in (("start", 0), ("end", -1)):
        for name, column in zip(TRACES, np.moveaxis(trained.traces[:, k], 2, 0), strict=True):
            found |= {f"{when}.{name}.{layer + 1}": column[:, layer] for layer in range(spec.layers)}
    if spec.steps is not None:
        found |= _through_time(trained)
    for measure in job.measures:
        found |= MEASURES[measure](job, trained.snapshots, draws)
    return found


def _through_time(trained: nets.Trained) -> Columns:
    kept = times(len(trained.checkpoints))
    found = {}
    for when, k in (("start", kept[0]), ("end", kept[-1])):
        norms = trained.through_time[:, k, 0, :]
        with np.errstate(all="ignore"):
            factor = (norms[:, 0] / norms[:, -1]) ** (1 / (norms.shape[1] - 1))
        factor = np.where(np.isfinite(norms).all(axis=1), np.nan_to_num(factor, nan=0.0), np.inf)
        found[f"{when}.through_time"] = factor
    return found


def _points(job: Job, seeds: int) -> tuple[list[Draw], tuple[PointSets, PointSets, PointSets]]:
    key = (job.source, job.shift, job.flips, seeds)
    if key not in _draws:
        draws = [job.draw(seed) for seed in range(seeds)]
        sets = tuple(PointSets.stack([getattr(d, part) for d in draws]) for part in ("train", "validation", "test"))
        _draws[key] = (draws, sets)  # type: ignore[assignment]
        while len(_draws) > _KEPT:
            _draws.popitem(last=False)
    _draws.move_to_end(key)
    return _draws[key]
