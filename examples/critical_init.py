"""Does init="critical" help? Plain nets of depth 30 from the critical point, against He and Xavier.

Every built-in function that has a critical point. For each initialisation eight pilot seeds choose the learning rate of
five, on validation points, and the better of He and Xavier; other seeds are judged at that rate on test points.
Differences are paired by seed (the same draws of data and of weights), and their intervals hold for all functions
together with 95 %.

    python examples/critical_init.py [--seeds 256] [--records critical.jsonl] [--minutes 9] [NAME…]

With ``--records`` it may be stopped (or stops by itself after ``--minutes``), and goes on where it was; with more seeds
too.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

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
PILOTS, FIRST_PILOT = 8, 1_000_000
BLOCK = 64  # seeds that are trained and recorded together


class Trials:
    """Accuracies of trained nets, kept in a file: a line an initialisation and block of seeds."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.end = options, time.perf_counter() + 60 * options.minutes
        self.done: dict[str, Any] = {}
        if options.records is not None and options.records.exists():
            for line in options.records.read_text(encoding="utf-8").splitlines():
                key, value = json.loads(line)
                self.done[key] = value
        self.sets: dict[range, tuple[PointSets, ...]] = {}

    def pilots(self, name: str, init: str) -> list[float]:
        """Validation accuracy of the pilots at each rate."""
        seeds = range(FIRST_PILOT, FIRST_PILOT + PILOTS)
        return self._kept(f"{name} {init} pilots", lambda: self._train(name, init, seeds, RATES, 1).mean(0))

    def judged(self, name: str, init: str) -> np.ndarray:
        """Test accuracy of every judged seed at the rate of the pilots."""
        rate = RATES[int(np.argmax(self.pilots(name, init)))]
        blocks = [range(k, min(k + BLOCK, self.options.seeds)) for k in range(0, self.options.seeds, BLOCK)]
        return np.concatenate([
            self._kept(f"{name} {init} {b.start}-{b.stop}", lambda b=b: self._train(name, init, b, (rate,), 2)[:, 0])
            for b in blocks
        ])  # fmt: skip

    def _kept(self, key: str, make: Any) -> list[float]:
        options = self.options
        key = f"{options.data} {options.depth}x{options.width} {options.epochs} {key}"
        if key not in self.done:
            if time.perf_counter() > self.end:
                sys.exit("It goes on from here.")
            self.done[key] = [round(float(x), 5) for x in make()]
            if options.records is not None:
                with options.records.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([key, self.done[key]]) + "\n")
        return self.done[key]

    def _train(self, name: str, init: str, seeds: range, rates: tuple[float, ...], part: int) -> np.ndarray:
        """Accuracies ``(seeds, rates)`` on validation points (`part` 1) or test points (2); of lost nets 0."""
        if seeds not in self.sets:
            source = resolve(self.options.data, n_test=2_000)
            draws = [source.draw(seed) for seed in seeds]
            self.sets[seeds] = tuple(
                PointSets.stack([getattr(draw, p) for draw in draws]) for p in ("train", "validation", "test")
            )
        sets = self.sets[seeds]
        spec = NetSpec(sets[0].X.shape[2], (self.options.width,) * self.options.depth, actlab.get(name), init)
        which = np.repeat(np.arange(len(seeds)), len(rates))
        trained = nets.train(
            spec, TrainSpec(self.options.epochs, 32), seeds=np.repeat(np.array(seeds), len(rates)),
            learning_rates=np.tile(rates, len(seeds)), train_sets=sets[0], set_of_net=which,
        )  # fmt: skip
        found = nets.score(spec, trained.weights, sets[part], which).accuracy
        return np.nan_to_num(found).reshape(len(seeds), len(rates))


def row(trials: Trials, name: str, level: float) -> str:
    """A line of the table."""
    size, bias = theory(name).recommended_init()
    found = {init: trials.judged(name, init) for init in INITS}
    cells = []
    for init, values in found.items():
        interval = mean_interval(values)
        rate = RATES[int(np.argmax(trials.pilots(name, init)))]
        ends = f"[{100 * interval.low:.0f}, {100 * interval.high:.0f}]"
        cells.append(f"{100 * interval.estimate:.1f} {ends} ({rate:g})")
    other = max(INITS[1:], key=lambda init: max(trials.pilots(name, init)))
    gap = paired_interval(found["critical"], found[other], level=level)
    verdict = "helps" if gap.low > 0 else "harms" if gap.high < 0 else "–"
    ends = f"{100 * gap.estimate:+.1f} [{100 * gap.low:+.1f}, {100 * gap.high:+.1f}]"
    return f"| {name} | {size:.3g} | {bias:.3g} | " + " | ".join(cells) + f" | {ends} | {verdict} |"


def main() -> None:
    """A Markdown row a function."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    for flag, value in (("--depth", 30), ("--width", 16), ("--seeds", 256), ("--epochs", 100)):
        parser.add_argument(flag, type=int, default=value)
    parser.add_argument("--data", default="moons")
    parser.add_argument("--records", type=Path)
    parser.add_argument("--minutes", type=float, default=math.inf)
    options = parser.parse_args()
    start = time.perf_counter()
    asked = [name for name in options.names or names() if theory(name).has_critical_point]
    trials = Trials(options)
    for name in asked:  # all of it first, so that the table is printed whole
        for init in INITS:
            trials.judged(name, init)
    print("| function | σw² | σb² | critical | He | Xavier | critical − better of the two, points | |")
    print("|---" * 8 + "|")
    for name in asked:
        print(row(trials, name, 1 - 0.05 / len(asked)))
    print(f"\n{options.seeds} seeds; {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
