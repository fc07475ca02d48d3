"""What to know about the formulas of a study: where one loses digits when it is computed as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from actlab.data.notes import Note
from actlab.functions.digits import worth_telling
from actlab.text import number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actlab.study.arm import Arm


def loss_notes(arms: Iterable[Arm]) -> tuple[Note, ...]:
    """A note for every arm whose formula loses digits in float32, or many in float64; an activation counts once."""
    notes: dict[Note, None] = {}
    for arm in arms:
        for loss in worth_telling(arm.activation.losses)[:1]:
            low, high = loss.span
            where = f"|x| < {number(high)}" if low == -high else f"{number(low)} < x < {number(high)}"
            name = arm.activation.name
            note = Note.of("study.digits", name=name, kind=loss.dtype, digits=loss.digits, of=loss.of, where=where)
            notes[note] = None
    return tuple(notes)
