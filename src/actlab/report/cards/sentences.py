"""A card in words: rows of facts, and how numbers, places and ranges are written."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from actlab.functions.catalogue import korean
from actlab.report.cards.ranges import Part
from actlab.text import current_language, number, tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from actlab.functions import Activation
    from actlab.functions.catalogue.entry import Range
    from actlab.report.cards.card import Card
    from actlab.report.cards.shape import Span

_LONGEST_SLOPE = 90  # a longer formula of φ′ helps nobody
_MOST_PARTS = 4  # of a range


class Row(NamedTuple):
    """A fact: which, its name in the language, its value."""

    key: str
    label: str
    value: str


def t(key: str, **values: object) -> str:
    """The sentence ``show.<key>`` in the current language."""
    return tr(f"show.{key}", None, **values)


def num(x: float) -> str:
    """A number of a card: four digits, and no −0."""
    return number(0.0 if abs(x) <= 1e-12 else x, 4)


def superscript(exponent: int) -> str:
    """An exponent as it is written."""
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def listed(words: Iterable[str]) -> str:
    """“a, b and c”."""
    told = list(words)
    if len(told) < 2:
        return "".join(told)
    return t("list.last", head=t("list.comma").join(told[:-1]), last=told[-1])


def where(span: Span) -> str:
    """An interval as a condition on x."""
    low, high = span
    if math.isinf(low) and math.isinf(high):
        return t("everywhere")
    if math.isinf(low):
        return f"x < {num(high)}"
    if math.isinf(high):
        return f"x > {num(low)}"
    if low == -high:
        return f"|x| < {num(high)}"
    return f"{num(low)} < x < {num(high)}"


def spans(found: Sequence[Span]) -> str:
    """Several intervals; a pair that mirrors itself is one condition."""
    if len(found) == 2 and found[0][1] == -found[1][0] and math.isinf(found[0][0]) and math.isinf(found[1][1]):
        return f"|x| > {num(found[1][0])}"
    return listed(where(span) for span in found)


def range_text(card: Card) -> str:
    """The range as an interval or several: (0, 1), [0, ∞), (−∞, 0) ∪ (0, ∞), {0, 1}."""
    low, high = card.shape.range
    if math.isnan(low) or math.isnan(high):
        return "–"
    parts = card.shape.values
    if parts is None or len(parts) > _MOST_PARTS:
        return t("value.range_gaps", low=num(low), high=num(high))
    if all(part.low == part.high for part in parts) and parts:
        return f"{{{', '.join(num(part.low) for part in parts)}}}"
    return " ∪ ".join(map(_interval, parts or [Part(low, high, *card.shape.closed)]))


def _interval(part: Part) -> str:
    if part.low == part.high:
        return f"{{{num(part.low)}}}"
    return f"{'[' if part.low_met else '('}{num(part.low)}, {num(part.high)}{']' if part.high_met else ')'}"


def centred(card: Card) -> str:
    """Whether the mean output is 0."""
    facts = card.activation.facts
    if math.isnan(facts.mean):
        return t("value.centred_unknown")
    return t("value.centred") if facts.zero_centred else t("value.off_centre", mean=num(facts.mean))


def smoothness(card: Card, short: bool = False) -> str:
    """How many derivatives are continuous."""
    order = card.shape.smoothness
    if short:
        return t("value.jumps_short") if order < 0 else "C∞" if math.isinf(order) else f"C{'⁰¹²³'[int(order)]}"
    if math.isinf(order):
        return t("value.smooth" if card.activation.facts.finite else "value.smooth_inside")
    return t(f"value.smooth_{int(order)}" if order < 2 else "value.smooth_more", order=int(order))


def kinks(card: Card) -> str:
    """Where the slope or the value jumps."""
    return places(card.activation.facts.kinks)


def places(found: Sequence[float]) -> str:
    """Single points; of many only how many they are."""
    if not found:
        return t("value.none")
    if len(found) > 6:
        return t("value.many_kinks", count=len(found))
    return "x = " + ", ".join(num(k) for k in found)


def steepest(card: Card) -> str:
    """The largest |φ′| and where it is met."""
    facts, steep = card.activation.facts, card.shape.steep
    if math.isinf(facts.max_derivative) or math.isnan(facts.max_derivative):
        return t("value.steep_unbounded") if math.isinf(facts.max_derivative) else "–"
    size = num(facts.max_derivative)
    if steep:
        return t("value.steep_on", size=size, where=spans(steep))
    if facts.max_derivative == 0:
        return size
    if math.isinf(facts.max_derivative_at):
        return t("value.steep_end", size=size, at=num(facts.max_derivative_at))
    ats = [facts.max_derivative_at]
    if card.shape.symmetry and abs(ats[0]) > 1e-9:  # the mirror image is as steep
        ats = [-abs(ats[0]), abs(ats[0])]
    at = ", ".join(num(round(x, 5)) for x in ats)
    return t("value.steep_at", size=size, at=at)


def slope_text(card: Card) -> str:
    """The formula of φ′; of a function of straight pieces its slope on each."""
    if not card.shape.slopes or len(card.shape.slopes) > 5:
        return card.slope
    by_size: dict[str, list[Span]] = {}
    for span, slope in card.shape.slopes:
        by_size.setdefault(num(slope), []).append(span)
    if len(by_size) == 1:
        return next(iter(by_size))
    return "{" + "; ".join(f"{size} ({spans(found)})" for size, found in by_size.items()) + "}"


def limits(pair: tuple[float, float]) -> str:
    """Both limits."""
    low, high = (t("value.no_limit") if math.isnan(x) else num(x) for x in pair)
    return t("value.limits", low=low, high=high)


def nanoseconds(ns: float) -> str:
    """A cost: two decimals below 10 ns, one above."""
    return f"{ns:.2f}" if ns < 9.995 else f"{ns:.1f}"


def cost(card: Card) -> str:
    """The measured cost beside ReLU's."""
    if card.cost is None:
        return "–"
    own, relu = nanoseconds(card.cost.nanoseconds), nanoseconds(card.cost.relu)
    if card.name == "relu":
        return t("value.cost_alone", own=own)
    return t("value.cost", own=own, relu=relu, ratio=f"{card.cost.ratio:.1f}")


def rows(card: Card) -> list[Row]:
    """The facts in the order in which they are read."""
    f = card.activation
    facts, builtin, shape = f.facts, f.builtin, card.shape
    found: list[tuple[str, str]] = [("formula", card.formula)]
    slope = slope_text(card)
    if len(slope) <= _LONGEST_SLOPE:
        found.append(("derivative", slope))
    found += [
        ("range", range_text(card)),
        *([("undefined", spans(facts.undefined))] if facts.undefined else []),
        *([("poles", places(facts.poles))] if facts.poles else []),
        ("centred", centred(card)),
        ("smoothness", smoothness(card)),
        ("kinks", kinks(card)),
        ("monotone", t(f"value.{shape.direction}")),
        ("symmetry", t(f"value.{shape.symmetry or 'no_symmetry'}")),
        ("limits", limits(facts.limits)),
        ("slope_limits", limits(facts.derivative_limits)),
        ("steepest", steepest(card)),
        ("moments", t("value.moments", mean=num(facts.mean), second=num(facts.second_moment))),
        (
            "slope_moments",
            t("value.slope_moments", mean=num(facts.derivative_mean), second=num(facts.derivative_second_moment)),
        ),
        ("gain", num(facts.gain)),
        ("init", t(f"value.init_{f.default_init}")),
    ]
    chosen = to_choose(f)
    if chosen:
        given = [t("value.parameter", name=p.name, default=num(p.default)) for p in chosen]
        found.append(("parameters", ", ".join(given)))
    if f.learned:
        starts = [t("value.learned", name=name, start=num(start)) for name, start in f.learned]
        found.append(("learned", ", ".join(starts)))
    if builtin is not None:
        spoken = [builtin.name] if builtin.name != f.name and card.typed else []
        spoken += [*builtin.aliases, *(korean(builtin.name) if current_language() == "ko" else ())]
        if spoken:
            found.append(("aliases", ", ".join(spoken)))
    if card.cost is not None:
        found.append(("cost", cost(card)))
    if builtin is not None:
        found += [("use", tr(f"functions.use.{builtin.use}")), ("source", builtin.reference)]
    return [Row(key, t(f"row.{key}"), value) for key, value in found]


def to_choose(f: Activation) -> tuple[Range, ...]:
    """The parameters that a user sets; those that are learned are not."""
    learned = {name for name, _ in f.learned}
    return tuple(p for p in (f.builtin.parameters if f.builtin is not None else ()) if p.name not in learned)


def identity_lines(card: Card) -> list[str]:
    """Each identity with the largest difference that was found."""
    return [f"{i.left} = {i.right}" for i in card.identities]


def identity_note(card: Card) -> str:
    """How closely the identities were found to hold: the next power of ten, which no compiler changes."""
    largest = max((i.error for i in card.identities), default=0.0)
    return (
        t("identity_note", error=f"10{superscript(math.ceil(math.log10(largest)))}") if largest else t("identity_exact")
    )
