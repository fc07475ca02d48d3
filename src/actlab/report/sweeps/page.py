"""The page of a sweep: one self-contained HTML file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actlab.report._shell import asset, environment, shell
from actlab.report.figures._words import unbroken
from actlab.report.sweeps import figure, ranks, sentences, tables
from actlab.text import LANGUAGES, integer, number, tr, use_language

if TYPE_CHECKING:
    from actlab.report.figures._parts import Section
    from actlab.study.sweep import Store, SweepPlan
    from actlab.study.sweep.analysis import Analysis

_MOST_ROWS = 300


def page(found: Analysis, plan: SweepPlan, store: Store, lang: str) -> str:
    """The page as text."""
    with use_language(lang):
        drawn: Section | None = figure.section(found, lang)
        heads, blocks, more = tables.summary_blocks(found, lang, _MOST_ROWS)
        values: dict[str, Any] = shell(lang, "sweep.css") | {
            "t": lambda key: tr(f"report.{key}", lang),  # words of the shell, as on every page
            "s": lambda name, **given: unbroken(tr(f"sweep.section.{name}", lang, **given)),
            "title": sentences.title(found, plan.titles.get(lang, ""), lang),
            "settings": tr(
                "sweep.page.settings", lang, arms=integer(len(found.arms)), settings=integer(found.settings),
                nets=integer(found.nets), chunks=integer(found.cells),
            ),
            "early": found.nets < found.asked,
            "lede": list(map(unbroken, sentences.lede(found, lang))),
            "drawn": drawn,
            "axis": tr(f"sweep.column.{found.axis}", lang) if found.axis else "",
            "first": found.arms[0],
            "verdicts": figure.verdicts(found, lang) if drawn else [],
            "words": {name: tr(f"sweep.verdict.{name}", lang) for name in ("learns", "fails", "open")},
            "summary": (heads, blocks),
            "more": more,
            "more_text": tr("sweep.page.more_rows", lang, count=integer(more)),
            "ranks": tables.rank_cells(found, lang) if len(found.ranks) and found.ranks["settings"][0] > 1 else None,
            "rank_picture": [panel.svg for group in ranks.section(found, lang).groups for panel in group.panels],
            "interaction": tables.interaction_cells(found, lang),
            "statistics": [*(note.message(lang) for note in plan.grid.notes), *_statistics(found, lang)],
            "machine": _machine(store, lang),
            "plan_text": plan.text,
            "ignored": _ignored(found, lang),
            "others": [(other, f"page.{other}.html", tr("sweep.page.this_language", other)) for other in LANGUAGES
                       if other != lang],
            "files": [f"{name}.csv" for name in tables.TABLES]
            + [f"{name}.{lang}.tex" for name in ("summary", "ranks", "reach")],
            "script": asset("script.js"),
        }  # fmt: skip
        return environment().get_template("sweep.html").render(values)


def _statistics(found: Analysis, lang: str) -> list[str]:
    names = ["seed"]
    if len(found.arms) > 1:
        names += ["paired"] if found.sequential else ["paired", "flips"]
    names += ["sequence" if found.sequential else "interval"]
    if found.best_over:
        names += ["pilot" if found.sequential else "best"]
    if found.summary["added"].sum():
        names += ["extended"]
    names += ["failed"]
    if found.axis is not None:
        names += ["verdict"]
    if len(found.ranks) and found.ranks["settings"][0] > 1:
        names += ["ranks"]
    chosen = ", ".join(tables.head(name, lang) for name in found.best_over)
    return [unbroken(tr(f"sweep.method.{name}", lang, first=found.arms[0], chosen=chosen)) for name in names]


def _machine(store: Store, lang: str) -> list[tuple[str, str]]:
    """Versions and machines of all runs; a value that differs between them is listed with all its forms."""
    facts: dict[str, list[str]] = {}
    runs = store.runs()
    for run in runs:
        said = {**run.get("versions", {}), **run.get("machine", {})}
        said |= {"numerics": run.get("numerics"), "arithmetic": run.get("arithmetic")}
        for name, value in said.items():
            text = number(value) if isinstance(value, float) else str(value)
            if value is not None and text != "?" and text not in facts.setdefault(name, []):
                facts[name].append(text)
    names = ("processor", "instruction_set", "threads", "system")
    rows = [
        (tr(f"report.machine.{name}", lang) if name in names else name, " · ".join(values))
        for name, values in facts.items()
    ]
    return [(tr("sweep.page.runs", lang), integer(len(runs))), *rows]


def _ignored(found: Analysis, lang: str) -> list[str]:
    said = []
    for key, names in (("damaged", found.damaged), ("foreign", found.foreign)):
        if names:
            said.append(tr(f"sweep.{key}", lang, count=integer(len(names)), name=names[0]))
    return said
