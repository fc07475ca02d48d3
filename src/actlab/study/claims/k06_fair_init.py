"""K6 (article): He for ReLU and Xavier for sigmoid is what makes the comparison fair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab


def own_less_other(lab: Lab, where: Where, activation: str, own: str, other: str) -> Array:
    """Test accuracy with the function's own initialisation less that with the other's."""
    job = Job(str(where["data"]), activation, init=own)
    if where["depth"] == 8:
        job = job.but(hidden=(16,) * 8, epochs=200)
    regime = str(where["regime"])
    return lab.accuracy(job, regime) - lab.accuracy(job.but(init=other), regime)


def relu(lab: Lab, where: Where) -> Array:
    """What ReLU loses with Xavier's weights."""
    return own_less_other(lab, where, "relu", "he", "xavier")


def sigmoid(lab: Lab, where: Where) -> Array:
    """What sigmoid loses with He's weights."""
    return own_less_other(lab, where, "sigmoid", "xavier", "he")


_WHERE = conditions(data=("moons", "circles", "breast_cancer"), depth=(2, 8), regime=("same", "best"))
CLAIM = Claim(
    "K6",
    ("article",),
    (Effect("relu", relu, _WHERE, 0.05, 0.0, 0.15), Effect("sigmoid", sigmoid, _WHERE, 0.05, 0.0, 0.15)),
    ("actlab theory relu --sigma-w2 2", "actlab theory sigmoid --sigma-w2 1"),
)
