"""What every family needs: checked float64 arrays, safe norms, and when a column counts as constant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import AnyArray, Array, Mask

CONSTANT_ULPS = 16.0  # a spread of at most this many units in the last place is rounding, not variation


def checked(name: str, value: AnyArray | Sequence[float], dimensions: int) -> Array:
    """`value` as float64 with exactly `dimensions` axes; ValueError otherwise."""
    array = np.asarray(value, dtype=np.float64)
    if array.ndim != dimensions:
        raise ValueError(f"{name} must have {dimensions} axes, not shape {array.shape}")
    return array


def same_length(**arrays: Array) -> int:
    """The common length of the first axes; ValueError where they differ."""
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError("the first axes differ in length: " + ", ".join(f"{k} {n}" for k, n in lengths.items()))
    return next(iter(lengths.values()))


def finite(*arrays: Array) -> bool:
    """True where every entry of every array is finite."""
    return all(bool(np.isfinite(array).all()) for array in arrays)


def mean(array: Array) -> float:
    """Arithmetic mean of all entries; NaN for an empty array or a non-finite entry."""
    if array.size == 0 or not finite(array):
        return float("nan")
    with np.errstate(over="ignore"):
        return float(array.mean())


def unit_scaled(array: Array) -> tuple[Array, int]:
    """`(array / 2**e, e)` with the largest magnitude in [0.5, 1), so that squares cannot overflow or underflow.

    A power of two, because dividing by it is exact: equal entries stay equal and ties stay ties.
    """
    exponent = int(np.frexp(np.abs(array).max())[1]) if array.size else 0
    return np.ldexp(array, -exponent), exponent


def norm(array: Array) -> float:
    """Euclidean norm of all entries (0 for an empty array; NaN for a non-finite entry)."""
    if not finite(array):
        return float("nan")
    scaled, exponent = unit_scaled(array)
    with np.errstate(over="ignore"):
        return float(np.ldexp(np.sqrt(np.square(scaled).sum()), exponent))


def ratio(numerator: float, denominator: float) -> float:
    """Quotient with 0/0 = NaN and x/0 = ∞ for x > 0."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return float(np.float64(numerator) / np.float64(denominator))


def constant_columns(representation: AnyArray) -> Mask:
    """Columns of a finite (points, units) array that do not vary beyond rounding.

    Spread (maximum − minimum) at most 16 ULP of the column's largest magnitude, in the precision of the array's own
    type: a layer that float32 arithmetic has collapsed is not rescued by the noise of its last bits. So hand a
    representation over in the type in which it was computed.
    """
    kind = representation.dtype
    epsilon = float(np.finfo(np.float64).eps)
    if np.issubdtype(kind, np.floating):
        epsilon = max(epsilon, float(np.finfo(kind).eps))
    values = np.asarray(representation, dtype=np.float64)
    if len(values) == 0:
        return np.ones(values.shape[1], dtype=np.bool_)
    with np.errstate(over="ignore"):
        spread = values.max(axis=0) - values.min(axis=0)
    return np.asarray(spread <= CONSTANT_ULPS * epsilon * np.abs(values).max(axis=0), dtype=np.bool_)


def centred(representation: AnyArray) -> tuple[Array, int]:
    """A finite (points, units) array scaled by 2**−e, each column about its mean, constant columns exactly 0; and e."""
    # Constant columns leave before the scaling: a huge one must not push the others below rounding.
    varying = np.where(constant_columns(representation), 0.0, np.asarray(representation, dtype=np.float64))
    scaled, exponent = unit_scaled(varying)
    return (scaled - scaled.mean(axis=0) if len(scaled) else scaled), exponent
