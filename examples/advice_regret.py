"""Is the advice any good? Its regret on 100 cases that did not feed it, against the best constant rule.

A case is a data set (half of them are of sets that the study behind `actlab advise` has never seen), a depth and a
width, all drawn at random, with seeds that the study did not use. All ten functions are trained at their best of five
rates; the regret of a rule is the best function's mean test score less that of the function that the rule names.
``Always F`` is a rule too; the best of the ten is chosen with hindsight. The goal: at most half its regret.

    python examples/advice_regret.py [--cases 100] [--seeds 4] [--out cases.json] [--minutes 9]

With ``--out`` it may be stopped (or stops by itself after ``--minutes``), and goes on.
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

from actlab.advise import advise
from actlab.advise.trials import CANDIDATES, Case, source_of, try_case

#: Data → epochs. The first row has fed the study, the second has not.
KNOWN = {"moons": 100, "circles": 100, "spiral": 100, "checkerboard": 100, "blobs:5": 100, "digits": 20, "sine": 100,
         "surface": 100}  # fmt: skip
NEW = {"xor": 100, "blobs:3": 100, "blobs:8": 100, "iris": 60, "wine": 60, "breast_cancer": 40, "step": 100,
       "diabetes": 60}  # fmt: skip
FIRST_SEED = 50_000


def draw_cases(count: int, seed: int = 8) -> list[tuple[Case, int]]:
    """Cases drawn at random, every second one of data that the study has not seen, and their epochs."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        data = NEW if k % 2 else KNOWN
        name = list(data)[rng.integers(len(data))]
        depth = int(np.exp(rng.uniform(0, np.log(25))))
        width = int(np.exp(rng.uniform(np.log(6), np.log(33))))
        found.append((Case(name, depth, width), data[name]))
    return found


def regrets(cases: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Rule → regret in every case: ``"advice"``, and each constant rule by its function."""
    found = {name: np.array([-case["gaps"][name] for case in cases]) for name in CANDIDATES}
    found["advice"] = np.array([-case["gaps"][case["advised"]] for case in cases])
    return found


def judge(cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean regrets, and the advice's as a share of the best constant rule's, with a 95 % bootstrap interval."""
    found = regrets(cases)
    table = np.stack([found[name] for name in CANDIDATES])
    rng = np.random.default_rng(0)
    ratios = []
    for _ in range(4_000):
        drawn = rng.integers(0, len(cases), len(cases))
        ratios.append(share(found["advice"][drawn].mean(), table[:, drawn].mean(axis=1).min()))  # the best one anew
    best = CANDIDATES[int(np.argmin(table.mean(axis=1)))]
    low, high = np.quantile(ratios, [0.025, 0.975], method="inverted_cdf")
    means = {name: float(values.mean()) for name, values in found.items()}
    ratio = share(means["advice"], means[best])
    return {"means": means, "best": best, "ratio": ratio, "low": float(low), "high": float(high)}


def share(regret: float, best: float) -> float:
    """One regret as a share of another; two regrets of 0 are equal."""
    return float(regret / best) if best > 0 else float("inf") if regret > 0 else 1.0


def main() -> None:
    """Train the cases, ask for advice, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--minutes", type=float, default=math.inf)
    options = parser.parse_args()
    start = time.perf_counter()
    cases: list[dict[str, Any]] = []
    if options.out is not None and options.out.exists():  # goes on from there
        cases = json.loads(options.out.read_text(encoding="utf-8"))
    for case, epochs in draw_cases(options.cases)[len(cases) :]:
        if time.perf_counter() - start > 60 * options.minutes:
            sys.exit(f"{len(cases)} of {options.cases} cases; it goes on from here.")
        rows = try_case(case, range(FIRST_SEED, FIRST_SEED + options.seeds), epochs)
        gaps = {row["function"]: row["gap"] for row in rows}
        cases.append({"data": case.data, "depth": case.depth, "width": case.width, "gaps": gaps})
        if options.out is not None:
            options.out.write_text(json.dumps(cases), encoding="utf-8")
    for one in cases:
        task = source_of(Case(one["data"], one["depth"], one["width"])).task
        one["advised"] = advise(depth=one["depth"], width=one["width"], task=task).first
    print("| rule | mean regret, points |\n|---|---|")
    for title, chosen in (("all", cases), ("known data", cases[::2]), ("new data", cases[1::2])):
        if not chosen:
            continue
        found = judge(chosen)
        for name, mean in sorted(found["means"].items(), key=lambda item: item[1])[: 4 if title != "all" else None]:
            print(f"| {name} ({title}) | {100 * mean:.2f} |")
        print(
            f"| advice ÷ always {found['best']} ({title}, {len(chosen)} cases) | "
            f"{found['ratio']:.2f} [{found['low']:.2f}, {found['high']:.2f}] |"
        )
    print(f"\n{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
