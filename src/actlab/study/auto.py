"""``seeds="auto"``: as many seeds as it takes until every interval is narrow enough.

Seeds are added in steps that are settled beforehand. At the end of each step all intervals are looked at that the
report will give: of every arm's mean score and of its difference to the first arm, in every view. Where the widest is
narrow enough, or the limit is reached, training ends. Looking and going on is allowed because the intervals are those
of a confidence sequence, and what has none is corrected for the number of looks (`inference`).

Learning rates cannot be cross-fitted along the way: a seed would be judged at a rate that later seeds chose, and choose
rates that earlier ones are judged at, so that the scores of one look would not be those of the next, and no interval
is known that survives that. So the first `PILOT` seeds choose each arm's rate, and the seeds after them are
judged, at that rate. Nets at other rates than the common and the chosen one are trained for the pilot seeds only.
"""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actlab.study.arm import is_number, shown, whole
from actlab.text import UserError, integer

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Seeds that choose the learning rates, and those there are at the first look.
PILOT, FIRST = 32, 64
#: The width of an interval that is narrow enough, and how many seeds there are at most, where the user says nothing.
UNTIL, MOST = 0.05, 1024
#: The widths that may be asked for.
NARROWEST, WIDEST = 0.001, 1.0
#: Seeds that any study may have.
MOST_SEEDS = 1_000_000


@dataclass(frozen=True)
class Auto:
    """When to stop adding seeds.

    Parameters
    ----------
    until
        The width of the widest interval that is narrow enough, in shares of 1.
    most
        Seeds at most.
    """

    until: float
    most: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many seeds there are at each look: 64, 96, 128, 192, 256, 384, …, `most`."""
        return (*(size for size in _steps(self.most) if size < self.most), self.most)

    @property
    def looks(self) -> int:
        """How many looks there may be; one more than there are sizes, for Ctrl-C comes between two of them."""
        return len(self.sizes) + 1


def _steps(most: int) -> Iterator[int]:
    """Powers of two and their halves more: grown by a half or a third each time."""
    size = FIRST
    while size < most:
        yield size
        yield size + size // 2
        size *= 2


def read_seeds(seeds: Any, until: Any = None, most: Any = None) -> tuple[int, Auto | None]:
    """How many seeds, at most; and, of ``"auto"``, when to stop.

    Raises
    ------
    UserError
        Where `seeds` is neither a number nor ``"auto"``, a value is out of range, or one is without effect.
    """
    if isinstance(seeds, str) and seeds.strip().lower() == "auto":
        width = UNTIL if until is None else until
        if not is_number(width, numbers.Real) or not NARROWEST <= width <= WIDEST:
            raise UserError("study.width", name="until", value=shown(width), low=NARROWEST, high=int(WIDEST))
        limit = MOST if most is None else whole("most", most, FIRST, MOST_SEEDS)
        return limit, Auto(float(width), limit)
    for name, value in (("until", until), ("most", most)):
        if value is not None:
            raise UserError("study.only_auto", name=name)
    if not is_number(seeds, numbers.Integral) or not 1 <= seeds <= MOST_SEEDS:
        raise UserError("study.seeds", name="seeds", value=shown(seeds), low=1, high=integer(MOST_SEEDS))
    return int(seeds), None
