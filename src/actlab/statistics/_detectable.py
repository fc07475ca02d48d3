"""What difference would have been seen, had there been one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from actlab.statistics._checks import as_sample, check_share
from actlab.statistics._mean import intervals_of_rows

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


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
