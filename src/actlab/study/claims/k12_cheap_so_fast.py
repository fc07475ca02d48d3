"""K12 (deck, notebook, introduction): ReLU is cheaper than functions with exp, and that makes learning faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.lab import times
from actlab.study.claims.prices import price_of_function, price_of_step
from actlab.study.claims.speed import steps_to_target

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

ARMS = ("sigmoid", "tanh", "elu", "softplus")
DATA = ("moons", "circles", "breast_cancer")


def function(lab: Lab, where: Where) -> Array:
    """How many times as long value and derivative of the function take as ReLU's."""
    return np.array(price_of_function(lab, str(where["against"])))


def step(lab: Lab, where: Where) -> Array:
    """How many times as long a training step takes, in a net two layers of that width deep."""
    return np.array(price_of_step(lab, str(where["against"]), int(where["width"])))


def because(lab: Lab, where: Where) -> Array:
    """Which share of ReLU's lead in time to the target is the price of a step, and not the number of steps.

    On the scale of logarithms; each function at its best rate. 0 where ReLU has no lead.
    """
    rival = str(where["against"])
    price = float(np.median(price_of_step(lab, rival, 8)))
    steps = times(*(steps_to_target(lab, {**where, "regime": "best"}, name) for name in (rival, "relu")))
    with np.errstate(divide="ignore"):
        lead = np.log(steps * price)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(lead > 0, np.log(price) / lead, 0.0)
    return np.asarray(np.clip(found, 0.0, 1.0))


CLAIM = Claim(
    "K12",
    ("deck", "notebook", "introduction"),
    (
        Effect("function", function, conditions(against=ARMS), 1.25, 1.0, 4.0, "median", unit="times", timed=True),
        Effect(
            "step", step, conditions(against=ARMS, width=(8, 64)), 1.1, 1.0, 1.6, "median", unit="times", timed=True
        ),
        Effect("because", because, conditions(data=DATA, against=ARMS), 0.5, 0.0, 0.8, bounds=(0.0, 1.0), unit="share"),
    ),
    ("actlab show relu softplus",),
)
