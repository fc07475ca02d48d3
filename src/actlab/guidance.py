"""The selection guide as a page: one self-contained HTML file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from actlab.advise import bearing
from actlab.advise.evidence import reach, study
from actlab.advise.guide import LAYERS, guide
from actlab.advise.ranking import MORE_TASKS, SYMPTOMS, TASKS
from actlab.report._shell import asset, environment, shell
from actlab.report._write import write_page_text
from actlab.text import current_language, number, percent, points, tr, use_language

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from actlab.advise import Advice
    from actlab.advise.guide import Guide

_SHOWN = 3
_CLAIM = re.compile(r"\b(K\d+)\b")
#: Sentences that are about a symptom.
_SAID: dict[str | None, tuple[str, ...]] = {
    None: ("expected",), "dying": ("dead",), "vanishing": ("vanishes", "keeps"), "exploding": ("explodes", "keeps"),
    "saturated": ("bounded", "unbounded"), "zig-zag": ("both_signs", "one_sign"), "latency": ("price",),
}  # fmt: skip
_COLUMNS = ("row", "task", "data", "depth", "width", "function", "rate", "score", "gap", "dead_fast")


def write_guide(path: str | os.PathLike[str], lang: str | None = None) -> Path:
    """Write the guide in `lang` (``"en"``, ``"ko"``, by default the current language); returns the path.

    Raises:
        UserError: for a language that we do not speak, or a path that cannot be written.
    """
    return write_page_text(path, page(lang or current_language()))


def page(lang: str) -> str:
    """The page as text."""
    with use_language(lang):
        found = guide()
        tables = []
        for name, *_ in LAYERS:
            rows = [
                [
                    _symptom(symptom, [found.hidden[name, symptom, task] for task in TASKS]),
                    *(_cell(found.hidden[name, symptom, task]) for task in TASKS),
                ]
                for symptom in (None, *SYMPTOMS)
            ]
            heads = [tr("advise.page.symptom"), *(tr(f"advise.task.{task}") for task in TASKS)]
            tables.append((name, tr(f"advise.layer.{name}"), heads, rows))
        outputs = [
            [tr(f"advise.task.{task}"), found.output[task].first,
             _linked(" ".join(reason.text() for reason in found.output[task].choices[0].reasons))]
            for task in (*TASKS, *MORE_TASKS)
        ]  # fmt: skip
        heads = [tr("advise.page.task"), tr("advise.page.answer"), tr("advise.page.why")]
        tables.append(("output", tr("advise.layer.output"), heads, outputs))
        covered = reach()
        values: dict[str, Any] = shell(lang, "sweep.css") | {
            "t": lambda key: tr(f"report.{key}", lang),
            "s": lambda name: tr(f"advise.page.{name}"),
            "title": tr("advise.title.guide"),
            "lead": tr("advise.page.lead"),
            "tables": tables,
            "unknown_title": tr("advise.title.unknown"),
            "unknown": [reason.text() for reason in found.hidden["shallow", None, "binary"].unknown[:1]],
            "claims": (
                [tr(f"advise.page.{head}") for head in ("claim", "said", "verdict")], _claims(found),
            ),
            "evidence": (list(_COLUMNS), [_row(row) for row in study().to_dicts()]),
            "cases": covered["cases"],
            "script": asset("script.js"),
        }  # fmt: skip
        return environment().get_template("guide.html").render(values)


def _symptom(symptom: str | None, advices: Sequence[Advice]) -> Markup:
    """The symptom, with the claims that bear on what is said of it (of none: on what is expected)."""
    keys = {f"reason.{key}" for key in _SAID[symptom]}
    reasons = [r for a in advices for r in (*(r for c in a.choices for r in c.reasons if r.key in keys), *a.beside)]
    names = sorted({name for reason in reasons for name in reason.backing}, key=lambda name: int(name[1:]))
    links = Markup(", ").join(_link(name) for name in names)
    title = tr(f"advise.symptom.{symptom or 'none'}")
    return Markup("{} ({})").format(title, links) if names else Markup("{}").format(title)


def _link(name: str) -> Markup:
    return Markup('<a href="#{0}">{0}</a>').format(name)


def _linked(text: str) -> Markup:
    """A sentence in which names of claims lead to their rows."""
    parts = _CLAIM.split(text)
    return Markup("").join(_link(part) if k % 2 else part for k, part in enumerate(parts))


def _claims(found: Guide) -> list[list[str]]:
    """A row a claim that some line of the guide names."""
    every = {name for advice in (*found.hidden.values(), *found.output.values()) for name in advice.claims}
    return [
        [Markup('<span id="{0}">{0}</span>').format(name), bearing.said(name), bearing.verdict(name)]
        for name in bearing.verdicts() if name in every and not bearing.is_refuted(name)
    ]  # fmt: skip


def _cell(advice: Advice) -> str:
    parts = []
    for choice in advice.choices[:_SHOWN]:
        gap = "" if choice.gap is None else f"\N{NO-BREAK SPACE}{points(choice.gap)}"
        parts.append(f"({choice.function}{gap})" if choice.helps is False else f"{choice.function}{gap}")
    return ", ".join(parts)


def _row(row: dict[str, Any]) -> list[str]:
    shown = {
        "score": percent(row["score"]), "gap": points(row["gap"]), "dead_fast": percent(row["dead_fast"], 0),
        "rate": number(row["rate"]),
    }  # fmt: skip
    return [shown.get(name, str(row[name])) for name in _COLUMNS]
