"""What a net is, seed and learning rate aside."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from actlab._arrays import AnyArray, Integers
    from actlab.functions import Activation


@dataclass(frozen=True)
class NetSpec:
    """A fully connected net for two classes, and how it is trained.

    The hidden layers share one activation; the output is one logit. Training minimises the mean binary cross-entropy by
    mini-batch stochastic gradient descent, with a new order of the samples every epoch.

    Parameters
    ----------
    features
        Columns of X.
    hidden
        Widths of the hidden layers; empty for logistic regression.
    activation
        φ of every hidden layer.
    init
        A scheme of `actlab.nets.SCHEMES`, or ``"gain 1.5"``.
    epochs, batch_size
        Passes over the training points; points per step (the last batch of an epoch may be smaller).
    """

    features: int
    hidden: tuple[int, ...]
    activation: Activation
    init: str
    epochs: int
    batch_size: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Widths from input to output."""
        return (self.features, *self.hidden, 1)

    @property
    def layers(self) -> int:
        """Weight layers: the hidden ones and the output."""
        return len(self.hidden) + 1

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """``(fan_in, fan_out)`` of every weight layer."""
        return tuple(pairwise(self.sizes))

    @property
    def parameters(self) -> int:
        """Weights and biases."""
        return sum(fan_in * fan_out + fan_out for fan_in, fan_out in self.shapes)

    def steps_per_epoch(self, points: int) -> int:
        """Optimiser steps in one pass over `points` training points."""
        return -(-points // self.batch_size)

    def layer_slices(self) -> Iterator[tuple[slice, slice]]:
        """Where each layer's weights and biases lie in a row of parameters."""
        start = 0
        for fan_in, fan_out in self.shapes:
            middle = start + fan_in * fan_out
            yield slice(start, middle), slice(middle, middle + fan_out)
            start = middle + fan_out

    def unpack(self, row: AnyArray) -> list[tuple[AnyArray, AnyArray]]:
        """A row of parameters ``(parameters,)`` as ``(W (fan_in, fan_out), b (fan_out,))`` for every layer."""
        return [
            (row[weights].reshape(shape), row[biases])
            for (weights, biases), shape in zip(self.layer_slices(), self.shapes, strict=True)
        ]

    def pack(self, layers: list[tuple[AnyArray, AnyArray]]) -> AnyArray:
        """The inverse of `unpack`."""
        return np.concatenate([np.concatenate([np.ravel(W), b]) for W, b in layers])


def checkpoint_steps(total: int, count: int = 14) -> Integers:
    """At most `count` steps at which nets are measured: 0, then evenly spaced in the logarithm up to `total`.

    The two ends are always among them. Training moves fastest at its start, so the measurements stand closest there.
    """
    if total <= 0:
        return np.zeros(1, dtype=np.int64)
    steps = np.geomspace(1, total, count - 1 if count > 2 else 0).round().astype(np.int64)
    return np.unique(np.concatenate([[0], steps, [total]]))
