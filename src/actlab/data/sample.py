"""Points with their answers, and the three sets of them that one net needs."""

from dataclasses import dataclass

from actlab._arrays import Array

__all__ = ["Draw", "Sample"]


@dataclass(frozen=True, eq=False)
class Sample:
    """Points with what is to be learned about them.

    Parameters
    ----------
    X
        ``(n, d)`` float64, in the coordinates that a net sees (standardised, so in units of standard deviations);
        sequences: ``(n, steps, d)``.
    y
        ``(n,)`` float64: the number of the class, 0.0, 1.0, …, or the target of a regression, standardised too (a mean
        squared error of 1 is then that of always answering with the mean, and R² is 1 less the error).
    """

    X: Array
    y: Array

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, eq=False)
class Draw:
    """What one net is trained on, tuned on and judged on; `validation` is empty after `Source.refit`."""

    train: Sample
    validation: Sample
    test: Sample
