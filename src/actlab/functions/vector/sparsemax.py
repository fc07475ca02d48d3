"""The point of the probability simplex that is nearest to x: a softmax with zeros."""

import numpy as np

from actlab._arrays import Array
from actlab.functions.vector._function import VectorFunction, row_sums


class Sparsemax(VectorFunction):
    """max(xᵢ − τ, 0), τ such that the sum is 1; found by sorting.

    Error bound in float64, k entries being above 0: k/2 + 4 units of 2⁻⁵² absolute (results are at most 1). For
    float32 that is below one unit of the last place for every result above 1e-8·k.

    +∞ entries share alike; NaN makes the vector NaN. The product at a kink counts an entry at the threshold as 0.
    """

    name = "sparsemax"
    definition = "max(x_i - tau, 0), sum 1"
    reference = "Martins, Astudillo: From softmax to sparsemax (2016)"

    def _value(self, rows: Array) -> Array:
        top = np.max(rows, axis=1, keepdims=True)
        with np.errstate(invalid="ignore", over="ignore"):
            shifted = np.where(rows == top, 0.0, rows - top)
            ordered = -np.sort(-shifted, axis=1)
            sums = np.cumsum(ordered, axis=1)
            ranks = np.arange(1.0, rows.shape[1] + 1)
            count = np.maximum(np.count_nonzero(1 + ranks * ordered > sums, axis=1), 1)[:, None]
            threshold = (np.take_along_axis(sums, count - 1, axis=1) - 1) / count
            result = np.maximum(shifted - threshold, 0.0)
        return np.where(np.isnan(top), np.nan, result)

    def _product(self, rows: Array, cotangents: Array) -> Array:
        """On the entries above 0, g minus its mean there; elsewhere 0."""
        value = self._value(rows)
        above = value > 0
        count = np.maximum(np.count_nonzero(above, axis=1), 1)[:, None]
        mean = row_sums(np.where(above, cotangents, 0.0)) / count
        return np.where(np.isnan(value), np.nan, np.where(above, cotangents - mean, 0.0))
