"""Small tasks that a healthy net learns in a hundred steps; each is drawn anew from PyTorch's random state."""

from __future__ import annotations

import math

import torch
from torch.nn import functional

BATCH, BATCHES = 32, 40


def cut(x, y):
    return list(zip(x.split(BATCH), y.split(BATCH), strict=True))


def count():
    return BATCH * BATCHES


def points(inputs=8):
    """Three classes in sectors around the origin of a plane, among other directions that say nothing."""
    x = torch.randn(count(), inputs)
    angle = torch.atan2(x[:, 0], x[:, 1]) + 0.5 * x[:, 2]
    return cut(x, (angle / (2 * math.pi / 3)).floor().long() % 3)


def curve(inputs=6):
    """A smooth function of several numbers, between about -4 and 4."""
    x = torch.randn(count(), inputs)
    y = 2.0 * torch.sin(x[:, 0]) + x[:, 1] * torch.tanh(x[:, 2]) + x[:, 3]
    return cut(x, y[:, None])


def sheet(features=16):
    """Points of a curved sheet of three dimensions among sixteen: input and target are the same."""
    u = torch.randn(count(), 3)
    torch_state = torch.Generator().manual_seed(7)
    a, b = torch.randn(3, features, generator=torch_state), torch.randn(3, features, generator=torch_state)
    x = torch.tanh(u @ a) + 0.3 * u @ b
    return cut(x, x)


def bars(size=8):
    """Pictures (1, 8, 8) of a bar that lies, stands or goes across, somewhere, in noise: three classes."""
    n = count()
    y = torch.randint(0, 3, (n,))
    place = torch.randint(1, size - 1, (n,))
    rows = torch.arange(size)[None, :, None].expand(n, size, size)
    columns = torch.arange(size)[None, None, :].expand(n, size, size)
    p = place[:, None, None]
    across = ((rows + p) % size == columns).float()
    x = torch.where(
        y[:, None, None] == 0, (rows == p).float(), torch.where(y[:, None, None] == 1, (columns == p).float(), across)
    )
    x = 2.0 * x + 0.5 * torch.randn(n, size, size)
    return cut((x - x.mean())[:, None] / x.std(), y)


def blobs(size=8):
    """Pictures (1, 8, 8) of two soft blobs in noise; the target is where they are, pixel by pixel."""
    n = count()
    grid = torch.arange(size).float()
    centres = torch.rand(n, 2, 2) * (size - 3) + 1.0
    away = (grid[None, None, :, None] - centres[..., 0, None, None]) ** 2 + (
        grid[None, None, None, :] - centres[..., 1, None, None]
    ) ** 2
    y = (away.amin(1) < 2.6).float()
    x = 1.5 * y + 0.6 * torch.randn(n, size, size)
    return cut((x - x.mean())[:, None] / x.std(), y[:, None])


def memory(length=8):
    """Sequences (8, 3): a class is shown at the first step, then noise; it must be told at the end."""
    n = count()
    y = torch.randint(0, 3, (n,))
    x = 0.4 * torch.randn(n, length, 3)
    x[:, 0] += 1.5 * functional.one_hot(y, 3)
    return cut(x, y)


def waves(length=12):
    """Sequences (12, 1) of a slow, a middle or a fast wave of any phase, in noise: three classes."""
    n = count()
    y = torch.randint(0, 3, (n,))
    phase = torch.rand(n, 1) * 2 * math.pi
    speed = torch.tensor([0.4, 1.1, 2.2])[y][:, None]
    x = torch.sin(speed * torch.arange(length).float() + phase) + 0.3 * torch.randn(n, length)
    return cut(x[..., None] * 1.3, y)


def marked(length=8, words=12):
    """Words of which one, anywhere, is a name of the class (0, 1 or 2); the others say nothing."""
    n = count()
    y = torch.randint(0, 3, (n,))
    x = torch.randint(3, words, (n, length))
    x[torch.arange(n), torch.randint(0, length, (n,))] = y
    return cut(x, y)


def rounds(length=10, words=8, period=3):
    """Words that come round: each is the one three places before; the target is the next word."""
    n = count()
    first = torch.randint(0, words, (n, period))
    whole = first.repeat(1, length // period + 2)[:, : length + 1]
    return cut(whole[:, :-1], whole[:, 1:])


def bags(members=8, features=4):
    """Sets (8, 4): one member is marked by its first number, and its second says the answer."""
    n = count()
    x = torch.randn(n, members, features)
    chosen = torch.randint(0, members, (n,))
    x[..., 0] = 0.3 * x[..., 0] - 0.4
    x[torch.arange(n), chosen, 0] += 2.5
    return cut(x, (x[torch.arange(n), chosen, 1:2] > 0).float())


def pairs(features=8):
    """Two vectors side by side, (2, 8), and whether the second is the first one, turned and with noise."""
    n = count()
    generator = torch.Generator().manual_seed(5)
    turn = torch.linalg.qr(torch.randn(features, features, generator=generator)).Q
    a = torch.randn(n, features)
    y = (torch.rand(n) > 0.5).float()
    b = torch.where(y[:, None] > 0, a @ turn, torch.randn(n, features)) + 0.2 * torch.randn(n, features)
    return cut(torch.stack([a, b], 1), y)


def field():
    """Places of a plane, and a landscape of hills over them."""
    x = 2.0 * torch.rand(count(), 2) - 1.0
    y = torch.sin(3.0 * x[:, :1]) * torch.cos(4.0 * x[:, 1:]) + 0.5 * torch.sin(5.0 * x[:, :1] * x[:, 1:])
    return cut(x, y)


#: What a point of `bow` costs at least, in nats: its entropy; and under the normal density of its variances.
BOW = (
    math.log(2.0 * math.pi * math.e) + math.log(0.2),
    math.log(2.0 * math.pi * math.e) + 0.5 * math.log(0.5 + 0.2**2),
)


def bow():
    """Points of a plane along a parabola: half of the first coordinate's square, and noise; there is no target."""
    a = torch.randn(count())
    x = torch.stack([a, 0.5 * a.square() - 0.5 + 0.2 * torch.randn(count())], 1)
    return cut(x, x)


def neighbours(nodes=8):
    """Graphs (8, 3 + 8): three numbers a node, then who its neighbours are. Do the two marked nodes know each other?"""
    n = count()
    near = (torch.rand(n, nodes, nodes) < 0.3).float()
    near = ((near + near.transpose(1, 2)) > 0).float() * (1.0 - torch.eye(nodes))
    a = torch.randint(0, nodes, (n,))
    b = (a + torch.randint(1, nodes, (n,))) % nodes
    y = torch.randint(0, 2, (n,))
    near[torch.arange(n), a, b] = near[torch.arange(n), b, a] = y.float()
    x = 0.3 * torch.randn(n, nodes, 3)
    x[torch.arange(n), a, 0] += 2.0
    x[torch.arange(n), b, 1] += 2.0
    return cut(torch.cat([x, near], 2), y)


def couples():
    """Two pictures (2, 8, 8) of bars, and whether they lie alike."""
    x, y = (torch.cat(parts) for parts in zip(*bars(), strict=True))
    other, kind = (torch.cat(parts) for parts in zip(*bars(), strict=True))
    same = (torch.arange(len(y)) % 2 == 0).nonzero()[:, 0]
    for k in range(3):  # half of the pairs are alike
        mine, theirs = same[y[same] == k], (kind == k).nonzero()[:, 0]
        other[mine], kind[mine] = other[theirs[torch.randint(0, len(theirs), (len(mine),))]].clone(), k
    order = torch.randperm(len(y))
    return cut(torch.cat([x, other], 1)[order], (y == kind).float()[order])
