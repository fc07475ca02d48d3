"""Does theory know how deep a net can be trained? Ten functions × eight initialisations, predicted and trained.

The rule, fixed before the nets of width 300 were trained:

* **Predicted**: ξ, the layers in which inputs come to look alike (or unlike), or the squared gradient changes, e-fold;
  the smaller of `depth_scale`'s ``correlation`` and ``gradient``. Where the signal explodes there is no correlation at
  rest, and the gradient's scale is that of large signals.
* **Measured**: plain nets of growing depth (2 to 100) on digits, a fixed number of SGD steps, the best of three rates.
  A depth *fails* when the training accuracy is below one half. The smallest such depth is found by bisection of the
  ladder, which takes failing to be final: what fails at a depth fails at greater ones. Over seeds, each with a
  bisection of its own, the geometric mean is taken; a seed that never fails counts as the rung above 100.
* **Compared**: Spearman's ρ over all settings. Those that never fail up to 100 layers share the last rank, and so do
  those with ξ = ∞. The goal is 0.9. (Schoenholz et al. 2017, fig. 5, did it for tanh.)

Rates and steps were chosen on hard_tanh, which is not among the ten.

    python examples/theory_and_training.py --records trials.jsonl [--minutes 9] [--ship FILE] [--out FOLDER]

With ``--records`` it may be stopped (or stops by itself after ``--minutes``), and goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from dataclasses import dataclass, field
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
SIGMA_W2, SIGMA_B2 = (0.5, 1.0, 1.5, 1.8, 2.0, 2.5, 3.0, 4.0), 0.05
DEPTHS = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 40, 50, 64, 80, 100)
ABOVE = 125.0  # the rung above the last, for seeds that never fail
#: In the order in which they are tried: once one has led to half of the points, the others cannot change the answer.
RATES = (0.01, 0.03, 0.001)
BATCH, LEARNED = 64, 0.5
#: What a line of the records says of its net.
NAMED = ("function", "sigma_w2", "depth", "rate", "width", "steps", "seed")


def predicted(name: str, sigma_w2: float, sigma_b2: float) -> float:
    """ξ, the smaller of the two depth scales; ∞ for a critical point, NaN where theory has neither."""
    depth = theory(name).depth_scale(sigma_w2=sigma_w2, sigma_b2=sigma_b2)
    scales = [x for x in (depth.correlation, depth.gradient) if not math.isnan(x)]
    return min(scales) if scales else math.nan


@dataclass
class Trials:
    """Nets that were trained, each a line of a file: what it was, and how accurate it became on its training points."""

    options: argparse.Namespace
    path: Path | None
    done: dict[tuple[Any, ...], float] = field(default_factory=dict)
    data: PointSets | None = None

    def __post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                one = json.loads(line)
                self.done[tuple(one[name] for name in NAMED)] = one["accuracy"]

    def accuracy(self, name: str, sigma_w2: float, depth: int, rate: float, seed: int) -> float:
        """Training accuracy of a net; 0 where it was lost."""
        key = name, float(sigma_w2), depth, rate, self.options.width, self.options.steps, seed
        if key not in self.done:
            self.done[key] = self.train(name, sigma_w2, depth, rate, seed)
            if self.path is not None:
                line = dict(zip(NAMED, key, strict=True)) | {"accuracy": self.done[key]}
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
        return self.done[key]

    def train(self, name: str, sigma_w2: float, depth: int, rate: float, seed: int) -> float:
        """A net trained from its first weights."""
        if self.data is None:
            self.data = PointSets.stack([resolve("digits").draw(0).train])
        init = f"gain {math.sqrt(sigma_w2):.9g} bias {math.sqrt(SIGMA_B2):.9g}"
        hidden = (self.options.width,) * depth
        spec = NetSpec(self.data.X.shape[2], hidden, actlab.get(name), init, 10, "classes")
        epochs = max(1, round(self.options.steps * BATCH / self.data.points))
        trained = nets.train(spec, TrainSpec(epochs, BATCH), seeds=[seed], learning_rates=[rate], train_sets=self.data)
        found = nets.score(spec, trained.weights, self.data).accuracy
        return round(float(np.nan_to_num(found)[0]), 4)

    def learns(self, name: str, sigma_w2: float, depth: int, seed: int) -> bool:
        """Whether a net of that depth learns at one of the rates."""
        return any(self.accuracy(name, sigma_w2, depth, rate, seed) >= LEARNED for rate in RATES)

    def fails_from(self, name: str, sigma_w2: float, seed: int) -> float:
        """The smallest depth of the ladder at which a net fails; ∞ where the deepest learns."""
        low, high = -1, len(DEPTHS)  # learns at low, fails at high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.learns(name, sigma_w2, DEPTHS[middle], seed) else (low, middle)
        return float(DEPTHS[high]) if high < len(DEPTHS) else math.inf


def over_seeds(depths: list[float]) -> float:
    """The geometric mean; ∞ where no seed failed."""
    if all(math.isinf(x) for x in depths):
        return math.inf
    return math.exp(float(np.mean([math.log(min(x, ABOVE)) for x in depths])))


def rank_correlation(points: list[dict[str, Any]], by: str | None = None) -> tuple[float, float, float]:
    """Spearman's ρ of ``predicted`` and ``fails_from``, ∞ last, with a 95 % bootstrap interval over points.

    With `by` whole groups of points are drawn: settings of one function are not as good as so many functions.
    """
    x = np.array([min(p["predicted"], 1e9) for p in points])
    y = np.array([min(p["fails_from"], 1e9) for p in points])
    groups = np.unique([str(p[by]) if by else str(k) for k, p in enumerate(points)], return_inverse=True)[1]
    members = [np.flatnonzero(groups == g) for g in range(groups.max() + 1)]
    rng = np.random.default_rng(0)
    drawn = [np.concatenate([members[g] for g in rng.integers(0, len(members), len(members))]) for _ in range(2_000)]
    spread = [spearmanr(x[d], y[d]).statistic for d in drawn if np.ptp(x[d]) > 0 and np.ptp(y[d]) > 0]
    low, high = np.quantile(spread or [math.nan], [0.025, 0.975])
    return float(spearmanr(x, y).statistic), float(low), float(high)


def shown(x: float) -> str:
    """Three digits; ∞, and – for what is not predicted."""
    return "–" if math.isnan(x) else "∞" if math.isinf(x) else f"{x:.3g}"


def table(points: list[dict[str, Any]]) -> str:
    """Markdown: a row a function, a column a variance; ξ / fails from."""
    lines = ["| σw² | " + " | ".join(f"{w:g}" for w in SIGMA_W2) + " |", "|---" * (len(SIGMA_W2) + 1) + "|"]
    for name in dict.fromkeys(p["function"] for p in points):
        own = {p["sigma_w2"]: f"{shown(p['predicted'])} / {measured(p)}" for p in points if p["function"] == name}
        lines.append(f"| {name} | " + " | ".join(own.get(w, "") for w in SIGMA_W2) + " |")
    return "\n".join(lines)


def measured(point: dict[str, Any]) -> str:
    """The depth from which nets fail; beyond the ladder it is not known."""
    return f"> {DEPTHS[-1]}" if math.isinf(point["fails_from"]) else f"{point['fails_from']:.3g}"


WORDS = {
    "en": (
        "predicted depth scale ξ, layers",
        "smallest depth at which training fails",
        "never up to 100",
        "six times ξ",
    ),
    "ko": ("예측한 깊이 척도 ξ (층)", "학습이 실패하는 가장 작은 깊이", "100층까지 실패하지 않음", "ξ의 여섯 배"),
}


def draw(figure: Any, points: list[dict[str, Any]], lang: str) -> None:
    """Measured against predicted; six times ξ (Schoenholz et al. 2017) as a line."""
    from actlab.report._sheet import ARMS, INK

    figure.set_size_inches(8.2, 5)
    axes = figure.add_axes((0.09, 0.12, 0.66, 0.83))
    far, never = 400.0, 140.0
    axes.set_xscale("log")
    axes.set_yscale("log")
    line = np.array([0.2, never / 6])
    axes.plot(line, 6 * line, color=INK["soft"], linewidth=1, linestyle=(0, (4, 3)), label=WORDS[lang][3])
    axes.axhline(118, color=INK["soft"], linewidth=0.6)
    for k, name in enumerate(dict.fromkeys(p["function"] for p in points)):
        own = [p for p in points if p["function"] == name and not math.isnan(p["predicted"])]
        # Points that would lie on top of one another are set apart by a few per cent, up and down.
        at = [min(p["predicted"], far) for p in own], [min(p["fails_from"], never) * 1.04 ** (k % 5 - 2) for p in own]
        axes.plot(*at, linestyle="", marker="osD^v"[k % 5], color=ARMS[k % len(ARMS)], markersize=5.5, label=name,
                  fillstyle="full" if k < 5 else "none")  # fmt: skip
    axes.set_xticks([0.3, 1, 3, 10, 30, 100, far], ["0.3", "1", "3", "10", "30", "100", "∞"])
    axes.set_yticks([2, 4, 8, 16, 32, 64, 100, never], ["2", "4", "8", "16", "32", "64", "100", "> 100"])
    axes.minorticks_off()
    axes.set_xlim(0.2, far * 1.3)
    axes.set_ylim(1.7, never * 1.25)
    axes.set_xlabel(WORDS[lang][0])
    axes.set_ylabel(WORDS[lang][1])
    figure.legend(*axes.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0.77, 0.96), frameon=False)


def main() -> None:
    """Train what is missing, then say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for flag, value in (("--width", 300), ("--steps", 45), ("--seeds", 1)):
        parser.add_argument(flag, type=int, default=value)
    parser.add_argument("--functions", nargs="*", default=FUNCTIONS)
    parser.add_argument("--records", type=Path)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--ship", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    start = time.perf_counter()
    trials = Trials(options, options.records)
    # A seed of all settings, then the next: what is there of an unfinished run is of every function.
    wanted = [(seed, w, name) for seed in range(options.seeds) for w in SIGMA_W2 for name in options.functions]
    found: dict[tuple[str, float], list[float]] = {}
    for k, (seed, sigma_w2, name) in enumerate(wanted):
        if time.perf_counter() - start > 60 * options.minutes:
            sys.exit(f"{k} of {len(wanted)} bisections; it goes on from here.")
        found.setdefault((name, sigma_w2), []).append(trials.fails_from(name, sigma_w2, seed))
    points: list[dict[str, Any]] = [
        {"function": name, "sigma_w2": w, "sigma_b2": SIGMA_B2, "fails_from": over_seeds(depths)}
        for (name, w), depths in found.items()
    ]
    for point in points:
        point["predicted"] = predicted(point["function"], point["sigma_w2"], point["sigma_b2"])
    points.sort(key=lambda p: options.functions.index(p["function"]))
    say(points, options, time.perf_counter() - start)


def say(points: list[dict[str, Any]], options: argparse.Namespace, seconds: float) -> None:
    """Table, correlations, and the files that were asked for."""
    print(table(points))
    known = [p for p in points if not math.isnan(p["predicted"])]
    censored = [
        p | {"predicted": min(p["predicted"], DEPTHS[-1] / 6), "fails_from": min(p["fails_from"], 1e9)} for p in known
    ]
    for title, rows, by in (
        ("settings", known, None),
        ("settings, drawn by function", known, "function"),
        ("settings, ξ beyond 100/6 layers as one (as depths beyond 100 are)", censored, None),
        ("settings in which the signal stays finite", [p for p in known if finite(p)], None),
    ):
        if len(rows) > 2:
            rho, low, high = rank_correlation(rows, by)
            print(f"Spearman's ρ {rho:.3f} [{low:.3f}, {high:.3f}] over {len(rows)} of {len(points)} {title}")
    print(f"width {options.width}, {options.seeds} seeds, about {options.steps} steps; {seconds:.0f} s")
    if options.ship is not None:
        depths = [None if math.isinf(p["fails_from"]) else round(p["fails_from"], 2) for p in points]
        rows = [[p["function"], p["sigma_w2"], p["sigma_b2"], d] for p, d in zip(points, depths, strict=True)]
        about = {"width": options.width, "seeds": options.seeds, "steps": options.steps, "data": "digits",
                 "deepest": DEPTHS[-1]}  # fmt: skip
        lines = ",\n    ".join(json.dumps(row) for row in rows)
        text = f'{{\n  "about": {json.dumps(about)},\n  "rows": [\n    {lines}\n  ]\n}}\n'
        options.ship.write_text(text, encoding="utf-8")
    if options.out is not None:
        from actlab.report._sheet import write_sheet
        from actlab.text import use_language

        for lang in WORDS:
            with use_language(lang):
                write_sheet(options.out / f"depth-{lang}.png", lambda figure, lang=lang: draw(figure, points, lang))


def finite(point: dict[str, Any]) -> bool:
    """Whether the signal comes to rest."""
    weights = {name: point[name] for name in ("sigma_w2", "sigma_b2")}
    return theory(point["function"]).depth_scale(**weights).phase != "explodes"


if __name__ == "__main__":
    main()
