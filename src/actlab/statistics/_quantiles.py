"""Pointwise quantiles of curves, some of which run off to infinity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics._checks import as_sample
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from actlab._arrays import Array


def quantile_band(x: ArrayLike, quantiles: Sequence[float] = (0.1, 0.5, 0.9)) -> Array:
    """Quantiles over the seeds at every point of a curve; a diverged net counts as +∞ and is never dropped.

    Parameters
    ----------
    x
        ``(seeds, points)``, losses: NaN and +∞ both stand for "diverged".
    quantiles
        Each in [0, 1].

    Returns
    -------
    Array
        ``(len(quantiles), points)``. Linear interpolation between order statistics (definition 7 of the source, NumPy's
        default); between a finite value and +∞ the quantile is +∞, never NaN.

    Raises
    ------
    UserError
        `x` is empty or not two-dimensional, or a quantile lies outside [0, 1].

    References
    ----------
    R. J. Hyndman, Y. Fan, "Sample quantiles in statistical packages", Amer. Statist. 50 (1996) 361-365.
    """
    x = as_sample(x, 2)
    q = as_sample(quantiles)
    if not np.all((q >= 0.0) & (q <= 1.0)):
        raise UserError("statistics.quantiles", values=", ".join(f"{v:g}" for v in q))
    ordered = np.sort(np.where(np.isnan(x), np.inf, x), axis=0)
    place = q * (len(x) - 1)
    below = np.floor(place).astype(np.int64)
    share = (place - below)[:, None]
    low, high = ordered[below], ordered[np.minimum(below + 1, len(x) - 1)]
    with np.errstate(invalid="ignore"):  # ∞ − ∞ and 0·∞ are computed and not used
        between = low + (high - low) * share
    return np.where((share == 0.0) | (low == high), low, between)
