"""The column that is to be predicted: what task it is, and its values as numbers."""

from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from actlab._arrays import AnyArray, Array
from actlab.data._columns import as_array, first_text, is_text, shortened
from actlab.data.notes import Note
from actlab.data.source import Label, TaskKind
from actlab.text import UserError, integer, nearest

__all__ = ["Target", "checked_task", "read_target", "target_column"]

FEWEST_OF_A_CLASS = 4  # one for the test, one for validation, two to learn from
MOST_INFERRED = 20  # whole numbers or texts that are taken for classes
MOST_CLASSES = 100


@dataclass(frozen=True, eq=False)
class Target:
    """y ``(n,)`` as 0.0, 1.0, … in the sorted order of the classes, or as it is where that is a regression."""

    y: Array
    task: TaskKind
    classes: tuple[Label, ...]
    note: Note


def checked_task(task: Any) -> TaskKind | None:
    """`task` where it is one; None stays None."""
    if task is None:
        return None
    kinds: tuple[TaskKind, ...] = get_args(TaskKind)
    for kind in kinds:
        if isinstance(task, str) and task.strip().lower() == kind:
            return kind
    known = ", ".join(kinds)
    near = nearest(str(task), kinds)
    if near:
        raise UserError("data.unknown_task_near", given=str(task)[:40], near=near, known=known)
    raise UserError("data.unknown_task", given=str(task)[:40], known=known)


def read_target(given: Any, name: str, wanted: TaskKind | None) -> Target:
    """The target from what a user gave, one-dimensional and without gaps (`target_column` sees to that).

    Two different values are a binary target; up to 20 whole numbers or texts a multi-class one; other numbers a
    regression. `wanted` overrules that.
    """
    raw = as_array(given, name)
    if raw.dtype.kind in "mM":
        raise UserError("data.target_dates", target=name, value=shortened(raw[0]))
    try:
        values, index = np.unique(raw, return_inverse=True)
    except TypeError as error:  # numbers beside strings have no order
        raise UserError("data.labels_mixed", target=name) from error
    if len(values) == 1:
        raise UserError("data.one_class", target=name, label=shortened(values[0]))
    task = wanted or _inferred(raw, values, name)
    if task == "regression":
        y = _numbers(raw, name)
        shown = Note.of("data.note.regression" if wanted is None else "data.note.regression_told", target=name)
        return Target(y, task, (), shown)
    if task == "binary" and len(values) != 2:
        raise UserError("data.not_two_classes", target=name, n=integer(len(values)))
    if len(values) > MOST_CLASSES:
        raise UserError("data.many_classes", target=name, n=integer(len(values)), high=MOST_CLASSES)
    _check_counts(values, np.bincount(index), name)
    classes = tuple(value.item() if isinstance(value, np.generic) else value for value in values)
    return Target(index.astype(np.float64), task, classes, _note(task, wanted, name, classes))


def target_column(given: Any, n: int) -> AnyArray:
    """y as an array ``(n,)``; what is wrong with its shape has its sentence."""
    raw = as_array(given, "y")
    if raw.ndim == 2 and raw.shape[1] == 1:
        raw = raw[:, 0]  # one column of a table is a plain slip
    if raw.ndim != 1:
        raise UserError("data.labels_shape", shape=raw.shape)
    if len(raw) != n:
        raise UserError("data.length", rows=integer(n), labels=integer(len(raw)))
    return raw


def _inferred(raw: AnyArray, values: AnyArray, name: str) -> TaskKind:
    """The task of a target ``(n,)`` with these different values, ascending."""
    if len(values) == 2:
        return "binary"
    if any(is_text(value) for value in values):
        if len(values) > MOST_INFERRED:
            raise UserError("data.many_texts", target=name, n=integer(len(values)), high=MOST_INFERRED)
        return "multiclass"
    numbers = _numbers(raw, name)
    return "multiclass" if len(values) <= MOST_INFERRED and (numbers == np.rint(numbers)).all() else "regression"


def _numbers(raw: AnyArray, name: str) -> Array:
    """The values as finite float64."""
    row = first_text(raw, np.zeros(len(raw), dtype=bool))
    if row is not None:
        raise UserError("data.target_text", target=name, row=row + 1, value=shortened(raw[row]))
    y = raw.astype(np.float64)
    if not np.isfinite(y).all():
        raise UserError("data.target_infinite", target=name, row=int(np.argmin(np.isfinite(y))) + 1)
    return y


def _check_counts(values: AnyArray, counts: AnyArray, name: str) -> None:
    if counts.min() >= FEWEST_OF_A_CLASS:
        return
    filled = {"label": shortened(values[counts.argmin()]), "n": int(counts.min()), "low": FEWEST_OF_A_CLASS}
    if len(values) > 2 and not any(is_text(value) for value in values):
        raise UserError("data.rare_class_number", target=name, **filled)
    raise UserError("data.rare_class", target=name, **filled)


def _note(task: TaskKind, wanted: TaskKind | None, name: str, classes: tuple[Label, ...]) -> Note:
    told = "" if wanted is None else "_told"
    if task == "binary":
        first, second = map(shortened, classes)
        return Note.of(f"data.note.binary{told}", target=name, first=first, second=second)
    return Note.of(f"data.note.multiclass{told}", target=name, n=integer(len(classes)))
