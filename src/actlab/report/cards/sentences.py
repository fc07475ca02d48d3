"""A card in words: rows of facts, strengths and weaknesses, all chosen by what the facts say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from actlab.functions.catalogue import korean
from actlab.functions.digits import worth_telling
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
    chosen = _chosen(f)
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


def strengths(card: Card) -> list[str]:
    """What speaks for the function, as far as its facts tell."""
    facts, shape = card.activation.facts, card.shape
    low, high = shape.range
    left, right = facts.derivative_limits
    still = facts.max_derivative == 0
    told: list[str] = []
    if shape.unit and not shape.affine:
        told.append(t("strength.unit_slope", where=spans(shape.unit)))
    elif right == 1 and not shape.affine:
        told.append(t("strength.slope_to_one"))
    if left != 0 and not math.isnan(left) and math.isfinite(left) and not shape.flat and not shape.affine:
        told.append(t("strength.alive", slope=num(left)))
    if facts.zero_centred:
        told.append(t("strength.centred"))
    if abs(facts.mean) < 1e-6 and abs(facts.second_moment - 1) < 1e-6 and not (shape.affine or still):
        told.append(t("strength.self_normalising"))
    if low == 0 and high == 1 and shape.direction == "increasing" and not still:
        told.append(t("strength.probability"))
    elif math.isfinite(low) and math.isfinite(high):
        told.append(t("strength.bounded", range=range_text(card)))
    elif low == 0 and not shape.closed[0]:
        told.append(t("strength.positive"))
    if shape.silent and not all(map(_everywhere, shape.silent)):
        told.append(t("strength.sparse", where=spans(shape.silent)))
    if math.isinf(shape.smoothness) and not shape.affine and facts.finite:
        told.append(t("strength.smooth"))
    if not shape.operations:
        told.append(t("strength.cheap"))
    return told


def weaknesses(card: Card) -> list[str]:
    """What speaks against it, as far as its facts tell."""
    f, shape = card.activation, card.shape
    facts = f.facts
    left, right = facts.derivative_limits
    told: list[str] = []
    if not facts.finite:
        told.append(t("weakness.undefined"))
    if shape.affine:
        told.append(t("weakness.affine"))
    if any(map(_everywhere, shape.flat)) or (shape.flat and facts.max_derivative == 0):
        told.append(t("weakness.flat_all"))
    else:
        told += _flatness(card, left, right)
    if not shape.affine and 0 < facts.max_derivative < 0.9995:
        told.append(t("weakness.shrinks", size=num(facts.max_derivative)))
    if math.isinf(facts.max_derivative):
        told.append(t("weakness.steep"))
    root = math.sqrt(facts.second_moment) if facts.second_moment > 0 else 0.0
    if not facts.zero_centred and abs(facts.mean) > 0.02 * root:
        told.append(t("weakness.off_centre", mean=num(facts.mean)))
    if shape.range[0] >= 0:
        told.append(t("weakness.one_sign"))
    for key, at in (("jump", shape.jumps), ("kink", tuple(k for k in facts.kinks if k not in shape.jumps))):
        if 0 < len(at) <= 6 and len(facts.kinks) <= 12:
            told.append(t(f"weakness.{key}", at=listed(num(k) for k in at)))
    if shape.direction == "neither":
        told.append(t("weakness.not_monotone_poles" if facts.poles else "weakness.not_monotone"))
    told.extend(_lost_digits(card))
    if shape.operations:
        told.append(t("weakness.costly", operations=listed(t(f"operation.{name}") for name in shape.operations)))
    if _chosen(f):
        told.append(t("weakness.parameter", names=listed(p.name for p in _chosen(f))))
    return told


def _chosen(f: Activation) -> tuple[Range, ...]:
    """The parameters that a user sets; those that are learned are not."""
    learned = {name for name, _ in f.learned}
    return tuple(p for p in (f.builtin.parameters if f.builtin is not None else ()) if p.name not in learned)


def _lost_digits(card: Card) -> list[str]:
    """Where the formula as it stands loses digits."""
    return [
        t("weakness.digits", kind=loss.dtype, digits=loss.digits, of=loss.of, where=where(loss.span))
        for loss in worth_telling(card.activation.losses)
    ]


def _flatness(card: Card, left: float, right: float) -> list[str]:
    """Where gradients vanish: exactly, or in the limit; on one side, on both, or in between."""
    flat = card.shape.flat
    dead_left = any(math.isinf(low) for low, _ in flat)
    dead_right = any(math.isinf(high) for _, high in flat)
    if dead_left and dead_right:
        outer = [span for span in flat if math.isinf(span[0]) or math.isinf(span[1])]
        return [t("weakness.dead_both", where=spans(outer))]
    told = []
    if dead_left or dead_right:
        told.append(t("weakness.dead", where=spans([s for s in flat if math.isinf(s[0]) or math.isinf(s[1])])))
    inner = [span for span in flat if math.isfinite(span[0]) and math.isfinite(span[1])]
    if inner:
        told.append(t("weakness.flat_inside", where=spans(inner)))
    fades = (left == 0 and not dead_left, right == 0 and not dead_right)
    ends = card.activation.facts.limits
    fades = (fades[0] and not math.isnan(ends[0]), fades[1] and not math.isnan(ends[1]))  # log(x) has no left end
    if fades == (True, True) and math.isfinite(ends[0]) and math.isfinite(ends[1]):
        return [*told, t("weakness.saturates")]
    if fades[0]:
        told.append(t("weakness.fades_left"))
    if fades[1]:
        told.append(t("weakness.fades_right"))
    return told


def _everywhere(span: Span) -> bool:
    return math.isinf(span[0]) and math.isinf(span[1])


def identity_lines(card: Card) -> list[str]:
    """Each identity with the largest difference that was found."""
    return [f"{i.left} = {i.right}" for i in card.identities]


def identity_note(card: Card) -> str:
    """How closely the identities were found to hold: the next power of ten, which no compiler changes."""
    largest = max((i.error for i in card.identities), default=0.0)
    return (
        t("identity_note", error=f"10{superscript(math.ceil(math.log10(largest)))}") if largest else t("identity_exact")
    )
