"""What `actlab.cost.of_model` gives back."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from actlab.cost.result import _plain
from actlab.statistics import Interval


@dataclass(frozen=True)
class Part:
    """What an activation (or all of them) takes of the model's time.

    Attributes:
        name: the activation; empty for all together.
        calls, elements: in one pass of one batch.
        forward: share of the time of an answer, in evaluation mode without gradients.
        step: share of the time of a training step: forward, loss and backward, without the optimiser.
    """

    name: str
    calls: int
    elements: int
    forward: Interval
    step: Interval


@dataclass(frozen=True)
class Change:
    """Another activation in place of the one that is replaced.

    Attributes:
        name: the activation.
        native: whether PyTorch has it; otherwise it is timed as our core computes it, which is not its best.
        forward, step: change of the time of an answer and of a training step, as a share of it: −0.1 is 10 % less.
        scores: of each seed after the fine-tune.
        gain: by how much that is better than the untouched control of the same seed: median and interval.
    """

    name: str
    native: bool
    forward: Interval
    step: Interval
    scores: tuple[float, ...]
    gain: Interval


@dataclass(frozen=True)
class ModelCost:
    """The result of `actlab.cost.of_model`.

    Attributes:
        model: class of the model; `parameters`: how many it has.
        forward, step: seconds of an answer and of a training step on one batch.
        parts: each activation of the model; `whole`: all of them.
        replaced: the activation in whose place others were put.
        changes: the others, the best score first.
        failed: (name, what was raised) of candidates with which the model cannot be run.
        control: scores of the untouched model after the same steps, a seed each; `before`: of the model as it came.
        metric: whether scores are the user's metric, where larger is better; otherwise they are the loss.
        unreached: (path, sentence) of what computes an activation where nothing can be put in its place: its time is
            in no share.
        level: of each `Change`'s interval of time and of score; over the changes they hold together with 95 %.
    """

    model: str
    parameters: int
    forward: Interval
    step: Interval
    parts: tuple[Part, ...]
    whole: Part
    replaced: str
    changes: tuple[Change, ...]
    failed: tuple[tuple[str, str], ...]
    control: tuple[float, ...]
    before: float
    metric: bool
    seeds: int
    steps: int
    learning_rate: float
    optimiser: str
    shown: int  # batches trained on
    held: int  # batches judged on
    rounds: int
    level: float
    threads: int
    device: str
    seconds: float
    unreached: tuple[tuple[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Everything as plain JSON values; what is not a finite number is None."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain: dict[str, Any] = _plain(_without_classes(values))
        return plain


def _without_classes(value: Any) -> Any:
    if isinstance(value, Interval | Part | Change):
        return {field.name: _without_classes(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_without_classes(entry) for entry in value]
    return {key: _without_classes(entry) for key, entry in value.items()} if isinstance(value, dict) else value
