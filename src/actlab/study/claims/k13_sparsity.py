"""K13 (deck, notebook): ReLU's sparsity makes representations efficient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job
from actlab.study.claims.lab import times

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab
    from actlab.study.claims.measures import Columns

DATA = ("moons", "circles", "xor", "breast_cancer")


def _found(lab: Lab, where: Where, activation: str) -> Columns:
    return lab.at(Job(str(where["data"]), activation, measures=("outputs",)), str(where["regime"]))


def sparse(lab: Lab, where: Where) -> Array:
    """Share of zeros among the outputs of ReLU's hidden units after training."""
    found = _found(lab, where, "relu")
    return np.asarray(np.nan_to_num((found["end.zeros.1"] + found["end.zeros.2"]) / 2, nan=1.0))


def compact(lab: Lab, where: Where) -> Array:
    """How many times as many directions the last hidden layer fills with Leaky ReLU, which has no zeros."""
    return times(*(_found(lab, where, name)["end.rank.2"] for name in ("leaky_relu", "relu")))


def better(lab: Lab, where: Where) -> Array:
    """Test accuracy with zeros (ReLU) less that without (Leaky ReLU)."""
    relu, leaky = (_found(lab, where, name)["test_accuracy"] for name in ("relu", "leaky_relu"))
    return relu - leaky


_WHERE = conditions(data=DATA, regime=("same", "best"))
CLAIM = Claim(
    "K13",
    ("deck", "notebook"),
    (
        Effect("better", better, _WHERE, 0.01, 0.0, 0.03, "median"),
        Effect("compact", compact, _WHERE, 1.1, 1.0, 1.4, "median", unit="times"),
        Effect("sparse", sparse, _WHERE, 0.3, 0.05, 0.5, bounds=(0.0, 1.0), unit="share"),
    ),
)
