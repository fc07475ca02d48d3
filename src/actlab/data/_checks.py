"""Numbers and points that come from outside, checked."""

import math
import operator

import numpy as np

from actlab._arrays import Array
from actlab.text import UserError, integer

__all__ = ["LARGEST", "checked_columns", "checked_noise", "checked_parameter", "checked_points", "checked_size"]

LARGEST = 10_000_000
_MOST_COLUMNS = 1_000


def checked_size(what: str, n: int) -> int:
    """`n` as an int of 2 … 10 million (one point of each class at least), else a `UserError` that names `what`."""
    try:
        value = -1 if isinstance(n, bool) else operator.index(n)
    except TypeError:
        value = -1
    if not 2 <= value <= LARGEST:
        raise UserError("data.size", what=what, given=n, high=integer(LARGEST))
    return value


def checked_columns(n: int) -> int:
    """A number of noise columns as an int of 0 … 1,000, else a `UserError`."""
    try:
        value = -1 if isinstance(n, bool) else operator.index(n)
    except TypeError:
        value = -1
    if not 0 <= value <= _MOST_COLUMNS:
        raise UserError("data.noise_columns", what="noise_columns", given=n, high=integer(_MOST_COLUMNS))
    return value


def checked_parameter(family: str, n: int, low: int, high: int) -> int:
    """The number behind the colon of ``family:n`` as an int of `low` … `high`, else a `UserError`."""
    try:
        value = low - 1 if isinstance(n, bool) else operator.index(n)
    except TypeError:
        value = low - 1
    if not low <= value <= high:
        raise UserError("data.parameter", name=family, given=n, low=low, high=integer(high))
    return value


def checked_noise(noise: float, low: float, high: float) -> float:
    """`noise` as a float of `low` … `high`, else a `UserError`."""
    try:
        value = math.nan if isinstance(noise, bool) else float(noise)
    except (TypeError, ValueError):
        value = math.nan
    if not low <= value <= high:
        raise UserError("data.noise", what="noise", given=noise, low=f"{low:g}", high=f"{high:g}")
    return value


def checked_points(X: Array, dimension: int) -> Array:
    """X as ``(n, dimension)`` finite float64, else a `UserError`."""
    points = np.asarray(X, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != dimension:
        raise UserError("data.points", shape=points.shape, dimension=dimension)
    if not np.isfinite(points).all():
        raise UserError("data.points_not_finite")
    return points
