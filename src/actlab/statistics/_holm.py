"""Holm's correction of several p-values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics._checks import as_sample
from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab._arrays import Array


def holm(p: ArrayLike) -> Array:
    """Corrected p-values ``(k,)``: rejecting those ≤ α errs anywhere with probability at most α.

    The i-th smallest p-value is multiplied by k − i + 1; a corrected value is never smaller than one before it, nor
    larger than 1. Values outside [0, 1] and NaN raise `UserError`.

    References
    ----------
    S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6 (1979) 65-70.
    """
    p = as_sample(p)
    if not np.all((p >= 0.0) & (p <= 1.0)):
        raise UserError("statistics.p_values")
    rank = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[rank] * np.arange(len(p), 0, -1))
    corrected = np.empty_like(p)
    corrected[rank] = np.minimum(steps, 1.0)
    return corrected
