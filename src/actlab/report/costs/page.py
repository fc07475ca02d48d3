"""The page of a study of cost: one self-contained HTML file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from actlab.report._shell import asset, environment, shell
from actlab.report.costs import figure, words
from actlab.report.figures._words import unbroken
from actlab.text import percent, tr, use_language

if TYPE_CHECKING:
    from actlab.cost import Cost


def page(found: Cost, lang: str) -> str:
    """The page as text."""
    with use_language(lang):
        tables = []
        for regime in found.regimes:
            rows = [words.net_cells(row) for row in found.summary.to_dicts() if row["regime"] == regime]
            tables.append(_table(found, regime, words.regime_title(found, regime), words.NETS, rows))
        best = [words.net_cells(row) for row in found.summary.to_dicts() if row["regime"] == found.regimes[0]]
        times = words.TIMES if found.engine == "onnxruntime" else words.TIMES[:5]
        priced = [words.price_cells(found, arm) for arm in found.arms]
        prices = tuple(name for name in words.PRICES if name != "ns_runtime" or found.engine == "onnxruntime")
        values: dict[str, Any] = shell(lang, "sweep.css") | {
            "t": lambda key: tr(f"report.{key}", lang),
            "s": lambda name: unbroken(words.t(f"page.{name}")),
            "title": words.t("title.page", target=percent(found.target), data=found.data),
            "settings": words.t("page.settings", sizes=figure.sizes_tried(found), nets=f"{found.provenance.nets:,}"),
            "lede": list(map(unbroken, words.lede(found))),
            "interrupted": words.t("interrupted") if found.interrupted else "",
            "tables": tables,
            "times": _table(found, "times", words.t("title.times"), times, best),
            "prices": _table(found, "prices", words.t("title.prices"), prices, priced),
            "drawn": figure.section(found),
            "method": list(map(unbroken, words.method(found))),
            "script": asset("script.js"),
        }  # fmt: skip
        return environment().get_template("cost.html").render(values)


def _table(
    found: Cost, name: str, caption: str, names: tuple[str, ...], rows: list[dict[str, str]]
) -> tuple[str, str, list[str], list[list[str]]]:
    return name, caption, words.heads(names, found), [[unbroken(row[column]) for column in names] for row in rows]
