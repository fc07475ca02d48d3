"""Small models, trained with and without a doctor who watches: the weights must be the same."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

import actlab


def batches(n=3, size=16, inputs=6):
    torch.manual_seed(7)
    return [(torch.randn(size, inputs), torch.randint(0, 3, (size,))) for _ in range(n)]


def small(act=nn.ReLU):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), act(), nn.Linear(8, 3))


def loss_of(output, y):
    output = output["logits"] if isinstance(output, dict) else output[0] if isinstance(output, tuple) else output
    return functional.cross_entropy(output.float(), y)


def train(model, data=None, steps=4, seed=1):
    torch.manual_seed(seed)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.SGD(trained, lr=0.05, momentum=0.9)
    data = data or batches()
    for k in range(steps):
        x, y = data[k % len(data)]
        optimiser.zero_grad()
        loss_of(model(x), y).backward()
        optimiser.step()


def watched(make, data=None):
    """The diagnosis of a watched run whose weights are, bit for bit, those of the same run unwatched."""
    torch.manual_seed(0)
    plain = make()
    train(plain, data)
    torch.manual_seed(0)
    model = make()
    with actlab.watch(model) as w:
        train(model, data)
    for a, b in zip(plain.state_dict().values(), model.state_dict().values(), strict=True):
        assert torch.equal(a, b)
    return w.diagnosis()


def sites(d):
    return [(s.site.function, s.site.layer) for s in d.readings.sites]


def moved(d):
    return {w.name for w in d.readings.weights if w.updates}
