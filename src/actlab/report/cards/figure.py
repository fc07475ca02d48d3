"""Cards as figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from actlab.report import palette
from actlab.report._sheet import ARMS, INK, write_sheet
from actlab.report.cards import sentences
from actlab.report.cards.card import cards
from actlab.report.cards.curves import ORDERS, frame, sample, values, x_ticks
from actlab.report.cards.sentences import num, t
from actlab.report.cards.strips import negative_runs, strip

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from actlab.functions import Activation
    from actlab.report.cards.card import Card

_WIDTH, _MARGIN, _TALL = 11.0, 0.5, 2.5  # inches: the sheet, what stays empty at its sides, the height of a plot
_STRIP_NAME, _STRIP_NAME_LARGE = 26, 22  # characters at the left of a strip, at most, and at most in large letters
_KEYS: Final = ("axis_value", "axis_slope", "axis_curvature")


def write_figure(
    activations: Sequence[Activation], path: Path, window: tuple[float, float]
) -> tuple[Path, list[str]]:  # fmt: skip
    """Draw to `path` (its suffix says the format); returns it and what the reader should be told."""

    def draw(figure: Any) -> None:
        found = cards(activations, measured=False, linked=False)
        (_one if len(found) == 1 else _several)(figure, found, window)

    return write_sheet(path, draw)


class _Sheet:
    """A figure whose parts are placed in inches from its upper left corner: nothing moves with the words in it."""

    def __init__(self, figure: Any, height: float) -> None:
        self.figure, self.height = figure, height
        figure.set_size_inches(_WIDTH, height)

    def axes(self, left: float, top: float, width: float, height: float) -> Any:
        return self.figure.add_axes(
            (left / _WIDTH, 1 - (top + height) / self.height, width / _WIDTH, height / self.height)
        )

    def text(self, left: float, top: float, words: str, **style: Any) -> None:
        self.figure.text(left / _WIDTH, 1 - top / self.height, words, va="top", **style)

    def heading(self, title: str, formula: str = "") -> None:
        """The name on the left, the formula, where it is short, on the right."""
        self.text(_MARGIN, 0.4, title if len(title) < 70 else title[:69] + "…", fontsize=17, weight="bold")
        if formula and len(formula) < 75:
            self.text(_WIDTH - _MARGIN, 0.43, formula, fontsize=13, color=INK["soft"], ha="right")

    def curves(self, found: list[Card], window: tuple[float, float], top: float) -> None:
        """φ, φ′ and φ″ beside one another."""
        wide = (_WIDTH - 2 * _MARGIN - 2 * 0.55 - 0.35) / 3
        for order in ORDERS:
            left = _MARGIN + 0.35 + order * (wide + 0.55)
            _curves(self.axes(left, top, wide, _TALL), found, order, window)


def _one(figure: Any, found: list[Card], window: tuple[float, float]) -> None:
    """A card: its name and formula, three curves, and the facts that fit into two lines."""
    card = found[0]
    sheet = _Sheet(figure, 5.6)
    sheet.heading(card.name, "" if card.typed else f"φ(x) = {card.formula}")
    sheet.curves(found, window, 1.2)
    facts = [
        (t("row.range"), sentences.range_text(card)),
        (t("row.steepest"), sentences.steepest(card)),
        (t("row.monotone"), t(f"value.{card.shape.direction}")),
        (t("row.smoothness"), sentences.smoothness(card)),
        (t("row.kinks"), sentences.kinks(card)),
        (t("row.gain"), num(card.activation.facts.gain)),
    ]
    for k, (label, value) in enumerate(facts):
        left, top = _MARGIN + (k % 3) * 3.45, 4.4 + (k // 3) * 0.52
        sheet.text(left, top, label, color=INK["soft"], fontsize=9)
        sheet.text(left, top + 0.17, value, fontsize=10)


def _several(figure: Any, found: list[Card], window: tuple[float, float]) -> None:
    """The curves of all on shared axes, and the derivative comparison below."""
    from matplotlib.lines import Line2D

    each = 0.36
    legend = 0.25 * -(-len(found) // 3)
    top = 1.25 + legend
    strips = top + _TALL + 0.95
    sheet = _Sheet(figure, strips + each * len(found) + 0.6)
    named = sentences.listed(card.name for card in found)
    sheet.heading(named if len(named) < 60 else t("card.together", count=len(found)))
    handles = [
        Line2D([], [], color=ARMS[k % len(ARMS)], linestyle=_dash(k), linewidth=2, label=_label(card))
        for k, card in enumerate(found)
    ]
    figure.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(_MARGIN / _WIDTH, 1 - 0.85 / sheet.height), frameon=False,
        ncols=min(3, len(found)), handlelength=2.6, borderaxespad=0, borderpad=0, fontsize=10,
    )  # fmt: skip
    sheet.curves(found, window, top)
    _strips(sheet.axes(2.1, strips, _WIDTH - 2.1 - 1.2, each * len(found)), found, window)


def _label(card: Card) -> str:
    plain = card.typed or len(card.formula) > 34 or card.formula == f"{card.name}(x)"
    return card.short if plain else f"{card.name} = {card.formula}"


def _dash(arm: int) -> Any:
    pattern = [float(n) / 2 for n in palette.dash(arm).split()]
    return (0, tuple(pattern)) if pattern else "-"


def _curves(axes: Any, found: list[Card], order: int, window: tuple[float, float]) -> None:
    """One of φ, φ′, φ″ of every function; kinks are rings."""
    drawn = [sample(card.activation, order, *window) for card in found]
    low, high = frame(drawn, *window)
    axes.set_title(t(f"card.{_KEYS[order]}"), loc="left", fontsize=11, color=INK["soft"])
    axes.axhline(0, color=INK["soft"], linewidth=0.8)
    axes.axvline(0, color=INK["soft"], linewidth=0.8, linestyle=(0, (2, 3)))
    for arm, (card, curve) in enumerate(zip(found, drawn, strict=True)):
        colour = ARMS[arm % len(ARMS)]
        axes.plot(curve.x, curve.y, color=colour, linestyle=_dash(arm), linewidth=2, solid_capstyle="round")
        for kink in card.activation.facts.kinks[:40]:
            if window[0] < kink < window[1] and order < 2:
                near = (window[1] - window[0]) * 1e-7
                sides = values(card.activation, order, np.array([kink - near, kink + near]))
                joint = abs(sides[1] - sides[0]) < 1e-5 * (1 + abs(sides[0]) + abs(sides[1]))
                for y in sides[:1] if joint else sides:
                    axes.plot([kink], [y], "o", markersize=6, markerfacecolor=INK["paper"], markeredgecolor=colour)
    axes.set_xlim(*window)
    axes.set_ylim(low, high)
    axes.set_xticks(x_ticks(*window), [num(x) for x in x_ticks(*window)])
    ticks = [y for y in axes.get_yticks() if low <= y <= high]
    axes.set_yticks(ticks, [num(y) for y in ticks])
    axes.set_xlabel("x", loc="right")


def _strips(axes: Any, found: list[Card], window: tuple[float, float]) -> None:
    """Where gradients pass: a strip a function, as dark as |φ′| is large; negative slopes are hatched."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("slopes", [INK["card"], ARMS[0]])
    axes.grid(visible=False)
    axes.set_title(t("card.slopes"), loc="left", fontsize=11, color=INK["soft"])
    width = window[1] - window[0]
    for row, card in enumerate(found):
        slopes = strip(card.activation, *window, cells=192)
        shown = np.clip(np.abs(np.nan_to_num(slopes)), 0, 1)[None, :]
        extent = (window[0], window[1], row + 0.36, row - 0.36)
        axes.imshow(shown, aspect="auto", extent=extent, cmap=shades, vmin=0, vmax=1, interpolation="nearest")
        for first, last in negative_runs(slopes):
            left, right = (window[0] + k * width / len(slopes) for k in (first, last))
            axes.fill_between([left, right], row - 0.36, row + 0.36, facecolor="none", edgecolor=ARMS[1],
                              hatch="////", linewidth=0)  # fmt: skip
        size = num(card.activation.facts.max_derivative)
        axes.text(window[1] + 0.012 * width, row, size, va="center", fontsize=10, clip_on=False)
    axes.text(window[1] + 0.012 * width, -0.78, t("card.largest"), va="center", fontsize=9, color=INK["soft"])
    axes.set_xlim(*window)
    axes.set_ylim(len(found) - 0.5, -0.5)
    names = [card.short for card in found]
    labels = [name if len(name) <= _STRIP_NAME else f"{name[: _STRIP_NAME - 1]}…" for name in names]
    small = any(len(label) > _STRIP_NAME_LARGE for label in labels)
    axes.set_yticks(range(len(found)), labels, color=INK["ink"], fontsize=8.5 if small else 10)
    axes.set_xticks(x_ticks(*window), [num(x) for x in x_ticks(*window)])
    axes.set_xlabel("x", loc="right")
