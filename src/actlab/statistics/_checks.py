"""What the functions of this room demand of their input, and the sentences said when it is not met."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab._arrays import Array


def check_share(value: float, key: str) -> float:
    """`value` if it lies strictly between 0 and 1; otherwise the sentence `key` (``level``, ``power``)."""
    if not 0.0 < value < 1.0:  # false for NaN too
        raise UserError(f"statistics.{key}", value=value)
    return float(value)


def check_bounds(bounds: tuple[float, float]) -> tuple[float, float]:
    """`bounds` as two floats, the first smaller, both finite."""
    low, high = (float(b) for b in bounds)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise UserError("statistics.bounds", low=low, high=high)
    return low, high


def as_sample(x: ArrayLike, dimensions: int = 1) -> Array:
    """`x` as a float64 array of that many dimensions with at least one entry; NaN and infinity are let through."""
    array = np.asarray(x, dtype=np.float64)
    if array.ndim != dimensions:
        raise UserError("statistics.dimensions", wanted=dimensions, shape=array.shape)
    if array.size == 0:
        raise UserError("statistics.empty")
    return array


def finite(x: Array) -> Array:
    """`x` if it holds neither NaN nor infinity: a failed net must be given a score before it is averaged."""
    bad = int(np.count_nonzero(~np.isfinite(x)))
    if bad:
        raise UserError("statistics.not_finite", bad=bad, total=x.size)
    return x


def to_unit(x: Array, bounds: tuple[float, float]) -> Array:
    """`x` moved linearly from `bounds` to [0, 1]; values outside are an error, never clipped."""
    low, high = bounds
    finite(x)
    outside = x[(x < low) | (x > high)]
    if outside.size:
        raise UserError("statistics.outside", value=float(outside.flat[0]), low=low, high=high)
    return (x - low) / (high - low)


def same_shape(a: Array, b: Array) -> None:
    """Paired samples must match seed by seed."""
    if a.shape != b.shape:
        raise UserError("statistics.paired", first=a.shape, second=b.shape)
