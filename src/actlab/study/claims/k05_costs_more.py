"""K5 (article): sigmoid therefore costs more at inference for the same result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job
from actlab.study.claims.lab import times

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

WIDTHS = (2, 4, 8)
#: The result that is asked for: a test accuracy.
WANTED = {"moons": 0.95, "circles": 0.95, "breast_cancer": 0.95}


def price(lab: Lab, where: Where, activation: str) -> Array:
    """Parameters of the smallest net 2 × width, by seed, whose test accuracy is what was asked for; ∞ where none is."""
    data = str(where["data"])
    found = np.full(lab.seeds, np.inf)
    for width in reversed(WIDTHS):
        job = Job(data, activation, hidden=(width, width))
        enough = lab.accuracy(job, str(where["regime"])) >= WANTED[data]
        found = np.where(enough, float(job.net.parameters), found)
    return found


def sample(lab: Lab, where: Where) -> Array:
    """How many times as large sigmoid's smallest sufficient net is as ReLU's."""
    return times(price(lab, where, "sigmoid"), price(lab, where, "relu"))


CLAIM = Claim(
    "K5",
    ("article",),
    (
        Effect(
            "larger",
            sample,
            conditions(data=tuple(WANTED), regime=("same", "best")),
            threshold=1.25,
            null=1.0,
            expected=3.0,
            statistic="median",
            unit="times",
        ),
    ),
)
