"""K25 (discussion): ReLU inside and sigmoid at the output has both advantages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab
    from actlab.study.claims.measures import Columns

DATA = ("moons", "circles", "xor", "breast_cancer")


def inside(lab: Lab, where: Where) -> Array:
    """Sigmoid at the output: test accuracy with ReLU inside less that with sigmoid inside."""
    job, regime = Job(str(where["data"]), "relu"), str(where["regime"])
    return lab.accuracy(job, regime) - lab.accuracy(job.but(activation="sigmoid"), regime)


def _linear(lab: Lab, where: Where) -> Columns:
    return lab.at(Job(str(where["data"]), "relu", squares=True, measures=("half",)), str(where["regime"]))


def output(lab: Lab, where: Where) -> Array:
    """ReLU inside: test accuracy with a sigmoid output less that with a linear one (squared error, threshold ½)."""
    return lab.accuracy(Job(str(where["data"]), "relu"), str(where["regime"])) - _linear(lab, where)["accuracy"]


def beyond(lab: Lab, where: Where) -> Array:
    """Share of the linear output's answers that are no probability: below 0 or above 1."""
    return _linear(lab, where)["beyond"]


_WHERE = conditions(data=DATA, regime=("same", "best"))
CLAIM = Claim(
    "K25",
    ("discussion",),
    (
        Effect("inside", inside, _WHERE, 0.05, 0.0, 0.15),
        Effect("output", output, _WHERE, 0.005, 0.0, 0.02, "median"),
        Effect("beyond", beyond, _WHERE, 0.05, 0.0, 0.3, bounds=(0.0, 1.0), unit="share"),
    ),
)
