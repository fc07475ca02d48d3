"""Looking inside one net: everything that happens to points on their way through, in float64."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actlab.functions.derivative import derivative
from actlab.functions.interpret import evaluate_numpy
from actlab.nets.spec import NORM_EPSILON
from actlab.nets.unroll import Time

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array
    from actlab.functions import Activation
    from actlab.nets.spec import LayerParameters, NetSpec


@dataclass(frozen=True)
class Inside:
    """Points in a net, layer by layer; arrays have a row per point.

    Parameters
    ----------
    z
        Pre-activations ``(points, units)`` of every weight layer, after the norm where there is one; the last are the
        outputs.
    a
        Post-activations, with what a residual connection adds; the last is the answer: the predicted probability of
        class 1 (binary) or of each class, or the outputs themselves (squares).
    slope
        φ′(z) of the hidden layers.
    normal
        Of hidden layers with a norm: x̂ ``(points, units)``, and 1/σ, ``(units,)`` or ``(points, 1)``.

    Hidden layers of a recurrent net are as the last step leaves them.
    """

    z: list[Array]
    a: list[Array]
    slope: list[Array]
    normal: list[tuple[Array, Array] | None]


def look_inside(spec: NetSpec, row: AnyArray, X: Array) -> Inside:
    """What the net with parameters `row` makes of the points X ``(points, features)``.

    Of a recurrent net X is ``(points, steps, features)``.

    Batch norm uses its running averages. A net that diverged gives NaN or infinity, without a warning.
    """
    layers = spec.unpack(np.asarray(row, dtype=np.float64))
    inside = Inside([], [], [], [])
    inputs: Array = np.asarray(X, dtype=np.float64)
    if spec.steps is not None:
        with np.errstate(all="ignore"):
            time = Time(spec, layers, inputs)
            outputs = layers[-1].linear(time.a[-1][-1])
            last_z, last_a, last_slope = ([part[-1] for part in parts] for parts in (time.z, time.a, time.slope))
            answer = _answer(spec, outputs)
            return Inside([*last_z, outputs], [*last_a, answer], last_slope, [None for _ in spec.hidden])
    with np.errstate(all="ignore"):
        for layer, phi, norm, skip in zip(layers, spec.activations, spec.norms, spec.skips, strict=False):
            z = layer.linear(inputs)
            normal = None if norm == "none" else _normal(layer, z)
            if normal is not None:
                z = layer.rescaled(normal[0])
            inputs, slope = _activated(phi, layer, z)
            if skip:
                inputs = inputs + inside.a[-skip]
            inside.z.append(z)
            inside.slope.append(slope)
            inside.a.append(inputs)
            inside.normal.append(normal)
        inside.z.append(layers[-1].linear(inputs))
        inside.a.append(_answer(spec, inside.z[-1]))
    return inside


def _activated(phi: Activation, layer: LayerParameters, z: Array) -> tuple[Array, Array]:
    """φ(z) and φ′(z), at the layer's learned numbers where φ has any."""
    if layer.learned is None:
        return phi.value_and_derivative(z)
    values, tree = layer.numbers(phi), phi.open_expression
    return evaluate_numpy(tree, z, values), evaluate_numpy(derivative(tree), z, values)


def _normal(layer: LayerParameters, z: Array) -> tuple[Array, Array]:
    """x̂ and 1/σ; batch norm, which has running averages, by these."""
    if layer.mean is None or layer.variance is None:
        mean, variance = z.mean(axis=1, keepdims=True), z.var(axis=1, keepdims=True)
    else:
        mean, variance = layer.mean, layer.variance
    inverse = 1 / np.sqrt(variance + NORM_EPSILON)
    return (z - mean) * inverse, inverse


def _answer(spec: NetSpec, z: Array) -> Array:
    if spec.loss == "binary":
        return np.asarray(1 / (1 + np.exp(-z)))
    if spec.loss == "classes":
        weight = np.exp(z - z.max(axis=1, keepdims=True))
        return np.asarray(weight / weight.sum(axis=1, keepdims=True))
    return z


def directional_norms(spec: NetSpec, row: AnyArray, inside: Inside, directions: Array) -> list[Array]:
    """‖J·n‖ ``(points,)`` of every hidden layer: how far its representation moves per unit step along `directions`.

    `directions` is ``(points, features)``, one for each point of `inside`.
    """
    moved: list[Array] = []
    moving: Array = np.asarray(directions, dtype=np.float64)
    with np.errstate(all="ignore"):
        layers = spec.unpack(np.asarray(row, dtype=np.float64))
        for layer, norm, slope, normal, skip in zip(
            layers, spec.norms, inside.slope, inside.normal, spec.skips, strict=False
        ):
            moving = moving @ layer.weights
            if normal is not None:
                assert layer.scale is not None
                hat, inverse = normal
                if norm == "layer":  # the mean and the deviation over the units move along
                    along = hat * (moving * hat).mean(axis=1, keepdims=True)
                    moving = moving - moving.mean(axis=1, keepdims=True) - along
                moving = moving * inverse * layer.scale
            moving = moving * slope
            if skip:
                moving = moving + moved[-skip]
            moved.append(moving)
        return [np.asarray(np.linalg.norm(part, axis=1)) for part in moved]
