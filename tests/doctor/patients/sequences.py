"""Nets for sequences, words and sets: recurrences, causal convolutions, attention."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from patients import tasks
from patients.case import Patient, adam, wrong, wrong_side


class Recurrent(nn.Module):
    def __init__(self, kind, inputs=3, width=24):
        super().__init__()
        self.rnn, self.out = kind(inputs, width, batch_first=True), nn.Linear(width, 3)

    def forward(self, x):
        return self.out(self.rnn(x)[0][:, -1])


def lstm():
    return Patient(
        Recurrent(nn.LSTM), tasks.memory(), functional.cross_entropy, wrong(3), (), ("rnn",), "out", first=("rnn",),
        rate=0.02, optimiser=adam, steps=180, tags=frozenset({"fused"}),
    )  # fmt: skip


def gru():
    return Patient(
        Recurrent(nn.GRU), tasks.memory(), functional.cross_entropy, wrong(3), (), ("rnn",), "out", first=("rnn",),
        rate=0.02, optimiser=adam, steps=180, tags=frozenset({"fused"}),
    )  # fmt: skip


class Elman(nn.Module):
    """A recurrence written out."""

    def __init__(self):
        super().__init__()
        self.into, self.on, self.act, self.out = nn.Linear(3, 24), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 3)
        nn.init.orthogonal_(self.on.weight)

    def forward(self, x):
        h = x.new_zeros(len(x), 24)
        for t in range(x.shape[1]):
            h = self.act(self.into(x[:, t]) + self.on(h))
        return self.out(h)


def elman():
    return Patient(
        Elman(), tasks.memory(), functional.cross_entropy, wrong(3), ("on",), ("on",), "out", first=("into",),
        rate=0.01, optimiser=adam, steps=120, tags=frozenset({"recurrent"}),
    )  # fmt: skip


class Causal(nn.Module):
    def __init__(self, channels, dilation):
        super().__init__()
        self.pad = nn.ConstantPad1d((2 * dilation, 0), 0.0)
        self.conv1, self.act = nn.Conv1d(channels, channels, 3, dilation=dilation), nn.ReLU()
        self.conv2 = nn.Conv1d(channels, channels, 1)

    def forward(self, x):
        return x + self.conv2(self.act(self.conv1(self.pad(x))))


class Tcn(nn.Module):
    def __init__(self):
        super().__init__()
        self.into = nn.Conv1d(1, 16, 1)
        self.body, self.out = nn.Sequential(*[Causal(16, d) for d in (1, 2, 4)]), nn.Linear(16, 3)

    def forward(self, x):
        return self.out(self.body(self.into(x.transpose(1, 2)))[..., -1])


def tcn():
    hidden = tuple(f"body.{k}.conv1" for k in range(3))
    return Patient(
        Tcn(), tasks.waves(), functional.cross_entropy, wrong(3), hidden, hidden, "out", first=("into",), rate=0.005,
        optimiser=adam,
    )  # fmt: skip


class Encoder(nn.Module):
    """PyTorch's own transformer encoder."""

    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(12, 16), nn.Parameter(0.5 * torch.randn(8, 16))
        layer = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, 3)

    def forward(self, tokens):
        return self.head(self.norm(self.body(self.words(tokens) + self.places)).mean(1))


def encoder():
    hidden = tuple(f"body.layers.{k}.linear1" for k in range(2))
    scores = tuple(f"body.layers.{k}.self_attn" for k in range(2))
    return Patient(
        Encoder(), tasks.marked(), functional.cross_entropy, wrong(3), hidden, hidden, "head", scores=scores,
        rate=0.005, optimiser=adam,
    )  # fmt: skip


class Head(nn.Module):
    """Causal attention and a wide layer, as decoders write them."""

    def __init__(self, width):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.wide, self.act, self.back = nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)

    def forward(self, x):
        n = self.norm1(x)
        heads = [layer(n).unflatten(-1, (2, -1)).transpose(1, 2) for layer in (self.q, self.k, self.v)]
        mixed = functional.scaled_dot_product_attention(*heads, is_causal=True)
        x = x + self.o(mixed.transpose(1, 2).flatten(2))
        return x + self.back(self.act(self.wide(self.norm2(x))))


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(8, 24), nn.Parameter(0.5 * torch.randn(10, 24))
        self.body = nn.Sequential(Head(24), Head(24))
        self.norm, self.head = nn.LayerNorm(24), nn.Linear(24, 8)

    def forward(self, tokens):
        return self.head(self.norm(self.body(self.words(tokens) + self.places[: tokens.shape[1]]))).transpose(1, 2)


def _later(out, y):
    """The first three words cannot be foretold."""
    return wrong(8)(out[..., 2:], y[..., 2:])


def decoder():
    hidden = tuple(f"body.{k}.wide" for k in range(2))
    scores = tuple(f"body.{k}.{name}" for k in range(2) for name in ("q", "k"))
    return Patient(
        Decoder(), tasks.rounds(), functional.cross_entropy, _later, hidden, hidden, "head", scores=scores, rate=0.005,
        optimiser=adam, steps=200,
    )  # fmt: skip


class Pool(nn.Module):
    """A set is read by attention of one learned question, through tanh, written by hand."""

    def __init__(self):
        super().__init__()
        self.member = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU())
        self.key, self.value, self.question = nn.Linear(24, 24), nn.Linear(24, 24), nn.Linear(24, 1, bias=False)
        self.out = nn.Sequential(nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))

    def forward(self, x):
        h = self.member(x)
        weight = torch.softmax(self.question(torch.tanh(self.key(h))), dim=1)
        return self.out((weight * self.value(h)).sum(1))


def attention_pool():
    hidden = ("member.0", "member.2", "out.0")
    return Patient(
        Pool(), tasks.bags(), functional.binary_cross_entropy_with_logits, wrong_side, hidden, hidden, "out.2",
        first=("member.0",), scores=("question",), rate=0.01, optimiser=adam,
    )  # fmt: skip


ALL = (lstm, gru, elman, tcn, encoder, decoder, attention_pool)
