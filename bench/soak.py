"""Random specifications without end: no crash, no leak, no number that is none and was not reported.

    python bench/soak.py [--minutes 10] [--seed 0]

Trains random nets (depth, width, activation, formula, norm, residual, loss) in random ways (optimiser, schedule, decay,
clipping, target, rates up to absurd ones) in either precision and on any instruction set, in this process. After each
training it is checked that

- a net is called diverged exactly where one of its parameters is not finite,
- what is recorded of a net whose numbers are all of moderate size has no NaN but where a definition says so,
- the same specification gives the same bits again (every tenth time, with another number of threads).

The memory of the process must not grow after the first fifth of the time. Exit 1 where anything was wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

import actlab
from actlab import _core, nets
from actlab.text import UserError

ACTIVATIONS = (
    *actlab.names(), "x*tanh(softplus(x))", "where(x < 0, 0.3*x, x**2/(1 + x))", "sin(x) + 0.1*x", "exp(x)", "1/x",
    "log(abs(x))", "x**3", "abs(x)**0.5",
)  # fmt: skip
#: May be NaN in a sound net: nothing has moved, nothing has a sign, a unit gain does not apply.
UNDEFINED = {nets.TRACES.index(name) for name in ("update_ratio", "sign_agreement", "path_efficiency")}
SHARES = {nets.TRACES.index(name) for name in ("dead", "saturated", "linear")}
MODERATE = 1e3  # no deep net of such numbers overflows single precision
LEAK = 64 * 1024  # KiB


def specification(rng: np.random.Generator) -> tuple[nets.NetSpec, nets.TrainSpec, int, int]:
    """A net, a way to train it, how many nets, and how many points."""
    hidden = tuple(int(rng.integers(1, 20)) for _ in range(rng.integers(0, 5)))
    if rng.random() < 0.1:
        hidden = (int(rng.integers(1, 8)),) * int(rng.integers(10, 60))
    if rng.random() < 0.05:
        hidden = (int(rng.integers(100, 300)),)
    phi = tuple(actlab.get(str(rng.choice(ACTIVATIONS))) for _ in hidden)
    loss = str(rng.choice(["binary", "classes", "squares"]))
    spec = nets.NetSpec(
        features=int(rng.integers(1, 9)),
        hidden=hidden,
        activation=phi,
        init=str(rng.choice(["he", "lecun", "xavier", "gain 3", "gain 0.01"])),
        outputs=1 if loss == "binary" else int(rng.integers(2, 6)),
        loss=loss,  # type: ignore[arg-type]
        norm=tuple(rng.choice(["none", "none", "batch", "layer"], size=len(hidden)).tolist()),
        residual=int(rng.integers(0, 4)),
    )
    rules = (nets.Sgd(), nets.Momentum(float(rng.random())), nets.Adam(), nets.AdamW(0.5, 0.9))
    training = nets.TrainSpec(
        epochs=int(rng.integers(0, 12)),
        batch_size=int(rng.integers(2, 70)),
        optimiser=rules[rng.integers(0, 4)],
        schedule="cosine" if rng.random() < 0.3 else "constant",
        warm_up=int(rng.integers(0, 9)),
        weight_decay=float(rng.choice([0, 0, 0.01, 10])),
        clip=None if rng.random() < 0.6 else float(10 ** rng.uniform(-3, 3)),
        target=None if rng.random() < 0.6 else float(10 ** rng.uniform(-3, 1)),
    )
    return spec, training, int(rng.integers(1, 40)), int(rng.integers(2, 200))


def points(rng: np.random.Generator, spec: nets.NetSpec, count: int, dtype: type) -> nets.PointSets:
    """Two data sets; now and then with enormous numbers."""
    X = rng.normal(size=(2, count, spec.features)) * (10.0 ** rng.uniform(-3, 8) if rng.random() < 0.1 else 1.0)
    if spec.loss == "squares":
        y: Any = rng.normal(size=(2, count, spec.outputs))
    else:
        y = rng.integers(0, 2 if spec.loss == "binary" else spec.outputs, size=(2, count))
    return nets.PointSets(X.astype(dtype), y.astype(dtype))


def one(rng: np.random.Generator, again: bool) -> list[str]:
    """Train one specification; what was wrong with it."""
    spec, training, count, size = specification(rng)
    dtype = np.float32 if rng.random() < 0.8 else np.float64
    sets, validation = points(rng, spec, size, dtype), points(rng, spec, int(rng.integers(1, 90)), dtype)
    steps = training.steps(size)
    settings: dict[str, Any] = {
        "seeds": rng.integers(0, 2**63, size=count).tolist(),
        "learning_rates": (10.0 ** rng.uniform(-6, 1.5, size=count)).tolist(),
        "train_sets": sets,
        "validation_sets": validation if rng.random() < 0.7 else None,
        "set_of_net": rng.integers(0, 2, size=count).tolist(),
        "checkpoints": nets.checkpoint_steps(steps, int(rng.integers(2, 12))),
        "instruction_set": str(rng.choice(_core.instruction_sets())),
    }
    trained = nets.train(spec, training, **settings, threads=int(rng.integers(1, 4)))
    what = f"{spec} {training}"
    wrong = []
    lost = ~np.isfinite(trained.weights).all(axis=1)
    if training.epochs and (lost != trained.diverged).any():
        wrong.append(f"diverged says {trained.diverged.tolist()}, the weights {lost.tolist()}: {what}")
    if not trained.completed.all():
        wrong.append(f"incomplete: {what}")
    scores = nets.score(spec, trained.weights, sets, settings["set_of_net"])
    if np.isnan(scores.loss).any():
        wrong.append(f"a score that is NaN: {what}")
    told = [k for k in range(len(nets.TRACES)) if k not in UNDEFINED | SHARES]
    moderate = trained.curves[..., 0].max(axis=1, initial=0) < MODERATE  # not where there is a NaN
    moderate &= np.abs(trained.weights).max(axis=1, initial=0) < MODERATE
    moderate &= trained.traces[..., :2].max(axis=(1, 2, 3), initial=0) < MODERATE
    for net in () if poles(spec) else np.flatnonzero(moderate):
        traces = trained.traces[net]
        if np.isnan(traces[..., told]).any():
            wrong.append(f"net {net} is of moderate size, its traces are not: {what}")
            break
        if (traces[..., nets.TRACES.index("path_efficiency")] > 1.001).any():
            wrong.append(f"net {net} has a path that is more than straight: {what}")
            break
    if again:
        repeated = nets.train(spec, training, **settings, threads=int(rng.integers(1, 4)))
        pairs = zip(vars(trained).values(), vars(repeated).values(), strict=True)
        if not all(np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind == "f") for a, b in pairs):
            wrong.append(f"other bits a second time: {what}")
    return wrong


def poles(spec: nets.NetSpec) -> bool:
    """Whether φ or φ′ of some layer is not finite everywhere, or so many slopes multiply that anything may overflow."""
    return len(spec.hidden) > 6 or not all(phi.facts.finite for phi in spec.activations)


def memory() -> int:
    """What the process holds, in KiB; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmRSS"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--most", type=int, default=10**9, help="specifications at most")
    options = parser.parse_args()
    begin, end = time.monotonic(), time.monotonic() + 60 * options.minutes
    held, found, refused, k = 0, [], 0, 0
    while time.monotonic() < end and k < options.most:
        rng = np.random.default_rng((options.seed, k))
        try:
            found += [f"specification {k}: {sentence}" for sentence in one(rng, again=k % 10 == 0)]
        except UserError:  # batch norm with one point, say: refused with a sentence
            refused += 1
        k += 1
        if held == 0 and time.monotonic() - begin > 12 * options.minutes:
            held = memory()
    grown = memory() - held if held else 0
    if grown > LEAK:
        found.append(f"The process holds {grown / 1024:.0f} MiB more than after a fifth of the time.")
    print(f"{k} specifications, {refused} refused with a sentence, {grown / 1024:+.1f} MiB since a fifth of the time")
    print("\n".join(found[:40]) or "nothing wrong")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
