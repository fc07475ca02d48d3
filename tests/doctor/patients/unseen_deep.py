"""Held out, second half: pictures, sequences, attention. Nothing was changed by looking at these."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from patients import tasks
from patients.case import Patient, adam, sgd, unexplained, wrong, wrong_side


def seen(channels, out, kernel=3, stride=1):
    return nn.Conv2d(channels, out, kernel, stride=stride, padding=kernel // 2, bias=False)


class Bottleneck(nn.Module):
    """Norm and activation first, then thin, wide, back: nothing on the way around."""

    def __init__(self, width, thin):
        super().__init__()
        self.bn1, self.bn2, self.bn3 = nn.BatchNorm2d(width), nn.BatchNorm2d(thin), nn.BatchNorm2d(thin)
        self.act1, self.act2, self.act3 = nn.ReLU(), nn.ReLU(), nn.ReLU()
        self.conv1, self.conv2, self.conv3 = seen(width, thin, 1), seen(thin, thin), seen(thin, width, 1)

    def forward(self, x):
        h = self.conv1(self.act1(self.bn1(x)))
        return x + self.conv3(self.act3(self.bn3(self.conv2(self.act2(self.bn2(h))))))


def cnn_preact():
    model = nn.Sequential(
        seen(1, 24), Bottleneck(24, 8), Bottleneck(24, 8), nn.BatchNorm2d(24), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.Linear(24, 3),
    )  # fmt: skip
    hidden = tuple(f"{k}.{bn}" for k in (1, 2) for bn in ("bn2", "bn3"))
    weights = tuple(f"{k}.{conv}" for k in (1, 2) for conv in ("conv1", "conv2"))
    return Patient(
        model, tasks.bars(), functional.cross_entropy, wrong(3), hidden, weights, "7", first=("0",), rate=0.05,
        optimiser=sgd, steps=120,
    )  # fmt: skip


class Inverted(nn.Module):
    """Wide, depthwise, weighed channel by channel, thin: as on telephones."""

    def __init__(self, width, wide):
        super().__init__()
        self.into, self.bn1, self.act1 = seen(width, wide, 1), nn.BatchNorm2d(wide), nn.Hardswish()
        self.deep = nn.Conv2d(wide, wide, 3, padding=1, groups=wide, bias=False)
        self.bn2, self.act2 = nn.BatchNorm2d(wide), nn.Hardswish()
        self.less, self.mid, self.more = nn.Conv2d(wide, 8, 1), nn.ReLU(), nn.Conv2d(8, wide, 1)
        self.open, self.back, self.bn3 = nn.Hardsigmoid(), seen(wide, width, 1), nn.BatchNorm2d(width)

    def forward(self, x):
        h = self.act2(self.bn2(self.deep(self.act1(self.bn1(self.into(x))))))
        h = h * self.open(self.more(self.mid(self.less(h.mean((2, 3), keepdim=True)))))
        return x + self.bn3(self.back(h))


def cnn_mobile():
    stem = nn.Sequential(seen(1, 16), nn.BatchNorm2d(16), nn.Hardswish())
    model = nn.Sequential(
        stem, Inverted(16, 32), Inverted(16, 32), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 32),
        nn.Hardswish(), nn.Linear(32, 3),
    )  # fmt: skip
    hidden = ("0.1", "1.bn1", "1.bn2", "2.bn1", "2.bn2", "5")
    weights = ("0.0", "1.into", "1.deep", "2.into", "2.deep", "5")
    return Patient(
        model, tasks.bars(), functional.cross_entropy, wrong(3), hidden, weights, "7", first=("0.0",), rate=0.005,
        optimiser=adam, steps=120,
    )  # fmt: skip


class Denoiser(nn.Module):
    """A U-Net as diffusion models have it: group norms, SiLU, residual blocks, upsampling by repetition."""

    class Block(nn.Module):
        def __init__(self, m, n):
            super().__init__()
            self.norm1, self.conv1, self.act1 = (
                nn.GroupNorm(1 if m < 8 else 4, m),
                nn.Conv2d(m, n, 3, padding=1),
                nn.SiLU(),
            )
            self.norm2, self.conv2, self.act2 = nn.GroupNorm(4, n), nn.Conv2d(n, n, 3, padding=1), nn.SiLU()
            self.around = nn.Conv2d(m, n, 1) if m != n else nn.Identity()

        def forward(self, x):
            h = self.conv1(self.act1(self.norm1(x)))
            return self.around(x) + self.conv2(self.act2(self.norm2(h)))

    def __init__(self):
        super().__init__()
        self.into, self.down1, self.less = nn.Conv2d(1, 8, 3, padding=1), self.Block(8, 8), nn.Conv2d(8, 16, 3, 2, 1)
        self.middle, self.more = self.Block(16, 16), nn.Conv2d(16, 8, 3, padding=1)
        self.up1, self.norm, self.act = self.Block(16, 8), nn.GroupNorm(4, 8), nn.SiLU()
        self.out = nn.Conv2d(8, 1, 3, padding=1)

    def forward(self, x):
        a = self.down1(self.into(x))
        b = self.more(functional.interpolate(self.middle(self.less(a)), scale_factor=2))
        return self.out(self.act(self.norm(self.up1(torch.cat([a, b], 1)))))


def denoiser():
    hidden = tuple(f"{block}.norm2" for block in ("down1", "middle", "up1"))
    weights = tuple(f"{block}.conv1" for block in ("down1", "middle", "up1"))
    return Patient(
        Denoiser(), tasks.blobs(), functional.binary_cross_entropy_with_logits, wrong_side, hidden, weights, "out",
        first=("into",), rate=0.005, optimiser=adam, steps=100,
    )  # fmt: skip


class Several(nn.Module):
    """Kernels of several sizes side by side."""

    def __init__(self, m, n):
        super().__init__()
        self.small, self.middle, self.large = (
            nn.Conv2d(m, n, 1),
            nn.Conv2d(m, n, 3, padding=1),
            nn.Conv2d(m, n, 5, padding=2),
        )
        self.act = nn.ReLU()

    def forward(self, x):
        return self.act(torch.cat([self.small(x), self.middle(x), self.large(x)], 1))


def cnn_inception():
    model = nn.Sequential(
        Several(1, 6), nn.MaxPool2d(2), Several(18, 8), Several(24, 8), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(24, 3),
    )  # fmt: skip
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    hidden = tuple(f"{k}.{size}" for k in (0, 2, 3) for size in ("small", "middle", "large"))
    return Patient(
        model, tasks.bars(), functional.cross_entropy, wrong(3), hidden, hidden, "6",
        first=("0.small", "0.middle", "0.large"), rate=0.003, optimiser=adam, steps=120,
    )  # fmt: skip


class Looks(nn.Module):
    """Attention in parallel heads and a wide layer, norms first."""

    def __init__(self, width, heads=2):
        super().__init__()
        self.heads, self.norm1, self.norm2 = heads, nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.o = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide, self.act, self.back = nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width)

    def mixed(self, x):
        q, k, v = self.qkv(x).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        weight = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).softmax(-1)
        return self.o((weight @ v).transpose(1, 2).flatten(2))

    def forward(self, x):
        x = x + self.mixed(self.norm1(x))
        return x + self.back(self.act(self.wide(self.norm2(x))))


class Vit(nn.Module):
    """Patches are words, and one word more reads the answer."""

    def __init__(self):
        super().__init__()
        self.patch, self.own = nn.Conv2d(1, 24, 2, stride=2), nn.Parameter(0.02 * torch.randn(1, 1, 24))
        self.places, self.body = nn.Parameter(0.02 * torch.randn(17, 24)), nn.Sequential(Looks(24), Looks(24))
        self.norm, self.head = nn.LayerNorm(24), nn.Linear(24, 3)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.own.expand(len(x), -1, -1), x], 1) + self.places
        return self.head(self.norm(self.body(x))[:, 0])


def vit():
    hidden = tuple(f"body.{k}.wide" for k in range(2))
    return Patient(
        Vit(), tasks.bars(), functional.cross_entropy, wrong(3), hidden, hidden, "head", first=("patch",),
        scores=tuple(f"body.{k}.qkv" for k in range(2)), rate=0.003, optimiser=adam, steps=200,
    )  # fmt: skip


class Window(Looks):
    """Attention within windows of 2 × 2, every other block shifted by one."""

    def __init__(self, width, shift):
        super().__init__(width)
        self.shift = shift

    def mixed(self, x):
        x = x.unflatten(1, (4, 4)).roll((-self.shift, -self.shift), (1, 2))
        windows = x.unflatten(2, (2, 2)).unflatten(1, (2, 2)).permute(0, 1, 3, 2, 4, 5).reshape(-1, 4, x.shape[-1])
        h = super().mixed(windows).reshape(-1, 2, 2, 2, 2, x.shape[-1]).permute(0, 1, 3, 2, 4, 5)
        return h.reshape(-1, 4, 4, x.shape[-1]).roll((self.shift, self.shift), (1, 2)).flatten(1, 2)


class Swin(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.body = nn.Conv2d(1, 24, 2, stride=2), nn.Sequential(*[Window(24, k % 2) for k in range(3)])
        self.norm, self.head = nn.LayerNorm(24), nn.Linear(24, 3)

    def forward(self, x):
        return self.head(self.norm(self.body(self.patch(x).flatten(2).transpose(1, 2))).mean(1))


def swin():
    hidden = tuple(f"body.{k}.wide" for k in range(3))
    return Patient(
        Swin(), tasks.bars(), functional.cross_entropy, wrong(3), hidden, hidden, "head", first=("patch",),
        scores=tuple(f"body.{k}.qkv" for k in range(3)), rate=0.003, optimiser=adam,
    )  # fmt: skip


class States(nn.Module):
    """A gated layer of states that fade, each at its own rate: a state space, step by step."""

    def __init__(self, width):
        super().__init__()
        self.norm, self.into, self.gate = nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.Linear(width, 2 * width)
        self.near = nn.Conv1d(2 * width, 2 * width, 3, groups=2 * width, padding=2)
        self.act, self.open = nn.SiLU(), nn.SiLU()
        self.fade, self.out = nn.Parameter(torch.linspace(-1.0, 3.0, 2 * width)), nn.Linear(2 * width, width)

    def forward(self, x):
        h = self.norm(x)
        u = self.act(self.near(self.into(h).transpose(1, 2))[..., : x.shape[1]]).transpose(1, 2)
        keep, state, states = torch.sigmoid(self.fade), x.new_zeros(len(x), u.shape[-1]), []
        for t in range(x.shape[1]):
            state = keep * state + (1.0 - keep) * u[:, t]
            states.append(state)
        return x + self.out(torch.stack(states, 1) * self.open(self.gate(h)))


class StateSpace(nn.Module):
    def __init__(self):
        super().__init__()
        self.into, self.body = nn.Linear(1, 16), nn.Sequential(States(16), States(16))
        self.norm, self.out = nn.LayerNorm(16), nn.Linear(16, 3)

    def forward(self, x):
        return self.out(self.norm(self.body(self.into(x)))[:, -1])


def state_space():
    hidden = tuple(f"body.{k}.near" for k in range(2))
    return Patient(
        StateSpace(), tasks.waves(), functional.cross_entropy, wrong(3), hidden, hidden, "out", first=("into",),
        rate=0.01, optimiser=adam, steps=120,
    )  # fmt: skip


class Cells(nn.Module):
    """A recurrence cell by cell, forth and back, and a layer that reads both ends."""

    def __init__(self):
        super().__init__()
        self.forth, self.back = nn.LSTMCell(3, 16), nn.LSTMCell(3, 16)
        self.mid, self.act, self.out = nn.Linear(32, 24), nn.ReLU(), nn.Linear(24, 3)

    def forward(self, x):
        ends = []
        for cell, times in ((self.forth, range(x.shape[1])), (self.back, reversed(range(x.shape[1])))):
            state = (x.new_zeros(len(x), 16), x.new_zeros(len(x), 16))
            for t in times:
                state = cell(x[:, t], state)
            ends.append(state[0])
        return self.out(self.act(self.mid(torch.cat(ends, 1))))


def lstm_cells():
    return Patient(
        Cells(), tasks.memory(), functional.cross_entropy, wrong(3), ("mid",), ("mid",), "out", first=("forth", "back"),
        rate=0.01, optimiser=adam, steps=120,
    )  # fmt: skip


def cnn_waves():
    """Strided convolutions over time."""
    parts = [nn.Conv1d(1, 16, 3, padding=1), nn.BatchNorm1d(16), nn.ReLU()]
    parts += [nn.Conv1d(16, 24, 3, stride=2, padding=1), nn.BatchNorm1d(24), nn.ReLU()]
    parts += [nn.Conv1d(24, 24, 3, stride=2, padding=1), nn.BatchNorm1d(24), nn.ReLU()]
    model = nn.Sequential(Turned(), *parts, nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(24, 3))
    return Patient(
        model, tasks.waves(), functional.cross_entropy, wrong(3), ("2", "5", "8"), ("1", "4", "7"), "12", first=("1",),
        rate=0.02, optimiser=sgd, steps=120,
    )  # fmt: skip


class Turned(nn.Module):
    """(samples, times, features) to (samples, features, times)."""

    def forward(self, x):
        return x.transpose(1, 2)


def cnn_codes():
    """Pictures through a thin code and back, with batch norms and transposed convolutions."""
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.Conv2d(16, 24, 3, stride=2, padding=1), nn.BatchNorm2d(24), nn.ReLU(), nn.Flatten(), nn.Linear(96, 16),
        nn.Linear(16, 96), nn.ReLU(), nn.Unflatten(1, (24, 2, 2)),
        nn.ConvTranspose2d(24, 16, 4, stride=2, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.ConvTranspose2d(16, 1, 4, stride=2, padding=1),
    )  # fmt: skip
    batches = [(y, y) for _, y in tasks.blobs()]
    return Patient(
        model, batches, functional.mse_loss, unexplained(), ("1", "4", "8", "12"), ("0", "3", "8", "11"), "14",
        first=("0",), rate=0.01, optimiser=adam, steps=200,
    )  # fmt: skip


ALL = (cnn_preact, cnn_mobile, denoiser, cnn_inception, vit, swin, state_space, lstm_cells, cnn_waves, cnn_codes)
