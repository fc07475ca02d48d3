"""What a sweep found, in words."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from actlab.report.sweeps.tables import place
from actlab.text import integer, number, percent, points, tr

if TYPE_CHECKING:
    from actlab.study.sweep.analysis import Analysis

#: Sentences of one kind in the opening.
MOST_LINES = 6


def title(found: Analysis, given: str, lang: str) -> str:
    """The plan's own title, or one that says what was tried."""
    if given:
        return given
    return tr("sweep.page.title", lang, arms=integer(len(found.arms)), settings=integer(found.settings))


def lede(found: Analysis, lang: str) -> list[str]:
    """The opening: how far along we are, who learns how far, who is ahead, what to be careful with."""
    if found.summary.is_empty():
        if found.others:
            return [tr("sweep.page.others", lang, nets=integer(found.others))]
        return [tr("sweep.page.nothing", lang)]
    said = []
    if found.nets < found.asked:
        said.append(tr("sweep.page.early", lang, nets=integer(found.nets), asked=integer(found.asked)))
    lines = reach(found, lang)
    said += lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        said.append(tr("sweep.page.more_lines", lang, count=integer(len(lines) - MOST_LINES)))
    said += [*_ranks(found, lang), *_differences(found, lang), *_failures(found, lang), *_rates(found, lang)]
    return said


def reach(found: Analysis, lang: str) -> list[str]:
    """For each line of settings, how far each arm learns."""
    lines: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    others = [name for name in found.shown if name != found.axis]
    for row in found.reach.to_dicts():
        lines.setdefault(tuple(row[name] for name in others), []).append(row)
    return [_line(found, dict(zip(others, key, strict=True)), rows, lang) for key, rows in lines.items()]


def _line(found: Analysis, where: dict[str, Any], rows: list[dict[str, Any]], lang: str) -> str:
    values = {
        "where": place(where, lang), "axis": tr(f"sweep.column.{found.axis}", lang),
        "smallest": number(min(row["smallest"] for row in rows), 6),
        "largest": number(max(row["largest"] for row in rows), 6),
        "parts": tr("sweep.reach.and", lang).join(_reaches(alike, lang) for alike in _alike(rows)),
    }  # fmt: skip
    return tr("sweep.reach.line", lang, **values)


def _alike(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Arms that do the same together, those that learn furthest first."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((_kind(row), row["learns_to"], row["fails_from"]), []).append(row)

    def depth(group: list[dict[str, Any]]) -> tuple[float, float]:
        ends = (group[0]["learns_to"], group[0]["fails_from"])
        return -(-math.inf if ends[0] is None else ends[0]), -(math.inf if ends[1] is None else ends[1])

    return sorted(groups.values(), key=depth)


def _kind(row: dict[str, Any]) -> str:
    learns, fails = row["learns_to"], row["fails_from"]
    if learns is not None and learns == row["largest"]:
        return "all"
    if fails is not None and fails == row["smallest"]:
        return "never"
    if learns is not None and fails is not None:
        return "both"
    return "to" if learns is not None else "from" if fails is not None else "open"


def _reaches(alike: list[dict[str, Any]], lang: str) -> str:
    """What one or several arms do that do the same."""
    learns, fails = alike[0]["learns_to"], alike[0]["fails_from"]
    ends = {"to": "–" if learns is None else number(learns, 6), "fails": "–" if fails is None else number(fails, 6)}
    several = "" if len(alike) == 1 else "_several"
    return tr(f"sweep.reach.{_kind(alike[0])}{several}", lang, arm=_listed([row["arm"] for row in alike], lang), **ends)


def _listed(names: list[str], lang: str) -> str:
    """“a”, “a and b”, “a, b and c”."""
    if len(names) < 2:
        return "".join(names)
    return tr("sweep.reach.names", lang, first=", ".join(names[:-1]), last=names[-1])


def _ranks(found: Analysis, lang: str) -> list[str]:
    if len(found.ranks) < 2 or found.ranks["settings"][0] < 2:
        return []
    first, second = found.ranks.row(0, named=True), found.ranks.row(1, named=True)
    key = "rank_clear" if first["high"] < second["low"] else "rank_open"
    return [
        tr(f"sweep.page.{key}", lang, settings=integer(first["settings"]), first=first["arm"], second=second["arm"],
           rank=number(first["rank"], 3), other=number(second["rank"], 3))
    ]  # fmt: skip


def _differences(found: Analysis, lang: str) -> list[str]:
    compared = found.summary.drop_nulls("difference")
    if compared.is_empty():
        return []
    better = int((compared["difference_low"] > 0).sum())
    worse = int((compared["difference_high"] < 0).sum())
    unlike = int(((compared["sign_flip_p"] <= 0.05) & (compared["p_value"] > 0.05)).sum())
    typical = points(float(compared["detectable"].median())).removeprefix("+")  # type: ignore[arg-type]
    said = [
        tr("sweep.page.differences", lang, first=found.arms[0], all=integer(len(compared)), better=integer(better),
           worse=integer(worse), none=integer(len(compared) - better - worse), detectable=typical)
    ]  # fmt: skip
    return [*said, tr("sweep.page.unlike", lang, count=integer(unlike))] if unlike else said


def _failures(found: Analysis, lang: str) -> list[str]:
    failed = int(found.summary["collapsed"].sum()) + int(found.summary["diverged"].sum())
    judged = int(found.summary["seeds"].sum())
    if not failed:
        return []
    return [
        tr("sweep.page.failures", lang, failed=integer(failed), nets=integer(judged), share=percent(failed / judged))
    ]


def _rates(found: Analysis, lang: str) -> list[str]:
    """Where learning rates were added, and where the best still lies at an end of what was tried."""
    if "learning_rate" not in found.candidates.columns:
        return []
    low, high = (number(float(getattr(found.candidates["learning_rate"], end)())) for end in ("min", "max"))
    values = {"all": integer(len(found.summary)), "low": low, "high": high}
    counts = {"extended": int((found.summary["added"] > 0).sum()), "edges": int(found.summary["edge"].sum())}
    return [tr(f"sweep.page.{key}", lang, count=integer(count), **values) for key, count in counts.items() if count]
