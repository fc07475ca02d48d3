"""What `actlab.watch` costs: steps of training with and without it, in turn, in one run.

    python bench/doctor.py [resnet|bert] [rounds]
    python bench/doctor.py [resnet|bert] memory [rounds]
    python bench/doctor.py [resnet|bert] torchlens [rounds]

Each round trains one step unwatched, one inside of a watch that does not look at it, and one that is looked at, in an
order that turns. Printed: medians over the rounds of the time relative to the unwatched step of the same round, what
follows for the default (one step in 20 looked at), and the memory that a watch keeps between steps.

``memory``: four steps in a process of its own for each way, and the most memory that it ever held (``ru_maxrss``), less
what it held before the model was made. ``torchlens``: TorchLens, where it is installed, in the same rounds: a trace of
the same forward pass that saves every activation, beside a forward pass and beside a step of training.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
import tracemalloc
from importlib.util import find_spec

import torch
from torch import nn
from torch.nn import functional

import actlab


class Block(nn.Module):
    def __init__(self, into, out, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out)
        self.conv2, self.bn2 = nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out)
        self.relu = nn.ReLU(inplace=True)
        self.skip = nn.Conv2d(into, out, 1, stride, bias=False) if stride > 1 or into != out else nn.Identity()

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        return self.relu(self.skip(x) + self.bn2(self.conv2(y)))


def resnet():
    """ResNet-18 for small pictures, 11 million parameters; a batch of 32."""
    widths = (64, 64, 128, 128, 256, 256, 512, 512)
    blocks = [Block(m, n, 1 + (n > m)) for m, n in zip((64, *widths), widths, strict=False)]
    stem = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True))
    model = nn.Sequential(stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
    return model, torch.randn(32, 3, 32, 32), torch.randint(0, 10, (32,))


class Bert(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.places = nn.Embedding(8000, 512), nn.Parameter(torch.randn(64, 512) * 0.02)
        layer = nn.TransformerEncoderLayer(512, 8, 2048, activation="gelu", batch_first=True)
        self.body, self.head = nn.TransformerEncoder(layer, 4), nn.Linear(512, 2)

    def forward(self, tokens):
        return self.head(self.body(self.words(tokens) + self.places)[:, 0])


def bert():
    """An encoder of the size of BERT-small (4 layers, 512 wide); a batch of 16 sequences of 64 words."""
    return Bert(), torch.randint(0, 8000, (16, 64)), torch.randint(0, 2, (16,))


def main(name, rounds):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, x, y = {"resnet": resnet, "bert": bert}[name]()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def step():
        start = time.perf_counter()
        optimiser.zero_grad()
        functional.cross_entropy(model(x), y).backward()
        optimiser.step()
        return time.perf_counter() - start

    looking = actlab.watch(model, first=1_000_000)
    resting = actlab.watch(model, first=1, every=1_000_000)
    step()
    with resting:
        step()
    with looking:
        step()
    ways = ["none", "resting", "looking"]
    taken = {way: [] for way in ways}
    for round_ in range(rounds):
        for way in ways[round_ % 3 :] + ways[: round_ % 3]:
            if way == "none":
                taken[way].append(step())
                continue
            watch = resting if way == "resting" else looking
            with watch:
                taken[way].append(step())
    ratios = {way: statistics.median(a / b for a, b in zip(taken[way], taken["none"], strict=True)) for way in ways[1:]}
    tracemalloc.start()
    with actlab.watch(model) as fresh:
        step()
        kept = tracemalloc.get_traced_memory()[0]
    fresh.diagnosis()
    size = sum(p.numel() for p in model.parameters())
    training = 16 * size  # weights, gradients, two moments, float32
    print(f"{name}: {size / 1e6:.1f} M parameters, {1e3 * statistics.median(taken['none']):.0f} ms a step unwatched")
    print(f"  a step not looked at {ratios['resting']:.3f}×, a step looked at {ratios['looking']:.3f}×")
    print(f"  watch at its default {(19 * ratios['resting'] + ratios['looking']) / 20:.3f}×")
    print(f"  kept between steps {kept / 1e6:.1f} MB: {100 * kept / training:.1f} % of weights, gradients and moments")


WAYS = ("none", "default", "every", "log")


def held(name, way):
    """MiB: the peak of four steps of training, less what was held before the model was made."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    functional.relu(torch.ones(8, requires_grad=True)).sum().backward()  # whatever the first step brings in
    torch.optim.AdamW([torch.ones(1, requires_grad=True)]).step()
    tiny = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.GELU(), nn.Linear(4, 4))
    with actlab.watch(tiny) as w:  # likewise: facts of functions and the packages that they need
        tiny(torch.ones(8, 4)).sum().backward()
    w.diagnosis()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    model, x, y = {"resnet": resnet, "bert": bert}[name]()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def steps():
        for _ in range(4):
            optimiser.zero_grad()
            functional.cross_entropy(model(x), y).backward()
            optimiser.step()

    if way == "none":
        steps()
    elif way == "torchlens":
        import torchlens

        kept = torchlens.trace(model, x)
        steps()
        del kept
    else:
        settings = {"default": {"first": 1}, "every": {"every": 1}, "log": {"every": 1, "log": lambda _: None}}[way]
        with actlab.watch(model, **settings):
            steps()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def memory(name, rounds):
    """Each way in turn, in processes of their own: medians over rounds."""
    ways = [*WAYS, *(["torchlens"] if find_spec("torchlens") else [])]
    peaks = {way: [] for way in ways}
    # every large block is given back when it is freed: what is held is what is in use, not what malloc keeps for later
    env = os.environ | {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_ARENA_MAX": "1"}
    for _ in range(rounds):
        for way in ways:
            words = [sys.executable, "-W", "ignore", __file__, name, "held", way]
            done = subprocess.run(words, capture_output=True, text=True, check=True, env=env)
            peaks[way].append(float(done.stdout.split()[-1]))
    plain = statistics.median(peaks["none"])
    for way in ways:
        peak = statistics.median(peaks[way])
        print(f"{name}: {way:9s} {peak:7.0f} MiB at most, {100 * (peak / plain - 1):+.1f} %")


def torchlens(name, rounds):
    """What one look costs: TorchLens's, and ours."""
    import torchlens as lens

    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, x, y = {"resnet": resnet, "bert": bert}[name]()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4)

    def forward():
        with torch.no_grad():
            model(x)

    def step():
        optimiser.zero_grad()
        functional.cross_entropy(model(x), y).backward()
        optimiser.step()

    def looked():
        with actlab.watch(model, every=1):
            step()

    ways = {"forward": forward, "step": step, "a step looked at by actlab.watch": looked,
            "torchlens.trace of one forward pass": lambda: lens.trace(model, x)}  # fmt: skip
    taken = {way: [] for way in ways}
    for way in ways.values():
        way()
    for round_ in range(rounds):
        order = list(ways)
        for way in order[round_ % 4 :] + order[: round_ % 4]:
            start = time.perf_counter()
            ways[way]()
            taken[way].append(time.perf_counter() - start)
    for way, times in taken.items():
        pairs = {base: zip(times, taken[base], strict=True) for base in ("forward", "step")}
        ratios = {base: statistics.median(a / b for a, b in pair) for base, pair in pairs.items()}
        print(f"{name}: {way:38s} {1e3 * statistics.median(times):7.0f} ms, {ratios['forward']:.2f}× a forward, "
              f"{ratios['step']:.2f}× a step")  # fmt: skip


if __name__ == "__main__":
    if sys.argv[2:3] == ["memory"]:
        memory(sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 3)
    elif sys.argv[2:3] == ["held"]:
        print(held(sys.argv[1], sys.argv[3]))
    elif sys.argv[2:3] == ["torchlens"]:
        torchlens(sys.argv[1], int(sys.argv[3]) if len(sys.argv) > 3 else 5)
    else:
        main(sys.argv[1] if len(sys.argv) > 1 else "resnet", int(sys.argv[2]) if len(sys.argv) > 2 else 10)
