"""`advise`: the functions ranked for one layer, with the reasons for each place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from actlab.advise.advice import Advice, Choice, Evidence, Reason
from actlab.advise.bearing import bearing
from actlab.advise.evidence import expectations, reach
from actlab.advise.trials import CANDIDATES
from actlab.cost.latency import engines
from actlab.cost.price import alone
from actlab.functions import get
from actlab.text import UserError, integer, nearest, number, percent, points
from actlab.theory import theory

if TYPE_CHECKING:
    from actlab.advise.evidence import Expectation

LAYERS: Final = ("hidden", "output")
TASKS: Final = ("binary", "multiclass", "regression")
#: Of output layers only.
MORE_TASKS: Final = ("multilabel", "positive", "bounded")
SYMPTOMS: Final = ("dying", "vanishing", "exploding", "saturated", "zig-zag", "latency")
#: Gradients that change by more than this over all layers are called vanishing or exploding.
_FAR: Final = 1e3
#: A share of dead units above which a function is not said to cure dying ones.
_ALIVE: Final = 0.02
#: Scores nearer than this are as good as each other.
_POINT: Final = 0.01
_OUTPUT: Final = {
    "binary": "sigmoid", "multiclass": "softmax", "regression": "identity", "multilabel": "sigmoid",
    "positive": "softplus", "bounded": "sigmoid",
}  # fmt: skip


def _reason(
    key: str, values: dict[str, str], evidence: Evidence,
    rows: tuple[int, ...] = (), recurrent: bool = False,
) -> Reason:  # fmt: skip
    """A sentence on one function, with the claims that bear on it."""
    return Reason(key, values, evidence, rows, bearing(key, values["name"], recurrent))


def advise(
    *, layer: str = "hidden", depth: int = 2, width: int = 16, task: str | None = None, symptom: str | None = None,
    recurrent: bool = False, candidates: Sequence[str] | None = None,
) -> Advice:  # fmt: skip
    """Which activation function for a layer.

    Parameters
    ----------
    layer
        ``"hidden"`` or ``"output"``.
    depth, width
        Hidden layers, and units of each.
    task
        ``"binary"``, ``"multiclass"``, ``"regression"``; of output layers also ``"multilabel"``, ``"positive"``
        (quantities above 0), ``"bounded"``. None: any (of output layers it must be said).
    symptom
        What goes wrong: ``"dying"``, ``"vanishing"``, ``"exploding"``, ``"saturated"``, ``"zig-zag"``, or
        ``"latency"``; None: nothing.
    recurrent
        Whether the hidden layers feed themselves, step by step.
    candidates
        Of the functions of the study those to choose from; None: all ten.

    Raises
    ------
    UserError
        For a word that is none of these, or a number that is not whole and positive.
    """
    layer = _choice("layer", layer, LAYERS)
    task = None if task is None else _choice("task", task, TASKS if layer == "hidden" else (*TASKS, *MORE_TASKS))
    symptom = None if symptom is None else _choice("symptom", symptom, SYMPTOMS)
    depth, width = _whole("depth", depth, 10_000), _whole("width", width, 1_000_000)
    if layer == "output":
        if task is None:
            raise UserError("advise.task_needed", known=", ".join((*TASKS, *MORE_TASKS)))
        return _output(depth, width, task, symptom, recurrent)
    names = _candidates(candidates)
    expected = [one for one in expectations(depth, width, task, recurrent) if one.function in names]
    judged = [(one, _helps(one, symptom, depth)) for one in expected]
    best = max(expected, key=lambda one: one.gap)
    judged.sort(key=lambda pair: _order(pair[0], pair[1], symptom, best))
    choices = tuple(
        Choice(one.function, helps, one.gap, one.error, _reasons(one, symptom, depth, recurrent))
        for one, helps in judged
    )
    beside = _beside(choices[0].function, symptom, depth, recurrent)
    unknown = _unknown(expected, [one for one, _ in judged], depth, width, recurrent)
    if symptom == "latency":
        unknown = (Reason("unknown.latency", {"engine": _prices()[0]}, "study"), *unknown)
    return Advice(layer, depth, width, task, symptom, recurrent, choices, beside, unknown)


def _order(one: Expectation, helps: bool | None, symptom: str | None, best: Expectation) -> tuple[float, ...]:
    if symptom == "latency":  # cheap ones first, but only among those that are as good as the best
        return (0.0, _price(one.function), -one.gap) if _as_good(one, best) else (1.0, -one.gap)
    return (0.0 if helps in (None, True) else 1.0, -one.gap)


def _as_good(one: Expectation, best: Expectation) -> bool:
    """Whether the scores of `one` are within a point of the best one's, or the study cannot tell them apart."""
    return best.gap - one.gap <= max(_POINT, 2 * math.hypot(one.error, best.error))


@lru_cache(maxsize=1)
def _prices() -> tuple[str, dict[str, float]]:
    """Whose functions are timed, onnxruntime's if it is installed, and nanoseconds an element of each: once."""
    engine = engines()[0]
    times = alone([get(name) for name in CANDIDATES], engine)
    return "actlab" if engine == "core" else engine, dict(zip(CANDIDATES, times, strict=True))


def _price(name: str) -> float:
    """Nanoseconds an element in two digits: what differs by less is the clock's."""
    return float(f"{_prices()[1][name]:.1e}")


@lru_cache(maxsize=64)
def _usual_factor(name: str) -> float:
    """χ₁ at the usual initialisation: what the squared gradient is multiplied by in every layer."""
    found = theory(name)
    usual = {"he": 2.0, "lecun": 1.0}[found.activation.default_init]
    return found.depth_scale(sigma_w2=usual).chi1


def _over_depth(name: str, depth: int) -> float:
    chi = _usual_factor(name)
    return math.exp(max(-700.0, min(700.0, depth * math.log(chi)))) if chi > 0 else 0.0


def _helps(one: Expectation, symptom: str | None, depth: int) -> bool | None:
    """Whether the function is said to help with the symptom."""
    facts = get(one.function).facts
    if symptom is None or symptom == "latency":
        return None
    if symptom == "dying":
        return one.dead <= _ALIVE
    if symptom == "vanishing":
        return _over_depth(one.function, depth) >= 1 / _FAR
    if symptom == "exploding":
        return _over_depth(one.function, depth) <= _FAR
    if symptom == "saturated":
        return not all(map(math.isfinite, facts.range))
    return facts.range[0] < 0 < facts.range[1]  # zig-zag: outputs of both signs


def _reasons(one: Expectation, symptom: str | None, depth: int, recurrent: bool) -> tuple[Reason, ...]:
    name = one.function
    values = {"name": name, "gap": points(one.gap), "error": number(100 * one.error, 2), "cases": number(one.cases, 2)}
    said = [_reason("reason.expected", values, "study", one.nearest, recurrent)]
    factor = _over_depth(name, depth)
    if not recurrent:
        told = {"name": name, "chi": number(_usual_factor(name)), "factor": _times(factor), "depth": str(depth)}
        kind = "vanishes" if factor < 1 / _FAR else "explodes" if factor > _FAR else "keeps"
        said.append(_reason(f"reason.{kind}", told, "theory"))
    if symptom == "dying":
        said.append(_reason("reason.dead", {"name": name, "dead": percent(one.dead)}, "study", one.nearest))
    if symptom in ("saturated", "zig-zag"):
        low, high = get(name).facts.range
        told = {"name": name, "low": number(low), "high": number(high)}
        key = "bounded" if math.isfinite(low) and math.isfinite(high) else "unbounded"
        key = key if symptom == "saturated" else "both_signs" if low < 0 < high else "one_sign"
        said.append(_reason(f"reason.{key}", told, "facts"))
    if symptom == "latency":
        told = {"name": name, "price": number(_price(name), 2), "engine": _prices()[0]}
        said.append(_reason("reason.price", told, "measured"))
    return tuple(said)


def _times(factor: float) -> str:
    """A factor of two digits, written out up to a thousand million: 1,100,000."""
    return integer(int(float(f"{factor:.1e}"))) if 1e6 <= factor < 1e9 else number(factor, 2)


def _beside(first: str, symptom: str | None, depth: int, recurrent: bool) -> tuple[Reason, ...]:
    said: list[Reason] = []
    if symptom is not None and symptom != "latency":
        said.append(_reason(f"beside.{symptom}", {"name": first}, "definition"))
    found = theory(first)
    if not recurrent and depth >= 8:
        if found.has_critical_point:
            size, bias = found.recommended_init()
            told = {"name": first, "sigma_w2": number(size, 4), "sigma_b2": number(bias, 4)}
            said.append(_reason("beside.critical", told, "theory"))
        else:
            said.append(_reason("beside.no_critical", {"name": first}, "theory"))
    return tuple(said)


def _unknown(
    expected: list[Expectation], ranked: list[Expectation], depth: int, width: int, recurrent: bool
) -> tuple[Reason, ...]:
    """What the advice does not know."""
    covered = reach()
    low, high = covered["depth"]
    narrow, wide = covered["width"]
    values = {
        "cases": str(covered["cases"]), "data": ", ".join(covered["data"]), "low": str(low), "high": str(high),
        "narrow": str(narrow), "wide": str(wide),
    }  # fmt: skip
    said = [Reason("unknown.reach", values, "study")]
    if not low <= depth <= high or not narrow <= width <= wide:
        said.append(Reason("unknown.outside", {"depth": str(depth), "width": str(width)} | values, "study"))
    said.append(Reason("unknown.recurrent" if recurrent else "unknown.new_data", {}, "study"))
    first = ranked[0]
    close = [one.function for one in ranked[1:] if abs(one.gap - first.gap) <= 2 * math.hypot(one.error, first.error)]
    if close:
        said.append(Reason("unknown.close", {"first": first.function, "names": ", ".join(close)}, "study"))
    if min(one.cases for one in expected) < 3:
        said.append(Reason("unknown.few", {"cases": number(expected[0].cases, 2)}, "study"))
    return tuple(said)


def _output(depth: int, width: int, task: str, symptom: str | None, recurrent: bool) -> Advice:
    name = _OUTPUT[task]
    sure = {"name": name, "matched": "1", "square": number(2 * math.exp(-10), 2)}
    reasons = [_reason(f"output.{task}", {"name": name}, "definition")]
    if task in ("binary", "multiclass", "multilabel"):
        reasons.append(Reason("output.gradient", sure, "definition"))
    choice = Choice(name, None, None, None, tuple(reasons))
    unknown = (Reason("output.unknown", {}, "definition"),)
    return Advice("output", depth, width, task, symptom, recurrent, (choice,), (), unknown)


def _candidates(given: Sequence[str] | None) -> tuple[str, ...]:
    if given is None:
        return CANDIDATES
    names = []
    for name in [given] if isinstance(given, str) else given:
        label = get(name).name
        if label not in CANDIDATES:
            raise UserError("advise.not_studied", name=label[:60], known=", ".join(CANDIDATES))
        names.append(label)
    return tuple(dict.fromkeys(names)) or CANDIDATES


def _choice(name: str, value: Any, known: Sequence[str]) -> str:
    text = str(value).strip().lower()
    if text not in known:
        near = nearest(text, known)
        key = "advise.unknown_choice_near" if near else "advise.unknown_choice"
        raise UserError(key, name=name, value=str(value)[:40], near=near or "", known=", ".join(known))
    return text


def _whole(name: str, value: Any, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise UserError("advise.whole", name=name, value=str(value)[:40], most=f"{most:,}")
    return value
