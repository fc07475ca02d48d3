"""Does init="critical" help? Plain nets of depth 30 from the critical point, against He and Xavier.

Every built-in function that has a critical point, each initialisation at its best learning rate (chosen on validation
points, judged on test points), the same seeds and draws for all. Difference to the better of He and Xavier with a 95 %
interval, paired by seed.

    python examples/critical_init.py [--data moons] [--depth 30] [--width 16] [--seeds 8] [--epochs 100] [NAME…]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import actlab
from actlab import nets
from actlab.data import resolve
from actlab.functions import names
from actlab.nets import NetSpec, PointSets, TrainSpec
from actlab.statistics import mean_interval, paired_interval
from actlab.theory import theory

INITS = ("critical", "he", "xavier")
RATES = (0.003, 0.01, 0.03, 0.1, 0.3)


def accuracies(name: str, init: str, options: argparse.Namespace, sets: tuple[PointSets, ...]) -> tuple:
    """Test accuracies ``(seeds,)`` at the best rate, and that rate."""
    spec = NetSpec(sets[0].X.shape[2], (options.width,) * options.depth, actlab.get(name), init)
    seeds = np.repeat(np.arange(options.seeds), len(RATES))
    trained = nets.train(
        spec, TrainSpec(options.epochs, 32), seeds=seeds, learning_rates=np.tile(RATES, options.seeds),
        train_sets=sets[0], set_of_net=seeds,
    )  # fmt: skip
    validation, test = (
        nets.score(spec, trained.weights, part, seeds).accuracy.reshape(options.seeds, -1) for part in sets[1:]
    )
    best = int(np.argmax(validation.mean(axis=0)))
    return test[:, best], RATES[best]


def main() -> None:
    """A Markdown row a function."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    for flag, value in (("--depth", 30), ("--width", 16), ("--seeds", 8), ("--epochs", 100)):
        parser.add_argument(flag, type=int, default=value)
    parser.add_argument("--data", default="moons")
    options = parser.parse_args()
    start = time.perf_counter()
    source = resolve(options.data, n_test=2_000)
    draws = [source.draw(seed) for seed in range(options.seeds)]
    parts = ("train", "validation", "test")
    sets = tuple(PointSets.stack([getattr(draw, part) for draw in draws]) for part in parts)
    print("| function | σw² | σb² | critical | He | Xavier | critical − better of the two, points |")
    print("|---" * 7 + "|")
    for name in options.names or names():
        if not theory(name).has_critical_point:
            continue
        size, bias = theory(name).recommended_init()
        found = {init: accuracies(name, init, options, sets) for init in INITS}
        cells = []
        for values, rate in found.values():
            interval = mean_interval(values)
            ends = f"[{100 * interval.low:.0f}, {100 * interval.high:.0f}]"
            cells.append(f"{100 * interval.estimate:.1f} {ends} ({rate:g})")
        other = max(INITS[1:], key=lambda init: found[init][0].mean())
        gap = paired_interval(found["critical"][0], found[other][0])
        ends = f"{100 * gap.estimate:+.1f} [{100 * gap.low:+.0f}, {100 * gap.high:+.0f}]"
        print(f"| {name} | {size:.3g} | {bias:.3g} | " + " | ".join(cells) + f" | {ends} |", flush=True)
    print(f"\n{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
