"""Cards for a terminal: facts in two columns, curves in Braille dots, several functions as a table."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from actlab.report._console import Ink, laid_out, say
from actlab.report._rows import tabled
from actlab.report.cards import merits, sentences
from actlab.report.cards.curves import DEFAULT_WINDOW, Curve, frame, sample
from actlab.report.cards.dots import Drawing, drawing, pattern, shaded
from actlab.report.cards.sentences import num, t
from actlab.report.cards.strips import strip

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.report.cards.card import Card

_WIDEST: Final = 100
_LEAST_FOR_TWO: Final = 64  # columns from which φ and φ′ stand side by side


def text(
    cards: Sequence[Card], lang: str | None = None, width: int = _WIDEST, window: tuple[float, float] = DEFAULT_WINDOW,
    colour: bool = False, unicode: bool = True,
) -> str:  # fmt: skip
    """The cards as text, at most `width` columns wide where the words allow it; without trailing blanks."""

    def parts(width: int, ink: Ink) -> list[RenderableType]:
        return _one(cards[0], width, window, ink) if len(cards) == 1 else _several(cards, width, window, ink)

    return laid_out(parts, lang, width, colour, unicode)


def print_cards(
    cards: Sequence[Card], lang: str | None = None, window: tuple[float, float] = DEFAULT_WINDOW,
    file: IO[str] | None = None,
) -> None:  # fmt: skip
    """Print to `file` (default: standard output): colour on a terminal only, legible in any encoding."""
    say(lambda lang, width, colour, unicode: text(cards, lang, width, window, colour, unicode), lang, file, _WIDEST)


def _one(card: Card, width: int, window: tuple[float, float], ink: Ink) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(card.name, style="bold"), Text("")]
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for row in sentences.rows(card):
        facts.add_row(ink(row.label, "dim"), _formula(card, ink) if row.key == "formula" else ink(row.value))
    parts += [facts, Text(""), *_plots([card], width, window, ink)]
    for key, mark, told in (
        ("strengths", "+", merits.strengths(card)),
        ("weaknesses", "−", merits.weaknesses(card)),
        ("identities", "=", sentences.identity_lines(card)),
    ):
        if told:
            parts += [Text(""), Text(t(f"card.{key}"), style="bold"), _points(told, mark, ink)]
    if card.identities:
        parts.append(Padding(ink(sentences.identity_note(card), "dim"), (0, 0, 0, 2)))
    return parts


def _formula(card: Card, ink: Ink) -> Text:
    """The formula: what can be typed again where its signs cannot be shown."""
    return Text(card.formula if ink.unicode else card.activation.formula)


def _points(told: Sequence[str], mark: str, ink: Ink) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for line in told:
        grid.add_row(ink(mark), ink(line))
    return grid


def columns(card: Card) -> dict[str, str]:
    """A card as a row of the comparison, by column."""
    facts = card.activation.facts
    left, right = (num(x) for x in facts.derivative_limits)
    direction = card.shape.direction
    return {
        "range": sentences.range_text(card),
        "mean": num(facts.mean),
        "smoothness": sentences.smoothness(card, short=True),
        "monotone": "–" if direction == "neither" else t(f"value.{direction}_short"),
        "largest": num(facts.max_derivative),
        "slope_limits": f"{left}, {right}",
        "gain": num(facts.gain),
        "init": {"he": "He", "lecun": "LeCun"}.get(card.activation.default_init, card.activation.default_init),
        "cost": "–" if card.cost is None else sentences.nanoseconds(card.cost.nanoseconds),
    }


def _several(
    cards: Sequence[Card], width: int, window: tuple[float, float], ink: Ink
) -> list[RenderableType]:  # fmt: skip
    rows = [columns(card) for card in cards]
    shown = [name for name in rows[0] if not (name == "cost" and all(row[name] == "–" for row in rows))]
    if _LEAST_FOR_TWO <= width < 90:  # the main facts only
        shown = [name for name in shown if name not in ("monotone", "init", "gain")]
    told: list[list[Text]] = []
    formulas = Table.grid(padding=(0, 2, 0, 0))
    formulas.add_column(no_wrap=True)
    formulas.add_column(overflow="fold", max_width=max(12, width // 3))
    formulas.add_column(overflow="fold")
    for arm, (card, row) in enumerate(zip(cards, rows, strict=True)):
        told.append([ink.arm(card.short, arm), *(ink(row[name]) for name in shown)])
        formulas.add_row(ink.arm(pattern(arm, 8, ink.unicode), arm), Text(card.name), _formula(card, ink))
    table = tabled([ink(t(f"column.{name}")) for name in ("name", *shown)], told, width, (0, 1))
    note = ink(t("columns_note"), "dim")
    plots = _plots(cards, width, window, ink)
    return [formulas, Text(""), *plots, Text(""), *_strips(cards, width, window, ink), table, Text(""), note]


def _strips(cards: Sequence[Card], width: int, window: tuple[float, float], ink: Ink) -> list[RenderableType]:
    """The derivative comparison: a strip of shades a function, its largest slope at the right."""
    label = min(max(cell_len(card.short) for card in cards), max(10, width // 4))
    cells = width - label - 2 - 8
    if cells < 12:
        return []
    lines: list[RenderableType] = [Text(ink.spelled(t("card.slopes_terminal")), style="bold")]
    for arm, card in enumerate(cards):
        name = card.short if cell_len(card.short) <= label else card.short[: label - 3] + "..."
        line = Text(" " * (label - cell_len(name)) + name + " ", no_wrap=True)
        line.append_text(ink.arm(shaded(strip(card.activation, *window, cells=cells), ink.unicode), arm))
        lines.append(line.append_text(ink(" " + num(card.activation.facts.max_derivative))))
    low, high = (ink.spelled(num(x)) for x in window)
    return [*lines, Text(f"{'':{label + 1}}{low}{high:>{cells - len(low)}}"), Text("")]


def _plots(cards: Sequence[Card], width: int, window: tuple[float, float], ink: Ink) -> list[RenderableType]:
    """φ and φ′, side by side where there is room, each with its own steps of y."""
    beside = width >= _LEAST_FOR_TWO
    each = min((width - 3) // 2 if beside else width, 48)
    drawn: list[Drawing] = []
    for order, key in ((0, "axis_value"), (1, "axis_slope")):
        found: list[Curve] = [sample(card.activation, order, *window) for card in cards]
        title = ink.spelled(t(f"card.{key}"))
        drawn.append(drawing(title, found, window, frame(found, *window), each, 13, ink.unicode))
    return [line for block in ([drawn] if beside else [[one] for one in drawn]) for line in side_by_side(block, ink)]


def side_by_side(drawn: Sequence[Drawing], ink: Ink) -> list[RenderableType]:
    """Plots of equal height beside one another."""
    lines: list[RenderableType] = []
    for parts in zip(*(one.lines for one in drawn), strict=True):
        line = Text(no_wrap=True)
        for k, cells in enumerate(parts):
            line.append("   " if k else "")
            for character, arm in cells:
                line.append_text(ink(character, "dim") if arm is None else ink.arm(character, arm))
        lines.append(line)
    return lines
