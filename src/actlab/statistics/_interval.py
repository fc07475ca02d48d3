"""An estimate with its confidence interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Interval:
    """A closed interval ``[low, high]`` around `estimate`, in the unit of the sample.

    Parameters
    ----------
    estimate
        The sample mean; ``low <= estimate <= high`` always.
    low, high
        The ends. Values inside (ends included) are those that the data do not contradict.
    level
        The probability, before the data are seen, that the interval will contain the true mean (at least).
        For simultaneous intervals: that all of them do.
    """

    estimate: float
    low: float
    high: float
    level: float

    @property
    def width(self) -> float:
        """``high − low``."""
        return self.high - self.low

    def excludes(self, value: float) -> bool:
        """True where `value` lies outside: the test at significance ``1 − level`` rejects it."""
        return not self.low <= value <= self.high
