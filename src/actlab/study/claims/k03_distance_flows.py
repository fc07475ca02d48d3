"""K3 (article): ReLU lets distance information flow through the layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.shape import LAYERS, shapes

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab


def kept(lab: Lab, where: Where) -> Array:
    """Margin retention of ReLU's last hidden layer less that of its first."""
    found = shapes(lab, where, "relu")
    return found[f"end.margin_retention.{LAYERS}"] - found["end.margin_retention.1"]


def answers_far(lab: Lab, where: Where) -> Array:
    """Far contrast of ReLU's last hidden layer: 1 where far points move as much as near ones."""
    return shapes(lab, where, "relu")[f"end.far_contrast.{LAYERS}"]


_WHERE = conditions(data=("moons", "circles", "xor"), regime=("same", "best"))
CLAIM = Claim(
    "K3",
    ("article",),
    (
        Effect("kept", kept, _WHERE, -0.1, -0.3, 0.0, "median", unit="variance"),
        Effect("far", answers_far, _WHERE, 0.5, 0.1, 1.0, "median", unit="far"),
    ),
    ("actlab theory relu",),
)
