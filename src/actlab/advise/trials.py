"""One case of the study behind the advice: every candidate at its best rate, on one data set, depth and width."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from actlab import nets
from actlab.data import resolve
from actlab.functions import get
from actlab.nets import TRACES, NetSpec, PointSets, TrainSpec
from actlab.study.run import explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import Array
    from actlab.data import Source
    from actlab.nets.spec import Loss

#: The study that ships with the package, made by `actlab.advise.make`.
EVIDENCE: Final = Path(__file__).with_name("evidence.parquet")
#: What is advised, and tried: the first is the one that all guides name first.
CANDIDATES: Final = ("relu", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "tanh", "sigmoid")
RATES: Final = (0.01, 0.04, 0.15, 0.6, 2.5)
TEST_POINTS: Final = 2_000
_LOSS: Final[dict[str, tuple[int, Loss]]] = {
    "binary": (1, "binary"), "multiclass": (0, "classes"), "regression": (1, "squares"),
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What a practitioner has: data (which says the task), a depth and a width."""

    data: str
    depth: int
    width: int


def source_of(case: Case) -> Source:
    """The data of a case."""
    plain = resolve(case.data)
    return plain if plain.conditional else resolve(case.data, n_test=TEST_POINTS)


def try_case(case: Case, seeds: Sequence[int], epochs: int, rates: Sequence[float] = RATES) -> list[dict[str, Any]]:
    """A row a candidate: its test score at the rate that validation chose.

    ``score`` is the mean test accuracy (of a regression R², negative ones as 0) over the seeds, ``error`` its standard
    error, ``gap`` the score less that of the best candidate, ``dead`` and ``dead_fast`` the share of dead units at the
    end, at the best rate and at the next larger one, ``lost`` the share of nets whose parameters were not finite.
    """
    source = source_of(case)
    draws = [source.draw(seed) for seed in seeds]
    train_sets, validation_sets, test_sets = (
        PointSets.stack([getattr(draw, part) for draw in draws]) for part in ("train", "validation", "test")
    )
    rows: list[dict[str, Any]] = []
    for name in CANDIDATES:
        phi = get(name)
        outputs, loss = _LOSS[source.task]
        outputs = outputs or len(source.classes)
        hidden = (case.width,) * case.depth
        spec = NetSpec(source.dimension, hidden, phi, phi.default_init, outputs, loss, steps=source.steps)
        which = np.repeat(np.arange(len(seeds)), len(rates))
        training = TrainSpec(epochs, 32, clip=1.0 if source.steps is not None else None)
        steps = training.steps(train_sets.points)
        trained = nets.train(
            spec, training, seeds=np.repeat(seeds, len(rates)), learning_rates=np.tile(rates, len(seeds)),  # type: ignore[arg-type]
            train_sets=train_sets, set_of_net=which, checkpoints=np.array([0, steps]),  # type: ignore[arg-type]
        )  # fmt: skip
        shape = (len(seeds), len(rates))
        validation = _score(spec, trained.weights, validation_sets, which, source.task).reshape(shape)
        test = _score(spec, trained.weights, test_sets, which, source.task).reshape(shape)
        dead = trained.traces[:, -1, :-1, TRACES.index("dead")].mean(axis=1).reshape(shape)
        best = int(np.argmax(validation.mean(axis=0)))
        fast = min(best + 1, len(rates) - 1)
        score = test[:, best]
        rows.append(
            {
                "task": source.task, "recurrent": source.steps is not None, "data": case.data, "depth": case.depth,
                "width": case.width, "function": name, "rate": float(rates[best]), "seeds": len(seeds),
                "score": float(score.mean()), "error": float(score.std(ddof=1) / np.sqrt(len(score))),
                "dead": _mean(dead[:, best]), "dead_fast": _mean(dead[:, fast]),
                "lost": float(trained.diverged.reshape(shape)[:, best].mean()),
            }
        )  # fmt: skip
    top = max(row["score"] for row in rows)
    return [row | {"gap": row["score"] - top} for row in rows]


def _mean(values: Array) -> float:
    """The mean of what is a number: a net that was lost has no dead units to speak of."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else 0.0


def _score(spec: NetSpec, weights: Any, sets: PointSets, which: Any, task: str) -> Array:
    scores = nets.score(spec, weights, sets, which)
    return np.clip(explained(scores.loss, sets, which) if task == "regression" else scores.accuracy, 0.0, 1.0)
