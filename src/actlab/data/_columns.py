"""Columns that come from outside, as numbers: every way in which they can be unfit has its sentence."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from actlab._arrays import AnyArray, Array, Mask
from actlab.data.notes import Note
from actlab.text import UserError, integer

__all__ = [
    "Column",
    "Inputs",
    "as_array",
    "first_text",
    "is_text",
    "missing_in",
    "read_inputs",
    "shortened",
    "split_up",
]

MOST_LEVELS = 50
_COMMA = re.compile(r"[-+]?\d+,\d+([eE][-+]?\d+)?")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([ T].*)?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")


@dataclass(frozen=True, eq=False)
class Column:
    """A column as it came; `title` is what sentences call it."""

    name: str
    title: str
    values: AnyArray  # (n,)


@dataclass(frozen=True, eq=False)
class Inputs:
    """X ``(n, d)`` float64, NaN only where it is to be filled in later; the names of its columns; what was done."""

    X: Array
    features: tuple[str, ...]
    notes: tuple[Note, ...]


def as_array(given: Any, what: str) -> AnyArray:
    """`given` as an array, masked values as NaN."""
    try:
        if isinstance(given, np.ma.MaskedArray):  # np.asarray would show the values behind the mask
            return np.asarray(np.ma.filled(given.astype(np.float64), np.nan))
        return np.asarray(given)
    except (ValueError, TypeError) as error:  # rows of different lengths, or nothing that NumPy knows
        raise UserError("data.ragged", what=what) from error


def split_up(given: Any) -> list[Column]:
    """The columns of a table that is an array, lists or a frame."""
    raw = as_array(given, "X")
    if raw.ndim != 2:
        raise UserError("data.not_a_table", shape=raw.shape)
    d = raw.shape[1]
    names = getattr(given, "columns", None)
    if names is not None and not callable(names) and len(names) == d:
        return [Column(str(name), f"“{name}”", raw[:, k]) for k, name in enumerate(names)]
    return [Column(f"x{k + 1}", str(k + 1), raw[:, k]) for k in range(d)]


def is_text(value: object) -> bool:
    """Whether a value is text."""
    return isinstance(value, str | bytes)


def shortened(value: object) -> str:
    """A value for a sentence."""
    text = str(value)
    return text if len(text) <= 30 else text[:29] + "…"


def missing_in(values: AnyArray) -> Mask:
    """Where a value ``(n,)`` is missing: None, NaN, NaT."""
    if values.dtype.kind == "O":  # NaN and NaT are not equal to themselves
        return np.array([value is None or value != value for value in values.tolist()], dtype=bool)
    if values.dtype.kind in "fmM":
        return np.asarray(np.isnan(values))
    return np.zeros(len(values), dtype=bool)


def read_inputs(columns: list[Column], *, encode: bool, fill: bool) -> Inputs:
    """The columns as numbers.

    `encode` turns columns of text into indicators, one for each of the at most 50 texts (one for two of them). Missing
    values are refused; with `fill` they stay as NaN.
    """
    parts: list[Array] = []
    features: list[str] = []
    encoded, indicators, filled = [], 0, 0
    for column in columns:
        missing = missing_in(column.values)
        row = int(missing.argmax()) + 1
        if missing.all():
            raise UserError("data.empty_column", column=column.title)
        if missing.any() and not fill:
            raise UserError("data.nan", row=row, column=column.title)
        filled += int(missing.sum())
        text = first_text(column.values, missing)
        if text is None:
            part = _numeric(column, missing)
            _check_varies(part[~missing], column)
            parts.append(part[:, None])
            features.append(column.name)
            continue
        _check_no_date(column, text)
        if not encode:
            value = column.values[text]
            key = "comma_column" if _COMMA.fullmatch(str(value)) else "text_column"
            raise UserError(f"data.{key}", column=column.title, row=text + 1, value=shortened(value))
        levels, part = _indicators(column, missing)
        parts.append(part)
        features += [f"{column.name}={level}" for level in levels]
        encoded.append(column)
        indicators += len(levels)
    notes = []
    if encoded:
        names = ", ".join(column.title for column in encoded)
        notes.append(Note.of("data.note.encoded", names=shortened(names), n=integer(indicators)))
    if filled:
        notes.append(Note.of("data.note.filled", n=integer(filled)))
    return Inputs(np.concatenate(parts, axis=1), tuple(features), tuple(notes))


def first_text(values: AnyArray, missing: Mask) -> int | None:
    """The row of the first of the values ``(n,)`` that is no number; None where all of them are.

    Where all are text, some of it numerals, the first that is no numeral: it made text of the others.
    """
    kind = values.dtype.kind
    if kind in "biuf":
        return None
    first = int(np.argmin(missing))
    if kind not in "OUS":
        return first
    texts = [row for row in np.flatnonzero(~missing).tolist() if is_text(values[row])]
    if texts:
        return next((row for row in texts if not _is_numeral(values[row])), texts[0])
    try:
        np.where(missing, 0, values).astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        return first
    return None


def _is_numeral(text: str | bytes) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _numeric(column: Column, missing: Mask) -> Array:
    values = np.where(missing, np.nan, column.values) if column.values.dtype.kind == "O" else column.values
    part = values.astype(np.float64)
    infinite = np.isinf(part)
    if infinite.any():
        raise UserError("data.infinite", row=int(infinite.argmax()) + 1, column=column.title)
    return np.asarray(part)


def _check_varies(values: AnyArray, column: Column) -> None:
    if (values == values[0]).all():
        raise UserError("data.constant_column", column=column.title)


def _check_no_date(column: Column, row: int) -> None:
    value = column.values[row]
    if column.values.dtype.kind in "mM" or hasattr(value, "isoformat") or _DATE.fullmatch(str(value)):
        raise UserError("data.date_column", column=column.title, row=row + 1, value=shortened(value))


def _indicators(column: Column, missing: Mask) -> tuple[list[str], Array]:
    """The levels, sorted, and an indicator of each ``(n, levels)``; of two levels the second one's only."""
    texts = np.array([str(value) for value in column.values.tolist()], dtype=object)
    levels = sorted(set(texts[~missing].tolist()))
    if len(levels) == 1:
        raise UserError("data.constant_column", column=column.title)
    if len(levels) > MOST_LEVELS:
        raise UserError("data.many_levels", column=column.title, n=integer(len(levels)), high=MOST_LEVELS)
    shown = levels[1:] if len(levels) == 2 else levels
    part = np.stack([(texts == level).astype(np.float64) for level in shown], axis=1)
    part[missing] = np.nan
    return shown, part
