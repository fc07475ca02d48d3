"""What each panel says about the moment it shows: numbers first, then what they mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab import measure
from actlab.measure import UnitState
from actlab.text import integer, number, percent, tr

if TYPE_CHECKING:
    from actlab.play.course import Course
    from actlab.play.experiment import ArmChoice, Experiment
    from actlab.play.frame import Frame, Layer, Signal
    from actlab.play.running import Running

#: A factor by which something shrinks or grows that is worth a word.
_NOTABLE = 2.0
#: Shares of the accuracy at which a classifier is no better than guessing.
_GUESSING = 0.6


def labels(run: Experiment) -> tuple[str, str]:
    """What the arms are called: by their functions; where these are the same, by what differs."""
    names = [_name(arm) for arm in run.arms]
    if names[0] != names[1]:
        return names[0], names[1]
    for field in ("rate", "hidden", "init", "norm", "optimiser", "seed"):
        own = [getattr(arm, field) for arm in run.arms]
        if own[0] != own[1]:
            told = ["×".join(map(str, x)) or "–" if isinstance(x, tuple) else f"{x}" for x in own]
            return f"{names[0]} ({told[0]})", f"{names[1]} ({told[1]})"
    return tr("play.side.left", name=names[0]), tr("play.side.right", name=names[1])


def _name(arm: ArmChoice) -> str:
    names = [phi.name for phi in arm.activations]
    distinct = list(dict.fromkeys(names))
    return distinct[0] if len(distinct) == 1 else " → ".join(names)


def moment(running: Running, frames: list[Frame]) -> dict[str, object]:
    """Panel → its sentence; of panels that each arm has, one an arm."""
    arms = labels(running.experiment)
    each = list(zip(arms, running.courses, frames, strict=True))
    return {
        "headline": _headline(running, arms, frames[0].state),
        "boundary": [_boundary(running, *one) for one in each],
        "net": [_net(arm, frame) for arm, _, frame in each],
        "hidden": [_hidden(arm, frame) for arm, _, frame in each],
        "loss": " ".join(_loss(*one) for one in each),
        "signal": " ".join(_signal(arm, frame) for arm, _, frame in each),
        "gradient": " ".join(_gradient(arm, course, frame) for arm, course, frame in each),
        "path": [_path(*one) for one in each],
    }


def _headline(running: Running, arms: tuple[str, str], state: int) -> str:
    """Which arm does better over all seeds, or that this cannot be told."""
    fresh = running.ground.fresh is not None
    column = 3 if fresh else 1
    bands = [course.bands[state, column] for course in running.courses]
    shares = {"left": percent(bands[0][1]), "right": percent(bands[1][1])}
    what = "fresh" if fresh else "train"
    if state == 0:
        return tr("play.headline.start")
    low, high = (0, 1) if bands[0][1] < bands[1][1] else (1, 0)
    if bands[low][2] < bands[high][0]:
        key = "play.headline.apart_fresh" if fresh else "play.headline.apart_train"
        return tr(key, winner=arms[high], loser=arms[low], win=percent(bands[high][1]), lose=percent(bands[low][1]))
    key = "play.headline.near_fresh" if what == "fresh" else "play.headline.near_train"
    return tr(key, first=arms[0], second=arms[1], **shares)


def _boundary(running: Running, arm: str, course: Course, frame: Frame) -> str:
    n = len(running.ground.train)
    train, fresh = frame.curves[1], frame.curves[3]
    if not frame.finite or (course.diverged_at is not None and frame.step >= course.diverged_at):
        return tr("play.boundary.lost", arm=arm, rate=number(course.arm.rate))
    if frame.step == 0:
        return tr("play.boundary.start", arm=arm, right=integer(round(train * n)), n=integer(n))
    answers = frame.probability >= 128
    if answers.all() or not answers.any():
        return tr("play.boundary.constant", arm=arm, epoch=_epoch(frame), train=percent(train))
    if running.ground.fresh is None:
        return tr("play.boundary.drawn", arm=arm, epoch=_epoch(frame), train=percent(train), n=integer(n))
    best = running.ground.best
    said = tr(
        "play.boundary.scores", arm=arm, epoch=_epoch(frame), train=percent(train), fresh=percent(fresh),
        n=integer(len(running.ground.fresh)),
    )  # fmt: skip
    if train - fresh > 0.03:
        return f"{said} {tr('play.boundary.overfit')}"
    if fresh < _GUESSING:
        return f"{said} {tr('play.boundary.guessing')}"
    return said if best is None else f"{said} {tr('play.boundary.best', best=percent(best))}"


def _loss(arm: str, course: Course, frame: Frame) -> str:
    loss = frame.curves[0]
    low, middle, high = course.bands[frame.state, 0].tolist()
    if not math.isfinite(loss):
        return tr("play.loss.lost", arm=arm)
    values = {"arm": arm, "loss": number(loss), "low": number(low), "middle": number(middle), "high": number(high)}
    if loss > high or loss < low:
        return tr("play.loss.unusual", **values)
    return tr("play.loss.usual", **values)


def _net(arm: str, frame: Frame) -> str:
    """The units, and what the output adds to what it makes of them."""
    if not math.isfinite(frame.bias):
        return _units(arm, frame)
    return f"{_units(arm, frame)} {tr('play.units.bias', bias=number(frame.bias, 2))}"


def _units(arm: str, frame: Frame) -> str:
    """The layer in which most units are dead; else saturated; else that all are alive."""
    if not frame.layers:
        return tr("play.units.none", arm=arm)
    for state, key in ((UnitState.DEAD, "play.units.dead"), (UnitState.SATURATED, "play.units.saturated")):
        counts = [layer.states.count(state) for layer in frame.layers]
        if any(counts):
            worst = int(np.argmax(counts))
            said = tr(key, arm=arm, count=counts[worst], n=len(frame.layers[worst].states), layer=worst + 1)
            others = sum(counts) - counts[worst]
            return said if not others else f"{said} {tr('play.units.others', count=others)}"
    states = [state for layer in frame.layers for state in layer.states]
    if all(state == UnitState.LINEAR for state in states):
        return tr("play.units.linear", arm=arm, n=len(states))
    if all(state == UnitState.NOT_APPLICABLE for state in states):
        return tr("play.units.no_slope", arm=arm)
    return tr("play.units.live", arm=arm, n=len(states))


def _hidden(arm: str, frame: Frame) -> str:
    if not frame.layers:
        return tr("play.hidden.none", arm=arm)
    last: Layer = frame.layers[-1]
    n = len(frame.layers)
    if last.reach == 0:
        return tr("play.hidden.lost", arm=arm, layer=n)
    key = "play.hidden.start" if frame.step == 0 else "play.hidden.bent"
    return tr(key, arm=arm, layer=n, share=percent(last.share, 0), train=percent(frame.curves[1]))


def _times(ratio: float) -> str:
    return number(ratio, 2) if ratio < 1000 else number(float(f"{ratio:.1e}"), 2)


def _signal(arm: str, frame: Frame) -> str:
    inner = frame.signal[:-1]
    if len(inner) < 2 or not all(map(math.isfinite, inner)):
        return tr("play.signal.short", arm=arm, value=number(inner[0]) if inner else "–")
    first, last = inner[0], inner[-1]
    values: dict[str, Any] = {"arm": arm, "first": number(first), "last": number(last), "layers": len(inner)}
    if last == 0:
        return tr("play.signal.silent", **values)
    if first / last >= _NOTABLE:
        return tr("play.signal.shrinks", times=_times(first / last), **values)
    if last / max(first, 1e-300) >= _NOTABLE:
        return tr("play.signal.grows", times=_times(last / first), **values)
    return tr("play.signal.holds", **values)


def _gradient(arm: str, course: Course, frame: Frame) -> str:
    first, last = frame.gradient[0], frame.gradient[-1]
    if (course.diverged_at is not None and frame.step >= course.diverged_at) or not math.isfinite(first + last):
        return tr("play.gradient.lost", arm=arm)
    if first == 0:
        return tr("play.gradient.zero", arm=arm)
    if len(frame.gradient) < 2:
        return tr("play.gradient.one", arm=arm, value=number(first))
    if last / first >= _NOTABLE:
        return tr("play.gradient.vanishes", arm=arm, times=_times(last / first), layers=len(frame.gradient) - 1)
    if first / max(last, 1e-300) >= _NOTABLE:
        return tr("play.gradient.grows", arm=arm, times=_times(first / last))
    return tr("play.gradient.holds", arm=arm)


def _path(arm: str, course: Course, frame: Frame) -> str:
    layer, unit, _ = course.path_weights
    fan_in = course.spec.shapes[layer][0]
    efficiency, agreement = frame.efficiency[layer], frame.agreement[layer]
    if frame.step == 0 or not math.isfinite(efficiency):
        return tr("play.path.start", arm=arm, unit=unit + 1, layer=layer + 1)
    values = {"arm": arm, "efficiency": percent(efficiency, 0), "agreement": percent(agreement, 0)}
    expected = percent(measure.expected_sign_agreement(fan_in), 0)
    if agreement > 0.9:
        return tr("play.path.tied", expected=expected, layer=layer + 1, **values)
    return tr("play.path.free", expected=expected, layer=layer + 1, **values)


def of_point(running: Running, where: tuple[float, float], signals: list[Signal]) -> str:
    """What both nets answer at one point."""
    arms = labels(running.experiment)
    answers = [percent(signal.answer) if math.isfinite(signal.answer) else "–" for signal in signals]
    return tr(
        "play.point.answers", x=number(where[0], 2), y=number(where[1], 2), first=arms[0], second=arms[1],
        left=answers[0], right=answers[1],
    )  # fmt: skip


def _epoch(frame: Frame) -> str:
    return number(frame.epoch, 3) if frame.epoch < 10 else integer(round(frame.epoch))
