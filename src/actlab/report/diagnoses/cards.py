"""Findings as the page shows them: what, where, how much beside what is normal, why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from actlab.report.diagnoses.code import code_for
from actlab.report.diagnoses.figures import strip, t
from actlab.report.figures._words import unbroken
from actlab.text import integer, tr

if TYPE_CHECKING:
    from markupsafe import Markup

    from actlab.doctor import Diagnosis, Finding

_MOST: Final = 12  # places of one finding; all are in JSON and SARIF
_MARKS: Final = {"error": "●", "warning": "▲", "info": "○"}


@dataclass(frozen=True)
class Place:
    """A finding at one place."""

    where: str
    message: str
    value: str
    strip: Markup


@dataclass(frozen=True)
class Remedy:
    """A piece of advice, and the code that follows it: empty where words must do, or where it stands `above`."""

    advice: str
    code: str
    above: bool


@dataclass(frozen=True)
class Card:
    """Findings that differ in their place only."""

    code: str
    severity: str
    mark: str
    word: str
    title: str
    normal: str
    confidence: str
    why: str
    places: list[Place]
    more: str
    remedies: list[Remedy]


def cards(diagnosis: Diagnosis) -> list[Card]:
    """A card for each kind of finding, the worst first. Code that stands on the page already is not said again."""
    said: set[str] = set()
    return [_card(group, diagnosis, said) for group in diagnosis.groups]


def _card(group: tuple[Finding, ...], diagnosis: Diagnosis, said: set[str]) -> Card:
    worst = group[0]
    shown = group[:_MOST]
    return Card(
        code=worst.code,
        severity=worst.severity,
        mark=_MARKS[worst.severity],
        word=tr(f"doctor.severity.{worst.severity}"),
        title=_capital(worst.title),
        normal=unbroken(worst.range),
        confidence=tr(f"doctor.confidence.{worst.confidence}"),
        why=unbroken(worst.why),
        places=[
            Place(
                f.where or f.place, unbroken(f.message), unbroken(f.written(f.value)), strip(f.value, f.normal, f.unit)
            )
            for f in shown
        ],
        more=t("more", n=integer(len(group) - len(shown))) if len(group) > len(shown) else "",
        remedies=[
            Remedy(unbroken(advice), *_code(name, group, diagnosis, said))
            for name, advice in zip(worst.remedies, worst.advice, strict=True)
        ],
    )


def _place(f: Finding) -> Place:
    picture = strip(f.value, f.normal, f.unit)
    return Place(f.where or f.place, unbroken(f.message), unbroken(f.written(f.value)), picture)


def _code(name: str, group: tuple[Finding, ...], diagnosis: Diagnosis, said: set[str]) -> tuple[str, bool]:
    code = code_for(name, group, diagnosis.readings)
    again = code in said and "\n" in code
    said.add(code)
    return ("", True) if again else (code, False)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
