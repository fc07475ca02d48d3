"""Nets for pictures of 8 × 8: plain, residual, separable, U-Net, dense, mixer, patches."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from patients import tasks
from patients.case import Patient, adam, sgd, wrong, wrong_side
from patients.dense import fit


def cnn_plain():
    parts = [nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    parts += [nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU()]
    model = fit(nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 3)))
    hidden = ("0", "2", "5", "7")
    return Patient(
        model, tasks.bars(), functional.cross_entropy, wrong(3), hidden, hidden, "11", first=("0",), rate=0.01,
        optimiser=sgd,
    )  # fmt: skip


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        self.conv2, self.bn2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)
        self.act1, self.act2 = nn.ReLU(inplace=True), nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act2(x + self.bn2(self.conv2(self.act1(self.bn1(self.conv1(x))))))


def cnn_residual():
    stem = nn.Sequential(nn.Conv2d(1, 12, 3, padding=1, bias=False), nn.BatchNorm2d(12), nn.ReLU(inplace=True))
    model = nn.Sequential(stem, Block(12), Block(12), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 3))
    hidden = ("0.1", "1.bn1", "1.bn2", "2.bn1", "2.bn2")
    weights = ("0.0", "1.conv1", "1.conv2", "2.conv1", "2.conv2")
    return Patient(
        model, tasks.bars(), functional.cross_entropy, wrong(3), hidden, weights, "5", first=("0.0",), rate=0.05,
        optimiser=sgd, steps=120,
    )  # fmt: skip


def separable(channels):
    deep = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
    return nn.Sequential(deep, nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU6())


def cnn_depthwise():
    stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU6())
    model = nn.Sequential(
        stem, *[separable(16) for _ in range(3)], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 3)
    )
    hidden = ("0.1", "1.2", "2.2", "3.2")
    return Patient(
        model, tasks.bars(), functional.cross_entropy, wrong(3), hidden, ("0.0", "1.1", "2.1", "3.1"), "6",
        first=("0.0",), rate=0.05, optimiser=sgd,
    )  # fmt: skip


class Unet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1, self.down2 = self.double(1, 8), self.double(8, 16)
        self.pool, self.up = nn.MaxPool2d(2), nn.ConvTranspose2d(16, 8, 2, stride=2)
        self.up1, self.out = self.double(16, 8), nn.Conv2d(8, 1, 1)

    @staticmethod
    def double(m, n):
        return nn.Sequential(nn.Conv2d(m, n, 3, padding=1), nn.ReLU(), nn.Conv2d(n, n, 3, padding=1), nn.ReLU())

    def forward(self, x):
        a = self.down1(x)
        b = self.down2(self.pool(a))
        return self.out(self.up1(torch.cat([a, self.up(b)], 1)))


def unet():
    hidden = ("down1.0", "down1.2", "down2.0", "down2.2", "up1.0", "up1.2")
    return Patient(
        fit(Unet()), tasks.blobs(), functional.binary_cross_entropy_with_logits, wrong_side, hidden, hidden, "out",
        first=("down1.0",), rate=0.005, optimiser=adam, steps=100,
    )  # fmt: skip


class Dense(nn.Module):
    """Each layer sees all before it."""

    def __init__(self, channels, grow, layers):
        super().__init__()
        self.norms = nn.ModuleList([nn.BatchNorm2d(channels + k * grow) for k in range(layers)])
        self.acts = nn.ModuleList([nn.ReLU() for _ in range(layers)])
        self.convs = nn.ModuleList([nn.Conv2d(channels + k * grow, grow, 3, padding=1) for k in range(layers)])

    def forward(self, x):
        for norm, act, conv in zip(self.norms, self.acts, self.convs, strict=True):
            x = torch.cat([x, conv(act(norm(x)))], 1)
        return x


def densenet():
    parts = [nn.Conv2d(1, 8, 3, padding=1), Dense(8, 6, 4), nn.BatchNorm2d(32), nn.ReLU()]
    model = nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 3))
    hidden = (*(f"1.norms.{k}" for k in range(4)), "2")
    return Patient(
        model, tasks.bars(), functional.cross_entropy, wrong(3), hidden, tuple(f"1.convs.{k}" for k in range(4)), "6",
        first=("0",), rate=0.05, optimiser=sgd, steps=120,
    )  # fmt: skip


class Next(nn.Module):
    """A block of the ConvNeXt kind: depthwise, LayerNorm, a wide layer with GELU, and back."""

    def __init__(self, width):
        super().__init__()
        self.deep, self.norm = nn.Conv2d(width, width, 5, padding=2, groups=width), nn.LayerNorm(width)
        self.wide, self.act, self.back = nn.Linear(width, 3 * width), nn.GELU(), nn.Linear(3 * width, width)

    def forward(self, x):
        h = self.norm(self.deep(x).permute(0, 2, 3, 1))
        return x + self.back(self.act(self.wide(h))).permute(0, 3, 1, 2)


def convnext():
    model = nn.Sequential(
        nn.Conv2d(1, 16, 2, stride=2), Next(16), Next(16), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.LayerNorm(16),
        nn.Linear(16, 3),
    )  # fmt: skip
    hidden = ("1.wide", "2.wide")
    return Patient(
        model, tasks.bars(), functional.cross_entropy, wrong(3), hidden, hidden, "6", first=("0",), rate=0.005,
        optimiser=adam,
    )  # fmt: skip


def two_layers(inputs, width):
    return nn.Sequential(nn.Linear(inputs, width), nn.GELU(), nn.Linear(width, inputs))


class Mixing(nn.Module):
    def __init__(self, patches, width):
        super().__init__()
        self.norm1, self.places = nn.LayerNorm(width), two_layers(patches, 2 * patches)
        self.norm2, self.channels = nn.LayerNorm(width), two_layers(width, 2 * width)

    def forward(self, x):
        x = x + self.places(self.norm1(x).transpose(1, 2)).transpose(1, 2)
        return x + self.channels(self.norm2(x))


class Mixer(nn.Module):
    def __init__(self):
        super().__init__()
        self.patch, self.body = nn.Conv2d(1, 16, 2, stride=2), nn.Sequential(Mixing(16, 16), Mixing(16, 16))
        self.norm, self.head = nn.LayerNorm(16), nn.Linear(16, 3)

    def forward(self, x):
        return self.head(self.norm(self.body(self.patch(x).flatten(2).transpose(1, 2))).mean(1))


def mixer():
    hidden = tuple(f"body.{k}.{part}.0" for k in range(2) for part in ("places", "channels"))
    return Patient(
        Mixer(), tasks.bars(), functional.cross_entropy, wrong(3), hidden, hidden, "head", first=("patch",), rate=0.005,
        optimiser=adam,
    )  # fmt: skip


ALL = (cnn_plain, cnn_residual, cnn_depthwise, unet, densenet, convnext, mixer)
