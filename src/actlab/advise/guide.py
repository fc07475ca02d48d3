"""The whole guide: layer × task × symptom, each cell an `Advice`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from actlab.advise.ranking import MORE_TASKS, SYMPTOMS, TASKS, advise

if TYPE_CHECKING:
    from actlab.advise.advice import Advice

#: The layers of the guide: name, depth, width, recurrent.
LAYERS: Final = (("shallow", 2, 16, False), ("deep", 20, 16, False), ("recurrent", 1, 16, True))


@dataclass(frozen=True)
class Guide:
    """Advice by layer, symptom (None first) and task; and for output layers by task."""

    hidden: dict[tuple[str, str | None, str], Advice]
    output: dict[str, Advice]


def guide() -> Guide:
    """The guide, from the study and the theory as they are now."""
    hidden = {
        (name, symptom, task): advise(depth=depth, width=width, task=task, symptom=symptom, recurrent=recurrent)
        for name, depth, width, recurrent in LAYERS
        for symptom in (None, *SYMPTOMS)
        for task in TASKS
    }
    return Guide(hidden, {task: advise(layer="output", task=task) for task in (*TASKS, *MORE_TASKS)})
