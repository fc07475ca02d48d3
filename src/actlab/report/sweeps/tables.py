"""The tables of a sweep as CSV and as LaTeX."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actlab.text import integer, number, percent, points, tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from actlab.study.sweep.analysis import Analysis

TABLES = ("summary", "candidates", "ranks", "reach", "interaction")
_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "−": "$-$", "–": "--", "<": "$<$", ">": "$>$",
}  # fmt: skip


def csv(found: Analysis) -> dict[str, str]:
    """Every table with all its columns, numbers in full; shares are shares of 1."""
    return {name: getattr(found, name).write_csv() for name in TABLES}


def latex(found: Analysis, lang: str) -> dict[str, str]:
    """A ``tabular`` a table that people read, to be put into a paper that loads booktabs."""
    return {
        "summary": _tabular(*summary_cells(found, lang)),
        "ranks": _tabular(*rank_cells(found, lang)),
        "reach": _tabular(*reach_cells(found, lang)),
    }


def head(name: str, lang: str) -> str:
    """The head of a column."""
    return tr(f"sweep.column.{name}", lang)


def setting_text(value: Any) -> str:
    """The value of a setting."""
    if value is None:
        return "–"
    return number(value, 6) if isinstance(value, float) else integer(value) if isinstance(value, int) else str(value)


def score_text(row: dict[str, Any]) -> str:
    """“97.6 % [97.2, 98.0]”."""
    ends = (percent(row[name]).removesuffix(" %") for name in ("low", "high"))
    return f"{percent(row['estimate'])} [{', '.join(ends)}]"


def difference_text(row: dict[str, Any]) -> str:
    """“+1.2 [0.3, 2.0]” points, or a dash for the first arm."""
    if row["difference"] is None:
        return "–"
    return f"{points(row['difference'])} [{points(row['difference_low'])}, {points(row['difference_high'])}]"


def p_text(p: float | None) -> str:
    """A p value; very small ones by their bound."""
    return "–" if p is None else "< 0.001" if p < 0.001 else number(p, 2)


def failed_text(row: dict[str, Any], lang: str) -> str:
    """Collapsed and diverged nets, or 0."""
    parts = [
        tr(f"sweep.failed.{name}", lang, count=integer(row[name])) for name in ("collapsed", "diverged") if row[name]
    ]
    return ", ".join(parts) or "0"


@dataclass(frozen=True)
class Block:
    """Settings that differ in what is followed only, one below the other, each with its rows."""

    title: str
    settings: list[tuple[str, list[list[str]]]]


def summary_blocks(found: Analysis, lang: str, most: int) -> tuple[list[str], list[Block], int]:
    """The summary as a page has it: heads, blocks, and how many rows beyond `most` are left out.

    What a block or a setting has in common stands above it, and so do the seeds.
    """
    names = [name for name in _columns(found) if name not in (*found.shown, "seeds")]
    others = [name for name in found.shown if name != found.axis] if found.axis else []
    rest = [name for name in found.shown if name not in others]
    blocks: dict[tuple[Any, ...], dict[tuple[Any, ...], list[dict[str, Any]]]] = {}
    for row in found.summary.head(most).to_dicts():
        block = blocks.setdefault(tuple(row[name] for name in others), {})
        block.setdefault(tuple(row[name] for name in rest), []).append(row)
    made = []
    for key, settings in blocks.items():
        parts = []
        for values, rows in settings.items():
            where = place(dict(zip(rest, values, strict=True)), lang)
            title = tr("sweep.page.seeds", lang, where=where, count=integer(rows[0]["seeds"]))
            parts.append((title, [[_cells(found, row, lang)[name] for name in names] for row in rows]))
        made.append(Block(place(dict(zip(others, key, strict=True)), lang), parts))
    return [head(name, lang) for name in names], made, max(0, len(found.summary) - most)


def place(where: dict[str, Any], lang: str) -> str:
    """“moons, width 8”."""
    parts = [
        str(value) if name == "data" else f"{tr(f'sweep.column.{name}', lang)} {setting_text(value)}"
        for name, value in where.items()
    ]
    return ", ".join(parts)


def _columns(found: Analysis) -> list[str]:
    names = [*found.shown, "arm", "chosen", "seeds", "score", "difference", "p", "superiority", "flip", "failed"]
    without = {"chosen": not found.best_over, "flip": found.sequential}
    return [name for name in names if not without.get(name)]


def summary_cells(found: Analysis, lang: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the summary."""
    names = _columns(found)
    rows = [[_cells(found, row, lang)[name] for name in names] for row in found.summary.to_dicts()]
    return [head(name, lang) for name in names], rows


def _cells(found: Analysis, row: dict[str, Any], lang: str) -> dict[str, str]:
    """What stands in a row for people to read, by column."""
    return {name: setting_text(row[name]) for name in found.shown} | {
        "arm": row["arm"],
        "chosen": chosen_text(row["chosen"]),
        "seeds": integer(row["seeds"]),
        "score": score_text(row),
        "difference": difference_text(row),
        "superiority": "–" if row["superiority"] is None else percent(row["superiority"], 0),
        "p": p_text(row["p_value"]),
        "flip": p_text(row["sign_flip_p"]),
        "failed": failed_text(row, lang),
    }


def chosen_text(text: str) -> str:
    """The best of each half of the seeds, numbers to two digits: “0.048 | 0.19”."""
    return " | ".join(", ".join(map(_short, half.split(","))) for half in text.split(" | "))


def _short(text: str) -> str:
    try:
        return number(float(text), 2) if "." in text or "e" in text else text
    except ValueError:
        return text


def rank_cells(found: Analysis, lang: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of the ranks."""
    rows = [
        [row["arm"], f"{number(row['rank'], 3)} [{number(row['low'], 3)}, {number(row['high'], 3)}]",
         integer(row["settings"]), integer(row["seeds"])]
        for row in found.ranks.to_dicts()
    ]  # fmt: skip
    return [head(name, lang) for name in ("arm", "rank", "settings", "seeds")], rows


def reach_cells(found: Analysis, lang: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of how far each arm learns."""
    others = [name for name in found.shown if name != found.axis]
    rows = [
        [*(setting_text(row[name]) for name in others), row["arm"],
         *("–" if row[name] is None else number(row[name], 6) for name in ("learns_to", "fails_from"))]
        for row in found.reach.to_dicts()
    ]  # fmt: skip
    axis = tr(f"sweep.column.{found.axis or 'depth'}", lang)
    return [*(head(name, lang) for name in (*others, "arm")), tr("sweep.column.learns_to", lang, axis=axis),
            tr("sweep.column.fails_from", lang, axis=axis)], rows  # fmt: skip


def interaction_cells(found: Analysis, lang: str) -> tuple[list[str], list[list[str]]]:
    """Heads and rows of how differences change along the axis."""
    if not len(found.interaction):
        return [], []
    others = [name for name in found.shown if name != found.axis]
    rows = [
        [*(setting_text(row[name]) for name in others), row["arm"],
         f"{points(row['change'])} [{points(row['low'])}, {points(row['high'])}]", p_text(row["p_value"])]
        for row in found.interaction.to_dicts()
    ]  # fmt: skip
    return [head(name, lang) for name in (*others, "arm", "change", "p")], rows


def _tabular(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"\\begin{{tabular}}{{{'l' * len(heads)}}}", "\\toprule", _line(heads), "\\midrule"]
    return "\n".join([*lines, *map(_line, rows), "\\bottomrule", "\\end{tabular}", ""])


def _line(cells: Sequence[str]) -> str:
    return " & ".join(re.sub(r".", lambda m: _SPECIAL.get(m[0], m[0]), cell) for cell in cells) + r" \\"
