"""A user's X and y, checked: every way in which they can be unfit has its sentence."""

from typing import Any, TypeAlias

import numpy as np

from actlab._arrays import AnyArray, Array
from actlab.data._checks import LARGEST
from actlab.text import UserError, integer

__all__ = ["Label", "column_names", "read_columns", "read_labels"]

FEWEST_ROWS = 20
FEWEST_OF_A_CLASS = 4  # one for the test, one for validation, two to learn from

Label: TypeAlias = bool | int | float | str


def column_names(X: Any, d: int) -> tuple[str, ...]:
    """The names of a frame's columns in quotes, else their numbers, counted from 1."""
    names = getattr(X, "columns", None)
    if names is not None and not callable(names) and len(names) == d:
        return tuple(f"“{name}”" for name in names)
    return tuple(str(k + 1) for k in range(d))


def _as_array(given: Any, what: str) -> AnyArray:
    try:
        if isinstance(given, np.ma.MaskedArray):  # np.asarray would show the values behind the mask
            return np.asarray(np.ma.filled(given.astype(np.float64), np.nan))
        return np.asarray(given)
    except (ValueError, TypeError) as error:  # rows of different lengths, or nothing that NumPy knows
        raise UserError("data.ragged", what=what) from error


def read_columns(given: Any) -> Array:
    """X as a new ``(n, d)`` float64 array of finite numbers in which every column varies, else a `UserError`."""
    raw = _as_array(given, "X")
    if raw.ndim != 2:
        raise UserError("data.not_a_table", shape=raw.shape)
    n, d = raw.shape
    if n == 0 or d == 0:
        raise UserError("data.empty")
    if n > LARGEST:
        raise UserError("data.many_rows", n=integer(n), high=integer(LARGEST))
    names = column_names(given, d)
    X = np.stack([_numeric(raw[:, k], names[k]) for k in range(d)], axis=1)
    bad = ~np.isfinite(X)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        kind = "data.nan" if np.isnan(X[row, column]) else "data.infinite"
        raise UserError(kind, row=int(row) + 1, column=names[column])
    if n < FEWEST_ROWS:
        raise UserError("data.few_rows", n=n, low=FEWEST_ROWS)
    for k in range(d):
        if X[:, k].min() == X[:, k].max():
            raise UserError("data.constant_column", column=names[k])
    return X


def _numeric(column: AnyArray, name: str) -> Array:
    """One column as float64; a missing value (None) becomes NaN."""
    if column.dtype.kind == "O":
        for row, value in enumerate(column):
            if isinstance(value, str | bytes):
                raise UserError("data.text_column", column=name, row=row + 1, value=_shortened(value))
    elif column.dtype.kind not in "biuf":
        raise UserError("data.text_column", column=name, row=1, value=_shortened(column[0]))
    try:
        return column.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise UserError("data.text_column", column=name, row=1, value=_shortened(column[0])) from error


def _shortened(value: object) -> str:
    text = str(value)
    return text if len(text) <= 30 else text[:29] + "…"


def read_labels(given: Any, n: int) -> tuple[Array, tuple[Label, Label]]:
    """Labels ``(n,)`` as 0.0 and 1.0 in the sorted order of the two classes, and the classes, else a `UserError`."""
    raw = _as_array(given, "y")
    if raw.ndim == 2 and raw.shape[1] == 1:
        raw = raw[:, 0]  # one column of a table is a plain slip
    if raw.ndim != 1:
        raise UserError("data.labels_shape", shape=raw.shape)
    if len(raw) != n:
        raise UserError("data.length", rows=integer(n), labels=integer(len(raw)))
    missing = [value is None or value != value for value in raw.tolist()]  # NaN and NaT are not equal to themselves
    if any(missing):
        raise UserError("data.label_missing", row=missing.index(True) + 1)
    try:
        classes, index = np.unique(raw, return_inverse=True)
    except TypeError as error:  # numbers beside strings have no order
        raise UserError("data.labels_mixed") from error
    if len(classes) == 1:
        raise UserError("data.one_class", label=_shortened(classes[0]))
    if len(classes) != 2:
        raise UserError("data.many_classes", n=integer(len(classes)))
    counts = np.bincount(index)
    if counts.min() < FEWEST_OF_A_CLASS:
        label = _shortened(classes[counts.argmin()])
        raise UserError("data.rare_class", label=label, n=int(counts.min()), low=FEWEST_OF_A_CLASS)
    first, second = (value.item() if isinstance(value, np.generic) else value for value in classes)
    return index.astype(np.float64), (first, second)
