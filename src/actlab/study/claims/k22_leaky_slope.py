"""K22 (notebook): Leaky ReLU needs its slope tuned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics import choose_cross_fitted
from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

SLOPES = (0.01, 0.1, 0.2, 0.4)


def sample(lab: Lab, where: Where) -> Array:
    """Test accuracy at the slope that the other half of the seeds chose on validation points, less that at 0.01."""
    regime = str(where["regime"])
    found = [lab.at(Job(str(where["data"]), f"leaky_relu(alpha={slope})"), regime) for slope in SLOPES]
    choice = choose_cross_fitted(
        np.stack([one["validation_accuracy"] for one in found]), np.stack([one["validation_loss"] for one in found])
    )
    return choice.pick(np.stack([one["test_accuracy"] for one in found])) - found[0]["test_accuracy"]


CLAIM = Claim(
    "K22",
    ("notebook",),
    (
        Effect(
            "tuned",
            sample,
            conditions(data=("moons", "spiral", "breast_cancer"), regime=("same", "best")),
            threshold=0.01,
            null=0.0,
            expected=0.04,
            statistic="median",
        ),
    ),
)
