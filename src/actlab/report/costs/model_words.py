"""What a user's model and its activations cost, in words: cells, sentences, method."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from actlab.text import integer, number, percent, points, tr

if TYPE_CHECKING:
    from actlab.cost.model_result import Change, ModelCost, Part
    from actlab.statistics import Interval

PARTS: Final = ("name", "calls", "elements", "forward", "step")
CHANGES: Final = ("name", "answer", "training", "score", "gain", "verdict")


def t(key: str, **values: Any) -> str:
    """A sentence or word on a user's model."""
    return tr(f"cost.model.{key}", **values)


def heads(names: tuple[str, ...], found: ModelCost) -> list[str]:
    """The heads of a table."""
    return [t(f"column.{'loss' if name == 'score' and not found.metric else name}") for name in names]


def part_cells(part: Part) -> dict[str, str]:
    """A row of the table of shares."""
    return {
        "name": part.name or t("every"), "calls": integer(part.calls), "elements": integer(part.elements),
        "forward": share(part.forward), "step": share(part.step),
    }  # fmt: skip


def share(x: Interval) -> str:
    """“12.3 % [11.0 %, 13.1 %]”."""
    return f"{percent(x.estimate)} [{percent(x.low)}, {percent(x.high)}]"


def part_rows(found: ModelCost) -> list[dict[str, str]]:
    """Each activation, and all of them where there are several."""
    return [part_cells(part) for part in (*found.parts, *((found.whole,) if len(found.parts) > 1 else ()))]


def change(x: Interval) -> str:
    """“−12.3 % [−13.1, −11.0]”."""
    return f"{points(x.estimate)} % [{points(x.low)}, {points(x.high)}]"


def signed(x: float) -> str:
    """A difference of scores, with its sign."""
    return number(x) if x < 0 or math.isnan(x) or x == 0 else f"+{number(x)}"


def gain(x: Interval) -> str:
    """“+0.012 [−0.003, +0.02]”."""
    return f"{signed(x.estimate)} [{signed(x.low)}, {signed(x.high)}]"


def middle(values: tuple[float, ...]) -> float:
    """The median; of an even number of values their mean in the middle."""
    ordered = sorted(values)
    one, other = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return one if one == other else (one + other) / 2


def verdict(one: Change) -> tuple[str, str]:
    """Time and score: whether an interval leaves 0 out, and on which side."""
    time = "faster" if one.forward.high < 0 else "slower" if one.forward.low > 0 else "even"
    score = "better" if one.gain.low > 0 else "worse" if one.gain.high < 0 else "same"
    return time, score


def change_rows(found: ModelCost) -> list[dict[str, str]]:
    """The candidates, the best first, behind the model with what it has."""
    blank = dict.fromkeys(CHANGES, "–")
    rows = [
        blank | {"name": t("row.untouched", name=found.replaced), "score": number(middle(found.control))},
        blank | {"name": t("row.before", name=found.replaced), "score": number(found.before)},
    ]  # fmt: skip
    for one in found.changes:
        time, score = verdict(one)
        rows.append(
            {
                "name": one.name, "answer": change(one.forward), "training": change(one.step),
                "score": number(middle(one.scores)), "gain": gain(one.gain),
                "verdict": t("verdict.both", time=t(f"verdict.{time}"), score=t(f"verdict.{score}")),
            }
        )  # fmt: skip
    return rows


def settings(found: ModelCost) -> str:
    """The model, and how long it takes."""
    return t(
        "settings", parameters=integer(found.parameters), device=found.device, threads=found.threads,
        forward=number(1e3 * found.forward.estimate), step=number(1e3 * found.step.estimate),
    )  # fmt: skip


def lede(found: ModelCost) -> list[str]:
    """The answers in sentences: the share, what is better, what is faster at no visible loss."""
    said = [t("whole", forward=share(found.whole.forward), step=share(found.whole.step))]
    if any(one.high < 0 for one in (found.whole.forward, found.whole.step)):
        said.append(t("below_zero"))
    answers = len(said)
    for one in found.changes:
        time, score = verdict(one)
        values = {"old": found.replaced, "name": one.name, "gain": gain(one.gain), "steps": integer(found.steps)}
        if score == "better":
            said.append(t("gains", **values, forward=change(one.forward)))
        elif time == "faster" and score == "same" and math.isfinite(one.gain.low):
            said.append(t("faster", **values, forward=percent(-one.forward.estimate)))
    return said if len(said) > answers else [*said, t("nothing", old=found.replaced)]


def method(found: ModelCost) -> list[str]:
    """How the numbers came about, and what they leave out."""
    values = {
        "rounds": integer(found.rounds), "held": integer(found.held), "shown": integer(found.shown),
        "seeds": integer(found.seeds), "steps": integer(found.steps), "rate": number(found.learning_rate),
        "optimiser": found.optimiser,
    }  # fmt: skip
    names = ("time", "share", "score_metric" if found.metric else "score_loss", "tune")
    said = [t(f"method.{name}", **values) for name in names]
    foreign = [one.name for one in found.changes if not one.native]
    if foreign:
        said.append(t("method.foreign", names=", ".join(foreign)))
    if any(math.isinf(one.gain.low) and math.isfinite(one.gain.estimate) for one in found.changes):
        needed = 1 + math.ceil(math.log2(1 / (1 - found.level)))  # the least and the largest are an interval then
        if found.seeds < needed:
            said.append(t("method.few_seeds", needed=needed))
    said += [t("method.unreached", path=path, why=why) for path, why in found.unreached]
    return said + [t("method.failed", name=name, why=why) for name, why in found.failed]
