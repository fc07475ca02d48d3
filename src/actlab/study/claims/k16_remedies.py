"""K16 (deck, notebook): Leaky ReLU, PReLU, ELU and batch norm prevent or revive dead units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.dying import caused, dead, dying_job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.job import Job
    from actlab.study.claims.lab import Lab

DATA = ("moons", "circles", "breast_cancer")
REMEDIES = ("leaky_relu", "prelu", "elu", "batch_norm")


def _pair(where: Where) -> tuple[Job, Job]:
    """Nets of ReLU and of the remedy, under the cause."""
    remedy = str(where["remedy"])
    relu = caused(dying_job(where, "relu"), str(where["cause"]))
    return relu, relu.but(norm="batch") if remedy == "batch_norm" else relu.but(activation=remedy)


def fewer(lab: Lab, where: Where) -> Array:
    """Share of dead units of ReLU less that with the remedy."""
    relu, remedied = (dead(lab, job, "same") for job in _pair(where))
    return relu - remedied


def helps(lab: Lab, where: Where) -> Array:
    """Test accuracy with the remedy less that of ReLU."""
    relu, remedied = (lab.accuracy(job) for job in _pair(where))
    return remedied - relu


_WHERE = conditions(remedy=REMEDIES, cause=("rate", "shift"), data=DATA)
CLAIM = Claim(
    "K16",
    ("deck", "notebook"),
    (Effect("fewer", fewer, _WHERE, 0.05, 0.0, 0.3), Effect("helps", helps, _WHERE, 0.05, 0.0, 0.2)),
)
