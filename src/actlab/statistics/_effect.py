"""How large a difference is, in units of its own spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics._checks import as_sample, finite

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab._arrays import Array


def standardised_difference(rows: ArrayLike) -> Array:
    """Mean over standard deviation of paired differences, a row a sample ``(samples, n)``; NaN where all are equal.

    Corrected for small n by ``1 − 3 / (4 (n − 1) − 1)``. With failing seeds the standard deviation is that of the
    failures, and the probability of superiority (`superiority`) says more.

    References
    ----------
    L. V. Hedges, "Distribution theory for Glass's estimator of effect size", J. Educ. Stat. 6 (1981) 107-128 (the
    correction); J. Cohen, "Statistical Power Analysis", 2nd ed. (1988), section 2.3.5 (d_z, for pairs).
    """
    rows = finite(as_sample(rows, 2))
    n = rows.shape[1]
    if n < 3:
        return np.full(len(rows), np.nan)
    spread = rows.std(axis=1, ddof=1)
    # Equal values, but for rounding, have no spread.
    spread[spread <= 1e-12 * np.abs(rows).max(axis=1)] = np.nan
    effect: Array = rows.mean(axis=1) / spread * (1.0 - 3.0 / (4.0 * (n - 1) - 1.0))
    return effect
