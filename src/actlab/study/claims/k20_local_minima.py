"""K20 (notebook): sigmoid falls into poor local minima."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab
    from actlab.study.claims.measures import Columns

DATA = ("moons", "circles", "xor", "spiral")
#: A net has failed whose training loss is above half of that of always answering ½.
FAILED = math.log(2) / 2
#: Four times as long: a net that was slow moves on, one in a minimum does not.
LONGER = 4


def _failed(found: Columns) -> Array:
    return np.asarray(~(found["train_loss"] < FAILED), dtype=np.float64)


def fails(lab: Lab, where: Where) -> Array:
    """Whether sigmoid failed (1 or 0), less whether ReLU did."""
    job, regime = Job(str(where["data"]), "sigmoid"), str(where["regime"])
    return _failed(lab.at(job, regime)) - _failed(lab.at(job.but(activation="relu"), regime))


def stuck(lab: Lab, where: Where) -> Array:
    """Whether sigmoid failed, and its training loss did not fall by a twentieth in four times as many epochs."""
    job = Job(str(where["data"]), "sigmoid")
    early = lab.at(job, str(where["regime"]))
    rates = early["rate"] if "rate" in early else np.full(lab.seeds, job.rate)
    later = np.empty(lab.seeds)
    for rate in np.unique(rates).tolist():
        longer = lab.nets(job.but(rate=rate, epochs=LONGER * job.epochs))["train_loss"]
        later = np.where(rates == rate, longer, later)
    return _failed(early) * ~(later < 0.95 * early["train_loss"])


_WHERE = conditions(data=DATA, regime=("same", "best"))
CLAIM = Claim(
    "K20",
    ("notebook",),
    (
        Effect("stuck", stuck, _WHERE, 0.05, 0.0, 0.3, bounds=(0.0, 1.0), unit="share"),
        Effect("fails", fails, _WHERE, 0.05, 0.0, 0.3),
    ),
)
