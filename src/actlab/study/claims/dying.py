"""Nets whose ReLU units die: how several claims ask what kills them, and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.job import Job
from actlab.study.claims.units import share

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.claim import Where
    from actlab.study.claims.lab import Lab

#: What kills: a learning rate at which ReLU's units die, or data shifted by so many standard deviations.
RATE, SHIFT = 2.0, 4.0


def dying_job(where: Where, activation: str) -> Job:
    """Two hidden layers of 16, 200 epochs, rate 0.1."""
    return Job(str(where["data"]), activation, hidden=(16, 16), epochs=200)


def caused(job: Job, cause: str) -> Job:
    """The same under a cause of death: ``"rate"`` or ``"shift"``."""
    return job.but(rate=RATE) if cause == "rate" else job.but(shift=SHIFT)


def dead(lab: Lab, job: Job, regime: str) -> Array:
    """Share ``(seeds,)`` of dead hidden units after training."""
    return share(lab.at(job, regime), "dead", len(job.hidden))
