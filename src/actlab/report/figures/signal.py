"""Two points followed through the net: how strong the signal is after every step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.report import _svg, palette, readings
from actlab.report.figures._chart import Chart
from actlab.report.figures._marks import Stripe
from actlab.report.figures._parts import Group, Legend, Panel, S, Section, sample_line
from actlab.report.figures._words import Words
from actlab.report.sentences import inside
from actlab.text import number

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.study.result import Comparison, Point, Portrait

_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def section(comparison: Comparison, words: Words) -> Section:
    """A figure for each view on fresh data, a panel for each arm; the panels of a figure share their axes."""
    groups = []
    for view in readings.lead_views(comparison):
        found = readings.portraits(comparison, view)
        if not found:
            continue
        domain = _domain(found)
        title, badge = words.view(comparison, view)
        panels = [
            Panel(_panel(view, comparison.arms.index(p.arm), p, domain, words), p.arm, comparison.arms.index(p.arm))
            for p in found
        ]
        groups.append(Group(panels, words.tell(inside.signal(found)), title, "s", badge, views=(view,)))
    legend = [
        Legend(sample_line(None), words("page.far")),
        Legend(sample_line(None, dash="3 3"), words("page.near")),
    ]
    return Section("signal", groups, legend, missing=words("missing.portraits"))


def stations(point: Point) -> Array:
    """(2·layers,) mean |z| and |a| by turns, in the order in which the signal meets them."""
    return np.column_stack([point.mean_abs_z, point.mean_abs_a]).ravel()


def _domain(found: list[Portrait]) -> tuple[float, float]:
    values = np.concatenate([stations(point) for p in found for point in (p.near, p.far)])
    positive = values[np.isfinite(values) & (values > 0)]
    if not positive.size:
        return 0.1, 1.0
    high = float(positive.max()) * 1.3
    return max(float(positive.min()) / 1.3, high * 1e-4), high


def _panel(view: int, arm: int, portrait: Portrait, domain: tuple[float, float], words: Words) -> Chart:
    layers = len(portrait.near.mean_abs_z)
    count = 2 * layers
    chart = Chart(S, ("linear", -0.3, count - 0.7), ("log", *domain), bottom=22)
    chart.y_axis(words("section.signal.axis"), _svg.log_ticks(*domain))
    for layer in range(0, layers, 2):  # every other layer has a ground, so that z and a of one layer belong together
        chart.add(Stripe(2 * layer - 0.3, 2 * layer + 1.3))
    stride = math.ceil(count / 9)
    names = [f"{'za'[k % 2]}{k // 2 + 1}".translate(_SUBSCRIPT) for k in range(count - 1)]
    names.append("ŷ" if portrait.regression else "p")
    shown = [k for k in range(count) if (count - 1 - k) % stride == 0]
    chart.x_axis("", [float(k) for k in shown], [names[k] for k in shown])
    hue = palette.hue(arm)
    for which, dash in (("near", "3 3"), ("far", "")):
        values = stations(getattr(portrait, which))
        chart.line(range(count), values, hue, dash=dash, name=words(f"page.{which}"))
        known = [k for k, value in enumerate(values.tolist()) if math.isfinite(value)]
        tips = tuple(f"{names[k]}: {number(float(values[k]))}" for k in known)
        chart.dots(known, values[known], "circle", hue, tips=tips, hollow=bool(dash))
    near, far = (", ".join(number(v, 2) for v in p.mean_abs_a.tolist()) for p in (portrait.near, portrait.far))
    text = words("section.signal.description", near=near, far=far)
    return chart.say(f"signal-{view}-{arm}", f"{words('section.signal.title')}: {portrait.arm}", text)
