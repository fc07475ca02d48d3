"""Small models of many kinds, each with batches and a loss: what the doctor must leave as it found it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional


@dataclass
class Case:
    model: nn.Module
    batches: list[Any]
    loss: Any
    rate: float = 0.05


class Written(nn.Module):
    """An activation by formula, as people write them."""

    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class Functional(nn.Module):
    """Functions, methods, in place, one line for several layers."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 8)])
        self.own = Written()
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        for layer in self.layers:
            x = functional.leaky_relu(layer(x), 0.2)
        x = self.own(x).tanh() + torch.relu_(x * 2)
        return self.head(x.clamp(min=0))


class Block(nn.Module):
    """A residual block with one ReLU module for two calls, in place."""

    def __init__(self, channels):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = nn.Conv2d(channels, channels, 3, padding=1), nn.BatchNorm2d(channels)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(x + self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x))))))


class Elman(nn.Module):
    """A recurrence written out; the output is a dictionary."""

    def __init__(self):
        super().__init__()
        self.into, self.on, self.out = nn.Linear(3, 8), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x):
        h = x.new_zeros(len(x), 8)
        for t in range(x.shape[1]):
            h = torch.tanh(self.into(x[:, t]) + self.on(h))
        return {"logits": self.out(h)}


class Recurrent(nn.Module):
    """Fused recurrences; the output is a tuple."""

    def __init__(self, kind):
        super().__init__()
        self.rnn, self.out = kind(3, 8, batch_first=True, dropout=0.0), nn.Linear(8, 3)

    def forward(self, x):
        h, state = self.rnn(x)
        return self.out(h[:, -1]), state


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate, self.up, self.down = nn.Linear(6, 12), nn.Linear(6, 12), nn.Linear(12, 3)
        self.mix = nn.Linear(6, 12)

    def forward(self, x):
        return self.down(
            functional.silu(self.gate(x)) * self.up(x) + functional.glu(torch.cat([self.mix(x), self.mix(x)], -1))
        )


class Tiny(nn.Module):
    """A transformer over words, with attention of PyTorch's own and a masked one by hand."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(20, 8)
        self.body = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu")
        self.q, self.k, self.v = nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 8)
        self.head = nn.Linear(8, 3)

    def forward(self, tokens):
        x = self.body(self.words(tokens))
        x = x + functional.scaled_dot_product_attention(self.q(x), self.k(x), self.v(x), is_causal=True)
        scores = (self.q(x) @ self.k(x).transpose(1, 2) / 8**0.5).softmax(-1)
        return self.head((x + scores @ self.v(x)).mean(1))


def _classes(n=48, size=16, inputs=6, shape=None):
    x = torch.randn(n, *(shape or (inputs,)))
    y = torch.randint(0, 3, (n,))
    return [(x[i : i + size], y[i : i + size]) for i in range(0, n, size)]


def _first(output, y):
    return functional.cross_entropy(output[0], y)


def mlp():
    first = nn.Sequential(nn.Linear(6, 8), nn.ReLU(inplace=True), nn.Dropout(0.3))
    model = nn.Sequential(*first, nn.Linear(8, 8), nn.PReLU(8), nn.Linear(8, 3))
    return Case(model, _classes(), functional.cross_entropy)


def functions():
    return Case(Functional(), _classes(), functional.cross_entropy)


def pictures():
    body = nn.Sequential(nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), Block(4), nn.MaxPool2d(2), Block(4))
    model = nn.Sequential(body, nn.Flatten(), nn.Linear(4 * 16, 3))
    return Case(model, _classes(shape=(2, 8, 8)), functional.cross_entropy)


def elman():
    return Case(Elman(), _classes(shape=(5, 3)), lambda out, y: functional.cross_entropy(out["logits"], y))


def lstm():
    return Case(Recurrent(nn.LSTM), _classes(shape=(5, 3)), _first)


def gru():
    return Case(Recurrent(nn.GRU), _classes(shape=(5, 3)), _first)


def plain_rnn():
    return Case(Recurrent(nn.RNN), _classes(shape=(5, 3)), _first)


def gated():
    return Case(Gated(), _classes(), functional.cross_entropy)


def transformer():
    tokens, y = torch.randint(0, 20, (48, 7)), torch.randint(0, 3, (48,))
    return Case(Tiny(), [(tokens[i : i + 16], y[i : i + 16]) for i in range(0, 48, 16)], functional.cross_entropy)


def autoencoder():
    into = nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 2))
    model = nn.Sequential(*into, nn.Linear(2, 4), nn.ELU(), nn.Linear(4, 6), nn.Sigmoid())
    x = torch.rand(48, 6)
    return Case(model, [(x[i : i + 16], x[i : i + 16]) for i in range(0, 48, 16)], functional.mse_loss)


def shared():
    """The same layer twice, and a part that is frozen."""
    layer = nn.Linear(8, 8)
    model = nn.Sequential(nn.Linear(6, 8), nn.SiLU(), layer, nn.Mish(), layer, nn.Softplus(), nn.Linear(8, 3))
    model[0].requires_grad_(False)
    return Case(model, _classes(), functional.cross_entropy)


class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 8), nn.GELU(), nn.Linear(8, 8), nn.Hardswish(), nn.Linear(8, 3))

    def forward(self, x):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return self.body(x)


def mixed_precision():
    return Case(Mixed(), _classes(), lambda out, y: functional.cross_entropy(out.float(), y))


class Checkpointed(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Dropout(0.2))
        self.last = nn.Linear(8, 3)

    def forward(self, x):
        return self.last(torch.utils.checkpoint.checkpoint(self.first, x, use_reentrant=False))


def checkpointed():
    return Case(Checkpointed(), _classes(), functional.cross_entropy)


def parallel():
    return Case(nn.DataParallel(mlp().model), _classes(), functional.cross_entropy)


CASES = {
    make.__name__: make
    for make in (
        mlp, functions, pictures, elman, lstm, gru, plain_rnn, gated, transformer, autoencoder, shared,
        mixed_precision, checkpointed, parallel,
    )
}  # fmt: skip


def made(name: str, seed: int = 0) -> Case:
    torch.manual_seed(seed)
    return CASES[name]()
