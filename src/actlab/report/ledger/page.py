"""The ledger page of the documentation, English and Korean, with its pictures: written by a command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from actlab.report._write import write_text
from actlab.report.ledger import words
from actlab.report.ledger.picture import legend, picture
from actlab.text import LANGUAGES, integer, tr

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from actlab.study.claims.claim import Claim
    from actlab.study.claims.decide import Verdict
    from actlab.study.claims.ledger import Ledger

    Lessons = Callable[[str, str], list[str]]

_PICTURES = ("images", "claims")


def write_pages(
    claims: Sequence[Claim], ledger: Ledger, docs: str | os.PathLike[str], lessons: Lessons = lambda _, __: []
) -> list[Path]:
    """Write ``DOCS/en/claims.md``, ``DOCS/ko/claims.md`` and ``DOCS/images/claims/*.svg``; returns their paths.

    `lessons` says which lessons of the playground a claim carries: from its name and the language, their titles.
    """
    root = Path(docs)
    folder = root.joinpath(*_PICTURES)
    for path in (folder, *(root / lang for lang in LANGUAGES)):
        path.mkdir(parents=True, exist_ok=True)
    written = []
    for lang in LANGUAGES:
        for claim in claims:
            if claim.name in ledger.verdicts:
                text = picture(claim, ledger.verdicts[claim.name], lang)
                written.append(write_text(folder / f"{claim.name.lower()}-{lang}.svg", text))
        written.append(write_text(root / lang / "claims.md", page(claims, ledger, lang, lessons)))
    return written


def page(claims: Sequence[Claim], ledger: Ledger, lang: str, lessons: Lessons = lambda _, __: []) -> str:
    """The page as Markdown."""
    told = [(claim, ledger.verdicts[claim.name]) for claim in claims if claim.name in ledger.verdicts]
    counts = {kind: sum(verdict.kind == kind for _, verdict in told) for kind in ("holds", "when", "not", "open")}
    about = ledger.about
    seeds = next((verdict.seeds for _, verdict in told), 0)
    parts = [
        f"# {tr('claims.page.title', lang)}",
        tr("claims.page.lead", lang, count=len(told), seeds=seeds),
        tr("claims.page.counts", lang, **counts),
        tr("claims.page.made", lang, date=about["date"], version=about["versions"]["actlab"],
           processor=about["machine"]["processor"],
           threads=about["machine"]["threads"]),
        f"## {tr('claims.page.rule_title', lang)}",
        tr("claims.page.rule", lang, seeds=seeds),
        tr("claims.page.regimes", lang),
        legend(lang),
        f"## {tr('claims.page.table_title', lang)}",
        _table(told, lang),
        *(_section(claim, verdict, lang, lessons(claim.name, lang)) for claim, verdict in told),
    ]  # fmt: skip
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table(told: Sequence[tuple[Claim, Verdict]], lang: str) -> str:
    heads = [tr(f"claims.column.{name}", lang) for name in ("claim", "says", "verdict", "effect")]
    lines = [f"| {' | '.join(heads)} |", "|---|---|---|---|"]
    for claim, verdict in told:
        effect, found = words.lead(claim, verdict)
        shown = words.told(found, effect.unit, lang)
        where = words.condition(found.where, lang)
        name = f"[{claim.name}](#{claim.name.lower()})"
        kind = f"**{words.kind(verdict, lang)}**<br>{words.share(verdict, lang)}"
        lines.append(f"| {name} | {words.about(claim, 'says', lang)} | {kind} | {shown}<br>{where} |")
    return "\n".join(lines)


def _section(claim: Claim, verdict: Verdict, lang: str, lessons: Sequence[str]) -> str:
    name = claim.name.lower()
    parts = [
        f'<a id="{name}"></a>\n\n### {claim.name} · {words.about(claim, "says", lang)}',
        f"*{tr('claims.from', lang, sources=words.sources(claim, lang))}*",
        _verdict(claim, verdict, lang),
        *words.reading(claim, lang),
        f"![{claim.name}](../{'/'.join(_PICTURES)}/{name}-{lang}.svg)",
        f"- {tr('claims.predicts', lang, text=words.about(claim, 'predicts', lang))}",
    ]
    bullets = [
        tr("claims.varied", lang, text=_varied(claim, lang)),
        tr("claims.fixed", lang, seeds=integer(verdict.seeds)),
    ]
    bullets.append(tr("claims.change", lang, text=words.about(claim, "change", lang)))
    if claim.theory:
        bullets.append(tr("claims.theory", lang, commands=", ".join(f"`{command}`" for command in claim.theory)))
    if lessons:
        bullets.append(tr("claims.lessons", lang, titles="; ".join(lessons)))
    bullets.append(tr("claims.command", lang, name=claim.name))
    parts[-1] += "".join(f"\n- {bullet}" for bullet in bullets)
    return "\n\n".join(parts)


def _verdict(claim: Claim, verdict: Verdict, lang: str) -> str:
    """In one sentence, or as a list of parts."""
    if len(verdict.parts) == 1:
        return f"**{words.sentence(claim, verdict, lang)}**"
    bullets = "".join(
        f"\n- {words.kind(part, lang)} · {said}"
        for part, said in zip(verdict.parts, words.parts(claim, verdict, lang), strict=True)
    )
    return f"**{words.kind(verdict, lang).capitalize()}** {words.needed(verdict, lang)}".strip() + f"\n{bullets}"


def _varied(claim: Claim, lang: str) -> str:
    """Every factor with its values, over all effects."""
    found: dict[str, dict[str, None]] = {}
    for effect in claim.effects:
        for where in effect.conditions:
            for factor, value in where.items():
                found.setdefault(factor, {})[words.value(factor, value, lang)] = None
    return "; ".join(", ".join(values) for values in found.values())
