"""K1 (article): sigmoid squeezes distance to the boundary: far points become indistinguishable, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.study.claims.claim import Claim, Effect, Where, conditions
from actlab.study.claims.lab import times
from actlab.study.claims.shape import LAYERS, shapes

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab


def squeezed(lab: Lab, where: Where) -> Array:
    """How much less the last hidden layer answers to a step outward far from the boundary than near it."""
    with np.errstate(divide="ignore"):
        return np.asarray(1 / shapes(lab, where, "sigmoid")[f"end.far_contrast.{LAYERS}"])


def layer_by_layer(lab: Lab, where: Where) -> Array:
    """The same at the last hidden layer as a multiple of that at the first."""
    found = shapes(lab, where, "sigmoid")
    return times(found["end.far_contrast.1"], found[f"end.far_contrast.{LAYERS}"])


def unreadable(lab: Lab, where: Where) -> Array:
    """Margin retention at the last hidden layer: ReLU less sigmoid."""
    relu, sigmoid = (shapes(lab, where, name)[f"end.margin_retention.{LAYERS}"] for name in ("relu", "sigmoid"))
    return relu - sigmoid


_WHERE = conditions(data=("moons", "circles", "xor"), regime=("same", "best"))
CLAIM = Claim(
    "K1",
    ("article",),
    (
        Effect("squeezed", squeezed, _WHERE, 2.0, 1.0, 4.0, "median", unit="times"),
        Effect("layers", layer_by_layer, _WHERE, 1.25, 1.0, 2.0, "median", unit="times"),
        Effect("unreadable", unreadable, _WHERE, 0.1, 0.0, 0.3, "median", unit="variance"),
    ),
    ("actlab show sigmoid", "actlab theory sigmoid"),
)
