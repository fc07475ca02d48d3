"""The ledger for a terminal: a line a claim, and one claim with its effects drawn."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from actlab.report._console import Ink, laid_out, say
from actlab.report.ledger import scale, words
from actlab.text import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from actlab.study.claims.claim import Claim, Effect
    from actlab.study.claims.decide import Finding, Verdict
    from actlab.study.claims.ledger import Ledger

_WIDEST: Final = 118
_STRIP: Final = 32  # columns of a drawn interval
_COLOUR: Final = {"holds": "green", "when": "yellow", "not": "red", "open": "blue"}
_OF_ANSWER: Final = {"yes": "green", "no": "red", "open": "blue"}


def print_ledger(claims: Sequence[Claim], ledger: Ledger, lang: str | None = None, file: IO[str] | None = None) -> None:
    """Print every claim with its verdict: colour on a terminal only, legible in any encoding."""
    say(lambda lang, width, colour, unicode: ledger_text(claims, ledger, lang, width, colour, unicode), lang, file,
        _WIDEST)  # fmt: skip


def print_verdict(claim: Claim, verdict: Verdict, lang: str | None = None, file: IO[str] | None = None) -> None:
    """Print one claim: what it says and predicts, its verdict, every effect with its interval, drawn."""
    say(lambda lang, width, colour, unicode: verdict_text(claim, verdict, lang, width, colour, unicode), lang, file,
        _WIDEST)  # fmt: skip


def ledger_text(
    claims: Sequence[Claim], ledger: Ledger, lang: str | None = None, width: int = _WIDEST, colour: bool = False,
    unicode: bool = True,
) -> str:  # fmt: skip
    """The ledger as text."""
    return laid_out(lambda _, ink: _ledger(claims, ledger, ink), lang, width, colour, unicode)


def verdict_text(
    claim: Claim, verdict: Verdict, lang: str | None = None, width: int = _WIDEST, colour: bool = False,
    unicode: bool = True,
) -> str:  # fmt: skip
    """One claim as text."""
    return laid_out(lambda width, ink: _verdict(claim, verdict, width, ink), lang, width, colour, unicode)


def _ledger(claims: Sequence[Claim], ledger: Ledger, ink: Ink) -> list[RenderableType]:
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, header_style="")
    for name in ("claim", "says", "verdict", "effect"):
        table.add_column(ink(tr(f"claims.column.{name}")), overflow="fold", no_wrap=name == "claim")
    for claim in claims:
        verdict = ledger.verdicts.get(claim.name)
        if verdict is None:
            table.add_row(ink(claim.name), ink(words.about(claim, "says")), ink(tr("claims.kind.none"), "dim"), "")
            continue
        effect, found = words.lead(claim, verdict)
        shown = f"{words.told(found, effect.unit)}\n{words.condition(found.where)}"
        kind = Text.assemble(ink(words.kind(verdict), _COLOUR[verdict.kind]), "\n", ink(words.share(verdict), "dim"))
        table.add_row(ink(claim.name), ink(words.about(claim, "says")), kind, ink(shown))
    date = ledger.about["date"]
    version = ledger.about["versions"]["actlab"]
    key = "claims.shipped" if ledger.shipped else "claims.made"
    return [table, Text(""), ink(tr(key, date=date, version=version)), ink(tr("claims.next"), "dim")]


def _verdict(claim: Claim, verdict: Verdict, width: int, ink: Ink) -> list[RenderableType]:
    says = Text.assemble((f"{claim.name}  ", "bold"), ink(words.about(claim, "says"), "bold"))
    parts: list[RenderableType] = [
        says, ink(tr("claims.from", sources=words.sources(claim)), "dim"), Text(""),
        ink(tr("claims.predicts", text=words.about(claim, "predicts"))), Text(""),
        ink(words.sentence(claim, verdict), _COLOUR[verdict.kind]),
    ]  # fmt: skip
    for effect, part in zip(claim.effects, verdict.parts, strict=True):
        title = ink(words.about(claim, effect.name), "bold")
        if len(verdict.parts) > 1:
            title = Text.assemble(title, "  ", ink(words.kind(part), _COLOUR[part.kind]))
        parts += [Text(""), title, ink(words.matters(effect), "dim")]
        parts.append(Padding(_effect(effect, part.findings, width, ink), (0, 0, 0, 2)))
    parts += [Text(""), ink(tr("claims.method", seeds=verdict.seeds), "dim")]
    return [*parts, ink(tr("claims.change", text=words.about(claim, "change")), "dim")]


def _effect(effect: Effect, found: Sequence[Finding], width: int, ink: Ink) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_edge=False, show_header=False)
    domain = scale.ends(effect, found)
    for finding in found:
        row = [ink(words.condition(finding.where)), ink(words.interval(finding, effect.unit))]
        if width >= 90:
            row.append(_strip(effect, finding, domain, ink))
        table.add_row(*row, ink(words.answer(effect, finding), _OF_ANSWER[finding.answer]))
    return table


def _strip(effect: Effect, found: Finding, domain: tuple[float, float], ink: Ink) -> Text:
    """The interval as a line, the estimate on it, and the bar at the smallest effect that matters."""
    bar, line, dot = ("│", "─", "●") if ink.unicode else ("|", "-", "o")
    put = scale.place(effect, domain)

    def cell(x: float) -> int:
        return min(int(put(x) * _STRIP), _STRIP - 1)

    drawn = [" "] * _STRIP
    for k in range(cell(found.interval.low), cell(found.interval.high) + 1):
        drawn[k] = line
    drawn[cell(effect.threshold)] = bar
    if found.nets:
        drawn[cell(found.interval.estimate)] = dot
    return ink("".join(drawn), _OF_ANSWER[found.answer])
