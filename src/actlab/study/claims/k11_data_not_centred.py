"""K11 (deck): input data that are not centred slow learning in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.lab import times
from actlab.study.claims.speed import steps_to_target

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

SHIFT = 2.0  # standard deviations, in every column


def sample(lab: Lab, where: Where) -> Array:
    """How many times as many steps to the target data take whose columns are shifted by two standard deviations."""
    name = str(where["function"])
    return times(*(steps_to_target(lab, where, name, shift=shift) for shift in (SHIFT, 0.0)))


CLAIM = Claim(
    "K11",
    ("deck",),
    (
        Effect(
            "slower",
            sample,
            conditions(
                data=("moons", "circles", "breast_cancer"),
                function=("relu", "tanh", "sigmoid"),
                regime=("same", "best"),
            ),
            threshold=1.25,
            null=1.0,
            expected=2.0,
            statistic="median",
            unit="times",
        ),
    ),
)
