"""Several arms compared at once: simultaneous intervals and the tests that agree with them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics import _betting
from actlab.statistics._checks import as_sample, check_bounds, finite, to_unit
from actlab.statistics._holm import holm
from actlab.statistics._mean import intervals_of_rows
from actlab.statistics._signflip import sign_flip_test
from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab.statistics._interval import Interval


@dataclass(frozen=True)
class PairComparison:
    """One arm compared to another, as one of several comparisons.

    Parameters
    ----------
    arm, reference
        Column indices; the difference is the arm's mean minus the reference's.
    interval
        For the mean difference; all intervals of the family hold together with probability `interval.level`.
    p_value
        Corrected for the family: at most ``1 − level`` if and only if `interval` excludes 0.
    sign_flip_p, sign_flip_holm
        Of `sign_flip_test`, uncorrected and after Holm's correction: secondary evidence, see there.
    """

    arm: int
    reference: int
    interval: Interval
    p_value: float
    sign_flip_p: float
    sign_flip_holm: float

    @property
    def differs(self) -> bool:
        """True where the interval excludes 0."""
        return self.interval.excludes(0.0)


def simultaneous_pairs(
    columns: ArrayLike,
    *,
    reference: int | None = 0,
    level: float = 0.95,
    bounds: tuple[float, float] = (0.0, 1.0),
    flips: int = 9999,
) -> list[PairComparison]:
    """Paired comparisons of several arms whose intervals and decisions agree.

    The decision and the interval come from one betting process per pair (`actlab.statistics._betting`): the p-value is
    the smallest significance at which the interval excludes 0, and both carry the same Bonferroni factor k, the number
    of comparisons. So "the interval excludes 0" and "the corrected p-value is at most 1 − level" are one statement.
    Holm's correction would reject a little more, but has no such simple intervals, hence Bonferroni; it needs no
    assumption on how the comparisons depend on each other, which share an arm.

    Parameters
    ----------
    columns
        ``(n, k)``: a row per seed, a column per arm, k ≥ 2, in `bounds`.
    reference
        The arm that all others are compared to, in column order; ``None`` compares all pairs i < j, with i as the
        reference of j.
    level
        Probability, at least, that all intervals contain their true differences.
    bounds
        Of the columns' values; differences lie in ±(high − low).
    flips
        For `sign_flip_test`.

    Raises
    ------
    UserError
        There are fewer than two arms, `reference` is none of them, or a value is NaN, infinite or outside `bounds`;
        `level` is not in (0, 1).

    References
    ----------
    Waudby-Smith and Ramdas (2024), as in `mean_interval`; the duality of tests and intervals: E. L. Lehmann, J. P.
    Romano, "Testing Statistical Hypotheses", 3rd ed. (2005), section 3.5 and chapter 9 (simultaneous intervals).
    """
    columns = as_sample(columns, 2)
    bounds = check_bounds(bounds)
    to_unit(columns, bounds)  # says which value lies outside, in the columns' own unit
    arms = columns.shape[1]
    if arms < 2:
        raise UserError("statistics.two_arms")
    if reference is None:
        pairs = [(j, i) for i, j in combinations(range(arms), 2)]
    elif 0 <= reference < arms:
        pairs = [(j, reference) for j in range(arms) if j != reference]
    else:
        raise UserError("statistics.reference", value=reference, last=arms - 1)
    rows = np.stack([finite(columns[:, j] - columns[:, i]) for j, i in pairs])
    span = bounds[1] - bounds[0]
    intervals = intervals_of_rows(rows, level, (-span, span), len(pairs))
    p = _betting.p_values(to_unit(rows, (-span, span)), 0.5, len(pairs))
    flip = [sign_flip_test(row, flips=flips) for row in rows]
    return [
        PairComparison(arm, against, interval, float(q), f, float(h))
        for (arm, against), interval, q, f, h in zip(pairs, intervals, p, flip, holm(flip), strict=True)
    ]
