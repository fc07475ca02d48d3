"""Recurrent layers in plain NumPy float64: along sequences, and back through all of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.functions.derivative import derivative
from actlab.functions.expression import Parameter
from actlab.functions.interpret import evaluate_numpy
from actlab.nets.spec import LayerParameters

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.nets.spec import NetSpec


class Time:
    """All that happens to sequences X ``(n, steps, features)`` in the hidden layers.

    `inputs`, `z`, `a` and `slope` have an array ``(steps, n, units)`` a layer: what a layer is fed, W·x + U·h + b,
    h = φ(z) and φ′(z).
    """

    def __init__(self, spec: NetSpec, layers: list[LayerParameters], X: Array) -> None:
        self.spec, self.layers = spec, layers
        self.inputs: list[Array] = []
        self.z: list[Array] = []
        self.a: list[Array] = []
        self.slope: list[Array] = []
        below = np.asarray(X, dtype=np.float64).transpose(1, 0, 2)
        for layer, phi, width in zip(layers, spec.activations, spec.hidden, strict=False):
            assert layer.recurrent is not None
            h = np.zeros((below.shape[1], width))
            z, a = np.empty((len(below), *h.shape)), np.empty((len(below), *h.shape))
            for t, x in enumerate(below):
                z[t] = layer.linear(x) + h @ layer.recurrent
                a[t] = h = evaluate_numpy(phi.open_expression, z[t], layer.numbers(phi))
            self.inputs.append(below)
            self.z.append(z)
            self.a.append(a)
            self.slope.append(evaluate_numpy(derivative(phi.open_expression), z, layer.numbers(phi)))
            below = a

    def back(self, last: Array) -> tuple[list[LayerParameters], list[Array]]:
        """From `last` ``(n, units)``, ∂loss/∂h of the last layer at the last step: gradients, and ∂loss/∂h of all."""
        gradients: list[LayerParameters] = []
        states: list[Array] = []
        from_above = np.zeros_like(self.a[-1])
        from_above[-1] = last
        for k in range(len(self.a) - 1, -1, -1):
            layer, phi, a, slope = self.layers[k], self.spec.activations[k], self.a[k], self.slope[k]
            assert layer.recurrent is not None
            state, delta = np.empty_like(a), np.empty_like(a)
            later = np.zeros_like(a[0])
            for t in range(len(a) - 1, -1, -1):
                state[t] = from_above[t] + later
                delta[t] = state[t] * slope[t]
                later = delta[t] @ layer.recurrent.T
            before = np.concatenate([np.zeros_like(a[:1]), a[:-1]])
            numbers = layer.numbers(phi)
            by = [evaluate_numpy(derivative(phi.open_expression, Parameter(p)), self.z[k], numbers) for p in numbers]
            gradients.append(
                LayerParameters(
                    np.einsum("tni,tnj->ij", self.inputs[k], delta),
                    delta.sum(axis=(0, 1)),
                    learned=np.array([(state * slope).sum() for slope in by]) if by else None,
                    recurrent=np.einsum("tni,tnj->ij", before, delta),
                )
            )
            states.append(state)
            from_above = delta @ layer.weights.T
        return gradients[::-1], states[::-1]
