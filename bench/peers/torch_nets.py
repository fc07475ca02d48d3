"""Many nets at once in PyTorch: batched matrix products, one product for all nets.

Two backward passes, `by_hand` and autograd's; the benchmark takes whichever is faster. Every net has its own order of
the points, one `argsort` an epoch for all.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812

from turns import Repeated

if TYPE_CHECKING:
    from work import Work

ACTIVATIONS = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "gelu": F.gelu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
}
# φ′ as PyTorch's own backward passes compute it, from g = ∂loss/∂a, the pre-activation z and a = φ(z)
BACKWARD = {
    "tanh": lambda g, _, a: torch.ops.aten.tanh_backward(g, a),
    "relu": lambda g, _, a: torch.ops.aten.threshold_backward(g, a, 0),
    "sigmoid": lambda g, _, a: torch.ops.aten.sigmoid_backward(g, a),
    "gelu": lambda g, z, _: torch.ops.aten.gelu_backward(g, z),
    "gelu_tanh": lambda g, z, _: torch.ops.aten.gelu_backward(g, z, approximate="tanh"),
}


class TorchNets(Repeated):
    """All nets of a `Work`; they go on learning from turn to turn."""

    def __init__(self, work: Work, threads: int, by_hand: bool) -> None:
        super().__init__(work.nets * work.steps_per_epoch)
        torch.set_num_threads(threads)
        self.name = f"PyTorch {torch.__version__.split('+')[0]} {'bmm' if by_hand else 'bmm, autograd'}"
        self._work, self._by_hand = work, by_hand
        self._phi, self._backward = ACTIVATIONS[work.activation], BACKWARD[work.activation]
        self._X = torch.from_numpy(work.X)
        self._y = torch.from_numpy(work.y).long() if work.classes else torch.from_numpy(work.y)
        self.weights, self.biases = ([torch.from_numpy(p) for p in part] for part in work.weights())
        if not by_hand:
            for p in self._parameters():
                p.requires_grad_(True)
        self._random = torch.Generator().manual_seed(0)

    def _parameters(self) -> list[Any]:
        return [*self.weights, *self.biases]

    def train(self, epochs: int) -> float:
        start = time.perf_counter()
        for _ in range(epochs):
            order = torch.rand((self._work.nets, self._work.points), generator=self._random).argsort(1)
            for first in range(0, self._work.points, self._work.batch):
                batch = order[:, first : first + self._work.batch]
                self.step(self._X[batch], self._y[batch])
        return time.perf_counter() - start

    def step(self, x: Any, y: Any) -> None:
        """One step of every net: x ``(nets, batch, features)``, y ``(nets, batch)``."""
        (self._step_by_hand if self._by_hand else self._step_by_autograd)(x, y)

    def _step_by_hand(self, x: Any, y: Any) -> None:
        inputs, sums = [x], []
        last = len(self.weights) - 1
        for W, b in zip(self.weights, self.biases, strict=True):
            sums.append(torch.baddbmm(b, inputs[-1], W))
            if len(inputs) <= last:
                inputs.append(self._phi(sums[-1]))
        if self._work.classes:
            delta = torch.softmax(sums[-1], 2)
            delta.scatter_add_(2, y[:, :, None], delta.new_full((), -1).expand(*y.shape, 1))
        else:
            delta = torch.sigmoid(sums[-1]).sub_(y[:, :, None])
        delta.div_(x.shape[1])
        for k in range(last, -1, -1):
            W, b, gradient = self.weights[k], self.biases[k], inputs[k].transpose(1, 2)
            upwards = delta
            if k:
                delta = self._backward(torch.bmm(delta, W.transpose(1, 2)), sums[k - 1], inputs[k])
            W.baddbmm_(gradient, upwards, alpha=-self._work.rate)
            b.sub_(upwards.sum(1, keepdim=True), alpha=self._work.rate)

    def _step_by_autograd(self, x: Any, y: Any) -> None:
        a = x
        for k, (W, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = torch.baddbmm(b, a, W)
            a = self._phi(z) if k < len(self.weights) - 1 else z
        if self._work.classes:
            loss = F.cross_entropy(a.flatten(0, 1), y.flatten(), reduction="sum") / x.shape[1]
        else:
            loss = F.binary_cross_entropy_with_logits(a[:, :, 0], y, reduction="sum") / x.shape[1]
        gradients = torch.autograd.grad(loss, self._parameters())
        with torch.no_grad():
            torch._foreach_add_(self._parameters(), gradients, alpha=-self._work.rate)
