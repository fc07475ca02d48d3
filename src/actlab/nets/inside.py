"""Looking inside one net: everything that happens to points on their way through, in float64."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array
    from actlab.nets.spec import NetSpec


@dataclass(frozen=True)
class Inside:
    """Points in a net, layer by layer; arrays have a row per point.

    Parameters
    ----------
    z
        Pre-activations ``(points, units)`` of every weight layer; the last is the logit.
    a
        Post-activations; the last is the predicted probability of class 1.
    slope
        φ′(z) of the hidden layers.
    """

    z: list[Array]
    a: list[Array]
    slope: list[Array]


def look_inside(spec: NetSpec, row: AnyArray, X: Array) -> Inside:
    """What the net with parameters `row` makes of the points X ``(points, features)``.

    A net that diverged gives NaN or infinity, without a warning.
    """
    layers = spec.unpack(np.asarray(row, dtype=np.float64))
    inside = Inside([], [], [])
    inputs: Array = np.asarray(X, dtype=np.float64)
    with np.errstate(all="ignore"):
        for k, (W, b) in enumerate(layers):
            z = inputs @ W + b
            inside.z.append(z)
            if k + 1 < len(layers):
                inputs, slope = spec.activation.value_and_derivative(z)
                inside.slope.append(slope)
            else:
                inputs = 1 / (1 + np.exp(-z))
            inside.a.append(inputs)
    return inside


def directional_norms(spec: NetSpec, row: AnyArray, inside: Inside, directions: Array) -> list[Array]:
    """‖J·n‖ ``(points,)`` of every hidden layer: how far its representation moves per unit step along `directions`.

    `directions` is ``(points, features)``, one for each point of `inside`.
    """
    norms = []
    moving: Array = np.asarray(directions, dtype=np.float64)
    with np.errstate(all="ignore"):
        for (W, _), slope in zip(spec.unpack(np.asarray(row, dtype=np.float64)), inside.slope, strict=False):
            moving = (moving @ W) * slope
            norms.append(np.linalg.norm(moving, axis=1))
    return norms
