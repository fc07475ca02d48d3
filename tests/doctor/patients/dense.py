"""Dense nets: plain, deep, normalised, residual, gated; autoencoders and two towers."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from patients import tasks
from patients.case import Patient, adam, sgd, unexplained, wrong, wrong_side


def fit(model, gain=2**0.5, last=1.0):
    """Weights of standard deviation gain/√fan_in, biases 0; the last matrix has the gain `last`."""
    layers = [m for m in model.modules() if isinstance(m, nn.Linear | nn.Conv1d | nn.Conv2d)]
    for layer in layers:
        nn.init.normal_(layer.weight, std=(last if layer is layers[-1] else gain) / layer.weight[0].numel() ** 0.5)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    return model


def stack(widths, act, norm=None):
    parts = []
    for m, n in pairwise(widths[:-1]):
        parts += [nn.Linear(m, n), *([norm(n)] if norm else []), act()]
    return nn.Sequential(*parts, nn.Linear(widths[-2], widths[-1]))


def of_kind(model, *kinds):
    return tuple(path for path, module in model.named_modules() if isinstance(module, kinds))


def mlp_relu():
    model = fit(stack([8, 32, 32, 32, 32, 3], nn.ReLU))
    layers = of_kind(model, nn.Linear)
    return Patient(
        model, tasks.points(), functional.cross_entropy, wrong(3), layers[:-1], layers[:-1], layers[-1],
        first=layers[:1], rate=0.03, optimiser=sgd, steps=200,
    )  # fmt: skip


def mlp_tanh_deep():
    model = fit(stack([8, *[32] * 8, 3], nn.Tanh), gain=1.2)
    layers = of_kind(model, nn.Linear)
    return Patient(
        model, tasks.points(), functional.cross_entropy, wrong(3), layers[:-1], layers[:-1], layers[-1],
        first=layers[:1], rate=0.05, optimiser=sgd,
    )  # fmt: skip


def mlp_batchnorm():
    model = stack([8, *[32] * 5, 3], nn.ReLU, nn.BatchNorm1d)
    layers = of_kind(model, nn.Linear)
    return Patient(
        model, tasks.points(), functional.cross_entropy, wrong(3), of_kind(model, nn.BatchNorm1d), layers[:-1],
        layers[-1], first=layers[:1], rate=0.05, optimiser=sgd,
    )  # fmt: skip


def mlp_gelu():
    """PyTorch's own init, for a regression."""
    model = stack([6, 48, 48, 1], nn.GELU)
    layers = of_kind(model, nn.Linear)
    return Patient(
        model, tasks.curve(), functional.mse_loss, unexplained(), layers[:-1], layers[:-1], layers[-1],
        first=layers[:1], rate=0.005, optimiser=adam,
    )  # fmt: skip


def mlp_selu_deep():
    model = fit(stack([8, *[32] * 10, 3], nn.SELU), gain=1.0)
    layers = of_kind(model, nn.Linear)
    return Patient(
        model, tasks.points(), functional.cross_entropy, wrong(3), layers[:-1], layers[:-1], layers[-1],
        first=layers[:1], rate=0.02, optimiser=sgd,
    )  # fmt: skip


def mlp_sigmoid():
    """One hidden layer of sigmoids, as in the books: healthy, since it is shallow and its weights fit."""
    model = fit(stack([8, 48, 3], nn.Sigmoid), gain=2.0)
    layers = of_kind(model, nn.Linear)
    return Patient(
        model, tasks.points(), functional.cross_entropy, wrong(3), layers[:-1], layers[:-1], layers[-1],
        first=layers[:1], rate=0.03, optimiser=adam,
    )  # fmt: skip


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm, self.into, self.act, self.out = (
            nn.LayerNorm(width),
            nn.Linear(width, 2 * width),
            nn.ReLU(),
            nn.Linear(2 * width, width),
        )

    def forward(self, x):
        return x + self.out(self.act(self.into(self.norm(x))))


def mlp_residual():
    model = nn.Sequential(nn.Linear(8, 24), *[Residual(24) for _ in range(4)], nn.LayerNorm(24), nn.Linear(24, 3))
    hidden = tuple(f"{k}.into" for k in range(1, 5))
    return Patient(
        model, tasks.points(), functional.cross_entropy, wrong(3), hidden, hidden, "6", first=("0",), rate=0.003,
        optimiser=adam,
    )  # fmt: skip


class Swiglu(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.RMSNorm(width)
        self.gate, self.up, self.down = (
            nn.Linear(width, 2 * width, bias=False), nn.Linear(width, 2 * width, bias=False),
            nn.Linear(2 * width, width, bias=False),
        )  # fmt: skip

    def forward(self, x):
        h = self.norm(x)
        return x + self.down(functional.silu(self.gate(h)) * self.up(h))


def gated_mlp():
    model = nn.Sequential(nn.Linear(8, 24), *[Swiglu(24) for _ in range(3)], nn.RMSNorm(24), nn.Linear(24, 3))
    hidden = tuple(f"{k}.gate" for k in range(1, 4))
    return Patient(
        model, tasks.points(), functional.cross_entropy, wrong(3), hidden, hidden, "5", first=("0",), rate=0.003,
        optimiser=adam,
    )  # fmt: skip


def autoencoder():
    model = fit(stack([16, 32, 16, 4, 16, 32, 16], nn.Tanh), gain=1.2)
    layers = of_kind(model, nn.Linear)
    return Patient(
        model, tasks.sheet(), functional.mse_loss, unexplained(), layers[:-1], layers[:-1], layers[-1],
        first=layers[:1], rate=0.01, optimiser=adam,
    )  # fmt: skip


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(16, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU())
        self.mean, self.log_var = nn.Linear(32, 4), nn.Linear(32, 4)
        self.decoder = nn.Sequential(nn.Linear(4, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 16))

    def forward(self, x):
        h = self.encoder(x)
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var) if self.training else mean
        return self.decoder(z), mean, log_var


def _evidence(out, y):
    x, mean, log_var = out
    return functional.mse_loss(x, y) + 0.002 * (mean.square() + log_var.exp() - 1.0 - log_var).mean()


def vae():
    hidden = ("encoder.0", "encoder.2", "decoder.0", "decoder.2")
    return Patient(
        Vae(), tasks.sheet(), _evidence, unexplained(lambda out: out[0]), hidden, hidden, "decoder.4",
        first=("encoder.0",), rate=0.005, optimiser=adam,
    )  # fmt: skip


class Towers(nn.Module):
    """The same tower for both; a score of how well they fit together."""

    def __init__(self):
        super().__init__()
        self.left = fit(stack([8, 32, 32, 16], nn.ReLU))
        self.right = fit(stack([8, 32, 32, 16], nn.ReLU))
        self.scale, self.shift = nn.Parameter(torch.tensor(1.0)), nn.Parameter(torch.tensor(0.0))

    def forward(self, x):
        a, b = self.left(x[:, 0]), self.right(x[:, 1])
        return self.scale * (a * b).sum(-1) / 4.0 + self.shift


def two_towers():
    hidden = ("left.0", "left.2", "right.0", "right.2")
    return Patient(
        Towers(), tasks.pairs(), functional.binary_cross_entropy_with_logits, wrong_side, hidden, hidden, "right.4",
        first=("left.0", "right.0"), rate=0.005, optimiser=adam, steps=200,
    )  # fmt: skip


ALL = (
    mlp_relu, mlp_tanh_deep, mlp_batchnorm, mlp_gelu, mlp_selu_deep, mlp_sigmoid, mlp_residual, gated_mlp, autoencoder,
    vae, two_towers,
)  # fmt: skip
