"""A study of cost for a terminal."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

from rich.text import Text

from actlab.report._console import Ink, laid_out, say
from actlab.report._rows import tabled
from actlab.report.costs import words
from actlab.text import percent

if TYPE_CHECKING:
    from rich.console import RenderableType

    from actlab.cost import Cost

_WIDEST: Final = 110


def print_cost(found: Cost, lang: str | None = None, file: IO[str] | None = None) -> None:
    """Print to `file` (default: standard output): colour on a terminal only, legible in any encoding."""
    say(lambda lang, width, colour, unicode: text(found, lang, width, colour, unicode), lang, file, _WIDEST)


def text(
    found: Cost, lang: str | None = None, width: int = _WIDEST, colour: bool = False, unicode: bool = True
) -> str:  # fmt: skip
    """The study as text, at most `width` columns wide where the words allow it; without trailing blanks."""
    return laid_out(lambda width, ink: _parts(found, width, ink), lang, width, colour, unicode)


def _parts(found: Cost, width: int, ink: Ink) -> list[RenderableType]:
    title = words.t("title.page", target=percent(found.target), data=found.data)
    parts: list[RenderableType] = [Text(ink.spelled(title), style="bold"), *map(ink, words.lede(found))]
    for regime in found.regimes:
        rows = [words.net_cells(row) for row in found.summary.to_dicts() if row["regime"] == regime]
        names = words.NETS if width >= 96 else tuple(n for n in words.NETS if n not in ("ratio_flops", "rate"))
        parts += [Text(""), Text(ink.spelled(words.regime_title(found, regime)), style="bold")]
        parts += [_table(found, names, rows, width, ink)]
    best = found.regimes[0]
    rows = [words.net_cells(row) for row in found.summary.to_dicts() if row["regime"] == best]
    times = words.TIMES if found.engine == "onnxruntime" else words.TIMES[:5]
    parts += [Text(""), Text(ink.spelled(words.t("title.times")), style="bold"), _table(found, times, rows, width, ink)]
    priced = [words.price_cells(found, arm) for arm in found.arms]
    names = tuple(n for n in words.PRICES if n != "ns_runtime" or found.engine == "onnxruntime")
    parts += [
        Text(""),
        Text(ink.spelled(words.t("title.prices")), style="bold"),
        _table(found, names, priced, width, ink),
    ]
    return [*parts, Text(""), *(ink(sentence, "dim") for sentence in words.method(found))]


def _table(found: Cost, names: tuple[str, ...], rows: list[dict[str, str]], width: int, ink: Ink) -> RenderableType:
    told = [[ink.arm(row["arm"], index), *(ink(row[name]) for name in names[1:])] for index, row in enumerate(rows)]
    return tabled([ink(head) for head in words.heads(names, found)], told, width, (0, 1) if "net" in names else (0,))
