"""What difference would have been seen, had there been one; and how many seeds it takes to see one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.statistics import _betting, _sequence
from actlab.statistics._checks import as_sample, check_share, to_unit
from actlab.statistics._mean import intervals_of_rows
from actlab.text import UserError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from actlab._arrays import Array

_LEVEL = 0.95
_NEAR = 1.03  # two numbers of seeds that are told as one


def smallest_detectable_difference(
    d: ArrayLike,
    *,
    level: float = 0.95,
    power: float = 0.8,
    bounds: tuple[float, float] = (-1.0, 1.0),
    comparisons: int = 1,
    interval: tuple[float, float] | None = None,
) -> float:
    """The size of a mean difference that this sample size and spread would have shown with probability `power`.

    The formula is ``h + z s / √n``: h is the longer arm of the betting interval of `d` (so that the answer is about the
    very test that decides), z the normal quantile of `power`, s the sample standard deviation (0 for n = 1). With t- or
    normal intervals this is the textbook ``(z_{1−α/2} + z_power) s / √n``.

    Parameters
    ----------
    d
        Paired differences per seed, ``(n,)``.
    level
        Of the interval that decides.
    power
        In (0, 1).
    bounds
        Of a difference. The answer is at most ``high − low``.
    comparisons
        How many simultaneous comparisons the interval belongs to (`simultaneous_pairs`).
    interval
        The ends of the interval that decides, where it is known already or is one of another kind (a confidence
        sequence); `level` and `comparisons` then do not matter.

    Returns
    -------
    float
        In the unit of `d`, positive.

    References
    ----------
    J. M. Bland, "The tyranny of power", BMJ 339 (2009) b3985: report what the data can exclude; the textbook formula:
    S.-C. Chow, J. Shao, H. Wang, "Sample Size Calculations in Clinical Research", 2nd ed. (2008), section 3.1.
    """
    from scipy.special import ndtri  # SciPy loads when asked for

    power = check_share(power, "power")
    d = as_sample(d)
    if interval is None:
        own = intervals_of_rows(d[None, :], level, bounds, comparisons)[0]
        interval = own.low, own.high
    arm = max(float(d.mean()) - interval[0], interval[1] - float(d.mean()))
    spread = float(d.std(ddof=1)) if len(d) > 1 else 0.0
    return min(arm + float(ndtri(power)) * spread / math.sqrt(len(d)), bounds[1] - bounds[0])


def seeds_to_detect(
    d: ArrayLike,
    difference: float,
    *,
    power: float = 0.8,
    bounds: tuple[float, float] = (-1.0, 1.0),
    comparisons: int = 1,
    sequential: bool = False,
) -> int:
    """About how many seeds would show a mean difference of that size with probability `power`.

    It is the number of seeds whose `smallest_detectable_difference` is `difference`, where the seeds to come spread as
    those of `d` do: they are put in the place of seeds not yet trained, again and again.

    Parameters
    ----------
    d
        Paired differences per seed, ``(n,)``, at least two; of few, the answer is as rough as their spread.
    difference
        Positive, below the width of the bounds.
    power, bounds, comparisons
        As in `smallest_detectable_difference`, at the level 0.95.
    sequential
        Whether the interval that will decide is one of `sequence_means`: seeds are added until it is narrow.

    Returns
    -------
    int
        Within 3 % of the smallest number, at least 2.

    Raises
    ------
    UserError
        As `smallest_detectable_difference`; there are fewer than two seeds; `difference` is none that could be seen.

    References
    ----------
    As in `smallest_detectable_difference`.
    """
    from scipy.special import ndtri  # SciPy loads when asked for

    power = check_share(power, "power")
    d = as_sample(d)
    if len(d) < 2:
        raise UserError("statistics.spread", seeds=len(d))
    if not 0.0 < difference < bounds[1] - bounds[0]:
        raise UserError("statistics.difference", value=difference, most=bounds[1] - bounds[0])
    if comparisons < 1:
        raise UserError("statistics.comparisons", value=comparisons)
    unit = to_unit(d, bounds)
    difference /= bounds[1] - bounds[0]
    z = float(ndtri(power))

    def enough(seeds: int) -> bool:
        """Whether the interval of so many seeds ends within the difference less what power asks for."""
        u = np.resize(unit, (1, seeds))
        arm = difference - z * float(u.std(ddof=1)) / math.sqrt(seeds)
        return arm > 0 and all(_excludes(v, float(v.mean()) - arm, comparisons, sequential) for v in (u, 1.0 - u))

    few, many = 1, 2
    while not enough(many):
        few, many = many, 2 * many
    while many > _NEAR * few and many - few > 1:
        middle = round(math.sqrt(few * many))
        few, many = (few, middle) if enough(middle) else (middle, many)
    return many


def _excludes(u: Array, m: float, comparisons: int, sequential: bool) -> bool:
    """Whether the interval of `u` ``(1, n)`` in [0, 1] lies above m: one bet instead of a search for its end."""
    if m <= 0.0:
        return True
    v = u if sequential else u[:, _betting.order(u.shape[1])]
    stakes = (_sequence.bets if sequential else _betting.bets)(v, comparisons)
    return bool(_betting.upper_p(v, stakes, np.array([m]), comparisons)[0] <= 1.0 - _LEVEL)
