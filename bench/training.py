"""How fast nets train: our engine beside the plain NumPy loop of a tutorial, in turn, in one process.

`make bench` runs this; `bench/README.md` says how to read it.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from dataclasses import dataclass

# Products of 8 × 8 matrices are too small to share: BLAS threads would only spin, and slow both engines down.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # before NumPy is imported: it reads them once

import numpy as np  # noqa: E402

import actlab  # noqa: E402
from actlab import _core, data, nets  # noqa: E402
from peers import numpy_loop  # noqa: E402

NETS, HIDDEN, BATCH, RATE, THREADS = 1024, (8, 8), 32, 0.1, 2
ACTIVATIONS = ("tanh", "relu", "sigmoid", "gelu")
PEER_SECONDS = 1.0  # of every round; the loop's speed does not depend on how long it runs
GOAL = {"tanh": 100.0}  # at least so many times the loop's net-steps per second


@dataclass(frozen=True)
class Turn:
    """What one engine did in its turn."""

    steps: int  # net-steps: one step of one net
    seconds: float
    processor_seconds: float  # of all threads together
    loss: float  # mean training loss at the end

    @property
    def speed(self) -> float:
        return self.steps / self.seconds

    @property
    def speed_per_processor(self) -> float:
        return self.steps / self.processor_seconds


@dataclass(frozen=True)
class Round:
    """A turn of each, one after the other."""

    ours: Turn
    peer: Turn


class Clock:
    """Seconds and processor seconds since it was made."""

    def __init__(self) -> None:
        self.wall, self.processor = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self.wall, time.process_time() - self.processor


def our_turn(activation: str, draws: list[data.Draw], epochs: int) -> Turn:
    """All nets, with everything a study asks for: packing the data, initial weights, measurements at checkpoints."""
    phi = actlab.get(activation)
    spec = nets.NetSpec(draws[0].train.X.shape[1], HIDDEN, phi, phi.default_init, epochs, BATCH)
    clock = Clock()
    train_sets = nets.PointSets.stack([draw.train for draw in draws])
    validation_sets = nets.PointSets.stack([draw.validation for draw in draws])
    total = epochs * spec.steps_per_epoch(train_sets.points)
    trained = nets.train(
        spec,
        seeds=range(NETS),
        learning_rates=[RATE] * NETS,
        train_sets=train_sets,
        validation_sets=validation_sets,
        set_of_net=range(NETS),
        checkpoints=nets.checkpoint_steps(total),
        threads=THREADS,
    )
    seconds = clock.read()
    if not trained.completed.all():
        sys.exit(130)  # Ctrl-C
    return Turn(NETS * total, *seconds, float(trained.curves[:, -1, nets.CURVES.index("train_loss")].mean()))


def peer_turn(activation: str, draws: list[data.Draw], epochs: int) -> Turn:
    """Whole trainings, one net after the other, until the time is up."""
    gain = 2.0 if actlab.get(activation).default_init == "he" else 1.0
    trained = []
    clock = Clock()
    while clock.read()[0] < PEER_SECONDS:
        seed = len(trained)
        X, y = draws[seed].train.X, draws[seed].train.y[:, None]
        layers = numpy_loop.initial([X.shape[1], *HIDDEN, 1], gain, seed)
        numpy_loop.train(layers, activation, X, y, epochs=epochs, batch_size=BATCH, learning_rate=RATE, seed=seed)
        trained.append((layers, X, y))
    seconds = clock.read()
    steps = sum(epochs * -(-len(X) // BATCH) for _, X, _ in trained)
    return Turn(
        steps, *seconds, statistics.fmean(numpy_loop.loss(layers, activation, X, y) for layers, X, y in trained)
    )


def measure(activation: str, draws: list[data.Draw], epochs: int, rounds: int) -> list[Round]:
    our_turn(activation, draws, 1)  # compiles the activation and wakes the clock; not counted
    results = []
    for turn in range(rounds):
        if turn % 2:  # whoever comes second finds a warmer machine: each is second as often
            ours = our_turn(activation, draws, epochs)
            peer = peer_turn(activation, draws, epochs)
        else:
            peer = peer_turn(activation, draws, epochs)
            ours = our_turn(activation, draws, epochs)
        results.append(Round(ours, peer))
    return results


def check_same_mathematics(activation: str, draw: data.Draw) -> None:
    """One full-batch step of the loop is one of ours: without this the two could be timed doing different work."""
    phi = actlab.get(activation)
    X, y = draw.train.X, draw.train.y
    spec = nets.NetSpec(X.shape[1], HIDDEN, phi, phi.default_init, 1, len(X))
    sets = nets.PointSets(X[None], y[None])
    (ours,) = nets.train(spec, seeds=[1], learning_rates=[RATE], train_sets=sets).weights
    layers = [[W.copy(), b.copy()] for W, b in spec.unpack(nets.initial_weights(spec, [1], np.float64)[0])]
    numpy_loop.train(layers, activation, X, y[:, None], epochs=1, batch_size=len(X), learning_rate=RATE, seed=1)
    np.testing.assert_allclose(spec.pack([(W, b) for W, b in layers]), ours, rtol=1e-9, atol=1e-12)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns for each engine (5)")
    parser.add_argument("--epochs", type=int, default=800, help="epochs of every net (800, as in a study)")
    arguments = parser.parse_args()

    source = data.resolve("moons")
    draws = [source.draw(seed) for seed in range(NETS)]
    steps = arguments.epochs * -(-source.n_train // BATCH)
    print(
        f"{NETS:,} nets 2→8→8→1, {source.n_train} points, batch {BATCH}, {steps:,} steps; own data and order each\n"
        f"actlab: float32, {_core.instruction_sets()[-1]}, {THREADS} threads; measured at "
        f"{len(nets.checkpoint_steps(steps))} checkpoints, with {source.n_validation:,} validation points\n"
        f"NumPy {np.__version__} loop: float64, 1 thread, no measurements; as many of the nets as {PEER_SECONDS:g} s\n"
        f"    a round allow, scaled by net-steps per second\n"
        f"{arguments.rounds} rounds, engines in turn; {platform.machine()}, {os.cpu_count()} processors, "
        f"load {os.getloadavg()[0]:.1f}\n"
    )
    print(f"{'':8}{'net-steps/s, median':>24}{'ratio':>18}{'ratio per':>16}{'mean training loss':>24}")
    print(
        f"{'':8}{'actlab':>12}{'NumPy':>12}{'least':>9}{'median':>9}{'processor second':>18}{'actlab':>11}{'NumPy':>11}"
    )
    missed = []
    for activation in ACTIVATIONS:
        check_same_mathematics(activation, draws[0])
        rounds = measure(activation, draws, arguments.epochs, arguments.rounds)
        ratios = [r.ours.speed / r.peer.speed for r in rounds]
        columns = [
            f"{statistics.median(r.ours.speed for r in rounds):12,.0f}",
            f"{statistics.median(r.peer.speed for r in rounds):12,.0f}",
            f"{min(ratios):9.0f}{statistics.median(ratios):9.0f}",
            f"{statistics.median(r.ours.speed_per_processor / r.peer.speed_per_processor for r in rounds):18.0f}",
            f"{statistics.median(r.ours.loss for r in rounds):11.4f}",
            f"{statistics.median(r.peer.loss for r in rounds):11.4f}",
        ]
        print(f"{activation:8}" + "".join(columns), flush=True)
        if statistics.median(ratios) < GOAL.get(activation, 0):
            missed.append(
                f"{activation}: {statistics.median(ratios):.0f} times the loop; the goal is {GOAL[activation]:.0f}."
            )
    for line in missed:
        print(line, "A loaded machine gives two threads less than two processors: look at its load.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
