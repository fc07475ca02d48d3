"""K10 (deck, notebook): tanh, being zero-centred, learns faster than sigmoid; it still saturates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job
from actlab.study.claims.lab import times
from actlab.study.claims.speed import steps_to_target
from actlab.study.claims.units import share

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

DATA = ("moons", "circles", "xor", "breast_cancer")


def faster(lab: Lab, where: Where) -> Array:
    """How many times as many steps to the target sigmoid takes."""
    return times(*(steps_to_target(lab, where, name) for name in ("sigmoid", "tanh")))


def saturates(lab: Lab, where: Where) -> Array:
    """Share of tanh's hidden units that are saturated after training."""
    found = lab.at(Job(str(where["data"]), "tanh"), str(where["regime"]))
    return share(found, "saturated", 2)


def flat(lab: Lab, where: Where) -> Array:
    """Share of points × hidden units where tanh's slope is less than a tenth of its largest, after training."""
    return lab.at(Job(str(where["data"]), "tanh", measures=("flat",)), str(where["regime"]))["flat"]


_WHERE = conditions(data=DATA, regime=("same", "best"))
CLAIM = Claim(
    "K10",
    ("deck", "notebook"),
    (
        Effect("faster", faster, _WHERE, 1.25, 1.0, 3.0, "median", unit="times"),
        Effect("flat", flat, _WHERE, 0.1, 0.0, 0.3, bounds=(0.0, 1.0), unit="share"),
        Effect("saturates", saturates, _WHERE, 0.05, 0.0, 0.2, bounds=(0.0, 1.0), unit="share"),
    ),
    ("actlab theory tanh", "actlab theory sigmoid"),
)
