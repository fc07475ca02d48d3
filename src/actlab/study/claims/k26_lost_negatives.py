"""K26 (discussion): ReLU loses information at negative inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.shape import LAYERS, shapes

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

RIVALS = ("leaky_relu(alpha=0.2)", "tanh")
DATA = ("moons", "circles", "xor")


def _more(lab: Lab, where: Where, what: str) -> Array:
    rival, relu = (shapes(lab, where, name)[what] for name in (str(where["against"]), "relu"))
    return rival - relu


def distances(lab: Lab, where: Where) -> Array:
    """Before training: rank correlation of distances with those of the inputs, the rival's less ReLU's."""
    return _more(lab, where, f"start.distance_retention.{LAYERS}")


def margin(lab: Lab, where: Where) -> Array:
    """After training: margin retention at the last hidden layer, the rival's less ReLU's."""
    return _more(lab, where, f"end.margin_retention.{LAYERS}")


def accuracy(lab: Lab, where: Where) -> Array:
    """Test accuracy, the rival's less ReLU's."""
    return _more(lab, where, "test_accuracy")


_TRAINED = conditions(data=DATA, against=RIVALS, regime=("same", "best"))
CLAIM = Claim(
    "K26",
    ("discussion",),
    (
        Effect("distances", distances, conditions(data=DATA, against=RIVALS), 0.05, 0.0, 0.2, "median", unit="rank"),
        Effect("margin", margin, _TRAINED, 0.05, 0.0, 0.2, "median", unit="variance"),
        Effect("accuracy", accuracy, _TRAINED, 0.01, 0.0, 0.03, "median"),
    ),
    ("actlab theory relu", "actlab theory leaky_relu"),
)
