"""Points with labels, and the three sets of them that one net needs."""

from dataclasses import dataclass

from actlab._arrays import Array

__all__ = ["Draw", "Sample"]


@dataclass(frozen=True, eq=False)
class Sample:
    """Labelled points.

    Parameters
    ----------
    X
        ``(n, d)`` float64, in the coordinates that a net sees (standardised, so in units of standard deviations).
    y
        ``(n,)`` float64, each 0.0 or 1.0.
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
