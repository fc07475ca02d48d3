"""softmax, its logarithm, and softmin.

With d = x − max x, all are made of eᵈ and its sum, so nothing overflows. Error bound, for float64 and vectors of
length n: relative |d| + log₂ n + 8 units of 2⁻⁵³ (|d| ≤ 745 where the result is not 0: the difference is rounded once,
which is all there is to lose). For float32 this is far below the one rounding at the end: ≤ 1 ULP, in effect ½.

±∞: entries equal to the maximum share alike, the rest gets 0: (∞, ∞, 1) gives (½, ½, 0), and (−∞, −∞) gives (½, ½).
"""

import numpy as np

from actlab._arrays import Array
from actlab.functions.vector._function import VectorFunction, row_sums, scalar


def _differences(rows: Array) -> Array:
    """x − max x by row; 0 at the maximum even where that is infinite."""
    top = np.max(rows, axis=1, keepdims=True)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(rows == top, 0.0, rows - top)


def _softmax(rows: Array) -> Array:
    shares: Array = scalar("exponential")(_differences(rows))
    return shares / row_sums(shares)


class Softmax(VectorFunction):
    """eˣⁱ / Σⱼ eˣʲ."""

    name = "softmax"
    definition = "exp(x_i) / sum_j exp(x_j)"
    reference = "Bridle: Probabilistic interpretation of feedforward classification network outputs (1990)"

    def _value(self, rows: Array) -> Array:
        return _softmax(rows)

    def _product(self, rows: Array, cotangents: Array) -> Array:
        """s·(g − Σ g s), to a few units of Σ |g| s."""
        shares = _softmax(rows)
        return shares * (cotangents - row_sums(cotangents * shares))


class Softmin(Softmax):
    """Softmax of −x."""

    name = "softmin"
    definition = "exp(-x_i) / sum_j exp(-x_j)"

    def _value(self, rows: Array) -> Array:
        return _softmax(-rows)

    def _product(self, rows: Array, cotangents: Array) -> Array:
        return -super()._product(-rows, cotangents)


class LogSoftmax(VectorFunction):
    """xᵢ − ln Σⱼ eˣʲ.

    The largest entry's own share of the sum is 1 and goes into log1p, so that a result close to 0 keeps its digits.
    """

    name = "log_softmax"
    definition = "x_i - log(sum_j exp(x_j))"
    reference = Softmax.reference

    def _value(self, rows: Array) -> Array:
        differences = _differences(rows)
        shares: Array = scalar("exponential")(differences)
        np.put_along_axis(shares, np.argmax(rows, axis=1)[:, None], 0.0, axis=1)  # NaN counts as largest: see below
        total = scalar("log1p(x)")(row_sums(shares))
        return np.where(np.isnan(rows).any(axis=1, keepdims=True), np.nan, differences - total)

    def _product(self, rows: Array, cotangents: Array) -> Array:
        """g − s·Σ g."""
        return cotangents - _softmax(rows) * row_sums(cotangents)
