"""What the columns of a file can be used for, by the rules of `read_table`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from actlab.data._columns import Column, missing_in, read_inputs
from actlab.data._target import read_target
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from actlab.data.source import Label

__all__ = ["Candidates", "candidates"]


@dataclass(frozen=True, eq=False)
class Candidates:
    """The columns by name, in their order: those of numbers that vary, and those that are classes, with their labels.

    A column of few whole numbers is both.
    """

    numbers: dict[str, Column]
    classes: dict[str, tuple[Label, ...]]


def candidates(columns: Iterable[Column]) -> Candidates:
    """What each of the columns can be used for; rows in which it has no value are left out."""
    numbers, classes = {}, {}
    for column in columns:
        known = Column(column.name, column.title, column.values[~missing_in(column.values)])
        if not len(known.values):
            continue
        if _fits_input(known):
            numbers[column.name] = column
        labels = _labels(known)
        if labels:
            classes[column.name] = labels
    return Candidates(numbers, classes)


def _fits_input(column: Column) -> bool:
    try:
        read_inputs([column], encode=False, fill=False)
    except UserError:
        return False
    return True


def _labels(column: Column) -> tuple[Label, ...]:
    """The classes of a target; none where it is a regression, or no target at all."""
    try:
        return read_target(column.values, column.title, None).classes
    except UserError:
        return ()
