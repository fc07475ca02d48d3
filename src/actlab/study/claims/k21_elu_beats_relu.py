"""K21 (notebook): ELU generally beats ReLU; its outputs are closer to zero mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job
from actlab.study.claims.lab import times

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

DATA = ("moons", "circles", "xor", "spiral", "breast_cancer")


def beats(lab: Lab, where: Where) -> Array:
    """Test accuracy of ELU less that of ReLU."""
    job, regime = Job(str(where["data"]), "elu"), str(where["regime"])
    return lab.accuracy(job, regime) - lab.accuracy(job.but(activation="relu"), regime)


def centred(lab: Lab, where: Where) -> Array:
    """|mean output| of a hidden unit over the points, as a multiple of its spread: ReLU's over ELU's."""
    found = []
    for name in ("relu", "elu"):
        record = lab.nets(Job(str(where["data"]), name, measures=("outputs",)))
        when = str(where["when"])
        found.append(record[f"{when}.mean.2"] / record[f"{when}.spread.2"])
    return times(*found)


CLAIM = Claim(
    "K21",
    ("notebook",),
    (
        Effect("beats", beats, conditions(data=DATA, regime=("same", "best")), 0.005, 0.0, 0.02, "median"),
        Effect(
            "centred", centred, conditions(data=DATA, when=("start", "end")), 1.25, 1.0, 2.5, "median", unit="times"
        ),
    ),
    ("actlab theory elu", "actlab theory relu"),
)
