"""Figures with matplotlib: PNG, SVG and PDF. The same input gives the same bytes: no date, no random names."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from actlab.report import palette
from actlab.report._write import check_writable
from actlab.report.cards import sentences
from actlab.report.cards.card import cards
from actlab.report.cards.curves import ORDERS, frame, sample, values, x_ticks
from actlab.report.cards.sentences import num, t
from actlab.report.cards.strips import negative_runs, strip
from actlab.text import UserError, current_language, tr, use_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from actlab.functions import Activation
    from actlab.report.cards.card import Card

_INK: Final = {name: palette.LIGHT[name] for name in ("paper", "ink", "soft", "rule", "card")}
_ARMS: Final = [palette.LIGHT[f"arm-{k}"] for k in range(palette.HUES)]
_LATIN: Final = ("Helvetica Neue", "Segoe UI", "Noto Sans", "Liberation Sans", "Arial")
_KOREAN: Final = (
    "NanumGothic", "Noto Sans KR", "Apple SD Gothic Neo", "AppleGothic", "Malgun Gothic", "NanumBarunGothic",
    "Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans CJK SC",
)  # fmt: skip
_SIGNS: Final = "DejaVu Sans"  # comes with matplotlib; it has φ, ′, ∞ and σ
_DPI: Final = 144
_WIDTH, _MARGIN, _TALL = 11.0, 0.5, 2.5  # inches: the sheet, what stays empty at its sides, the height of a plot
_KEYS: Final = ("axis_value", "axis_slope", "axis_curvature")


def write_figure(
    activations: Sequence[Activation], path: Path, window: tuple[float, float]
) -> tuple[Path, list[str]]:  # fmt: skip
    """Draw to `path` (its suffix says the format); returns it and what the reader should be told."""
    matplotlib = _matplotlib()
    lang = current_language()
    families, has_korean = _families(lang)
    notices = []
    if lang == "ko" and not has_korean:
        notices.append(tr("show.no_korean_font"))
        lang = "en"
    suffix = path.suffix.lower()
    kind = suffix.removeprefix(".")
    nothing: dict[str, dict[str, Any]] = {
        "png": {"Software": None}, "svg": {"Date": None}, "pdf": {"CreationDate": None},
    }  # fmt: skip
    with use_language(lang), _quiet(), matplotlib.rc_context(_style(families)), io.BytesIO() as file:
        from matplotlib.figure import Figure

        figure = Figure(facecolor=_INK["paper"])
        found = cards(activations, measured=False, linked=False)
        (_one if len(found) == 1 else _several)(figure, found, window)
        figure.savefig(file, format=kind, dpi=_DPI, metadata=nothing[kind])
        _put(path, file.getvalue())
    return path, notices


def _matplotlib() -> Any:
    try:
        import matplotlib as found
    except ImportError:
        raise UserError("show.no_matplotlib") from None
    return found


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without remarks of the libraries on weights and tables of fonts, which the reader can do nothing about."""
    loggers = [logging.getLogger(name) for name in ("matplotlib.font_manager", "fontTools")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _families(lang: str) -> tuple[list[str], bool]:
    """Font families that this machine has, the first for most letters, and whether one of them has Hangul."""
    from matplotlib import font_manager

    there = {entry.name for entry in font_manager.fontManager.ttflist}
    korean = [name for name in _KOREAN if name in there][:1]
    latin = [name for name in _LATIN if name in there][:1]
    # Latin first: numbers and φ′ look alike in both languages, and each letter takes the first family that has it.
    return [*latin, *(korean if lang == "ko" else ()), _SIGNS], bool(korean)


def _style(families: list[str]) -> dict[str, Any]:
    return {
        "font.family": families, "font.size": 10, "text.color": _INK["ink"], "axes.edgecolor": _INK["soft"],
        "axes.labelcolor": _INK["soft"], "axes.facecolor": _INK["paper"], "axes.linewidth": 0.8,
        "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "axes.grid": True,
        "axes.axisbelow": True, "grid.color": _INK["rule"], "grid.linewidth": 0.8, "xtick.color": _INK["soft"],
        "ytick.color": _INK["soft"], "xtick.labelsize": 9, "ytick.labelsize": 9, "ytick.major.size": 0,
        "axes.unicode_minus": True, "svg.fonttype": "none", "svg.hashsalt": "actlab", "pdf.fonttype": 42,
        "text.parse_math": False, "hatch.linewidth": 0.7, "hatch.color": _INK["paper"],
    }  # fmt: skip


def _put(path: Path, content: bytes) -> None:
    """The whole file or none: written beside and renamed."""
    check_writable(path)
    handle, aside = tempfile.mkstemp(prefix=".figure.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        Path(aside).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        Path(aside).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(aside).unlink()
        raise


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
            self.text(_WIDTH - _MARGIN, 0.43, formula, fontsize=13, color=_INK["soft"], ha="right")

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
        sheet.text(left, top, label, color=_INK["soft"], fontsize=9)
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
        Line2D([], [], color=_ARMS[k % len(_ARMS)], linestyle=_dash(k), linewidth=2, label=_label(card))
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
    axes.set_title(t(f"card.{_KEYS[order]}"), loc="left", fontsize=11, color=_INK["soft"])
    axes.axhline(0, color=_INK["soft"], linewidth=0.8)
    axes.axvline(0, color=_INK["soft"], linewidth=0.8, linestyle=(0, (2, 3)))
    for arm, (card, curve) in enumerate(zip(found, drawn, strict=True)):
        colour = _ARMS[arm % len(_ARMS)]
        axes.plot(curve.x, curve.y, color=colour, linestyle=_dash(arm), linewidth=2, solid_capstyle="round")
        for kink in card.activation.facts.kinks[:40]:
            if window[0] < kink < window[1] and order < 2:
                near = (window[1] - window[0]) * 1e-7
                sides = values(card.activation, order, np.array([kink - near, kink + near]))
                joint = abs(sides[1] - sides[0]) < 1e-5 * (1 + abs(sides[0]) + abs(sides[1]))
                for y in sides[:1] if joint else sides:
                    axes.plot([kink], [y], "o", markersize=6, markerfacecolor=_INK["paper"], markeredgecolor=colour)
    axes.set_xlim(*window)
    axes.set_ylim(low, high)
    axes.set_xticks(x_ticks(*window), [num(x) for x in x_ticks(*window)])
    ticks = [y for y in axes.get_yticks() if low <= y <= high]
    axes.set_yticks(ticks, [num(y) for y in ticks])
    axes.set_xlabel("x", loc="right")


def _strips(axes: Any, found: list[Card], window: tuple[float, float]) -> None:
    """Where gradients pass: a strip a function, as dark as |φ′| is large; negative slopes are hatched."""
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("slopes", [_INK["card"], _ARMS[0]])
    axes.grid(visible=False)
    axes.set_title(t("card.slopes"), loc="left", fontsize=11, color=_INK["soft"])
    width = window[1] - window[0]
    for row, card in enumerate(found):
        slopes = strip(card.activation, *window, cells=192)
        shown = np.clip(np.abs(np.nan_to_num(slopes)), 0, 1)[None, :]
        extent = (window[0], window[1], row + 0.36, row - 0.36)
        axes.imshow(shown, aspect="auto", extent=extent, cmap=shades, vmin=0, vmax=1, interpolation="nearest")
        for first, last in negative_runs(slopes):
            left, right = (window[0] + k * width / len(slopes) for k in (first, last))
            axes.fill_between([left, right], row - 0.36, row + 0.36, facecolor="none", edgecolor=_ARMS[1],
                              hatch="////", linewidth=0)  # fmt: skip
        size = num(card.activation.facts.max_derivative)
        axes.text(window[1] + 0.012 * width, row, size, va="center", fontsize=10, clip_on=False)
    axes.text(window[1] + 0.012 * width, -0.78, t("card.largest"), va="center", fontsize=9, color=_INK["soft"])
    axes.set_xlim(*window)
    axes.set_ylim(len(found) - 0.5, -0.5)
    labels = [card.short if len(card.short) < 22 else card.short[:21] + "…" for card in found]
    axes.set_yticks(range(len(found)), labels, color=_INK["ink"], fontsize=10)
    axes.set_xticks(x_ticks(*window), [num(x) for x in x_ticks(*window)])
    axes.set_xlabel("x", loc="right")
