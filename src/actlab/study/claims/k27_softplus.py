"""K27 (introduction): softplus eases dead units at a higher price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.dying import caused, dead, dying_job
from actlab.study.claims.prices import price_of_step

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab


def eases(lab: Lab, where: Where) -> Array:
    """Share of dead units of ReLU less that of softplus."""
    relu, softplus = (
        dead(lab, caused(dying_job(where, name), str(where["cause"])), "same") for name in ("relu", "softplus")
    )
    return relu - softplus


def price(lab: Lab, where: Where) -> Array:
    """How many times as long a training step takes with softplus as with ReLU."""
    return np.array(price_of_step(lab, "softplus", int(where["width"])))


CLAIM = Claim(
    "K27",
    ("introduction",),
    (
        Effect(
            "eases",
            eases,
            conditions(data=("moons", "circles", "breast_cancer"), cause=("rate", "shift")),
            0.05,
            0.0,
            0.3,
        ),
        Effect("price", price, conditions(width=(8, 64)), 1.1, 1.0, 1.6, "median", unit="times", timed=True),
    ),
    ("actlab show softplus relu",),
)
