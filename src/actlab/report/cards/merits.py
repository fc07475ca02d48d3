"""What speaks for a function and what against it, chosen by what its facts say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.functions.digits import worth_telling
from actlab.report.cards.sentences import listed, num, range_text, spans, t, to_choose, where

if TYPE_CHECKING:
    from actlab.report.cards.card import Card
    from actlab.report.cards.shape import Span


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
        gaps = shape.values is None  # which values between are missing is not known
        between = {"low": num(low), "high": num(high)}
        told.append(t("strength.bounded_gaps", **between) if gaps else t("strength.bounded", range=range_text(card)))
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
    if to_choose(f):
        told.append(t("weakness.parameter", names=listed(p.name for p in to_choose(f))))
    return told


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
