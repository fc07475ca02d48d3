"""What is trained in a row of the table: the nets, the points, and the arithmetic that one step needs."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Work:
    """`nets` nets side by side: one set of points, an own order of them and own initial weights each.

    The loss is the binary cross-entropy of one logit, or the softmax cross-entropy where the last width is more than 1;
    the optimiser is plain mini-batch gradient descent.
    """

    name: str
    sizes: tuple[int, ...]
    activation: str
    nets: int
    batch: int
    X: Any  # (points, features) float32
    y: Any  # (points,) float32: 0 and 1, or the number of the class
    rate: float = 0.1
    gain: float = 1.0  # initial weights have variance gain / fan_in

    @property
    def points(self) -> int:
        return len(self.X)

    @property
    def classes(self) -> bool:
        return self.sizes[-1] > 1

    @property
    def steps_per_epoch(self) -> int:
        return -(-self.points // self.batch)

    @property
    def flops_per_step(self) -> float:
        """Operations that one step of one net needs, averaged over an epoch (the last batch may be smaller).

        A multiply-add counts as 2. Every layer needs three products: forward, gradient of its weights, gradient of its
        input; the first layer's input needs none. Activations, biases, the loss and the update are not counted, nor is
        anything an engine does beyond what is needed.
        """
        return 2 * self._needed * self.points / self.steps_per_epoch

    @property
    def six_a_weight(self) -> float:
        """As many operations over those that are needed as the common count has, three products for every layer."""
        return 1 + self.sizes[0] * self.sizes[1] / self._needed

    @property
    def _needed(self) -> int:
        """Multiply-adds a sample."""
        products = [fan_in * fan_out for fan_in, fan_out in pairwise(self.sizes)]
        return 3 * sum(products) - products[0]

    def weights(self, dtype: Any = np.float32) -> tuple[list[Any], list[Any]]:
        """Initial weights ``(nets, fan_in, fan_out)`` and biases ``(nets, 1, fan_out)`` of every layer."""
        rng = np.random.default_rng(0)
        shapes = list(pairwise(self.sizes))
        scale = [np.sqrt(self.gain / fan_in) for fan_in, _ in shapes]
        return (
            [(rng.standard_normal((self.nets, *s)) * c).astype(dtype) for s, c in zip(shapes, scale, strict=True)],
            [np.zeros((self.nets, 1, fan_out), dtype) for _, fan_out in shapes],
        )
