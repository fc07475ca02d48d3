"""K24 (discussion): sigmoid shrinks the forward signal exponentially with depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

DEPTH = 8
DATA = ("moons", "circles", "breast_cancer")


def _factor(lab: Lab, where: Where, what: str) -> Array:
    """By what it shrinks from a hidden layer to the next, before training: geometric mean over eight layers."""
    job = Job(
        str(where["data"]), "sigmoid", hidden=(16,) * DEPTH, init=str(where["init"]), epochs=1, measures=("outputs",)
    )
    found = lab.nets(job)
    return np.asarray((found[f"start.{what}.1"] / found[f"start.{what}.{DEPTH}"]) ** (1 / (DEPTH - 1)))


def differences(lab: Lab, where: Where) -> Array:
    """Of what differs between points: the spread of a unit's output over them."""
    return _factor(lab, where, "spread")


def magnitude(lab: Lab, where: Where) -> Array:
    """Of the mean |a|, which the article's signal trace shows."""
    return _factor(lab, where, "mean")


_WHERE = conditions(data=DATA, init=("xavier", "he", "gain 4"))
CLAIM = Claim(
    "K24",
    ("discussion",),
    (
        Effect("magnitude", magnitude, _WHERE, 1.25, 1.0, 3.0, "median", unit="times"),
        Effect("differences", differences, _WHERE, 1.25, 1.0, 3.0, "median", unit="times"),
    ),
    ("actlab theory sigmoid --sigma-w2 1", "actlab theory sigmoid --sigma-w2 16"),
)
