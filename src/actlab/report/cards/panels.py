"""The pictures of the pages, as SVG: curves on axes, small multiples, strips of slopes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from markupsafe import Markup, escape

from actlab.report import _svg, palette
from actlab.report.cards.curves import Curve, at_text, extreme, frame, sample, values, x_ticks
from actlab.report.cards.sentences import num, t
from actlab.report.cards.strips import CELLS, negative_runs, runs, strip
from actlab.report.figures._parts import XS, Legend, Panel, S, sample_line
from actlab.report.figures._plot import Plot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.functions import Activation
    from actlab.report.cards.card import Card

Window = tuple[float, float]
NAMES: Final = ("value", "slope", "curvature")
_THIN: Final = 240  # points of a curve on a page: its picture is a few hundred pixels wide


def curves(cards: Sequence[Card], window: Window, name: str, arms: Sequence[int] | None = None) -> list[Panel]:
    """φ, φ′ and φ″ of `cards` on shared axes: three pictures. `arms` are their colours; by default 0, 1, …"""
    arms = range(len(cards)) if arms is None else arms
    return [Panel(_curves(cards, order, window, f"{name}-{order}", arms), "") for order in range(3)]


def _curves(cards: Sequence[Card], order: int, window: Window, name: str, arms: Sequence[int]) -> Markup:
    drawn = [sample(card.activation, order, *window, points=_THIN + 1) for card in cards]
    low, high = frame(drawn, *window)
    plot = Plot(S, ("linear", *window), ("linear", low, high), left=36, right=8)
    plot.y_axis(t(f"card.axis_{NAMES[order]}"), _svg.linear_ticks(low, high, 4))
    plot.x_axis("x", x_ticks(*window))
    _zero(plot, window, (low, high))
    told = []
    for card, curve, arm in zip(cards, drawn, arms, strict=True):
        _line(plot, curve, (low, high), f"line {palette.hue(arm)}", palette.dash(arm) if len(cards) > 1 else "")
        if order < 2:
            _rings(plot, card.activation, order, window, (low, high), arm)
        told.append(_described(card, curve, order))
    title = f"{t(f'card.axis_{NAMES[order]}')}: {', '.join(card.name for card in cards)}"
    return plot.canvas.markup(name, title, " ".join(told))


def _described(card: Card, curve: Curve, order: int) -> str:
    which = t(f"card.{NAMES[order]}")
    if not curve:
        return t("page.describe_none", name=card.name, curve=which)
    low, low_at, high, high_at = extreme(curve)
    return t(
        "page.describe", name=card.name, curve=which, low=num(low), low_at=at_text(low_at), high=num(high),
        high_at=at_text(high_at),
    )  # fmt: skip


def _zero(plot: Plot, window: Window, y: Window) -> None:
    """The lines x = 0 and y = 0."""
    if y[0] < 0 < y[1]:
        plot.canvas.line([(plot.left, plot.y(0.0)), (plot.right, plot.y(0.0))], "axis")
    if window[0] < 0 < window[1]:
        plot.canvas.line([(plot.x(0.0), plot.top), (plot.x(0.0), plot.bottom)], "guide")


def _line(plot: Plot, curve: Curve, y: Window, class_: str, dash: str) -> None:
    """The curve as far as it lies in sight: beyond the edges the pen is lifted, at the edge it ends."""
    cut = curve.y.copy()
    out = (cut < y[0]) | (cut > y[1])
    near = np.zeros_like(out)
    near[1:] |= ~out[:-1]
    near[:-1] |= ~out[1:]
    cut[out & ~near] = math.nan  # the first point beyond stays: the scale puts it at the edge
    plot.canvas.line(plot.places(curve.x, cut), class_, stroke_dasharray=dash)


def _rings(plot: Plot, activation: Activation, order: int, window: Window, y: Window, arm: int) -> None:
    """A ring at each kink; where the curve jumps, one at either end."""
    near = (window[1] - window[0]) * 1e-7
    for kink in activation.facts.kinks[:40]:
        if not window[0] < kink < window[1]:
            continue
        left, right = values(activation, order, np.array([kink - near, kink + near])).tolist()
        ends = [left] if abs(right - left) < 1e-5 * (1 + abs(left) + abs(right)) else [left, right]
        places = [(plot.x(kink), plot.y(end)) for end in ends if y[0] <= end <= y[1]]
        plot.canvas.path(_svg.marks("circle", places), f"fill hollow {palette.hue(arm)}")


def small(card: Card, window: Window, y: Window, name: str) -> Markup:
    """One picture of the gallery: φ as a solid line, φ′ dashed."""
    plot = Plot(XS, ("linear", *window), ("linear", *y), left=22, right=6, top=8, bottom=22)
    plot.y_axis("", _svg.linear_ticks(*y, 3))
    plot.x_axis("", [window[0], 0.0, window[1]] if window[0] < 0 < window[1] else list(window))
    _zero(plot, window, y)
    for order, arm in ((1, 1), (0, 0)):
        curve = sample(card.activation, order, *window, points=_THIN // 2 + 1)
        _line(plot, curve, y, f"line {palette.hue(arm)}", "" if order == 0 else "4 3")
    _rings(plot, card.activation, 0, window, y, 0)
    from actlab.report.cards.sentences import range_text

    size = num(card.activation.facts.max_derivative)
    told = t("page.describe_atlas", name=card.name, formula=card.formula, range=range_text(card), size=size)
    return plot.canvas.markup(name, card.name, told)


def gallery_legend() -> list[Legend]:
    """The two lines of the gallery, and the ring."""
    ring = Markup(
        '<svg class="sample mark" viewBox="0 0 14 14" aria-hidden="true">'
        f'<path class="fill hollow c0" d="{_svg.marks("circle", [(7, 7)])}"/></svg>'
    )
    return [
        Legend(sample_line(0, mark=False), t("legend.value")),
        Legend(sample_line(1, mark=False, dash="4 3"), t("legend.slope")),
        Legend(ring, t("card.kink")),
    ]


def legend(cards: Sequence[Card]) -> list[Legend]:
    """Every function with its line."""
    return [Legend(sample_line(arm, mark=False), card.short) for arm, card in enumerate(cards)]


def slopes(card: Card, window: Window) -> Markup:
    """φ′ along x as a strip: as dark as |φ′| is large, hatched where it is negative. It stretches to its room."""
    cells = strip(card.activation, *window)
    shades: dict[float, list[str]] = {}
    for first, last, shade in runs(cells):
        shades.setdefault(abs(shade), []).append(f"M{first} 0h{last - first}v10h-{last - first}z")
    parts = [f'<path d="{"".join(d)}" opacity="{shade:g}"/>' for shade, d in sorted(shades.items())]
    hatch = "".join(f"M{k} 10l1-10" for first, last in negative_runs(cells) for k in range(first, last))
    if hatch:
        parts.append(f'<path class="hatch" d="{hatch}"/>')
    ends = values(card.activation, 1, np.array(window)).tolist()
    left, right = (t("page.undefined") if math.isnan(end) else num(end) for end in ends)
    told = t(
        "page.describe_slope", name=card.name, size=num(card.activation.facts.max_derivative), left=left, right=right,
        low=num(window[0]), high=num(window[1]),
    )  # fmt: skip
    return Markup(
        f'<svg class="slopes" viewBox="0 0 {CELLS} 10" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(told)}">{"".join(parts)}</svg>'
    )


def slopes_key() -> list[Legend]:
    """Samples of the shades."""

    def patch(inside: str) -> Markup:
        return Markup(f'<svg class="slopes key" viewBox="0 0 4 10" preserveAspectRatio="none" aria-hidden="true">'
                      f"{inside}</svg>")  # fmt: skip

    return [
        Legend(patch(""), t("legend.weak")),
        Legend(patch('<path d="M0 0h4v10h-4z" opacity=".5"/>'), t("legend.half")),
        Legend(patch('<path d="M0 0h4v10h-4z"/>'), t("legend.full")),
        Legend(
            patch(
                '<path d="M0 0h4v10h-4z" opacity=".5"/>'
                '<path class="hatch" d="M0 10l1-10M1 10l1-10M2 10l1-10M3 10l1-10"/>'
            ),
            t("legend.negative"),
        ),
    ]
