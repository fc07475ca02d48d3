"""Steps to a target loss: how several claims ask what learns faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from typing import Any

    from actlab._arrays import Array
    from actlab.study.claims.claim import Where
    from actlab.study.claims.lab import Lab

#: The validation loss (nats) at which a net has arrived: a little above what the best of all functions reach in the
#: end, so that learning, and not luck at the end, is timed.
TARGETS = {"moons": 0.15, "circles": 0.1, "xor": 0.15, "spiral": 0.4, "breast_cancer": 0.12}


def speed_job(where: Where, activation: str, **changes: Any) -> Job:
    """Nets that stop at the target: two hidden layers of 8."""
    data = str(where["data"])
    return Job(data, activation, epochs=800, target=TARGETS[data]).but(**changes)


def steps_to_target(lab: Lab, where: Where, activation: str, **changes: Any) -> Array:
    """Optimiser steps ``(seeds,)`` until the validation loss first falls to the data's target; ∞ where it does not."""
    return lab.at(speed_job(where, activation, **changes), str(where["regime"]))["arrival"]
