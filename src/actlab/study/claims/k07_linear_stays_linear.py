"""K7 (deck, discussion): stacked linear layers are one linear map; no depth splits moons, XOR or spiral."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

DATA = ("moons", "xor", "spiral")


def _job(where: Where, depth: int, activation: str = "identity") -> Job:
    return Job(str(where["data"]), activation, hidden=(8,) * depth)


def one_map(lab: Lab, where: Where) -> Array:
    """Digits in which the trained net agrees with x·W′ + b′, W′ the product of its weights."""
    return lab.nets(_job(where, int(where["depth"])).but(measures=("one_map",)))["digits"]


def no_better(lab: Lab, where: Where) -> Array:
    """By what, either way, test accuracy differs from that of a linear model, negative: the claim says by nothing."""
    regime = str(where["regime"])
    deep, linear = (lab.accuracy(_job(where, depth), regime) for depth in (int(where["depth"]), 0))
    return -np.abs(deep - linear)


def fails(lab: Lab, where: Where) -> Array:
    """Test accuracy of two ReLU layers less that of five linear ones."""
    regime = str(where["regime"])
    return lab.accuracy(_job(where, 2, "relu"), regime) - lab.accuracy(_job(where, 5), regime)


CLAIM = Claim(
    "K7",
    ("deck", "discussion"),
    (
        Effect("one_map", one_map, conditions(data=DATA, depth=(2, 3, 5)), 5.0, 0.5, 14.0, "median", unit="digits"),
        Effect(
            "no_better",
            no_better,
            conditions(data=DATA, depth=(2, 3, 5), regime=("same", "best")),
            -0.05,
            -0.3,
            -0.01,
            bounds=(-1.0, 0.0),
        ),
        Effect("fails", fails, conditions(data=DATA, regime=("same", "best")), 0.05, 0.0, 0.2),
    ),
    ("actlab theory identity",),
)
