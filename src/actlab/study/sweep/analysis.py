"""What a sweep's nets say, as tables: each arm in each setting at its best, intervals, comparisons, ranks, depth.

A *setting* is what the plan shows (data, depth, width …); within it the arms are compared, paired by seed, each with
its own best of what the plan chooses (`best_over`, usually the learning rate): chosen on validation points,
cross-fitted over two halves of the seeds, and judged on test points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from actlab.statistics import (
    holm,
    many_means,
    mean_ranks,
    sequence_means,
    sign_flip_tests,
    smallest_detectable_difference,
    standardised_difference,
)
from actlab.study.sweep.auto import wanted_seeds
from actlab.study.sweep.judge import Setting, judge
from actlab.study.sweep.read import counts, read_nets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from actlab._arrays import Array
    from actlab.statistics import Means
    from actlab.study.sweep.grid import Place
    from actlab.study.sweep.plan import SweepPlan
    from actlab.study.sweep.read import CellNets
    from actlab.study.sweep.store import Contents, Store

#: Numeric settings along which an arm can be followed, the most telling first.
FOLLOWED = (
    "depth", "width", "train_points", "noise", "noise_columns", "residual", "epochs", "batch_size", "weight_decay",
    "clip", "warm_up", "learning_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Analysis:
    """The tables of a sweep.

    Parameters
    ----------
    arms
        Labels; the first is the one compared to.
    summary
        A row per setting and arm: the shown settings, ``arm``, ``chosen``, ``seeds``, ``estimate, low, high`` (mean
        test score, 95 %), ``verdict`` (``"learns"``, ``"fails"``, ``"open"``), ``difference…`` to the first arm
        (simultaneous 95 % within the setting), ``p_value`` that agrees with it, ``sign_flip_p`` (Holm-corrected within
        the setting), ``superiority…`` (ties half), ``effect`` (`standardised_difference`), ``detectable``,
        ``constant`` (the score of a constant answer), ``collapsed, diverged``, ``median_test_loss``,
        ``gradient_ratio`` (median; first layer over last, at the start).
    candidates
        A row per setting, arm and value of `best_over`: mean scores and failures of all its seeds.
    ranks
        A row per arm: mean rank over the settings in which all arms stand.
    reach
        A row per arm and line of settings that differ in `axis` only: ``learns_to``, the largest value up to which it
        learns everywhere; ``fails_from``, the smallest from which it fails everywhere. Null where there is none.
    interaction
        A row per arm and such line: how the difference to the first arm changes from its smallest to its largest value.
    axis
        The numeric setting that is followed; None where none varies.
    nets, asked
        Nets that are there, and those that the plan asks for by now.
    """

    arms: tuple[str, ...]
    shown: tuple[str, ...]
    best_over: tuple[str, ...]
    summary: pl.DataFrame
    candidates: pl.DataFrame
    ranks: pl.DataFrame
    reach: pl.DataFrame
    interaction: pl.DataFrame
    axis: str | None
    settings: int
    nets: int
    asked: int
    sequential: bool
    damaged: tuple[str, ...]
    foreign: tuple[str, ...]


def analyse(store: Store, plan: SweepPlan, contents: Contents | None = None) -> Analysis:
    """The tables of what `store` holds of `plan`."""
    contents = contents or store.contents()
    nets = read_nets(store, plan, contents)
    asked = wanted_seeds(plan, store, contents, nets)
    # An earlier plan may have left more seeds than this one asks for; its tables are the same without them.
    nets = {name: own.first(len(asked[name])) for name, own in nets.items()}
    groups = plan.grid.settings()
    settings = [found for group in groups if (found := judge(plan, group, nets)) is not None]
    shown = tuple(dict.fromkeys(column for place in plan.grid.places[:1] for column, _ in place.shown))
    labels = plan.grid.labels
    means: Callable[..., Means] = many_means if plan.seeds.until is None else sequence_means
    axis = next((name for name in FOLLOWED if name in shown), None)
    summary = _summary(labels, settings, means)
    return Analysis(
        arms=labels,
        shown=shown,
        best_over=tuple(column for column, _ in plan.grid.places[0].chosen),
        summary=_with_settings(summary, settings, shown),
        candidates=_candidates(plan, groups, nets, shown),
        ranks=_ranks(labels, settings),
        reach=_reach(labels, settings, summary, shown, axis),
        interaction=_interaction(labels, settings, shown, axis, means),
        axis=axis,
        settings=len(groups),
        nets=sum(len(own) for own in nets.values()),
        asked=sum(map(len, asked.values())),
        sequential=plan.seeds.until is not None,
        damaged=contents.damaged,
        foreign=contents.foreign,
    )


def _by_length(rows: Sequence[Array]) -> dict[int, list[int]]:
    lengths: dict[int, list[int]] = {}
    for k, row in enumerate(rows):
        lengths.setdefault(len(row), []).append(k)
    return lengths


def _intervals(rows: Sequence[Array], families: Sequence[int], means: Callable[..., Means], **settings: Any) -> Array:
    """``(rows, 4)``: estimate, low, high, p of rows of any lengths, each in a family of that size."""
    result = np.full((len(rows), 4), np.nan)
    for alike in _by_length(rows).values():
        for family in sorted({families[k] for k in alike}):
            own = [k for k in alike if families[k] == family]
            found = means(np.stack([rows[k] for k in own]), comparisons=family, **settings)
            result[own] = np.stack([found.estimate, found.low, found.high, found.p_value], axis=1)
    return result


def _summary(labels: tuple[str, ...], settings: list[Setting], means: Callable[..., Means]) -> pl.DataFrame:
    pairs = [(s, judged) for s, setting in enumerate(settings) for judged in setting.arms]
    scores = [judged.score for _, judged in pairs]
    own = _intervals(scores, [1] * len(scores), means)
    # All verdicts hold together: the family is every arm in every setting.
    wide = _intervals(scores, [len(scores)] * len(scores), means)
    compared = [
        (k, judged.score - settings[s].arms[0].score, len(settings[s].arms) - 1)
        for k, (s, judged) in enumerate(pairs)
        if settings[s].arms[0].arm == 0 and judged.arm != 0
    ]
    differences = [row for _, row, _ in compared]
    families = [family for _, _, family in compared]
    other = _intervals(differences, families, means, bounds=(-1.0, 1.0))
    wins = _intervals([0.5 + 0.5 * np.sign(row) for row in differences], [1] * len(differences), means)
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
            row["detectable"] = smallest_detectable_difference(differences[n], comparisons=families[n])
        row |= {"constant": judged.constant, "collapsed": judged.failed[0], "diverged": judged.failed[1]}
        row |= {"median_test_loss": float(np.median(judged.loss)), "gradient_ratio": judged.gradient_ratio}
        rows.append(row)
    return pl.DataFrame(rows, schema=_SUMMARY)


def _sign_flips(settings: Sequence[int], rows: Sequence[Array]) -> Array:
    """p-values of the sign-flip test, corrected by Holm within each setting."""
    p = np.full(len(rows), np.nan)
    for alike in _by_length(rows).values():
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


def _with_settings(table: pl.DataFrame, settings: list[Setting], shown: tuple[str, ...]) -> pl.DataFrame:
    """`table` with the settings' columns in the place of their index."""
    columns = [
        pl.Series(name, [settings[k].shown[name] for k in table["setting"].to_list()], strict=False) for name in shown
    ]
    return pl.DataFrame(columns).hstack(table.drop("setting")) if len(table) else table.drop("setting")


def _candidates(
    plan: SweepPlan, groups: list[dict[int, list[Place]]], nets: Mapping[str, CellNets], shown: tuple[str, ...]
) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for group in groups:
        for arm, places in sorted(group.items()):
            for place in places:
                own = nets.get(place.cell.name)
                if own is None:
                    continue
                collapsed, diverged = counts(own.status)
                row = {**dict(place.shown), "arm": plan.grid.labels[arm], **dict(place.chosen), "seeds": len(own)}
                row |= {"test_score": float(own.test_score.mean())}
                row |= {"validation_score": float(own.validation_score.mean())}
                rows.append(row | {"collapsed": collapsed, "diverged": diverged})
    return (
        pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame(schema=dict.fromkeys(shown, pl.String))
    )


def _ranks(labels: tuple[str, ...], settings: list[Setting]) -> pl.DataFrame:
    """Over the settings in which all arms stand; each counts the same, on the seeds that all of them have."""
    whole = [setting for setting in settings if len(setting.arms) == len(labels)]
    if not whole or len(labels) < 2:
        return pl.DataFrame(schema=_RANKS)
    seeds = min(setting.seeds for setting in whole)
    scores = np.stack([np.stack([judged.score[:seeds] for judged in setting.arms], axis=1) for setting in whole])
    found = mean_ranks(scores)
    return pl.DataFrame(
        {
            "arm": labels, "rank": found.estimate, "low": found.low, "high": found.high,
            "settings": [len(whole)] * len(labels), "seeds": [seeds] * len(labels),
        },
        schema=_RANKS,
    ).sort("rank", maintain_order=True)  # fmt: skip


def _lines(
    settings: list[Setting], shown: tuple[str, ...], axis: str | None
) -> dict[tuple[tuple[str, Any], ...], list[int]]:
    """Settings that differ in `axis` only, by the others' values; each line in ascending order."""
    lines: dict[tuple[tuple[str, Any], ...], list[int]] = {}
    if axis is None:
        return lines
    for k, setting in enumerate(settings):
        if setting.shown[axis] is not None:
            lines.setdefault(tuple((n, setting.shown[n]) for n in shown if n != axis), []).append(k)
    return {key: sorted(own, key=lambda k: settings[k].shown[axis]) for key, own in lines.items() if len(own) > 1}


def _reach(
    labels: tuple[str, ...], settings: list[Setting], summary: pl.DataFrame, shown: tuple[str, ...], axis: str | None
) -> pl.DataFrame:
    verdicts = dict(zip(zip(summary["setting"], summary["arm"], strict=True), summary["verdict"], strict=True))
    rows: list[dict[str, Any]] = []
    for key, line in _lines(settings, shown, axis).items():
        assert axis is not None
        for label in labels:
            there = [(settings[k].shown[axis], verdicts[k, label]) for k in line if (k, label) in verdicts]
            if not there:
                continue
            learns = _run([value for value, _ in there], [verdict == "learns" for _, verdict in there])
            fails = _run([value for value, _ in there[::-1]], [verdict == "fails" for _, verdict in there[::-1]])
            rows.append(
                {**dict(key), "arm": label, "axis": axis, "learns_to": learns, "fails_from": fails}
                | {"smallest": there[0][0], "largest": there[-1][0]}
            )
    floats = dict.fromkeys(("learns_to", "fails_from", "smallest", "largest"), pl.Float64)
    columns = dict.fromkeys([*(name for name in shown if name != axis), "arm", "axis", *floats], pl.String) | floats
    return (
        pl.DataFrame(rows, schema_overrides=floats, infer_schema_length=None) if rows else pl.DataFrame(schema=columns)
    )


def _run(values: list[Any], flags: list[bool]) -> float | None:
    """The last of the values at whose head the flags are all set."""
    last = None
    for value, flag in zip(values, flags, strict=True):
        if not flag:
            break
        last = float(value)
    return last


def _interaction(
    labels: tuple[str, ...],
    settings: list[Setting],
    shown: tuple[str, ...],
    axis: str | None,
    means: Callable[..., Means],
) -> pl.DataFrame:
    """(arm − first arm) at the line's largest value less the same at its smallest, paired by seed."""
    rows: list[dict[str, Any]] = []
    samples = []
    families = []
    for key, line in _lines(settings, shown, axis).items():
        ends = [{judged.arm: judged.score for judged in settings[k].arms} for k in (line[0], line[-1])]
        seeds = min(settings[line[0]].seeds, settings[line[-1]].seeds)
        both = [arm for arm in range(1, len(labels)) if all(arm in end and 0 in end for end in ends)]
        for arm in both:
            low, high = (end[arm][:seeds] - end[0][:seeds] for end in ends)
            rows.append({**dict(key), "arm": labels[arm], "axis": axis})
            samples.append(high - low)
            families.append(len(both))
    if not rows:
        return pl.DataFrame(schema={"arm": pl.String})
    found = _intervals(samples, families, means, bounds=(-2.0, 2.0))
    names = ("change", "low", "high", "p_value")
    return pl.DataFrame(rows, infer_schema_length=None).hstack(
        [pl.Series(name, found[:, k]) for k, name in enumerate(names)]
    )


_SUMMARY = {
    "setting": pl.Int64, "arm": pl.String, "chosen": pl.String, "seeds": pl.Int64, "estimate": pl.Float64,
    "low": pl.Float64, "high": pl.Float64, "verdict": pl.String, "difference": pl.Float64, "difference_low": pl.Float64,
    "difference_high": pl.Float64, "p_value": pl.Float64, "sign_flip_p": pl.Float64,
    "superiority": pl.Float64, "superiority_low": pl.Float64,
    "superiority_high": pl.Float64, "effect": pl.Float64, "detectable": pl.Float64, "constant": pl.Float64,
    "collapsed": pl.Int64, "diverged": pl.Int64, "median_test_loss": pl.Float64, "gradient_ratio": pl.Float64,
}  # fmt: skip
_RANKS = {
    "arm": pl.String, "rank": pl.Float64, "low": pl.Float64, "high": pl.Float64, "settings": pl.Int64,
    "seeds": pl.Int64,
}  # fmt: skip
