"""Cosine, sine and logarithm that give the same bits on every machine.

NumPy's own come from whichever vector library the processor selects, and those differ in the last bit. A net's result
must not depend on the machine that drew its data, so these use additions, multiplications and divisions alone: IEEE 754
fixes each of them. The error is within about 2 units in the last place, far below anything that matters for data.
"""

import math

import numpy as np

from actlab._arrays import Array

__all__ = ["circle", "logarithm"]

_COSINE = [(-1) ** k / math.factorial(2 * k) for k in range(9)]  # |x| <= π/4: the first term left out is 2e-18
_SINE = [(-1) ** k / math.factorial(2 * k + 1) for k in range(9)]
_ATANH = [2 / (2 * k + 1) for k in range(12)]
_TAU = 2 * math.pi
_LN2 = math.log(2)


def _polynomial(coefficients: list[float], x: Array) -> Array:
    total = np.full_like(x, coefficients[-1])
    for c in reversed(coefficients[:-1]):
        total = total * x + c
    return total


def circle(turns: Array) -> Array:
    """The points ``(n, 2)`` = (cos 2πu, sin 2πu) of the unit circle at the angles u ``(n,)``, in turns."""
    quarter = np.rint(4 * turns)
    x = _TAU * (turns - quarter / 4)  # the subtraction is exact, so the angle keeps its full precision
    square = x * x
    cosine = _polynomial(_COSINE, square)
    sine = _polynomial(_SINE, square) * x
    k = quarter.astype(np.int64) % 4
    swapped = k % 2 == 1
    first = np.where(swapped, sine, cosine)
    second = np.where(swapped, cosine, sine)
    return np.stack([np.where((k == 1) | (k == 2), -first, first), np.where(k >= 2, -second, second)], axis=1)


def logarithm(x: Array) -> Array:
    """ln x of positive x ``(n,)``, by ln m = 2 artanh((m − 1)/(m + 1)) with m within √½ … √2."""
    mantissa, exponent = np.frexp(x)
    low = mantissa < math.sqrt(0.5)
    mantissa = np.where(low, 2 * mantissa, mantissa)
    exponent = exponent - low
    s = (mantissa - 1) / (mantissa + 1)
    return np.asarray(_polynomial(_ATANH, s * s) * s + exponent * _LN2)
