"""A claim's effects as an SVG picture: an interval a condition, and a line at the smallest effect that matters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from actlab.report import _svg, palette
from actlab.report.ledger import scale, words
from actlab.text import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.report._svg import Canvas
    from actlab.study.claims.claim import Claim, Effect
    from actlab.study.claims.decide import Finding, Verdict

_WIDE, _LEFT, _RIGHT, _ROW = 760.0, 300.0, 22.0, 17.0
_HUE: Final = {"yes": "arm-2", "no": "arm-1", "open": "arm-6"}
_MARK: Final = {"yes": "circle", "no": "diamond", "open": "ring"}
_STYLE: Final = (
    "text{{font:12px system-ui,'Noto Sans KR','Malgun Gothic',sans-serif;fill:{ink}}}"
    ".b{{font-weight:600;font-size:13px}}.tick{{fill:{soft};font-size:11px}}.rule{{stroke:{rule};fill:none}}"
    ".at{{stroke:{ink};stroke-dasharray:4 3;fill:none}}"
    ".yes{{stroke:{arm-2};fill:{arm-2}}}.no{{stroke:{arm-1};fill:{arm-1}}}.open{{stroke:{arm-6};fill:{arm-6}}}"
    ".i{{stroke-width:2;fill:none}}.m{{stroke:none}}"
)


def picture(claim: Claim, verdict: Verdict, lang: str) -> str:
    """The picture as the text of an SVG file, with its own light background."""
    rows = sum(len(effect.conditions) for effect in claim.effects)
    height = 16 + rows * _ROW + 78 * len(claim.effects)
    canvas = _svg.Canvas(_WIDE, height)
    canvas.add("style", _STYLE.format(**palette.LIGHT))
    canvas.add("rect", x=0, y=0, width=_WIDE, height=height, fill=palette.LIGHT["paper"])
    top = 8.0
    for effect in claim.effects:
        top = _effect(canvas, claim, effect, verdict.of(effect.name), top, lang)
    title = f"{claim.name}: {words.about(claim, 'says', lang)}"
    drawn = str(canvas.markup(claim.name.lower(), title, words.sentence(claim, verdict, lang)))
    size = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_svg.plain(_WIDE)}" height="{_svg.plain(height)}" '
    return drawn.replace("<svg ", size, 1) + "\n"


def _effect(
    canvas: Canvas, claim: Claim, effect: Effect, found: Sequence[Finding], top: float, lang: str
) -> float:  # fmt: skip
    """Draw one effect from `top` down; returns where it ends."""
    domain = scale.ends(effect, found)
    put = scale.place(effect, domain)

    def x(value: float) -> float:
        return _LEFT + put(value) * (_WIDE - _RIGHT - _LEFT)

    canvas.text(14, top + 16, words.about(claim, effect.name, lang), "b")
    canvas.text(14, top + 33, words.matters(effect, lang), "tick")
    first = top + 50
    last = first + _ROW * len(found)
    for tick in _ticks(effect, domain):
        canvas.line([(x(tick), first - 8), (x(tick), last - 6)], "rule")
        canvas.text(x(tick), last + 8, words.amount(tick, effect.unit), "tick", "middle")
    canvas.line([(x(effect.threshold), first - 12), (x(effect.threshold), last - 4)], "at")
    for k, finding in enumerate(found):
        y = first + k * _ROW
        canvas.text(_LEFT - 12, y + 4, words.condition(finding.where, lang), "", "end")
        ends = x(finding.interval.low), x(finding.interval.high)
        note = f"{words.condition(finding.where, lang)}: {words.interval(finding, effect.unit)}, "
        note += words.answer(effect, finding, lang)
        canvas.line([(ends[0], y), (max(ends[1], ends[0] + 1), y)], f"{finding.answer} i")
        if finding.nets:
            mark = _svg.marks(_MARK[finding.answer], [(x(finding.interval.estimate), y)])
            canvas.path(mark, f"{finding.answer} m", note)
    return last + 28


def _ticks(effect: Effect, domain: tuple[float, float]) -> list[float]:
    low, high = domain
    if effect.unit != "times":
        return _svg.linear_ticks(low, high, 5)
    return _svg.log_ticks(low, high) if math.log10(high / low) > 0.5 else _svg.linear_ticks(low, high, 4)


def legend(lang: str) -> str:
    """What marks and line mean."""
    return tr("claims.page.legend", lang)
