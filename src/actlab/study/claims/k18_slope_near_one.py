"""K18 (deck): the wider the region where φ′ is near 1, the deeper a net trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

DEPTH = 8
DATA = ("moons", "circles", "breast_cancer")
#: x between −c and c, cut off beyond: nothing differs but the width of the region where φ′ is 1.
WIDE, NARROW = "min(max(x, -2), 2)", "min(max(x, -0.25), 0.25)"


def _accuracy(lab: Lab, where: Where, activation: str) -> Array:
    job = Job(str(where["data"]), activation, hidden=(8,) * DEPTH, init="lecun", epochs=200)
    return lab.accuracy(job, str(where["regime"]))


def wider(lab: Lab, where: Where) -> Array:
    """Eight layers deep: test accuracy with φ′ = 1 on [−2, 2] less that with φ′ = 1 on [−¼, ¼]."""
    return _accuracy(lab, where, WIDE) - _accuracy(lab, where, NARROW)


def named(lab: Lab, where: Where) -> Array:
    """Eight layers deep: test accuracy of the function with more of N(0, 1) where φ′ is near 1, less the other's."""
    more, less = str(where["pair"]).split(" > ")
    return _accuracy(lab, where, more) - _accuracy(lab, where, less)


CLAIM = Claim(
    "K18",
    ("deck",),
    (
        Effect("wider", wider, conditions(data=DATA, regime=("same", "best")), 0.05, 0.0, 0.2),
        Effect(
            "named", named, conditions(pair=("tanh > sigmoid", "relu > tanh"), data=DATA, regime=("same", "best")),
            0.05, 0.0, 0.2,
        ),
    ),
    ("actlab theory tanh", "actlab theory relu"),
)  # fmt: skip
