"""Comparisons made up for the tests: smooth formulas that look like real studies, the same on every machine."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl

from actlab.study.result import Comparison, Gap, Point, Portrait, Provenance, View

RATES = (0.005, 0.05, 0.5, 5.0)
EPOCHS = (0, 1, 3, 10, 30, 100, 300, 800)

# What each made-up arm does: accuracy by rate, gradient ratio of neighbouring layers, dead share by rate, contrast.
_ARMS = {
    "sigmoid": {"accuracy": (0.712, 0.879, 0.968, 0.972), "shrink": 6.0, "dead": (0, 0, 0, 0), "contrast": 1.12},
    "relu": {"accuracy": (0.861, 0.976, 0.979, 0.61), "shrink": 1.18, "dead": (0, 0.02, 0.1, 0.8), "contrast": 4.7},
    "tanh": {"accuracy": (0.842, 0.969, 0.978, 0.93), "shrink": 1.6, "dead": (0, 0, 0, 0.02), "contrast": 1.9},
}
_OTHER = {"accuracy": (0.85, 0.974, 0.98, 0.9), "shrink": 1.3, "dead": (0, 0, 0.01, 0.05), "contrast": 3.1}


def nature(arm: str) -> dict:
    return _ARMS.get(arm, _OTHER)


def moons(n: int, seed: int, columns: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    t = rng.uniform(0, math.pi, n)
    y = (np.arange(n) % 2).astype(float)
    x = np.where(y == 0, np.cos(t), 1 - np.cos(t))
    z = np.where(y == 0, np.sin(t), 0.5 - np.sin(t))
    X = np.column_stack([x, z]) + rng.normal(0, 0.18, (n, 2))
    X = (X - X.mean(0)) / X.std(0)
    if columns > 2:
        X = np.column_stack([X, rng.normal(0, 0.3, (n, columns - 2))])
    return X, y


def _probability(x: np.ndarray, z: np.ndarray, arm: str, accuracy: float) -> np.ndarray:
    """A boundary that bends with the accuracy: nearly a line below 0.9, an S above."""
    if accuracy < 0.7:
        return np.full(np.shape(x), 0.5001)
    bend = 0.0 if accuracy < 0.9 else 1.5
    side = -z * 1.2 + 0.5 * x - bend * np.sin(1.9 * x) * 0.9
    steep = 3.0 if accuracy < 0.9 else 7.0
    if arm != "sigmoid" and bend:
        side = side + 0.25 * np.abs(x - 0.3) - 0.2
    return 1 / (1 + np.exp(-steep * side))


def _portrait(view: int, arm: str, rate: float, accuracy: float, depth: int, columns: int) -> Portrait:
    X, y = moons(160, 7, columns)
    status = "trained" if accuracy > 0.7 else "collapsed"
    axes = probability = None
    if columns == 2:
        axes = (np.linspace(-2.4, 2.4, 48), np.linspace(-2.4, 2.4, 48))
        gx, gz = np.meshgrid(*axes)
        probability = _probability(gx, gz, arm, accuracy)
    hidden = []
    for layer in range(1, depth + 1):
        p = _probability(X[:, 0], X[:, 1], arm, accuracy)
        mix = layer / depth * (1.0 if accuracy > 0.9 else 0.3)
        hidden.append(np.column_stack([X[:, 0] * (1 - mix) + 3 * (p - 0.5) * mix, X[:, 1] * (1 - 0.6 * mix)]))
        if status == "collapsed":
            hidden[-1] = np.zeros_like(hidden[-1])
    contrast = nature(arm)["contrast"]
    layers = np.arange(depth + 1)
    near = Point(X[0], 0.04, 0.5 + 0.1 * layers, 0.4 + 0.02 * layers)
    far = Point(
        X[1],
        1.62,
        (0.5 + 0.1 * layers) * 1.5 * contrast,
        (0.4 + 0.02 * layers) * contrast ** np.minimum(layers + 1, 2) / 1.5,
    )
    far.mean_abs_a[-1] = 0.97
    if status == "collapsed":
        near.mean_abs_a[:] = far.mean_abs_a[:] = 0.0
    return Portrait(
        view, arm, 3, rate, accuracy, status, axes, probability, X, y, tuple(hidden),
        tuple(0.97 - 0.05 * k for k in range(depth)), near, far,
    )  # fmt: skip


def _trajectory(arm: str, rate: float, seed: int, data: str) -> tuple[list[float], list[float], str]:
    """Loss by checkpoint, train and validation, and the status of the net."""
    accuracy = nature(arm)["accuracy"][RATES.index(rate)]
    floor = max(0.02, 1.35 * (1 - accuracy)) * (1 + 0.15 * math.sin(seed * 1.7))
    speed = {"sigmoid": 0.01, "relu": 0.2, "tanh": 0.12}.get(arm, 0.15) * (rate / 0.05) ** 0.8
    train = [floor + (0.72 - floor) * math.exp(-speed * e) for e in EPOCHS]
    valid = [v * 1.04 + 0.004 for v in train]
    if arm == "relu" and rate == 5.0:
        if seed % 4 == 0:  # a net that blows up: its last losses are no numbers
            train[-3:] = [math.inf, math.nan, math.nan]
            valid[-3:] = [math.nan] * 3
            return train, valid, "diverged"
        if seed % 4 != 3:
            return [0.72] + [0.6935] * 7, [0.72] + [0.694] * 7, "collapsed"
    return train, valid, "trained"


def _tables(arms: tuple[str, ...], datas: list[str], seeds: int, depth: int) -> dict[str, pl.DataFrame]:
    frame, curves, traces, by_rate = [], [], [], []
    for data in datas:
        shift = -0.08 if data.endswith(":article") else 0.0
        for arm in arms:
            for rate in RATES:
                k = RATES.index(rate)
                mean = nature(arm)["accuracy"][k] + (shift if arm == "sigmoid" else 0.0)
                statuses = []
                for seed in range(seeds):
                    train, valid, status = _trajectory(arm, rate, seed, data)
                    statuses.append(status)
                    key = {"data": data, "arm": arm, "learning_rate": rate, "seed": seed}
                    accuracy = min(1.0, mean + 0.01 * math.sin(seed * 2.3))
                    frame.append(
                        {**key, "role": "result", "activation": arm, "status": status, "train_loss": train[-1],
                         "train_accuracy": accuracy, "validation_loss": valid[-1], "validation_accuracy": accuracy,
                         "test_loss": valid[-1], "test_accuracy": accuracy}
                    )  # fmt: skip
                    for e, a, b in zip(EPOCHS, train, valid, strict=True):
                        curves.append({**key, "step": e * 5, "epoch": float(e), "train_loss": a, "validation_loss": b})
                    if seed < 6:
                        traces += _layers(key, arm, k, depth)
                by_rate.append(
                    {"data": data, "arm": arm, "learning_rate": rate, "nets": seeds, "estimate": mean,
                     "low": mean - 0.004, "high": min(1.0, mean + 0.004), "validation_estimate": mean,
                     "collapsed": statuses.count("collapsed"), "diverged": statuses.count("diverged")}
                )  # fmt: skip
    make = pl.DataFrame
    return {"frame": make(frame), "curves": make(curves), "traces": make(traces), "by_rate": make(by_rate)}


def _layers(key: dict, arm: str, k: int, depth: int) -> list[dict]:
    shrink, dead = nature(arm)["shrink"], nature(arm)["dead"][k]
    out = []
    for e in EPOCHS:
        for layer in range(1, depth + 2):
            output = layer == depth + 1
            grown = 1 - math.exp(-e / 30)
            norm = 0.4 * shrink ** (layer - depth - 1) * math.exp(-e / 400) * (1 + 0.2 * math.sin(key["seed"]))
            saturated = 0.3 * grown if arm in ("sigmoid", "tanh") else 0.0
            out.append(
                {**key, "step": e * 5, "epoch": float(e), "layer": layer, "units": 1 if output else 8,
                 "mean_abs_z": 0.5, "mean_abs_a": 0.5, "mean_z": 0.0, "var_z": 0.3,
                 "dead": None if output else dead * grown, "saturated": None if output else saturated,
                 "linear": None if output else 0.0, "gradient_norm": norm, "gradient_norm_per_weight": norm / 16,
                 "weight_norm": 1.0, "update_ratio": None if e == 0 else 0.02 * norm,
                 "sign_agreement": 0.97 if arm == "sigmoid" and layer == 2 else 0.66,
                 "path_efficiency": None if e == 0 else 1 / (1 + 0.1 * layer * math.log1p(e))}
            )  # fmt: skip
    return out


def _geometry(arms: tuple[str, ...], views: tuple[View, ...], depth: int) -> pl.DataFrame:
    out = []
    for index, view in enumerate(views):
        for arm in arms:
            good = nature(arm)["accuracy"][RATES.index(view.rates[arm][0])]
            for seed in range(4):
                for e in (0, 30, 800):
                    grown = 1 - math.exp(-e / 30)
                    for layer in range(depth + 1):
                        keep = 0.62 + (good - 0.75) * grown * layer / depth * 1.2 - 0.03 * layer + 0.01 * seed
                        out.append(
                            {"view": index, "arm": arm, "learning_rate": view.rates[arm][0], "seed": seed,
                             "step": e * 5, "epoch": float(e), "layer": layer, "margin_retention": keep,
                             "distance_retention": 1 - 0.06 * layer * (2 if arm == "sigmoid" else 1),
                             "far_contrast": 0.9**layer if arm == "sigmoid" else 1.1**layer,
                             "effective_rank": 2 - 0.2 * layer}
                        )  # fmt: skip
    return pl.DataFrame(out)


def _summary(arms: tuple[str, ...], views: tuple[View, ...], by_rate: pl.DataFrame, seeds: int) -> pl.DataFrame:
    out = []
    for index, view in enumerate(views):
        estimates = []
        for arm in arms:
            cell = by_rate.filter(
                (pl.col("data") == view.data) & (pl.col("arm") == arm)
                & (pl.col("learning_rate") == view.rates[arm][0])
            ).row(0, named=True)  # fmt: skip
            estimates.append(cell["estimate"])
            first = arm == arms[0]
            d = estimates[-1] - estimates[0]
            p = 0.0002 if abs(d) > 0.006 else 0.21
            better = 0.5 + 0.5 * math.tanh(d / 0.01)
            rates = view.rates[arm]
            out.append(
                {"view": index, "data": view.data, "regime": view.regime, "arm": arm,
                 "learning_rate": rates[0] if len(set(rates)) == 1 else None, "nets": seeds,
                 "estimate": cell["estimate"], "low": cell["estimate"] - 0.0042, "high": cell["estimate"] + 0.0038,
                 "difference": None if first else d, "difference_low": None if first else d - 0.0052,
                 "difference_high": None if first else d + 0.0049, "p_value": None if first else p,
                 "superiority": None if first else better, "superiority_low": None if first else max(0, better - 0.05),
                 "superiority_high": None if first else min(1, better + 0.04), "detectable": None if first else 0.0061,
                 "median_test_loss": 1.4 * (1 - cell["estimate"]), "collapsed": cell["collapsed"],
                 "diverged": cell["diverged"]}
            )  # fmt: skip
    return pl.DataFrame(out)


def comparison(
    arms: tuple[str, ...] = ("sigmoid", "relu"), *, article: bool = True, seeds: int = 16,
    hidden: tuple[int, ...] = (8, 8), common: float = 0.05, columns: int = 2, interrupted: bool = False,
) -> Comparison:  # fmt: skip
    """A made-up study. ``article=False`` asks the moons alone, without a published gap."""
    best = {arm: (RATES[int(np.argmax(nature(arm)["accuracy"]))],) for arm in arms}
    same = dict.fromkeys(arms, (common,))
    data = "moons" if columns == 2 else "arrays"
    views = (View(data, "same", same, columns > 2), View(data, "best", best, columns > 2))
    if article:
        views = (View("moons:article", "same", same, True), *views)
    datas = list(dict.fromkeys(v.data for v in views))
    depth = len(hidden)
    tables = _tables(arms, datas, seeds, depth)
    summary = _summary(arms, views, tables["by_rate"], seeds)
    portraits = tuple(
        _portrait(r["view"], r["arm"], views[r["view"]].rates[r["arm"]][0], round(r["estimate"], 4), depth, columns)
        for r in summary.iter_rows(named=True)
    )
    X, y = moons(300, 1, columns)
    Xt, yt = moons(500, 2, columns)
    gap = None
    if article:
        d = [summary.filter((pl.col("view") == k) & (pl.col("arm") == arms[1]))["difference"][0] for k in range(3)]
        gap = Gap((arms[0], arms[1]), *((-x, -x - 0.005, -x + 0.005) for x in d))
    return Comparison(
        arms=arms, formulas=dict.fromkeys(arms, r"\sigma(x)"), data="moons:article" if article else data, hidden=hidden,
        seeds=seeds, learning_rates=RATES, common_rate=common, epochs=800, batch_size=64,
        init={arm: "he" if arm == "relu" else "lecun" for arm in arms},
        sizes=dict.fromkeys(datas, 300) | {"test": 20000 if columns == 2 else 100}, summary=summary,
        geometry=_geometry(arms, views, depth), views=views, portraits=portraits, example=(X, y, Xt, yt), gap=gap,
        provenance=Provenance(
            command="actlab compare sigmoid relu --data moons:article --hidden 8,8 --seeds 16",
            versions={"actlab": "0.1.0", "python": "3.11.9", "numpy": "2.4.6"},
            machine={"processor": "x86-64", "instruction set": "v4", "threads": "2", "system": "Linux"},
            started="2026-01-02T03:04:05Z", seconds=12.5, nets=384, net_steps=1536000,
        ),
        interrupted=interrupted, **tables,
    )  # fmt: skip


def with_gap(base: Comparison, published: float, fresh: float, best: float, half: float = 0.005) -> Comparison:
    """`base` with another published gap (first arm minus second)."""
    names = ("as_published", "fresh", "fresh_best")
    values = dict(zip(names, ((g, g - half, g + half) for g in (published, fresh, best)), strict=True))
    return replace(base, gap=Gap((base.arms[0], base.arms[1]), **values))


def with_summary(base: Comparison, view: int, arm: str, **values: object) -> Comparison:
    """`base` with other numbers in one row of its summary."""
    here = (pl.col("view") == view) & (pl.col("arm") == arm)
    changed = base.summary.with_columns(
        [pl.when(here).then(pl.lit(v)).otherwise(pl.col(c)).alias(c) for c, v in values.items()]
    )
    return replace(base, summary=changed)
