"""Advice in words: for a terminal, and the cells of the guide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.advise import bearing
from actlab.text import current_language, number, points, tr, use_language

if TYPE_CHECKING:
    from actlab.advise.advice import Advice, Choice

_SHOWN = 4  # choices whose reasons are told


def title(advice: Advice) -> str:
    """What was asked, in one line."""
    parts = [tr(f"advise.layer.{'recurrent' if advice.recurrent else advice.layer}")]
    if advice.layer == "hidden":
        parts.append(tr("advise.title.size", depth=advice.depth, width=advice.width))
    if advice.task is not None:
        parts.append(tr(f"advise.task.{advice.task}"))
    if advice.symptom is not None:
        parts.append(tr(f"advise.symptom.{advice.symptom}"))
    return " · ".join(parts)


def head(place: int, choice: Choice) -> str:
    """The line of a choice: its place, its name, and what is expected of it."""
    if choice.gap is None or choice.error is None:
        return f"{place}. {choice.function}"
    mark = "" if choice.helps is not False else f"  ({tr('advise.value.no_help')})"
    gap = tr("advise.value.gap", gap=points(choice.gap), error=number(100 * choice.error, 2))
    return f"{place}. {choice.function}  {gap}{mark}"


def named_claims(advice: Advice) -> tuple[str, ...]:
    """The claims that the lines shown name."""
    shown = {name for choice in advice.choices[:_SHOWN] for reason in choice.reasons for name in reason.claims}
    shown |= {name for reason in advice.beside for name in reason.claims}
    return tuple(name for name in advice.claims if name in shown)


def text(advice: Advice, lang: str | None = None) -> str:
    """The advice as plain text."""
    with use_language(lang or current_language()):
        lines = [title(advice), ""]
        for place, choice in enumerate(advice.choices, 1):
            lines.append(head(place, choice))
            if place <= _SHOWN:
                lines += [f"   {reason.text()}" for reason in choice.reasons]
        if advice.beside:
            lines += ["", tr("advise.title.beside"), *(f"   {reason.text()}" for reason in advice.beside)]
        named = named_claims(advice)
        if named:
            lines += ["", tr("advise.title.claims")]
            lines += [
                f"   {name} ({bearing.verdict(name)}): {bearing.said(name)} actlab claims {name}" for name in named
            ]
        lines += ["", tr("advise.title.unknown"), *(f"   {reason.text()}" for reason in advice.unknown)]
        return "\n".join(lines) + "\n"
