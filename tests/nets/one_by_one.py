"""Training in float32 written out a second time, sum by sum in the order that the engine promises.

Every sum is one ascending chain of fused multiply-adds, which NumPy has not: `fused` makes it of float64. Only what
IEEE 754 rounds correctly is used (no exponential), so the bits follow from the definitions and from the order alone.
"""

import numpy as np

from actlab.nets import reference
from actlab.nets.spec import NORM_EPSILON

F = np.float32


def fused(a, b, c):
    """a·b + c of float32, rounded once. The product is exact in float64; of the sum's rounding error only the sign
    matters: the sum is made odd towards it, so that the second rounding is that of the exact number."""
    product, c = np.multiply(a, b, dtype=np.float64), np.asarray(c, dtype=np.float64)
    total = product + c
    part = total - product
    error = (product - (total - part)) + (c - part)
    even = total.view(np.int64) % 2 == 0
    odd = np.nextafter(total, np.where(error > 0, np.inf, -np.inf))
    return np.where((error != 0) & even, odd, total).astype(F)


def chain(a, b, start):
    """start + Σ a[k]·b[k], one k after the other."""
    total = start
    for x, y in zip(a, b, strict=True):
        total = fused(x, y, total)
    return total


def added(parts, start):
    total = start
    for part in parts:
        total = total + part
    return total


class OneByOne:
    """A net of ReLU, leaky ReLU, PReLU or identity layers, its losses squares, trained by momentum."""

    def __init__(self, spec, training, row, rate):
        self.spec, self.training, self.rate = spec, training, F(rate)
        self.row = row.astype(F)
        self.speed = np.zeros_like(self.row)
        self.layers = spec.unpack(self.row)  # views

    def numbers(self, k):
        """Slope below zero of hidden layer k, and whether it is learned."""
        learned = self.layers[k].learned
        fixed = {"relu": 0, "leaky_relu": 0.01, "x": 1}
        return (learned[0], True) if learned is not None else (F(fixed[self.spec.activations[k].name]), False)

    def forward(self, X):
        a, z, hat = [X], [], []
        for k, layer in enumerate(self.layers):
            weights = layer.weights[:, None, :]
            sums = chain(a[-1].T[:, :, None], weights, np.broadcast_to(layer.biases, (len(X), len(layer.biases))))
            hat.append(None)
            if layer.scale is not None:
                share = F(1) / F(sums.shape[1])
                away = sums - added(sums.T, np.zeros(len(X), F))[:, None] * share
                inverse = F(1) / np.sqrt(chain(away.T, away.T, np.zeros(len(X), F)) * share + F(NORM_EPSILON))
                hat[-1] = away * inverse[:, None], inverse
                sums = fused(layer.scale, hat[-1][0], layer.shift)
            z.append(sums)
            if k + 1 < len(self.layers):
                below, _ = self.numbers(k)
                sums = np.where(sums > 0, sums, below * sums)
                if self.spec.skips[k]:
                    sums = sums + a[len(a) - self.spec.skips[k]]
            a.append(sums)
        return a, z, hat

    def gradient(self, X, y):
        a, z, hat = self.forward(X)
        points, last = len(X), len(self.layers) - 1
        found = np.zeros_like(self.row)
        parts = self.spec.unpack(found)
        delta = (a[-1] - y) * (F(1) / F(points) * (F(2) / F(y.shape[1])))
        joining = {}
        for k in range(last, -1, -1):
            layer, part = self.layers[k], parts[k]
            if layer.scale is not None:
                normal, inverse = hat[k]
                part.shift[:] = added(delta, part.shift)
                part.scale[:] = chain(delta, normal, part.scale)
                each, share, none = delta * layer.scale, F(1) / F(delta.shape[1]), np.zeros(points, F)
                total, along = added(each.T, none) * share, chain(each.T, normal.T, none) * share
                delta = fused(-normal, along[:, None], each - total[:, None]) * inverse[:, None]
            part.weights[:] = chain(a[k][:, :, None], delta[:, None, :], part.weights)
            part.biases[:] = added(delta, part.biases)
            if k == 0:
                return found
            sums = chain(delta.T[:, :, None], layer.weights.T[:, None, :], np.zeros(a[k].shape, F))
            if k in joining:
                sums = sums + joining.pop(k)
            if self.spec.skips[k - 1]:
                joining[k - self.spec.skips[k - 1]] = sums
            below, learned = self.numbers(k - 1)
            if learned:
                parts[k - 1].learned[0] = self.by_learned(sums, np.where(z[k - 1] > 0, F(0), z[k - 1]))
            delta = sums * np.where(z[k - 1] > 0, F(1), below)
        raise AssertionError

    @staticmethod
    def by_learned(delta, by):
        """Tiles of eight samples; in a tile unit by unit, and then sample by sample."""
        total = np.zeros(1, F)
        for first in range(0, len(delta), 8):
            d, p = (np.ravel(part[first : first + 8].T) for part in (delta, by))
            total = chain(d[:, None], p[:, None], total)
        return total[0]

    def clipped(self, g):
        """By the norm: what goes into one unit is a chain, and these are another."""
        most = np.abs(g).max()
        scaled = self.spec.unpack(g * (F(1) / np.maximum(most, np.finfo(F).tiny)))
        total = F(0)
        for layer in scaled:
            rows = [*layer.weights, *(part for part in (layer.biases, layer.scale, layer.shift) if part is not None)]
            total = added(chain(rows, rows, np.zeros(layer.weights.shape[1], F)), total)
            if layer.learned is not None:
                numbers = layer.learned[:, None]
                total = total + chain(numbers, numbers, np.zeros(1, F))[0]
        norm = most * np.sqrt(total)
        return g * np.minimum(F(self.training.clip) / (norm + F(1e-6)), F(1))

    def train(self, X, y, seed):
        for order in reference.shuffle_order(seed, len(X), self.training.epochs):
            for first in range(0, len(X), self.training.batch_size):
                batch = order[first : first + self.training.batch_size]
                g = self.gradient(X[batch], y[batch])
                if self.training.clip is not None:
                    g = self.clipped(g)
                if self.training.weight_decay:
                    g = fused(F(self.training.weight_decay), self.row, g)
                self.speed = fused(F(self.training.optimiser.beta), self.speed, g)
                self.row[:] = fused(-self.rate, self.speed, self.row)
        return self.row
