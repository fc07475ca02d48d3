"""What a session answers, as messages."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab import functions
from actlab.nets import SCHEMES
from actlab.play import experiment as choices
from actlab.play import lessons, limits, sentences, wire
from actlab.text import UserError, keys, tr

if TYPE_CHECKING:
    from actlab._arrays import AnyArray
    from actlab.play.experiment import ArmChoice
    from actlab.play.frame import Frame, Signal
    from actlab.play.running import Running

SIDES = ("left", "right")
_PAGE = "play.page."
#: Where φ is drawn.
_CURVE = np.linspace(-4, 4, 81)


def refusal(error: UserError, about: object) -> dict[str, Any]:
    """Why something was not done: a code for programs, a sentence for people."""
    return {"kind": "refused", "code": error.key, "sentence": error.message(), "about": about}


@cache
def words(lang: str) -> bytes:
    """Every word of the page, what can be chosen, and the lessons."""
    header = {
        "kind": "words",
        "lang": lang,
        "words": {key.removeprefix(_PAGE): tr_raw(key, lang) for key in keys(lang) if key.startswith(_PAGE)},
        "choices": {
            "activations": list(functions.names()),
            "inits": [choices.AUTO, *SCHEMES],
            "norms": ["none", "batch", "layer"],
            "optimisers": list(choices.OPTIMISERS),
            "data": [*choices.DATA, choices.DRAWN, choices.OWN],
            "limits": {
                "layers": limits.MOST_LAYERS,
                "width": limits.MOST_WIDTH,
                "points": [limits.LEAST_POINTS, limits.MOST_POINTS],
                "formula": limits.FORMULA_LENGTH,
                "file": limits.FILE_BYTES,
                "message": limits.MESSAGE_BYTES,
            },
        },
        "lessons": lessons.all_lessons(lang),
    }
    return wire.pack(header)


@cache
def claims(lang: str) -> bytes:
    """What became of the claims that lessons name."""
    from actlab.play.lessons import ledger

    return wire.pack({"kind": "claims", "lang": lang, "claims": ledger.verdicts(lang)})


def tr_raw(key: str, lang: str) -> str:
    """The sentence with its gaps, which the page fills."""
    from actlab.text._translate import _room

    return _room(lang, "play")[key]


def begun(running: Running) -> bytes:
    """The experiment in its canonical form, its points and its functions."""
    ground, run = running.ground, running.experiment
    arrays: dict[str, AnyArray] = {
        "points": ground.train.X.astype(np.float32),
        "labels": ground.train.y.astype(np.uint8),
    }
    for side, arm in zip(SIDES, run.arms, strict=True):
        values, slopes = arm.activations[0].value_and_derivative(_CURVE)
        arrays[f"{side}.phi"] = np.stack([_CURVE, values, slopes]).astype(np.float32)
    course = min(running.courses, key=lambda course: course.horizon)
    header = {
        "kind": "run",
        "id": running.number,
        "run": run.plain(),
        "span": ground.span,
        "noise": ground.noise,
        "noises": ground.noises,
        "best": ground.best,
        "fresh": 0 if ground.fresh is None else len(ground.fresh),
        "per_epoch": course.per_epoch,
        "horizon": course.horizon,
        "states": len(course.steps),
        "seeds": limits.SEEDS,
        "arms": [_arm(arm, label) for arm, label in zip(run.arms, sentences.labels(run), strict=True)],
    }
    arrays["steps"] = course.steps.astype(np.float64)
    return wire.pack(header, arrays)


def _arm(arm: ArmChoice, label: str) -> dict[str, Any]:
    return {
        "label": label,
        "formula": arm.activations[0].formula,
        "init": arm.init_used,
        "parameters": arm.spec().parameters,
        "names": [phi.name for phi in arm.activations],
    }


def grown(running: Running, first: int) -> bytes:
    """What training has added: curves from state `first` on, and how far they go."""
    states = running.states
    arrays = {}
    for side, course in zip(SIDES, running.courses, strict=True):
        arrays[f"{side}.curves"] = course.curves[first:states].astype(np.float32)
        arrays[f"{side}.bands"] = course.bands[first:states].astype(np.float32)
        arrays[f"{side}.path_states"] = course.path_between(first, states).astype(np.float32)
        if first == 0:
            arrays[f"{side}.path"] = course.path.astype(np.float32)
    header = {
        "kind": "grown",
        "id": running.number,
        "first": first,
        "states": states,
        "complete": all(course.complete for course in running.courses),
        "lost": [course.diverged_at for course in running.courses],
        "epochs": [course.epochs for course in running.courses],
        "seconds": [course.seconds for course in running.courses],
        "path": [list(course.path_weights) for course in running.courses],
    }
    return wire.pack(header, arrays)


def state(running: Running, frames: list[Frame], signals: list[Signal] | None) -> bytes:
    """One state of both arms, with the sentences that fit it."""
    arrays, arms = {}, []
    for side, found in zip(SIDES, frames, strict=True):
        arrays[f"{side}.map"] = found.probability
        for k, layer in enumerate(found.layers):
            arrays[f"{side}.{k}.tiles"] = layer.tiles
            arrays[f"{side}.{k}.points"] = layer.points
            arrays[f"{side}.{k}.mesh"] = layer.mesh
        arms.append(
            {
                "layers": [
                    {"states": layer.states, "largest": layer.largest, "reach": layer.reach, "share": layer.share}
                    for layer in found.layers
                ],
                "gradient": found.gradient,
                "gradient_bands": found.gradient_bands,
                "signal": found.signal,
                "curves": found.curves,
                "path": list(found.path),
                "efficiency": found.efficiency,
                "agreement": found.agreement,
                "finite": found.finite,
            }
        )
    header = {
        "kind": "frame",
        "id": running.number,
        "state": frames[0].state,
        "step": frames[0].step,
        "epoch": frames[0].epoch,
        "arms": arms,
        "say": sentences.moment(running, frames),
        "signals": None if signals is None else [asdict(signal) for signal in signals],
    }
    return wire.pack(header, arrays)


def point(running: Running, state: int, where: tuple[float, float], signals: list[Signal]) -> dict[str, Any]:
    """One point's way through both nets."""
    return {
        "kind": "point",
        "id": running.number,
        "state": state,
        "point": list(where),
        "signals": [asdict(signal) for signal in signals],
        "say": sentences.of_point(running, where, signals),
    }


def title() -> str:
    """The page's title."""
    return tr("play.page.title")
