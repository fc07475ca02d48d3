"""The answer to “which activation function?”: choices with reasons, each with its evidence; and what is not known."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from actlab.advise import bearing
from actlab.advise.evidence import cases_of
from actlab.text import number, points, tr

Evidence = Literal["study", "theory", "facts", "definition", "measured"]
_SHOWN: Final = 4  # choices whose reasons are told


@dataclass(frozen=True)
class Reason:
    """A sentence and what it rests on.

    Attributes:
        key, values: the sentence, in the locale's ``advise`` table.
        evidence: "study" (rows of the study that ships with the package), "theory" (`actlab theory NAME`), "facts"
            (`actlab show NAME`), "definition" or "measured" (on this machine, when it was asked).
        rows: of "study", the numbers of its nearest rows.
        claims: claims of the ledger that bear on it, ``"K9"``; what became of them ships with the package.
    """

    key: str
    values: dict[str, str]
    evidence: Evidence
    rows: tuple[int, ...] = ()
    claims: tuple[str, ...] = ()

    @property
    def backing(self) -> tuple[str, ...]:
        """The claims that are not refuted."""
        return tuple(name for name in self.claims if not bearing.is_refuted(name))

    def text(self, lang: str | None = None) -> str:
        """The sentence with its evidence in brackets; what the study does not know has no rows to name."""
        if self.evidence == "study" and not self.rows:
            return tr(f"advise.{self.key}", lang, **self.values)
        source = tr(f"advise.evidence.{self.evidence}", lang, rows=", ".join(map(str, self.rows)), **self.values)
        if self.backing:
            source = f"{source}; {bearing.in_brackets(self.backing, lang)}"
        return f"{tr(f'advise.{self.key}', lang, **self.values)} [{source}]"


@dataclass(frozen=True)
class Choice:
    """A function in its place.

    Attributes:
        helps: whether it is said to help with the symptom; None without one.
        gap: expected test score less the best candidate's, at most 0; None for outputs.
        error: its standard error between the cases of the study.
    """

    function: str
    helps: bool | None
    gap: float | None
    error: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Advice:
    """What is advised, and what is not known. ``str()`` says it in the current language.

    Attributes:
        layer, depth, width, task, symptom, recurrent: what was asked, as of `actlab.advise`.
        choices: best first.
        beside: what to do beside another function.
        unknown: what the advice cannot know.
    """

    layer: str
    depth: int
    width: int
    task: str | None
    symptom: str | None
    recurrent: bool
    choices: tuple[Choice, ...]
    beside: tuple[Reason, ...]
    unknown: tuple[Reason, ...]

    @property
    def first(self) -> str:
        """The first choice."""
        return self.choices[0].function

    @property
    def claims(self) -> tuple[str, ...]:
        """Every claim that a line names, in the order of the ledger."""
        reasons = (*(reason for choice in self.choices for reason in choice.reasons), *self.beside)
        return tuple(sorted({name for reason in reasons for name in reason.claims}, key=lambda name: int(name[1:])))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, the sentences in the current language."""
        plain = asdict(self)
        for one, choice in zip(plain["choices"], self.choices, strict=True):
            one["reasons"] = [_plain(reason) for reason in choice.reasons]
        plain["beside"] = [_plain(reason) for reason in self.beside]
        plain["unknown"] = [reason.text() for reason in self.unknown]
        return plain

    def __str__(self) -> str:
        lines = [_title(self), ""]
        for place, choice in enumerate(self.choices, 1):
            lines.append(_head(place, choice))
            if place <= _SHOWN:
                lines += [f"   {reason.text()}" for reason in choice.reasons]
        if self.beside:
            lines += ["", tr("advise.title.beside"), *(f"   {reason.text()}" for reason in self.beside)]
        named = _claims_shown(self)
        for title in ("claims", "refuted"):
            told = [name for name in named if bearing.is_refuted(name) == (title == "refuted")]
            lines += ["", tr(f"advise.title.{title}")] if told else []
            lines += [
                f"   {name} ({bearing.verdict(name)}): {bearing.said(name)} actlab claims {name}" for name in told
            ]
        lines += ["", tr("advise.title.unknown"), *(f"   {reason.text()}" for reason in self.unknown)]
        return "\n".join(lines) + "\n"


def _plain(reason: Reason) -> dict[str, Any]:
    found: dict[str, Any] = {"text": reason.text(), "evidence": reason.evidence}
    if reason.rows:
        found["rows"] = cases_of(reason.rows)
    if reason.claims:
        found["claims"] = [bearing.as_json(name) for name in reason.claims]
    return found


def _title(advice: Advice) -> str:
    """What was asked, in one line."""
    parts = [tr(f"advise.layer.{'recurrent' if advice.recurrent else advice.layer}")]
    if advice.layer == "hidden":
        parts.append(tr("advise.title.size", depth=advice.depth, width=advice.width))
    if advice.task is not None:
        parts.append(tr(f"advise.task.{advice.task}"))
    if advice.symptom is not None:
        parts.append(tr(f"advise.symptom.{advice.symptom}"))
    return " · ".join(parts)


def _head(place: int, choice: Choice) -> str:
    """The line of a choice: its place, its name, and what is expected of it."""
    if choice.gap is None or choice.error is None:
        return f"{place}. {choice.function}"
    mark = "" if choice.helps is not False else f"  ({tr('advise.value.no_help')})"
    gap = tr("advise.value.gap", gap=points(choice.gap), error=number(100 * choice.error, 2))
    return f"{place}. {choice.function}  {gap}{mark}"


def _claims_shown(advice: Advice) -> tuple[str, ...]:
    """The claims that the lines shown name."""
    shown = {name for choice in advice.choices[:_SHOWN] for reason in choice.reasons for name in reason.claims}
    shown |= {name for reason in advice.beside for name in reason.claims}
    return tuple(name for name in advice.claims if name in shown)
