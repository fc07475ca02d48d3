"""The NumPy training loop of a tutorial: one net at a time, float64, hand-written backward pass.

The same net and the same optimiser as ours (binary cross-entropy on one logit, mini-batch gradient descent, a new order
every epoch), no measurements. Matrix products, in-place updates and indexing are used as a practised user would; the
activations are the usual one-liners.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

# z ↦ (φ(z), φ′(z))


def tanh(z: Array) -> tuple[Array, Array]:
    a = np.tanh(z)
    return a, 1 - a * a


def relu(z: Array) -> tuple[Array, Array]:
    return np.maximum(z, 0), (z > 0).astype(float)


def sigmoid(z: Array) -> tuple[Array, Array]:
    a = 1 / (1 + np.exp(-z))
    return a, a * (1 - a)


def gelu(z: Array) -> tuple[Array, Array]:
    below = ndtr(z)
    return z * below, below + z * np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def gelu_tanh(z: Array) -> tuple[Array, Array]:
    root = math.sqrt(2 / math.pi)
    t = np.tanh(root * (z + 0.044715 * z**3))
    return 0.5 * z * (1 + t), 0.5 * (1 + t) + 0.5 * z * (1 - t * t) * root * (1 + 3 * 0.044715 * z * z)


ACTIVATIONS: dict[str, Callable[[Array], tuple[Array, Array]]] = {
    "tanh": tanh,
    "relu": relu,
    "sigmoid": sigmoid,
    "gelu": gelu,
    "gelu_tanh": gelu_tanh,
}


def initial(sizes: list[int], gain: float, seed: int) -> list[list[Array]]:
    """``[W, b]`` of every layer; weights have variance gain / fan_in."""
    rng = np.random.default_rng(seed)
    return [
        [rng.normal(0, math.sqrt(gain / fan_in), (fan_in, fan_out)), np.zeros(fan_out)]
        for fan_in, fan_out in pairwise(sizes)
    ]


def train(
    layers: list[list[Array]],
    activation: str,
    X: Array,
    y: Array,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
) -> None:
    """Train one net in place; X is ``(points, features)``, y ``(points, 1)``."""
    phi = ACTIVATIONS[activation]
    rng = np.random.default_rng(seed)
    last = len(layers) - 1
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            batch = order[start : start + batch_size]
            inputs, slopes = [X[batch]], []
            for W, b in layers[:-1]:
                a, slope = phi(inputs[-1] @ W + b)
                inputs.append(a)
                slopes.append(slope)
            W, b = layers[last]
            probability = 1 / (1 + np.exp(-(inputs[-1] @ W + b)))
            delta = (probability - y[batch]) / len(batch)
            for k in range(last, -1, -1):
                W, b = layers[k]
                gradient, gradient_b = inputs[k].T @ delta, delta.sum(axis=0)
                if k:
                    delta = (delta @ W.T) * slopes[k - 1]
                W -= learning_rate * gradient
                b -= learning_rate * gradient_b


def loss(layers: list[list[Array]], activation: str, X: Array, y: Array) -> float:
    """Mean binary cross-entropy in nats."""
    a = X
    for W, b in layers[:-1]:
        a, _ = ACTIVATIONS[activation](a @ W + b)
    W, b = layers[-1]
    return float(np.mean(np.logaddexp(0, (1 - 2 * y) * (a @ W + b))))
