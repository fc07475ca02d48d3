"""The summary: a row an arm in a setting, with its interval, its verdict and what it differs in from the first arm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from actlab.statistics import holm, sign_flip_tests, smallest_detectable_difference, standardised_difference
from actlab.study.sweep.intervals import by_length, intervals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab._arrays import Array
    from actlab.statistics import Means
    from actlab.study.sweep.judge import Setting

_SUMMARY = {
    "setting": pl.Int64, "arm": pl.String, "chosen": pl.String, "seeds": pl.Int64, "estimate": pl.Float64,
    "low": pl.Float64, "high": pl.Float64, "verdict": pl.String, "difference": pl.Float64, "difference_low": pl.Float64,
    "difference_high": pl.Float64, "p_value": pl.Float64, "sign_flip_p": pl.Float64,
    "superiority": pl.Float64, "superiority_low": pl.Float64,
    "superiority_high": pl.Float64, "effect": pl.Float64, "detectable": pl.Float64, "constant": pl.Float64,
    "collapsed": pl.Int64, "diverged": pl.Int64, "median_test_loss": pl.Float64, "gradient_ratio": pl.Float64,
    "added": pl.Int64, "edge": pl.Boolean,
}  # fmt: skip


def summary(labels: tuple[str, ...], settings: list[Setting], means: Callable[..., Means]) -> pl.DataFrame:
    """As `Analysis.summary` has it, with the index of the setting in the place of the settings' columns."""
    pairs = [(s, judged) for s, setting in enumerate(settings) for judged in setting.arms]
    scores = [judged.score for _, judged in pairs]
    own = intervals(scores, [1] * len(scores), means)
    # All verdicts hold together: the family is every arm in every setting.
    wide = intervals(scores, [len(scores)] * len(scores), means)
    compared = [
        (k, judged.score - settings[s].arms[0].score, len(settings[s].arms) - 1)
        for k, (s, judged) in enumerate(pairs)
        if settings[s].arms[0].arm == 0 and judged.arm != 0
    ]
    differences = [row for _, row, _ in compared]
    families = [family for _, _, family in compared]
    other = intervals(differences, families, means, bounds=(-1.0, 1.0))
    wins = intervals([0.5 + 0.5 * np.sign(row) for row in differences], [1] * len(differences), means)
    flipped = _sign_flips([pairs[k][0] for k, _, _ in compared], differences)
    place = {k: n for n, (k, _, _) in enumerate(compared)}
    best = _best_scores(settings)
    rows = []
    for k, (s, judged) in enumerate(pairs):
        row: dict[str, Any] = {
            "setting": s,
            "arm": labels[judged.arm],
            "chosen": " | ".join(",".join(_text(value) for value in chosen) for chosen in judged.chosen),
            "seeds": settings[s].seeds,
            "estimate": own[k, 0], "low": own[k, 1], "high": own[k, 2],
            "verdict": _verdict(wide[k], judged.constant, best[settings[s].shown["data"]]),
        }  # fmt: skip
        if k in place:
            n = place[k]
            row |= dict(zip(("difference", "difference_low", "difference_high", "p_value"), other[n], strict=True))
            row |= dict(zip(("superiority", "superiority_low", "superiority_high"), wins[n, :3], strict=True))
            row["sign_flip_p"] = flipped[n]
            row["effect"] = float(standardised_difference(differences[n][None, :])[0])
            row["detectable"] = smallest_detectable_difference(differences[n], interval=(other[n, 1], other[n, 2]))
        row |= {"constant": judged.constant, "collapsed": judged.failed[0], "diverged": judged.failed[1]}
        row |= {"median_test_loss": float(np.median(judged.loss)), "gradient_ratio": judged.gradient_ratio}
        row |= {"added": judged.added, "edge": judged.edge}
        rows.append(row)
    return pl.DataFrame(rows, schema=_SUMMARY)


def _sign_flips(settings: Sequence[int], rows: Sequence[Array]) -> Array:
    """p-values of the sign-flip test, corrected by Holm within each setting."""
    p = np.full(len(rows), np.nan)
    for alike in by_length(rows).values():
        p[alike] = sign_flip_tests(np.stack([rows[k] for k in alike]))
    where = np.asarray(settings)
    for setting in dict.fromkeys(settings):
        p[where == setting] = holm(p[where == setting])
    return p


def _best_scores(settings: list[Setting]) -> dict[str, float]:
    """Data → the best mean score that any arm has anywhere on them."""
    best: dict[str, float] = {}
    for setting in settings:
        found = max(float(judged.score.mean()) for judged in setting.arms)
        best[setting.shown["data"]] = max(found, best.get(setting.shown["data"], 0.0))
    return best


def _verdict(interval: Array, constant: float, best: float) -> str:
    """Learns: surely above the middle between a constant answer and the best found; fails: surely below it."""
    middle = 0.5 * (constant + best)
    if best <= constant:
        return "open"
    return "learns" if interval[1] > middle else "fails" if interval[2] < middle else "open"


def _text(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
