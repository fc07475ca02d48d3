"""The shape of hidden representations: how several claims ask what becomes of distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab.study.claims.claim import Where
    from actlab.study.claims.lab import Lab
    from actlab.study.claims.measures import Columns

#: Hidden layers, all of eight units: margin retention compares layers of equal width only.
LAYERS = 3


def shapes(lab: Lab, where: Where, activation: str) -> Columns:
    """The record of nets with three hidden layers of 8, their geometry measured at the start and the end."""
    job = Job(str(where["data"]), activation, hidden=(8,) * LAYERS, epochs=200, measures=("geometry",))
    return lab.at(job, str(where.get("regime", "same")))
