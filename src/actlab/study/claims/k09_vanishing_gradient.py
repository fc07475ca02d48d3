"""K9 (deck, notebook): sigmoid gradients shrink at least fourfold a layer; early layers do not learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

DATA = ("moons", "circles", "breast_cancer")
DEPTH, WIDTH = 8, 16


def _job(where: Where, activation: str = "sigmoid") -> Job:
    init = str(where["init"]) if "init" in where else None
    return Job(str(where["data"]), activation, hidden=(WIDTH,) * DEPTH, init=init, rate=0.1, epochs=200)


def factor(lab: Lab, where: Where) -> Array:
    """By what the weights' gradient shrinks from a hidden layer to the one below it: geometric mean over layers 2 … 8.

    The first layer, whose fan-in is another, is left out; norms per weight.
    """
    found = lab.nets(_job(where))
    last, first = (found[f"{where['when']}.gradient_norm.{layer}"] for layer in (DEPTH, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((last / first) ** (1 / (DEPTH - 2)))


def unlearned(lab: Lab, where: Where) -> Array:
    """Test accuracy of ReLU less that of sigmoid, eight layers deep."""
    relu, sigmoid = (lab.accuracy(_job(where, name), str(where["regime"])) for name in ("relu", "sigmoid"))
    return relu - sigmoid


CLAIM = Claim(
    "K9",
    ("deck", "notebook"),
    (
        Effect(
            "fourfold",
            factor,
            conditions(data=DATA, init=("xavier", "he", "gain 4"), when=("start", "end")),
            threshold=4.0,
            null=1.0,
            expected=4.5,
            statistic="median",
            unit="times",
        ),
        Effect(
            "unlearned",
            unlearned,
            conditions(data=DATA, regime=("same", "best")),
            threshold=0.05,
            null=0.0,
            expected=0.2,
        ),
    ),
    ("actlab theory sigmoid --sigma-w2 1",),
)
