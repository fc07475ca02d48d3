"""Held out, first half: dense nets, sets, graphs, experts, a flow, towers. Nothing was changed by looking at these."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from patients import tasks
from patients.case import Patient, adam, sgd, unexplained, wrong, wrong_side
from patients.dense import of_kind, stack


def mlp_mish():
    """Normalised before the activation, for a regression."""
    model = stack([6, 40, 40, 40, 1], nn.Mish, nn.LayerNorm)
    layers = of_kind(model, nn.Linear)
    return Patient(
        model, tasks.curve(), functional.mse_loss, unexplained(), of_kind(model, nn.LayerNorm), layers[:-1],
        layers[-1], first=layers[:1], rate=0.005, optimiser=adam, steps=200,
    )  # fmt: skip


def mlp_elu_wide():
    """One wide layer behind another, PyTorch's own init, SGD with momentum."""
    model = stack([8, 96, 96, 48, 3], nn.ELU)
    layers = of_kind(model, nn.Linear)
    return Patient(
        model, tasks.points(), functional.cross_entropy, wrong(3), layers[:-1], layers[:-1], layers[-1],
        first=layers[:1], rate=0.05, optimiser=sgd, steps=200,
    )  # fmt: skip


class Highway(nn.Module):
    """What a gate lets through is new, the rest is what came in."""

    def __init__(self, width):
        super().__init__()
        self.new, self.gate, self.act = nn.Linear(width, width), nn.Linear(width, width), nn.ReLU()
        nn.init.constant_(self.gate.bias, -1.0)

    def forward(self, x):
        gate = torch.sigmoid(self.gate(x))
        return gate * self.act(self.new(x)) + (1.0 - gate) * x


def highway():
    model = nn.Sequential(nn.Linear(8, 32), *[Highway(32) for _ in range(5)], nn.Linear(32, 3))
    hidden = tuple(f"{k}.new" for k in range(1, 6))
    return Patient(
        model, tasks.points(), functional.cross_entropy, wrong(3), hidden, hidden, "6", first=("0",), rate=0.005,
        optimiser=adam, steps=200,
    )  # fmt: skip


class Fourier(nn.Module):
    """Sines and cosines of a place, then a plain net: as fields in space are learned."""

    def __init__(self):
        super().__init__()
        self.register_buffer("waves", 2.0 * torch.randn(2, 12))
        self.body = stack([24, 48, 48, 48, 1], nn.ReLU)

    def forward(self, x):
        turned = x @ self.waves
        return self.body(torch.cat([torch.sin(turned), torch.cos(turned)], 1))


def fourier():
    hidden = tuple(f"body.{k}" for k in (0, 2, 4))
    return Patient(
        Fourier(), tasks.field(), functional.mse_loss, unexplained(), hidden, hidden, "body.6", first=("body.0",),
        rate=0.005, optimiser=adam, steps=200,
    )  # fmt: skip


class Experts(nn.Module):
    """Four small nets, and one that says how much each is listened to."""

    def __init__(self):
        super().__init__()
        self.into, self.act = nn.Linear(8, 24), nn.GELU()
        self.router = nn.Linear(24, 4)
        self.experts = nn.ModuleList([stack([24, 24, 24], nn.GELU) for _ in range(4)])
        self.norm, self.out = nn.LayerNorm(24), nn.Linear(24, 3)

    def forward(self, x):
        h = self.act(self.into(x))
        weight = functional.softmax(self.router(h), dim=-1)
        mixed = sum(weight[:, k : k + 1] * expert(h) for k, expert in enumerate(self.experts))
        return self.out(self.norm(h + mixed))


def experts():
    hidden = ("into", *(f"experts.{k}.0" for k in range(4)))
    return Patient(
        Experts(), tasks.points(), functional.cross_entropy, wrong(3), hidden, hidden, "out", first=("into",),
        scores=("router",), rate=0.005, optimiser=adam, steps=200,
    )  # fmt: skip


class Coupling(nn.Module):
    """One half is scaled and shifted by what the other half says."""

    def __init__(self, turned):
        super().__init__()
        self.net, self.turned = stack([1, 32, 32, 2], nn.Tanh), turned

    def forward(self, x):
        kept, moved = (x[:, 1:], x[:, :1]) if self.turned else (x[:, :1], x[:, 1:])
        scale, shift = self.net(kept).chunk(2, dim=1)
        scale = 2.0 * torch.tanh(scale / 2.0)
        moved = moved * torch.exp(scale) + shift
        return torch.cat([moved, kept] if self.turned else [kept, moved], 1), scale.sum(1)


class Flow(nn.Module):
    def __init__(self):
        super().__init__()
        self.steps = nn.ModuleList([Coupling(k % 2 == 1) for k in range(6)])

    def forward(self, x):
        total = x.new_zeros(len(x))
        for step in self.steps:
            x, grown = step(x)
            total = total + grown
        return x, total


def _nats(out, _):
    """What a point costs, in nats, under the density that the flow makes of a normal one."""
    z, grown = out
    return (0.5 * z.square().sum(1) + math.log(2.0 * math.pi) - grown).mean()


def _of_the_rest(out, y):
    """Between the entropy of the points (0) and their cost under a normal density of their variances (1)."""
    return (float(_nats(out, y)) - tasks.BOW[0]) / (tasks.BOW[1] - tasks.BOW[0])


def flow():
    hidden = tuple(f"steps.{k}.net.{j}" for k in range(6) for j in (0, 2))
    return Patient(
        Flow(), tasks.bow(), _nats, _of_the_rest, hidden, hidden, "steps.5.net.4", first=("steps.0.net.0",),
        rate=0.003, optimiser=adam, steps=200,
    )  # fmt: skip


class DeepSet(nn.Module):
    """Every member for itself, the largest of each feature, then the whole."""

    def __init__(self):
        super().__init__()
        self.member, self.whole = stack([4, 32, 32, 32], nn.LeakyReLU), stack([32, 32, 1], nn.LeakyReLU)

    def forward(self, x):
        return self.whole(self.member(x).amax(1))


def deep_set():
    hidden = ("member.0", "member.2", "whole.0")
    return Patient(
        DeepSet(), tasks.bags(), functional.binary_cross_entropy_with_logits, wrong_side, hidden, hidden, "whole.2",
        first=("member.0",), rate=0.005, optimiser=adam,
    )  # fmt: skip


class Graph(nn.Module):
    """Three rounds of listening to one's neighbours; who they are comes with the batch."""

    def __init__(self):
        super().__init__()
        self.into, self.acts = nn.Linear(3, 24), nn.ModuleList([nn.ReLU() for _ in range(4)])
        self.own, self.near = (nn.ModuleList([nn.Linear(24, 24) for _ in range(3)]) for _ in range(2))
        self.norms, self.out = nn.ModuleList([nn.LayerNorm(24) for _ in range(3)]), nn.Linear(24, 2)

    def forward(self, x):
        near, h = x[..., 3:], self.acts[0](self.into(x[..., :3]))
        near = near / near.sum(-1, keepdim=True).clamp(min=1.0)
        for own, other, norm, act in zip(self.own, self.near, self.norms, self.acts[1:], strict=True):
            h = h + act(norm(own(h) + other(near @ h)))
        return self.out(h.mean(1))


def graph():
    hidden = ("into", *(f"norms.{k}" for k in range(3)))
    weights = ("into", *(f"own.{k}" for k in range(3)))
    return Patient(
        Graph(), tasks.neighbours(), functional.cross_entropy, wrong(2), hidden, weights, "out", rate=0.005,
        optimiser=adam, steps=200,
    )  # fmt: skip


class Twins(nn.Module):
    """The same eyes for both pictures, and how far what they see is apart."""

    def __init__(self):
        super().__init__()
        parts = [nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2)]
        parts += [nn.Conv2d(12, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.AdaptiveAvgPool2d(1)]
        self.eyes = nn.Sequential(*parts, nn.Flatten(), nn.Linear(16, 8))
        self.scale, self.shift = nn.Parameter(torch.tensor(1.0)), nn.Parameter(torch.tensor(1.0))

    def forward(self, x):
        a, b = self.eyes(x[:, :1]), self.eyes(x[:, 1:])
        return self.shift - self.scale * (a - b).square().sum(1)


def twins():
    return Patient(
        Twins(), tasks.couples(), functional.binary_cross_entropy_with_logits, wrong_side, ("eyes.1", "eyes.5"),
        ("eyes.0", "eyes.4"), "eyes.9", first=("eyes.0",), rate=0.01, optimiser=adam, steps=200,
    )  # fmt: skip


ALL = (mlp_mish, mlp_elu_wide, highway, fourier, experts, flow, deep_set, graph, twins)
