"""K23 (discussion): linear models fail as dimension and variety of the data grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

#: The small task and the large one, with further columns of noise where it is dimension that grows.
GROWING = {
    "moons, 20 columns": (("moons", 0), ("moons", 20)),
    "spiral arms": (("spiral", 0), ("spiral:5", 0)),
    "blobs": (("blobs:3", 0), ("blobs:10", 0)),
}


def gap(lab: Lab, data: str, columns: int, regime: str) -> Array:
    """Test accuracy of two ReLU layers of 16 less that of a linear model."""
    net = Job(data, "relu", hidden=(16, 16), epochs=60 if data == "digits" else 300, columns=columns)
    return lab.accuracy(net, regime) - lab.accuracy(net.but(hidden=()), regime)


def fails(lab: Lab, where: Where) -> Array:
    """By what a linear model falls behind."""
    return gap(lab, str(where["data"]), 0, str(where["regime"]))


def grows(lab: Lab, where: Where) -> Array:
    """By what it falls behind on the larger task, less by what it does on the smaller one."""
    small, large = (gap(lab, *task, str(where["regime"])) for task in GROWING[str(where["growing"])])
    return large - small


CLAIM = Claim(
    "K23",
    ("discussion",),
    (
        Effect(
            "fails", fails,
            conditions(data=("moons", "spiral", "blobs:10", "breast_cancer", "digits"), regime=("same", "best")),
            0.05, 0.0, 0.2,
        ),
        Effect("grows", grows, conditions(growing=tuple(GROWING), regime=("same", "best")), 0.05, 0.0, 0.2),
    ),
)  # fmt: skip
