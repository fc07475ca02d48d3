"""Claims, effects, conditions and verdicts in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.text import number, percent, points, tr
from actlab.text._translate import keys

if TYPE_CHECKING:
    from actlab.study.claims.claim import Claim, Effect, Unit, Value, Where
    from actlab.study.claims.decide import Finding, Verdict

#: Confirmed conditions that are listed one by one where no short description fits.
_MOST_LISTED = 4


def about(claim: Claim, what: str, lang: str | None = None) -> str:
    """A sentence on a claim: ``says``, ``predicts``, ``change``, or the name of an effect."""
    return tr(f"claims.{claim.name.lower()}.{what}", lang)


def reading(claim: Claim, lang: str | None = None) -> list[str]:
    """What the numbers of the shipped ledger mean, one paragraph; none while nobody has written it."""
    key = f"claims.{claim.name.lower()}.reading"
    return [tr(key, lang)] if key in keys(lang or "en") else []


def sources(claim: Claim, lang: str | None = None) -> str:
    """The documents that say it."""
    return ", ".join(tr(f"claims.source.{name}", lang) for name in claim.sources)


def amount(x: float, unit: Unit) -> str:
    """A number in the unit of an effect."""
    if unit == "points":
        return points(x)
    if unit == "share":
        return percent(x)
    return f"{number(x)}×" if unit == "times" and math.isfinite(x) else number(x)


def told(found: Finding, unit: Unit, lang: str | None = None) -> str:
    """An interval with its unit."""
    return f"{interval(found, unit)} {unit_name(unit, lang)}".strip()


def interval(found: Finding, unit: Unit) -> str:
    """``+10.0 [+7.2, +12.3]``."""
    ends = amount(found.interval.low, unit), amount(found.interval.high, unit)
    return f"{amount(found.interval.estimate, unit)} [{ends[0]}, {ends[1]}]"


def unit_name(unit: Unit, lang: str | None = None) -> str:
    """What the numbers of an effect are counted in, where they do not say it themselves."""
    return tr("claims.unit.points", lang) if unit == "points" else ""


def condition(where: Where, lang: str | None = None) -> str:
    """``moons · against tanh · best rate``."""
    return " · ".join(value(factor, one, lang) for factor, one in where.items())


def value(factor: str, one: Value, lang: str | None = None) -> str:
    """A condition's value, by itself understandable."""
    word = f"claims.value.{factor}_{str(one).replace(' ', '_').replace('.', '_')}"
    if word in keys(lang or "en"):
        return tr(word, lang)
    return tr(f"claims.shown.{factor}", lang, value=one)


def kind(verdict: Verdict, lang: str | None = None) -> str:
    """``holds``, ``holds when …``, ``does not hold``, ``not decided``."""
    return tr(f"claims.kind.{verdict.kind}", lang)


def sentence(claim: Claim, verdict: Verdict, lang: str | None = None) -> str:
    """The verdict with its conditions, or with the seeds that it would take."""
    answers = [found.answer for found in verdict.findings]
    counts = {"confirmed": answers.count("yes"), "refuted": answers.count("no"), "of": len(answers)}
    if verdict.kind == "open":
        needed = verdict.seeds_needed
        key = "claims.verdict.open_never" if needed is None else "claims.verdict.open"
        return tr(key, lang, needed="" if needed is None else f"{needed:,}", seeds=verdict.seeds, **counts)
    if verdict.kind != "when" or verdict.when is None:
        return tr(f"claims.verdict.{verdict.kind}", lang, **counts)
    if verdict.when.terms:
        text = "; ".join(_term(claim, factor, values, lang) for factor, values in verdict.when.terms)
        return tr("claims.verdict.when", lang, when=text, **counts)
    for listed, key in (
        ([found for found in verdict.findings if found.answer == "yes"], "when"),
        ([found for found in verdict.findings if found.answer == "no"], "except"),
    ):
        if 0 < len(listed) <= _MOST_LISTED:
            text = "; ".join(_named(claim, found, lang) for found in listed)
            return tr(f"claims.verdict.{key}", lang, when=text, **counts)
    if not counts["refuted"]:
        text = "; ".join(_named(claim, found, lang) for found in verdict.findings if found.answer == "open")
        return tr("claims.verdict.but_open", lang, when=text, **counts)
    if len(claim.effects) > 1:
        text = "; ".join(_counted(claim, verdict, effect.name, lang) for effect in claim.effects)
        return tr("claims.verdict.by_effect", lang, when=text, **counts)
    return tr("claims.verdict.when_counted", lang, **counts)


def _counted(claim: Claim, verdict: Verdict, effect: str, lang: str | None) -> str:
    found = [one.answer for one in verdict.of(effect)]
    return tr("claims.term.counted", lang, name=about(claim, effect, lang), confirmed=found.count("yes"), of=len(found))


def _named(claim: Claim, found: Finding, lang: str | None) -> str:
    """A condition, with its effect where the claim has several."""
    named = condition(found.where, lang)
    return f"“{about(claim, found.effect, lang)}”, {named}" if len(claim.effects) > 1 else named


def _term(claim: Claim, factor: str, values: tuple[Value, ...], lang: str | None) -> str:
    if factor == "effect":
        return tr("claims.term.effect", lang, values=" / ".join(about(claim, str(one), lang) for one in values))
    return tr("claims.term.factor", lang, values=", ".join(value(factor, one, lang) for one in values))


def matters(effect: Effect, lang: str | None = None) -> str:
    """What an effect must exceed."""
    told = f"{amount(effect.threshold, effect.unit)} {unit_name(effect.unit, lang)}".strip()
    return tr(f"claims.matters.{effect.statistic}", lang, amount=told)


def lead(claim: Claim, verdict: Verdict) -> tuple[Effect, Finding]:
    """The effect at the heart of the claim, in the source's own case."""
    effect = claim.effects[0]
    return effect, verdict.of(effect.name)[0]


def answer(found: Finding, lang: str | None = None) -> str:
    """``yes``, ``no``, ``open``, with the seeds that would decide it."""
    if found.answer == "open" and found.seeds_needed is not None:
        return tr("claims.answer.open_seeds", lang, seeds=f"{found.seeds_needed:,}")
    return tr(f"claims.answer.{found.answer}", lang)
