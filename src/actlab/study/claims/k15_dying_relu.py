"""K15 (deck): ReLU units die from large learning rates and from shifted data, and stay dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.dying import SHIFT, caused, dead, dying_job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

DATA = ("moons", "circles", "breast_cancer")


def by_rate(lab: Lab, where: Where) -> Array:
    """Share of dead units at a large learning rate less that at 0.1."""
    job = dying_job(where, "relu")
    return dead(lab, job.but(rate=float(where["rate"])), "same") - dead(lab, job, "same")


def by_shift(lab: Lab, where: Where) -> Array:
    """Share of dead units with data shifted by four standard deviations less that with centred data."""
    job, regime = dying_job(where, "relu"), str(where["regime"])
    return dead(lab, job.but(shift=SHIFT), regime) - dead(lab, job, regime)


def stay(lab: Lab, where: Where) -> Array:
    """Of the units that are dead midway (in log steps), the share that is dead at the end; NaN where none was."""
    found = lab.nets(caused(dying_job(where, "relu"), str(where["cause"])).but(measures=("deaths",)))
    with np.errstate(invalid="ignore"):
        return np.asarray(found["dead_still"] / found["dead_midway"])


CLAIM = Claim(
    "K15",
    ("deck",),
    (
        Effect("rate", by_rate, conditions(data=DATA, rate=(0.5, 1.0, 2.0)), 0.05, 0.0, 0.3),
        Effect("shift", by_shift, conditions(data=DATA, regime=("same", "best")), 0.05, 0.0, 0.3),
        Effect(
            "stay",
            stay,
            conditions(data=DATA, cause=("rate", "shift")),
            0.9,
            0.5,
            0.99,
            bounds=(0.0, 1.0),
            unit="share",
        ),
    ),
)
