"""The selection guide as a page: one self-contained HTML file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actlab.advise.advice import MORE_TASKS, SYMPTOMS, TASKS
from actlab.advise.evidence import reach, study
from actlab.advise.guide import LAYERS, guide
from actlab.report._shell import asset, environment, shell
from actlab.report._write import write_text
from actlab.text import LANGUAGES, UserError, current_language, number, percent, points, tr, use_language

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from actlab.advise import Advice

_SHOWN = 3
_COLUMNS = ("row", "task", "data", "depth", "width", "function", "rate", "score", "gap", "dead_fast")


def write_guide(path: str | os.PathLike[str], lang: str | None = None) -> Path:
    """Write the guide in `lang` (``"en"``, ``"ko"``, by default the current language)."""
    wanted = lang or current_language()
    if wanted not in LANGUAGES:
        raise UserError("text.unknown_language", name=wanted, known=", ".join(LANGUAGES))
    return write_text(path, page(wanted))


def page(lang: str) -> str:
    """The page as text."""
    with use_language(lang):
        found = guide()
        tables = []
        for name, *_ in LAYERS:
            rows = [
                [
                    tr(f"advise.symptom.{symptom or 'none'}"),
                    *(_cell(found.hidden[name, symptom, task]) for task in TASKS),
                ]
                for symptom in (None, *SYMPTOMS)
            ]
            heads = [tr("advise.page.symptom"), *(tr(f"advise.task.{task}") for task in TASKS)]
            tables.append((name, tr(f"advise.layer.{name}"), heads, rows))
        outputs = [
            [tr(f"advise.task.{task}"), found.output[task].first,
             " ".join(reason.text() for reason in found.output[task].choices[0].reasons)]
            for task in (*TASKS, *MORE_TASKS)
        ]  # fmt: skip
        heads = ["", tr("advise.page.answer"), tr("advise.page.why")]
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
            "evidence": (list(_COLUMNS), [_row(row) for row in study().to_dicts()]),
            "cases": covered["cases"],
            "script": asset("script.js"),
        }  # fmt: skip
        return environment().get_template("guide.html").render(values)


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
