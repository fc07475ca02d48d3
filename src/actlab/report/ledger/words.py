"""Claims, effects, conditions and verdicts in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.study.claims.when import inside
from actlab.text import number, percent, points, tr
from actlab.text._translate import keys

if TYPE_CHECKING:
    from actlab.study.claims.claim import Claim, Effect, Unit, Value, Where
    from actlab.study.claims.decide import Finding, Part, Verdict

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
    return counted(interval(found, unit), unit, lang)


def interval(found: Finding, unit: Unit) -> str:
    """``+10.0 [+7.2, +12.3]``."""
    ends = amount(found.interval.low, unit), amount(found.interval.high, unit)
    return f"{amount(found.interval.estimate, unit)} [{ends[0]}, {ends[1]}]"


def counted(told: str, unit: Unit, lang: str | None = None) -> str:
    """Numbers with what they are counted in; shares and factors say it themselves."""
    return told if unit in ("share", "times") else tr(f"claims.unit.{unit}", lang, told=told)


def condition(where: Where, lang: str | None = None) -> str:
    """``moons · against tanh · best rate``."""
    return " · ".join(value(factor, one, lang) for factor, one in where.items())


def value(factor: str, one: Value, lang: str | None = None) -> str:
    """A condition's value, by itself understandable."""
    word = f"claims.value.{factor}_{str(one).replace(' ', '_').replace('.', '_')}"
    if word in keys(lang or "en"):
        return tr(word, lang)
    return tr(f"claims.shown.{factor}", lang, value=one)


def kind(verdict: Verdict | Part, lang: str | None = None) -> str:
    """``holds``, ``holds when …``, ``does not hold``, ``not decided``."""
    return tr(f"claims.kind.{verdict.kind}", lang)


def sentence(claim: Claim, verdict: Verdict, lang: str | None = None) -> str:
    """The verdict, part by part with the conditions, or with the seeds that it would take."""
    told = "; ".join(parts(claim, verdict, lang))
    found = tr(f"claims.verdict.{verdict.kind}", lang, parts=told, seeds=verdict.seeds)
    return f"{found} {needed(verdict, lang)}".strip()


def parts(claim: Claim, verdict: Verdict, lang: str | None = None) -> list[str]:
    """What became of each part, the heart first; with its name where there are several."""
    said = [_part(part, lang) for part in verdict.parts]
    if len(said) == 1:
        return said
    names = [about(claim, part.effect, lang) for part in verdict.parts]
    return [tr("claims.part.named", lang, name=name, what=what) for name, what in zip(names, said, strict=True)]


def share(verdict: Verdict, lang: str | None = None) -> str:
    """In how many of its conditions the heart was confirmed: ``5 of 16``."""
    heart = verdict.parts[0]
    return tr("claims.part.share", lang, confirmed=heart.count("yes"), of=len(heart.findings))


def needed(verdict: Verdict, lang: str | None = None) -> str:
    """The seeds that would decide an undecided claim; empty for the others."""
    if verdict.kind != "open":
        return ""
    if verdict.seeds_needed is None:
        return tr("claims.verdict.never", lang)
    return tr("claims.verdict.needed", lang, seeds=f"{verdict.seeds_needed:,}")


def _part(part: Part, lang: str | None) -> str:
    """What became of one part, without its name."""
    counts = {
        "confirmed": part.count("yes"), "refuted": part.count("no"), "open": part.count("open"),
        "of": len(part.findings),
    }  # fmt: skip
    if part.kind != "when":
        return tr(f"claims.part.{part.kind}", lang, **counts)
    if part.when:
        text = ", ".join(value(factor, one, lang) for factor, values in part.when for one in values)
        unsure = sum(found.answer == "open" and inside(part.when, found.where) for found in part.findings)
        key = "claims.part.when_but" if unsure else "claims.part.when"
        return tr(key, lang, when=text, unsure=unsure, **counts)
    for wanted, key in (("yes", "only"), ("no", "except")):
        listed = [found for found in part.findings if found.answer == wanted]
        if 0 < len(listed) <= _MOST_LISTED:
            text = ", ".join(condition(found.where, lang) for found in listed)
            return tr(f"claims.part.{key}", lang, when=text, **counts)
    return tr("claims.part.counted", lang, **counts)


def matters(effect: Effect, lang: str | None = None) -> str:
    """What an effect must exceed."""
    told = counted(amount(effect.threshold, effect.unit), effect.unit, lang)
    return tr(f"claims.matters.{'timed' if effect.timed else effect.statistic}", lang, amount=told)


def lead(claim: Claim, verdict: Verdict) -> tuple[Effect, Finding]:
    """The effect at the heart of the claim, in the source's own case."""
    effect = claim.effects[0]
    return effect, verdict.parts[0].findings[0]


def answer(effect: Effect, found: Finding, lang: str | None = None) -> str:
    """``yes``, ``no``, ``open``, with the seeds, or turns of the clock, that would decide it."""
    if found.answer == "open" and found.seeds_needed is not None:
        key = "open_turns" if effect.timed else "open_seeds"
        return tr(f"claims.answer.{key}", lang, count=f"{found.seeds_needed:,}")
    return tr(f"claims.answer.{found.answer}", lang)
