"""What a claim is: a sentence of the sources, what it predicts in numbers, and the study that tests it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from actlab._arrays import Array
    from actlab.study.claims.lab import Lab

Value = str | int | float
Where = dict[str, Value]
Statistic = Literal["mean", "median"]
#: How a number is told: an accuracy's difference in points, a share, a factor, R² (of a read-out), Spearman's ρ, a
#: ratio of far to near, decimal digits.
Unit = Literal["points", "share", "times", "variance", "rank", "far", "digits"]


@dataclass(frozen=True)
class Effect:
    """One thing that a claim predicts, stated before the experiment: this effect is larger than that number.

    Parameters
    ----------
    name
        Its sentence is ``claims.<claim>.<name>``.
    sample
        The effect seed by seed under a condition: ``(seeds,)``, paired where two arms are compared. NaN where the
        seed has no answer (no unit was dead, so none could come back): it is left out, and the number of seeds told.
    conditions
        Where it is measured, the source's own case first.
    threshold
        The smallest effect that matters: the claim says that the effect is larger. It was set before the experiment.
    null, expected
        The effect in a world in which the claim is false, and in one in which it is true as its source means it.
    statistic
        ``"mean"`` with the `bounds` of a value, or ``"median"``, which needs none and counts a net that never
        arrives as infinitely slow.
    timed
        `sample` has a value a turn of a clock on this machine, ``(turns,)``, and seeds have no part in it.
    """

    name: str
    sample: Callable[[Lab, Where], Array]
    conditions: tuple[Where, ...]
    threshold: float
    null: float
    expected: float
    statistic: Statistic = "mean"
    bounds: tuple[float, float] = (-1.0, 1.0)
    unit: Unit = "points"
    timed: bool = False


@dataclass(frozen=True)
class Claim:
    """A causal sentence of the sources.

    Parameters
    ----------
    name
        ``"K14"``; its sentences are ``claims.k14.…``.
    sources
        Which documents say it: ``article``, ``deck``, ``notebook``, ``discussion``, ``introduction``.
    effects
        What it predicts; the first is its heart.
    theory
        The questions of `actlab.theory` that bear on it, as commands.
    """

    name: str
    sources: tuple[str, ...]
    effects: tuple[Effect, ...]
    theory: tuple[str, ...] = field(default=())

    @property
    def comparisons(self) -> int:
        """How many intervals must hold together."""
        return sum(len(effect.conditions) for effect in self.effects)

    @property
    def data(self) -> tuple[str, ...]:
        """The data sets, in order."""
        found = (str(where["data"]) for effect in self.effects for where in effect.conditions if "data" in where)
        return tuple(dict.fromkeys(found))


def conditions(**values: Value | Iterable[Value]) -> tuple[Where, ...]:
    """Every combination, the last name fastest: ``conditions(data=("moons", "circles"), regime=("same", "best"))``."""
    lists = [[value] if isinstance(value, str | int | float) else list(value) for value in values.values()]
    return tuple(dict(zip(values, row, strict=True)) for row in itertools.product(*lists))
