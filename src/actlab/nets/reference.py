"""The same nets in plain NumPy float64: what the core is tested against.

Written to be read, not to be fast, and without a line in common with the core: activations come from the expression
tree (not from a compiled program), random numbers from a second Philox.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actlab.functions.interpret import evaluate_numpy

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array, Integers
    from actlab.nets.spec import NetSpec

    Layers = list[tuple[Array, Array]]

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = 0x9E3779B9, 0xBB67AE85
_LOW = np.uint64(0xFFFFFFFF)
_STREAM_SHUFFLE = 2
_SHUFFLE_ROUNDS = 7


def philox(counter: AnyArray, key: int, rounds: int) -> AnyArray:
    """Philox 4x32 of counters ``(n, 4)`` under one 64-bit key: words ``(n, 4)`` (Salmon et al., SC 2011)."""
    x0, x1, x2, x3 = np.asarray(counter, dtype=np.uint64).T
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for r in range(rounds):
        p0, p1 = _M0 * x0, _M1 * x2
        key0, key1 = np.uint64((k0 + r * _W0) & 0xFFFFFFFF), np.uint64((k1 + r * _W1) & 0xFFFFFFFF)
        x0, x1, x2, x3 = (p1 >> np.uint64(32)) ^ x1 ^ key0, p1 & _LOW, (p0 >> np.uint64(32)) ^ x3 ^ key1, p0 & _LOW
    return np.stack([x0, x1, x2, x3], axis=1)


def shuffle_order(seed: int, points: int, epochs: int) -> Integers:
    """The order ``(epochs, points)`` in which the net `seed` visits its samples.

    A Fisher–Yates shuffle from the front that goes on from one epoch's order to the next.
    """
    order = np.arange(points)
    result = np.empty((epochs, points), dtype=np.int64)
    blocks = -(-points // 4)
    for epoch in range(epochs):
        counter = np.zeros((blocks, 4), dtype=np.uint64)
        counter[:, 0] = np.arange(blocks)
        counter[:, 1] = epoch
        counter[:, 2] = _STREAM_SHUFFLE
        words = philox(counter, seed, _SHUFFLE_ROUNDS).ravel()
        for i in range(points):
            j = i + (int(words[i]) * (points - i) >> 32)
            order[i], order[j] = order[j], order[i]
        result[epoch] = order
    return result


@dataclass(frozen=True)
class Pass:
    """One pass of points through a net: per weight layer the inputs, z, and per hidden layer a and φ′(z)."""

    z: list[Array]  # every layer, output included
    a: list[Array]  # hidden layers; the last entry is the predicted probability
    slope: list[Array]  # hidden layers


def forward(spec: NetSpec, layers: Layers, X: Array) -> Pass:
    """All that happens to the points X ``(n, features)`` on their way to the output."""
    phi, phi_prime = spec.activation.expression, spec.activation.derivative_expression
    z, a, slope = [], [], []
    inputs = np.asarray(X, dtype=np.float64)
    for k, (W, b) in enumerate(layers):
        z.append(inputs @ W + b)
        if k < len(layers) - 1:
            inputs = evaluate_numpy(phi, z[-1])
            a.append(inputs)
            slope.append(evaluate_numpy(phi_prime, z[-1]))
    with np.errstate(over="ignore"):
        a.append(1 / (1 + np.exp(-z[-1])))
    return Pass(z, a, slope)


def loss(spec: NetSpec, layers: Layers, X: Array, y: Array) -> float:
    """Mean binary cross-entropy in nats."""
    logit = forward(spec, layers, X).z[-1][:, 0]
    return float(np.mean(np.logaddexp(0, (1 - 2 * np.asarray(y)) * logit)))


def gradients(spec: NetSpec, layers: Layers, X: Array, y: Array) -> Layers:
    """Gradient of `loss` with respect to every ``(W, b)``."""
    seen = forward(spec, layers, X)
    inputs = [np.asarray(X, dtype=np.float64), *seen.a[:-1]]
    delta = (seen.a[-1] - np.asarray(y, dtype=np.float64)[:, None]) / len(X)
    result = []
    for k in range(len(layers) - 1, -1, -1):
        result.append((inputs[k].T @ delta, delta.sum(axis=0)))
        if k:
            delta = (delta @ layers[k][0].T) * seen.slope[k - 1]
    return result[::-1]


def train(spec: NetSpec, row: AnyArray, X: Array, y: Array, *, seed: int, learning_rate: float) -> Array:
    """The row of parameters that training ends with, started from `row`; as `actlab.nets.train` does it."""
    layers: Layers = [(W.copy(), b.copy()) for W, b in spec.unpack(np.asarray(row, dtype=np.float64))]
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    for order in shuffle_order(seed, len(X), spec.epochs):
        for start in range(0, len(X), spec.batch_size):
            batch = order[start : start + spec.batch_size]
            slopes = gradients(spec, layers, X[batch], y[batch])
            layers = [
                (W - learning_rate * dW, b - learning_rate * db)
                for (W, b), (dW, db) in zip(layers, slopes, strict=True)
            ]
    return np.asarray(spec.pack(layers))
