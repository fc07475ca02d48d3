"""K19 (deck): in recurrent nets tanh is the choice: its bound prevents exploding gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

DATA = ("adding:10", "adding:20", "recall:10")


def _job(where: Where, activation: str) -> Job:
    init = str(where.get("init", "lecun"))
    return Job(str(where["data"]), activation, hidden=(8,), init=init, epochs=30, batch_size=32)


def choice(lab: Lab, where: Where) -> Array:
    """Test score of tanh less that of another function: accuracy, of the adding problem R², not below 0."""
    tanh, other = (lab.accuracy(_job(where, name), str(where["regime"])) for name in ("tanh", str(where["against"])))
    return tanh - other


def explodes(lab: Lab, where: Where) -> Array:
    """Share of ReLU nets whose gradient grows on its way back through time, less that of tanh nets; after training."""
    relu, tanh = (lab.at(_job(where, name), str(where["regime"]))["end.through_time"] for name in ("relu", "tanh"))
    return (relu > 1).astype(np.float64) - (tanh > 1)


def bound(lab: Lab, where: Where) -> Array:
    """By what tanh's gradient shrinks in a step back through time, before training: the claim says it never grows."""
    with np.errstate(divide="ignore"):
        return np.asarray(1 / lab.nets(_job(where, "tanh"))["start.through_time"])


CLAIM = Claim(
    "K19",
    ("deck",),
    (
        Effect(
            "choice",
            choice,
            conditions(data=DATA, against=("relu", "sigmoid"), regime=("same", "best")),
            0.05,
            0.0,
            0.2,
        ),
        Effect("explodes", explodes, conditions(data=DATA, regime=("same", "best")), 0.05, 0.0, 0.5),
        Effect(
            "bound",
            bound,
            conditions(data=DATA, init=("gain 1", "gain 2", "gain 4")),
            0.95,
            0.6,
            1.3,
            "median",
            unit="times",
        ),
    ),
    ("actlab theory tanh --sigma-w2 4", "actlab theory tanh --sigma-w2 1"),
)
