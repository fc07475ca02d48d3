"""K4 (article): with ReLU depth pays without more width; with sigmoid depth does not pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab


def gain(lab: Lab, where: Where, activation: str) -> Array:
    """Test accuracy with four hidden layers less that with one, of equal width."""
    width, regime = int(where["width"]), str(where["regime"])
    deep, shallow = (Job(str(where["data"]), activation, hidden=(width,) * depth) for depth in (4, 1))
    return lab.accuracy(deep, regime) - lab.accuracy(shallow, regime)


def relu_gains(lab: Lab, where: Where) -> Array:
    """What ReLU gains by depth."""
    return gain(lab, where, "relu")


def sigmoid_loses(lab: Lab, where: Where) -> Array:
    """What sigmoid loses by depth: the claim says that it gains nothing that matters."""
    return -gain(lab, where, "sigmoid")


_WHERE = conditions(data=("spiral", "checkerboard", "circles"), width=4, regime=("same", "best"))
CLAIM = Claim(
    "K4",
    ("article",),
    (
        Effect("relu", relu_gains, _WHERE, 0.05, 0.0, 0.15),
        Effect("sigmoid", sigmoid_loses, _WHERE, -0.05, -0.2, 0.0),
    ),
    ("actlab theory sigmoid", "actlab theory relu"),
)
