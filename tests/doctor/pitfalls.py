"""A pitfall and its cure for every check: the examples of the documentation's pages, as models."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional


@dataclass
class Pitfall:
    """`layer` is the one that a finding of the pitfall must name; the cure has no finding of that code."""

    sick: Any
    well: Any
    batches: Any
    layer: str
    loss: Any = functional.cross_entropy
    cause: str = ""
    trained: int = 0  # steps of SGD under `watch`, instead of a look
    rate: float = 0.05
    well_rate: float = 0.05
    well_batches: Any = None
    well_loss: Any = None


def stack(function, depth=3, width=32, inputs=8, outputs=3, gain=None):
    """An MLP; with `gain`, weights of standard deviation gain/√fan_in and biases 0."""
    widths = [inputs, *[width] * depth]
    layers = [part for m, n in pairwise(widths) for part in (nn.Linear(m, n), function())]
    model = nn.Sequential(*layers, nn.Linear(width, outputs))
    for layer in model:
        if gain is not None and isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, std=gain / layer.in_features**0.5)
            nn.init.zeros_(layer.bias)
    return model


def classes(n=256, inputs=8):
    x = torch.randn(n, inputs)
    y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    return [(x[i : i + 64], y[i : i + 64]) for i in range(0, n, 64)]


def values(low, high, n=256, inputs=8):
    x = torch.randn(n, inputs)
    y = low + (high - low) * torch.rand(n, 1)
    return [(x[i : i + 64], y[i : i + 64]) for i in range(0, n, 64)]


HE = 2**0.5


def act001():
    sick, well = stack(nn.ReLU, gain=HE), stack(nn.ReLU, gain=HE)
    sick[2].bias.data -= 20.0
    return Pitfall(sick, well, classes(), "2", cause="shift")


def act002():
    sick, well = stack(nn.Tanh, gain=1.5), stack(nn.Tanh, gain=1.5)
    sick[2].weight.data *= 30
    return Pitfall(sick, well, classes(), "2", cause="scale")


def act003():
    return Pitfall(stack(nn.Sigmoid, depth=8), stack(nn.ReLU, depth=8, gain=HE), classes(), "0", cause="slope")


def act004():
    return Pitfall(
        stack(nn.ReLU, depth=8, gain=4 * HE), stack(nn.ReLU, depth=8, gain=HE), classes(), "0", cause="gradient"
    )


def act005():
    sick, well = stack(nn.ReLU, gain=HE), stack(nn.ReLU, gain=HE)
    nn.init.normal_(sick[2].weight, std=0.01)
    return Pitfall(sick, well, classes(), "2", cause="small")


def act006():
    return Pitfall(stack(nn.Sigmoid, depth=6), stack(nn.Tanh, depth=6, gain=1.0), classes(), "4")


def act007():
    return Pitfall(stack(nn.Sigmoid), stack(nn.Tanh), classes(), "6")


def act008():
    sick = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.Dropout(0.1), nn.Linear(32, 16), nn.ReLU(),
                         nn.Linear(16, 3))  # fmt: skip
    well = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4), nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    return Pitfall(sick, well, classes(), "4")


def act009():
    return Pitfall(
        nn.Sequential(*stack(nn.ReLU), nn.Softmax(-1)), stack(nn.ReLU), classes(), "6", cause="softmax_twice"
    )


def act010():
    sick = stack(nn.ReLU, gain=HE)
    return Pitfall(sick, stack(nn.ReLU, gain=HE), classes(), "2", cause="large", trained=12, rate=8.0, well_rate=0.1)


class Root(nn.Module):
    """The root of what may be negative."""

    def __init__(self, guarded):
        super().__init__()
        self.into, self.out, self.guarded = nn.Linear(8, 8), nn.Linear(8, 3), guarded

    def forward(self, x):
        h = self.into(x)
        return self.out((h.clamp(min=1e-6) if self.guarded else h).sqrt())


def act011():
    return Pitfall(Root(False), Root(True), classes(), "out", cause="before")


class Attends(nn.Module):
    """Attention over eight words whose scores are too large, or as they should be."""

    def __init__(self, scale):
        super().__init__()
        self.q, self.k, self.v, self.out = nn.Linear(16, 16), nn.Linear(16, 16), nn.Linear(16, 16), nn.Linear(16, 3)
        self.scale = scale

    def forward(self, x):
        x = x[:, :, None] * torch.linspace(-1, 1, 16)
        p = (self.q(x) @ self.k(x).transpose(1, 2) * self.scale).softmax(-1)
        return self.out((p @ self.v(x)).mean(1))


def act012():
    return Pitfall(Attends(5000.0), Attends(0.25), classes(), "q")


ALL = {
    make.__name__.upper(): make
    for make in (act001, act002, act003, act004, act005, act006, act007, act008, act009, act010, act011, act012)
}
