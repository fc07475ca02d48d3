"""Remedies on trial as the page shows them: a table, the intervals drawn, and the patch."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.report import _svg, palette
from actlab.report.diagnoses.figures import t
from actlab.report.figures._parts import Legend, sample_line
from actlab.report.figures._plot import Plot
from actlab.text import integer, number, percent, tr

if TYPE_CHECKING:
    from markupsafe import Markup

    from actlab.doctor.trial import Arm, Trial
    from actlab.statistics import Interval

_ROW: Final = 46


@dataclass(frozen=True)
class Shown:
    """Everything of a trial that the page needs."""

    lead: str
    heads: list[str]
    rows: list[list[str]]
    caption: str
    figure: Markup
    legend: list[Legend]
    verdict: str
    patch: str
    not_tried: str


def shown(trial: Trial) -> Shown:
    """The trial in the current language."""
    heads = [t(f"trial.{name}") for name in ("remedy", "loss", "gain", "over_random", "verdict")]
    rows = [
        [tr(f"doctor.trial.{arm.name}"), _loss(arm), "–", "–", t("trial.control")]
        for arm in (trial.untouched, trial.random)
    ]
    rows += [
        [tr(f"doctor.trial.{arm.name}"), _loss(arm), _written(arm.gain), _written(arm.over_random),
         t("trial.proven" if arm.proven else "trial.open")]
        for arm in trial.arms
    ]  # fmt: skip
    return Shown(
        lead=t("trial.lead", seeds=integer(trial.seeds), steps=integer(trial.steps), level=percent(trial.level, 1)),
        heads=heads,
        rows=rows,
        caption=t("trial.caption"),
        figure=_figure(trial),
        legend=[Legend(sample_line(k), t(f"trial.{key}")) for k, key in enumerate(("gain", "over_random"))],
        verdict=trial.verdict,
        patch=trial.patch,
        not_tried=tr("doctor.trial.not_tried", names=", ".join(tr(f"doctor.trial.{n}") for n in trial.not_tried))
        if trial.not_tried
        else "",
    )


def _loss(arm: Arm) -> str:
    return number(float(np.median(arm.losses)))


def _written(interval: Interval | None) -> str:
    if interval is None:
        return "–"
    return t("trial.interval", value=number(interval.estimate), low=number(interval.low), high=number(interval.high))


def _figure(trial: Trial) -> Markup:
    """Both intervals of each remedy on one axis with 0; infinite ends reach the edge of the picture."""
    intervals: list[tuple[int, int, Interval]] = [
        (row, kind, interval)
        for row, arm in enumerate(trial.arms)
        for kind, interval in enumerate((arm.gain, arm.over_random))
        if interval is not None
    ]
    reach = _reach([interval for _, _, interval in intervals])
    size = (400, 44 + _ROW * len(trial.arms))
    plot = Plot(size, ("linear", -reach, reach), ("linear", 0.0, 1.0), left=12, right=12, top=4, bottom=36)
    ticks = _svg.linear_ticks(-reach, reach, 5)
    plot.x_axis(t("trial.axis"), ticks)
    zero = plot.x(0.0)
    plot.canvas.line([(zero, plot.top), (zero, plot.bottom)], "axis")
    for row, arm in enumerate(trial.arms):
        plot.canvas.text(plot.left, 4 + _ROW * row + 12, tr(f"doctor.trial.{arm.name}"), "label")
    said: list[str] = []
    for row, kind, interval in intervals:
        y = 4 + _ROW * row + 22 + 11 * kind
        hue = palette.hue(kind)
        words = f"{tr(f'doctor.trial.{trial.arms[row].name}')}, {t('trial.' + ('gain', 'over_random')[kind])}: {_written(interval)}"  # noqa: E501
        plot.canvas.line([(plot.x(interval.low), y), (plot.x(interval.high), y)], f"whisker {hue}")
        plot.canvas.path(_svg.marks(palette.marker(kind), [(plot.x(interval.estimate), y)]), f"fill {hue}", words)
        said.append(words)
    return plot.canvas.markup("trial-figure", t("trial.title"), ". ".join(said) + ".")


def _reach(intervals: list[Interval]) -> float:
    """How far the axis goes on both sides of 0: what is proven and every estimate, not the last of each long tail."""
    lows = [i.low for i in intervals if i.low > 0]
    known = [abs(x) for x in [*lows, *(i.estimate for i in intervals)] if math.isfinite(x) and x != 0]
    known = known or [abs(x) for i in intervals for x in (i.low, i.high) if math.isfinite(x) and x != 0]
    return 1.6 * max(known) if known else 1.0
