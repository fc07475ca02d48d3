"""Five more: squeeze and excitation, attention over a recurrence, transposed convolutions, gates, learned queries."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from patients import tasks
from patients.case import Patient, adam, unexplained, wrong, wrong_side


class Squeeze(nn.Module):
    """Squeeze and excitation: channels are weighed by what the whole picture says."""

    def __init__(self, channels):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        self.act = nn.SiLU()
        self.less, self.more, self.mid = nn.Linear(channels, 6), nn.Linear(6, channels), nn.ReLU()

    def forward(self, x):
        h = self.norm(self.conv(x))
        gate = torch.sigmoid(self.more(self.mid(self.less(h.mean((2, 3))))))
        return x + self.act(h * gate[:, :, None, None])


def cnn_squeeze():
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.SiLU(), Squeeze(12), Squeeze(12),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 3),
    )  # fmt: skip
    hidden = ("1", "3.less", "3.norm", "4.less", "4.norm")
    weights = ("0", "3.less", "3.conv", "4.less", "4.conv")
    return Patient(
        model, tasks.bars(), functional.cross_entropy, wrong(3), hidden, weights, "7", first=("0",), rate=0.005,
        optimiser=adam, steps=120,
    )  # fmt: skip


class Reader(nn.Module):
    """A recurrence in both directions, read by additive attention."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 16, batch_first=True, bidirectional=True)
        self.key, self.act, self.question = nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 1, bias=False)
        self.out = nn.Linear(32, 3)

    def forward(self, x):
        h = self.rnn(x)[0]
        weight = functional.softmax(self.question(self.act(self.key(h))), dim=1)
        return self.out((weight * h).sum(1))


def gru_attention():
    return Patient(
        Reader(), tasks.memory(), functional.cross_entropy, wrong(3), ("key",), ("key",), "out", first=("rnn",),
        scores=("question",), rate=0.01, optimiser=adam, steps=120,
    )  # fmt: skip


def conv_autoencoder():
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.LeakyReLU(0.1), nn.Conv2d(12, 16, 4, stride=2, padding=1),
        nn.LeakyReLU(0.1), nn.Conv2d(16, 16, 3, padding=1), nn.LeakyReLU(0.1),
        nn.ConvTranspose2d(16, 12, 4, stride=2, padding=1), nn.LeakyReLU(0.1), nn.Conv2d(12, 1, 3, padding=1),
    )  # fmt: skip
    batches = [(x, x) for x, _ in tasks.blobs()]
    return Patient(
        model, batches, functional.mse_loss, unexplained(), ("0", "2", "4", "6"), ("0", "2", "4", "6"), "8",
        first=("0",), rate=0.005, optimiser=adam, steps=120,
    )  # fmt: skip


class Gate(nn.Module):
    """A causal convolution whose tanh is let through by a sigmoid."""

    def __init__(self, channels, dilation):
        super().__init__()
        self.pad = nn.ConstantPad1d((dilation, 0), 0.0)
        self.signal, self.gate = (nn.Conv1d(channels, channels, 2, dilation=dilation) for _ in range(2))
        self.act, self.back = nn.Tanh(), nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        h = self.pad(x)
        gate = torch.sigmoid(self.gate(h))
        return x + self.back(self.act(self.signal(h)) * gate)


class Wavenet(nn.Module):
    def __init__(self):
        super().__init__()
        self.into = nn.Conv1d(1, 16, 1)
        self.body, self.out = nn.Sequential(*[Gate(16, d) for d in (1, 2, 4)]), nn.Linear(16, 3)

    def forward(self, x):
        return self.out(self.body(self.into(x.transpose(1, 2)))[..., -1])


def wavenet():
    hidden = tuple(f"body.{k}.signal" for k in range(3))
    return Patient(
        Wavenet(), tasks.waves(), functional.cross_entropy, wrong(3), hidden, hidden, "out", first=("into",), rate=0.01,
        optimiser=adam,
    )  # fmt: skip


class Perceiver(nn.Module):
    """A few learned queries look at a set, then think."""

    def __init__(self):
        super().__init__()
        self.member, self.queries = nn.Linear(4, 24), nn.Parameter(torch.randn(3, 24))
        self.norm1, self.norm2 = nn.LayerNorm(24), nn.LayerNorm(24)
        self.q, self.k, self.v, self.o = (nn.Linear(24, 24) for _ in range(4))
        self.wide, self.act, self.back = nn.Linear(24, 48), nn.GELU(), nn.Linear(48, 24)
        self.out = nn.Linear(72, 1)

    def forward(self, x):
        h = self.norm1(self.member(x))
        queries = self.queries.expand(len(x), -1, -1)
        mixed = functional.scaled_dot_product_attention(self.q(queries), self.k(h), self.v(h))
        y = queries + self.o(mixed)
        return self.out((y + self.back(self.act(self.wide(self.norm2(y))))).flatten(1))


def perceiver():
    return Patient(
        Perceiver(), tasks.bags(), functional.binary_cross_entropy_with_logits, wrong_side, ("wide",), ("wide",), "out",
        first=("member",), scores=("q", "k"), rate=0.005, optimiser=adam, steps=200,
    )  # fmt: skip


ALL = (cnn_squeeze, gru_attention, conv_autoencoder, wavenet, perceiver)
