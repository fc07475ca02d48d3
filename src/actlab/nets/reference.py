"""The same nets in plain NumPy float64: what the core is tested against.

Written to be read, not to be fast, and without a line in common with the core: activations come from the expression
tree (not from a compiled program), random numbers from a second Philox.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from actlab.functions.derivative import derivative
from actlab.functions.expression import Parameter
from actlab.functions.interpret import evaluate_numpy
from actlab.nets.spec import NORM_EPSILON, RUNNING_SHARE, LayerParameters
from actlab.nets.training import Adam, AdamW, Momentum
from actlab.nets.unroll import Time

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array, Integers
    from actlab.nets.spec import NetSpec
    from actlab.nets.training import TrainSpec

    Layers = list[LayerParameters]

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
    """One pass of points through a net, a row a point; hidden layers of a recurrent net ``(steps, points, units)``."""

    z: list[Array]  # pre-activations of every layer, after the norm, outputs included
    a: list[Array]  # post-activations with what was added to them; the last entry is the answer
    slope: list[Array]  # φ′(z) of the hidden layers
    normal: list[tuple[Array, Array] | None]  # hidden layers with a norm: x̂, and 1/σ a unit or a point
    averages: list[tuple[Array, Array] | None]  # of batch norm: mean and variance of the batch
    by_learned: list[list[Array]]  # ∂φ/∂p of the hidden layers, for each learned number of φ


def forward(spec: NetSpec, layers: Layers, X: Array, training: bool = False) -> Pass:
    """All that happens to the points X ``(n, features)`` on their way to the output.

    `training` says whether batch norm takes the points as a batch; otherwise it uses its running averages.
    """
    seen = Pass([], [], [], [], [], [])
    if spec.steps is not None:
        time = Time(spec, layers, X)
        outputs = layers[-1].linear(time.a[-1][-1])
        return Pass([*time.z, outputs], [*time.a, answers(spec, outputs)], time.slope, [], [], [])
    inputs = np.asarray(X, dtype=np.float64)
    for layer, phi, norm, skip in zip(layers, spec.activations, spec.norms, spec.skips, strict=False):
        z = layer.linear(inputs)
        normal = averages = None
        if norm != "none":
            axis = 0 if norm == "batch" else 1
            mean, variance = z.mean(axis=axis), z.var(axis=axis)
            if norm == "batch":
                averages = (mean, variance)
                if not training:
                    assert layer.mean is not None
                    assert layer.variance is not None
                    mean, variance = layer.mean, layer.variance
            inverse = 1 / np.sqrt(variance + NORM_EPSILON)
            hat = (z - np.expand_dims(mean, axis)) * np.expand_dims(inverse, axis)
            normal = (hat, inverse)
            z = layer.rescaled(hat)
        learned = layer.numbers(phi)
        inputs = evaluate_numpy(phi.open_expression, z, learned)
        if skip:
            inputs = inputs + seen.a[-skip]
        seen.z.append(z)
        seen.a.append(inputs)
        seen.slope.append(evaluate_numpy(derivative(phi.open_expression), z, learned))
        seen.by_learned.append(
            [evaluate_numpy(derivative(phi.open_expression, Parameter(name)), z, learned) for name in learned]
        )
        seen.normal.append(normal)
        seen.averages.append(averages)
    seen.z.append(layers[-1].linear(inputs))
    seen.a.append(answers(spec, seen.z[-1]))
    return seen


def answers(spec: NetSpec, z: Array) -> Array:
    """Outputs ``(n, outputs)`` as answers: probabilities (binary: of class 1; classes: softmax), or as they are."""
    with np.errstate(over="ignore"):
        if spec.loss == "binary":
            return np.asarray(1 / (1 + np.exp(-z)))
        if spec.loss == "classes":
            weight = np.exp(z - z.max(axis=1, keepdims=True))
            return np.asarray(weight / weight.sum(axis=1, keepdims=True))
    return z


def wanted(spec: NetSpec, y: Array) -> Array:
    """y as ``(n, outputs)``: what the answers should be."""
    y = np.asarray(y, dtype=np.float64)
    if spec.loss == "classes":
        return np.eye(spec.outputs)[y.astype(np.int64)]
    return y.reshape(-1, spec.outputs)


def loss(spec: NetSpec, layers: Layers, X: Array, y: Array, training: bool = False) -> float:
    """The mean loss over the points; cross-entropies in nats."""
    z, target = forward(spec, layers, X, training).z[-1], wanted(spec, y)
    if spec.loss == "binary":
        return float(np.mean(np.logaddexp(0, (1 - 2 * target) * z)))
    if spec.loss == "classes":
        return float(np.mean(np.logaddexp.reduce(z, axis=1) - (z * target).sum(axis=1)))
    return float(np.mean((z - target) ** 2))


def gradients(spec: NetSpec, layers: Layers, X: Array, y: Array) -> Layers:
    """Gradient of `loss` in training with respect to every trained parameter; None for what no gradient moves."""
    seen = forward(spec, layers, X, training=True)
    if spec.steps is not None:
        return through_time(spec, layers, X, y)[0]
    inputs = [np.asarray(X, dtype=np.float64), *seen.a[:-1]]
    delta = (seen.a[-1] - wanted(spec, y)) / len(X)
    if spec.loss == "squares":
        delta *= 2 / spec.outputs
    result: Layers = []
    learned: Array | None = None  # of the layer that comes next
    shortcut: dict[int, Array] = {}  # what comes back to a hidden layer's output past the layers between
    for k in range(len(layers) - 1, -1, -1):
        layer, scale, shift = layers[k], None, None
        normal = seen.normal[k] if k < len(layers) - 1 else None
        if normal is not None:
            assert layer.scale is not None
            hat, inverse = normal
            axis = 0 if spec.norms[k] == "batch" else 1
            scale, shift = (delta * hat).sum(axis=0), delta.sum(axis=0)
            g = delta * layer.scale
            along = hat * (g * hat).mean(axis=axis, keepdims=True)
            delta = (g - g.mean(axis=axis, keepdims=True) - along) * np.expand_dims(inverse, axis)
        biases = None if layer.biases is None else delta.sum(axis=0)
        result.append(LayerParameters(inputs[k].T @ delta, biases, scale, shift, learned=learned))
        learned = None
        if k:
            back = delta @ layer.weights.T + shortcut.pop(k - 1, 0.0)
            if spec.skips[k - 1]:
                shortcut[k - 1 - spec.skips[k - 1]] = back
            if seen.by_learned[k - 1]:
                learned = np.array([(back * by).sum() for by in seen.by_learned[k - 1]])
            delta = back * seen.slope[k - 1]
    return result[::-1]


def through_time(spec: NetSpec, layers: Layers, X: Array, y: Array) -> tuple[Layers, list[Array]]:
    """`gradients` of a recurrent net, and ∂loss/∂h ``(steps, n, units)`` of every hidden layer."""
    time, readout = Time(spec, layers, X), layers[-1]
    outputs = readout.linear(time.a[-1][-1])
    delta = (answers(spec, outputs) - wanted(spec, y)) / len(X) * (2 / spec.outputs if spec.loss == "squares" else 1)
    hidden, states = time.back(delta @ readout.weights.T)
    return [*hidden, LayerParameters(time.a[-1][-1].T @ delta, delta.sum(axis=0))], states


def rate_course(training: TrainSpec, steps: int) -> Array:
    """What the learning rate is multiplied by at each of `steps` steps."""
    t = np.arange(steps, dtype=np.float64)
    course = np.ones(steps)
    if training.schedule == "cosine":
        course = (1 + np.cos(np.pi * (t - training.warm_up) / max(steps - training.warm_up, 1))) / 2
    rise = t < training.warm_up
    course[rise] = (t[rise] + 1) / training.warm_up
    return course


class Stepper:
    """One net's optimiser: from a row's gradient to the next row."""

    def __init__(self, training: TrainSpec, parameters: int) -> None:
        self.training, self.steps = training, 0
        self.first, self.second = np.zeros(parameters), np.zeros(parameters)

    def __call__(self, w: Array, g: Array, rate: float) -> Array:
        """The trained parameters after one step."""
        training, rule = self.training, self.training.optimiser
        self.steps += 1
        if training.clip is not None:
            g = g * min(1.0, training.clip / (float(np.linalg.norm(g)) + 1e-6))
        if isinstance(rule, AdamW):
            w = w * (1 - rate * training.weight_decay)
        else:
            g = g + training.weight_decay * w
        if isinstance(rule, Adam):
            self.first = rule.beta1 * self.first + (1 - rule.beta1) * g
            self.second = rule.beta2 * self.second + (1 - rule.beta2) * g**2
            mean = self.first / (1 - rule.beta1**self.steps)
            root = np.sqrt(self.second / (1 - rule.beta2**self.steps))
            return np.asarray(w - rate * mean / (root + rule.epsilon))
        if isinstance(rule, Momentum):
            self.first = rule.beta * self.first + g
            return w - rate * self.first
        return w - rate * g


def train(
    spec: NetSpec, training: TrainSpec, row: AnyArray, X: Array, y: Array, *, seed: int, learning_rate: float
) -> Array:
    """The row of parameters that training ends with, started from `row`; as `actlab.nets.train` does it."""
    row = np.array(row, dtype=np.float64)
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    rates = learning_rate * rate_course(training, training.steps(len(X)))
    step, trained = Stepper(training, spec.parameters), slice(0, spec.parameters)
    for order in shuffle_order(seed, len(X), training.epochs):
        for start in range(0, len(X), training.batch_size):
            batch = order[start : start + training.batch_size]
            layers = spec.unpack(row)
            seen = forward(spec, layers, X[batch], training=True)
            slopes = flat_gradient(spec, gradients(spec, layers, X[batch], y[batch]))
            for layer, averages in zip(layers, seen.averages, strict=False):
                if averages is not None and len(batch) > 1:
                    mean, variance = averages
                    for running, new in (
                        (layer.mean, mean),
                        (layer.variance, variance * len(batch) / (len(batch) - 1)),
                    ):
                        assert running is not None
                        running += RUNNING_SHARE * (new - running)  # a view: the row itself
            row[trained] = step(row[trained], slopes, rates[step.steps])
    return np.asarray(row)


def flat_gradient(spec: NetSpec, layers: Layers) -> Array:
    """`gradients` as one vector ``(parameters,)``, in the order of a row."""
    parts = [np.ravel(part) for layer in layers for part in layer.trained if part is not None]
    result: Array = np.concatenate(parts)
    assert len(result) == spec.parameters
    return result
