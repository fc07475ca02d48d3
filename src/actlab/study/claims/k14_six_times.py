"""K14 (deck): ReLU converges about 6 times faster or more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.lab import times
from actlab.study.claims.speed import steps_to_target

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab


def sample(lab: Lab, where: Where) -> Array:
    """Steps to the target of the rival as a multiple of ReLU's, at the same seed."""
    rival, relu = (steps_to_target(lab, where, name) for name in (str(where["against"]), "relu"))
    return times(rival, relu)


CLAIM = Claim(
    "K14",
    ("deck",),
    (
        Effect(
            "six",
            sample,
            conditions(
                data=("moons", "circles", "xor", "breast_cancer"), against=("tanh", "sigmoid"), regime=("same", "best")
            ),
            threshold=6.0,
            null=1.0,
            expected=8.0,
            statistic="median",
            unit="times",
        ),
    ),
    ("actlab theory relu", "actlab theory tanh"),
)
