"""What happens along a setting: how far each arm learns, and whether the differences between arms change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from actlab.study.sweep.intervals import intervals

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab.statistics import Means
    from actlab.study.sweep.judge import Setting


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


def reach(
    labels: tuple[str, ...], settings: list[Setting], summary: pl.DataFrame, shown: tuple[str, ...], axis: str | None
) -> pl.DataFrame:
    """As `Analysis.reach` has it."""
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


def interaction(
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
    found = intervals(samples, families, means, bounds=(-2.0, 2.0))
    names = ("change", "low", "high", "p_value")
    return pl.DataFrame(rows, infer_schema_length=None).hstack(
        [pl.Series(name, found[:, k]) for k, name in enumerate(names)]
    )
