"""One self-contained HTML page from a `Diagnosis`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from actlab.report._shell import asset, environment, shell
from actlab.report.diagnoses import trials
from actlab.report.diagnoses.cards import Card, cards
from actlab.report.diagnoses.figures import section, t
from actlab.report.diagnoses.layers import Layer, Weight, layers, weights
from actlab.report.figures._words import unbroken
from actlab.text import current_language, integer, number, percent, tr, use_language

if TYPE_CHECKING:
    from actlab.doctor import Diagnosis
    from actlab.doctor.trial import Trial

_ROWS: Final = 200  # of the table; the rest of a deeper model is in the charts


def page(diagnosis: Diagnosis, lang: str | None = None, trial: Trial | None = None) -> str:
    """The page as text; with the remedies' results where a `trial` of the diagnosis is given."""
    lang = lang or current_language()
    with use_language(lang):
        shown = cards(diagnosis)
        found, used = layers(diagnosis), weights(diagnosis)
        values: dict[str, Any] = shell(lang, "sweep.css", "diagnosis.css") | {
            "t": lambda key: tr(f"report.{key}", lang),  # words of the shell, as on every page
            "d": t,
            "title": _title(diagnosis, shown),
            "settings": unbroken(diagnosis.seen),
            "lede": _lede(diagnosis),
            "cards": shown,
            "charts": section(found, used),
            "layers": _layer_table(found),
            "weights": _weight_table(used),
            "more": t("more_rows", n=integer(max(0, len(found) - _ROWS))) if len(found) > _ROWS else "",
            "skipped": [unbroken(sentence) for sentence in diagnosis.skipped],
            "trial": trials.shown(trial) if trial is not None else None,
            "method": [t(f"method.{name}") for name in _method(diagnosis, found, used)],
            "script": asset("script.js"),
        }
        return environment().get_template("diagnosis.html").render(values)


def _title(diagnosis: Diagnosis, shown: list[Card]) -> str:
    worse = [card for card in shown if card.severity != "info"]
    if not worse:
        return t("title.healthy")
    first = diagnosis.groups[0][0]
    others = sum(len(group) for group in diagnosis.groups) - sum(f.severity == "info" for f in diagnosis.findings) - 1
    key = "one" if others == 0 else "many"
    return t(f"title.{key}", title=worse[0].title, layer=first.shown, n=integer(others))


def _lede(diagnosis: Diagnosis) -> list[str]:
    counts = {s: sum(f.severity == s for f in diagnosis.findings) for s in ("error", "warning", "info")}
    said = [t("lede.counts", **{name: integer(n) for name, n in counts.items()})]
    if diagnosis.silenced:
        said.append(tr("doctor.silenced", n=integer(diagnosis.silenced)))
    if diagnosis.skipped:
        said.append(t("lede.skipped", n=integer(len(diagnosis.skipped))))
    return said


def _layer_table(found: list[Layer]) -> tuple[list[str], list[list[str]]]:
    names = ("number", "layer", "function", "units", "dead", "saturated", "gain", "gradient", "mean", "variance")
    rows = [
        [
            integer(x.number),
            x.place,
            x.function,
            integer(x.units),
            percent(x.shares["dead"], 0),
            percent(x.shares["saturated"], 0),
            number(float(x.gains[2])),
            number(x.gradient),
            number(x.mean),
            number(x.variance),
        ]
        for x in found[:_ROWS]
    ]
    return [t(f"column.{name}") for name in names], rows


def _weight_table(found: list[Weight]) -> tuple[list[str], list[list[str]]]:
    names = ("number", "parameter", "shape", "gradient_per_weight", "update")
    rows = [
        [integer(w.number), w.name, " × ".join(map(str, w.shape)), number(w.gradient), number(w.update)]
        for w in found[:_ROWS]
    ]
    return [t(f"column.{name}") for name in names], rows


def _method(diagnosis: Diagnosis, found: list[Layer], used: list[Weight]) -> list[str]:
    names = ["points", "gain", "states"]
    names += ["gradient"] if diagnosis.readings.has_gradients else []
    names += ["update"] if any(math.isfinite(w.update) for w in used) else ["no_update"]
    names += ["first"] if any(math.isfinite(x.before) for x in found) else []
    return [*names, "normal", "thresholds"]
