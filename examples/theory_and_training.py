"""Does theory know how deep a net can be trained? Ten functions × eight initialisations, predicted and trained.

Prediction: ξ, the number of layers in which what is told apart (or the gradient) is lost e-fold (`depth_scale`): the
smaller of the depth scale of correlations and of gradients. Measurement: plain nets of growing depth on digits, a fixed
number of SGD steps at the best of three rates; a depth *fails* when the mean training accuracy of the seeds is below
one half. Rank correlation between the two over all settings (Schoenholz et al. 2017, fig. 5, did it for tanh).

    python examples/theory_and_training.py [--width 300] [--steps 90] [--seeds 2] [--out points.json]
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

import actlab
from actlab import nets
from actlab.data import resolve
from actlab.nets import NetSpec, PointSets, TrainSpec
from actlab.theory import theory

FUNCTIONS = ("tanh", "relu", "erf", "elu", "gelu", "silu", "softsign", "arctan", "leaky_relu", "sigmoid")
INITS = ((0.5, 0.05), (1.0, 0.05), (1.5, 0.05), (1.8, 0.05), (2.0, 0.05), (2.5, 0.05), (3.0, 0.05), (4.0, 0.05))
DEPTHS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 70, 100)
RATES = (0.003, 0.03, 0.3)
BATCH, LEARNED = 64, 0.5


def predicted(name: str, sigma_w2: float, sigma_b2: float) -> float:
    """Layers in which inputs come to look alike, or the gradient changes, e-fold; the smaller; ∞ for critical."""
    depth = theory(name).depth_scale(sigma_w2=sigma_w2, sigma_b2=sigma_b2)
    scales = [x for x in (depth.correlation, depth.gradient) if not math.isnan(x)]
    return min(scales) if scales else math.nan


def learns(name: str, sigma_w2: float, sigma_b2: float, depth: int, options: argparse.Namespace, data: Any) -> bool:
    """Whether nets of that depth learn at one of the rates."""
    init = f"gain {math.sqrt(sigma_w2):.6g} bias {math.sqrt(sigma_b2):.6g}"
    spec = NetSpec(data.X.shape[2], (options.width,) * depth, actlab.get(name), init, 10, "classes")
    epochs = max(1, round(options.steps * BATCH / data.points))
    seeds = np.repeat(np.arange(options.seeds), len(RATES))
    trained = nets.train(
        spec, TrainSpec(epochs, BATCH), seeds=seeds, learning_rates=np.tile(RATES, options.seeds), train_sets=data,
    )  # fmt: skip
    accuracy = nets.score(spec, trained.weights, data).accuracy.reshape(options.seeds, -1)
    return bool(accuracy.mean(axis=0).max() >= LEARNED)


def fails_from(name: str, init: tuple[float, float], options: argparse.Namespace, data: Any) -> float:
    """The smallest depth of the ladder at which nets fail, by bisection; ∞ where the deepest learn."""
    low, high = -1, len(DEPTHS)  # learns at low, fails at high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if learns(name, *init, DEPTHS[middle], options, data) else (low, middle)
    return float(DEPTHS[high]) if high < len(DEPTHS) else math.inf


def correlation(points: list[dict[str, Any]]) -> tuple[float, float, float]:
    """Spearman's ρ over the points whose prediction exists, with a bootstrap interval; ∞ ranks last."""
    kept = [p for p in points if p["predicted"] is not None]
    x = np.array([min(p["predicted"], 1e9) for p in kept])
    y = np.array([min(p["fails_from"], 1e9) for p in kept])
    rng = np.random.default_rng(0)
    drawn = (rng.integers(0, len(x), len(x)) for _ in range(1_000))
    with np.errstate(invalid="ignore"):
        spread = [spearmanr(x[d], y[d]).statistic for d in drawn]
    low, high = np.nanquantile(spread, [0.025, 0.975])
    return float(spearmanr(x, y).statistic), float(low), float(high)


def main() -> None:
    """A line a setting, then the correlation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag, value in (("--width", 300), ("--steps", 90), ("--seeds", 2)):
        parser.add_argument(flag, type=int, default=value)
    parser.add_argument("--functions", nargs="*", default=FUNCTIONS)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    start = time.perf_counter()
    data = PointSets.stack([resolve("digits").draw(0).train])
    points: list[dict[str, Any]] = []
    print("| function | σw² | σb² | predicted ξ | fails from |\n|---|---|---|---|---|")
    for name in options.functions:
        for init in INITS:
            scale = predicted(name, *init)
            found = {"function": name, "sigma_w2": init[0], "sigma_b2": init[1],
                     "predicted": None if math.isnan(scale) else scale,
                     "fails_from": fails_from(name, init, options, data)}  # fmt: skip
            points.append(found)
            print(f"| {name} | {init[0]:g} | {init[1]:g} | {scale:.3g} | {found['fails_from']:g} |", flush=True)
            if options.out is not None:
                options.out.write_text(json.dumps(points), encoding="utf-8")
    rho, low, high = correlation(points)
    known = sum(p["predicted"] is not None for p in points)
    print(f"\nSpearman's ρ {rho:.3f} [{low:.3f}, {high:.3f}] over {known} of {len(points)} settings;")
    how = f"width {options.width}, {options.seeds} seeds, about {options.steps} steps"
    print(f"{how}; {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
