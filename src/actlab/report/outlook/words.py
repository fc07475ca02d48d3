"""An outlook in words: rows of facts, a table of initialisations, sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from actlab.report.cards.sentences import superscript
from actlab.text import integer, number, tr
from actlab.theory.trained import about

if TYPE_CHECKING:
    from actlab.report.outlook.expect import Outlook, Row

COLUMNS: Final = ("init", "sigma_w2", "sigma_b2", "phase", "q", "c", "chi1", "gradient", "correlation", "trainable")


def t(key: str, **values: object) -> str:
    """The sentence ``theory.<key>`` in the current language."""
    return tr(f"theory.{key}", None, **values)


def _gain(forward: float, back: float) -> str:
    """Both gains, or which of them do not exist."""
    gone = math.isnan(forward), math.isnan(back)
    key = {(False, False): "gain", (False, True): "gain_forward", (True, False): "gain_back", (True, True): "gain_none"}
    return t(f"value.{key[gone]}", forward=num(forward), back=num(back))


def num(x: float) -> str:
    """Four digits; “–” for what does not exist."""
    return "–" if math.isnan(x) else number(0.0 if abs(x) < 1e-9 else x, 4)


def times(x: float) -> str:
    """A factor, however small or large: 0.057, 2.9·10⁻¹³."""
    if not 0 < x < math.inf or 1e-3 <= x < 1e5:
        return number(x, 3)
    exponent = math.floor(math.log10(x))
    return f"{number(x / 10**exponent, 2)}·10{superscript(exponent)}"


def layers(x: float) -> str:
    """A depth in layers: whole from 10 on; “∞” where nothing is lost exponentially."""
    if math.isnan(x):
        return "–"
    if math.isinf(x):
        return "∞"
    return number(x, 2) if x < 10 else integer(round(x))


def facts(found: Outlook) -> list[tuple[str, str]]:
    """Name and value of each fact."""
    m = found.moments
    moments = " · ".join(
        f"{name} = {num(value)}"
        for name, value in (
            ("E[φ]", m.mean),
            ("E[φ²]", m.second),
            ("E[φ′²]", m.slope_second),
            ("E[φ′⁴]", m.slope_fourth),
        )
    )
    rows = [
        (t("row.moments"), moments),
        (t("row.gain"), _gain(found.theory.gain(), found.theory.gain(of="slope"))),
    ]
    point = found.critical
    if point is None:
        return [*rows, (t("row.critical"), str(found.obstacle))]
    values = {"q": num(point.q), "sigma_w2": num(point.sigma_w2), "sigma_b2": num(point.sigma_b2)}
    spread = found.theory.isometry(1, q=point.q).variance
    straight = found.theory.isometry(1, q=point.q, weights="orthogonal").variance
    return [
        *rows,
        (t("row.critical"), t("value.critical", **values)),
        (t("row.recommended"), t("value.recommended" if point.sigma_b2 > 0 else "value.recommended_no_bias", **values)),
        (t("row.isometry"), t("value.isometry", gaussian=num(spread), orthogonal=num(straight))),
    ]


def cells(row: Row) -> dict[str, str]:
    """A row of the table of initialisations."""
    d = row.depth
    return {
        "init": t(f"init.{row.what}") if row.what else "",
        "sigma_w2": num(d.sigma_w2),
        "sigma_b2": num(d.sigma_b2),
        "phase": t(f"phase.{d.phase}"),
        "q": num(d.q),
        "c": num(d.c),
        "chi1": num(d.chi1),
        "gradient": layers(d.gradient),
        "correlation": layers(d.correlation),
        "trainable": layers(row.trainable),
    }


def sentences(found: Outlook) -> list[str]:
    """What the usual init and the recommended one lead to, in plain words."""
    told = []
    for what in ("usual", "given", "recommended"):
        row = found.row(what)
        if row is None:
            continue
        d = row.depth
        values = {
            "init": t(f"at.{what}"), "sigma_w2": num(d.sigma_w2), "sigma_b2": num(d.sigma_b2), "chi1": num(d.chi1),
            "gradient": layers(d.gradient), "correlation": layers(d.correlation), "trainable": layers(row.trainable),
            "c": num(d.c), "factor": times(_power(d.chi1, 10)),
        }  # fmt: skip
        kind = _kind(d.phase, d.q, d.correlation)
        if kind == "unknown" and not found.theory.activation.facts.jumps:
            kind = "unknown_slope"
        told.append(t(f"says.{kind}", **values))
    return told


def _power(x: float, n: int) -> float:
    """x**n for x ≥ 0; ∞ where floating point ends."""
    try:
        return x**n
    except OverflowError:
        return math.inf


def trained(found: Outlook) -> list[str]:
    """What nets showed, where some were trained: one sentence, or none."""
    if not found.trained:
        return []
    how = about()
    depths = " · ".join(
        f"{num(one.sigma_w2)}: {'> ' + str(how['deepest']) if math.isinf(one.fails_from) else f'{one.fails_from:.0f}'}"
        for one in found.trained
    )
    return [t("trained", **how, sigma_b2=num(found.trained[0].sigma_b2), depths=depths)]


def _kind(phase: str, q: float, correlation: float) -> str:
    if phase == "ordered" and q == 0:
        return "dies"
    if phase == "critical" and math.isfinite(correlation):
        return "critical_short"
    return phase
