"""K17 (deck): ELU is robust to noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

#: Share of the training labels that are wrong; test points are blurred by `measures.BLUR` standard deviations.
FLIPS = 0.2


def lost(lab: Lab, where: Where, activation: str) -> Array:
    """Test accuracy that the noise costs."""
    job, regime = Job(str(where["data"]), activation), str(where["regime"])
    if where["noise"] == "labels":
        return lab.accuracy(job, regime) - lab.accuracy(job.but(flips=FLIPS), regime)
    found = lab.at(job.but(measures=("blurred",)), regime)
    return found["test_accuracy"] - found["blurred_accuracy"]


def sample(lab: Lab, where: Where) -> Array:
    """What the noise costs ReLU less what it costs ELU."""
    return lost(lab, where, "relu") - lost(lab, where, "elu")


CLAIM = Claim(
    "K17",
    ("deck",),
    (
        Effect(
            "robust",
            sample,
            conditions(data=("moons", "circles", "breast_cancer"), noise=("labels", "inputs"), regime=("same", "best")),
            threshold=0.01,
            null=0.0,
            expected=0.04,
            statistic="median",
        ),
    ),
)
