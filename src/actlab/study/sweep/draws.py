"""The draws of a random search.

Draw number k of a key depends on the plan's `random_seed`, on k and on the key alone. So a longer search begins with
the draws of a shorter one, a new key changes no other, and every arm goes through the same draws in the same order.
Those that the constraints rule out for an arm on some data are passed over there, and the next ones take their place:
every arm has as many candidates as the others, and arms with the same limits have the same ones.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from actlab.study.sweep.axes import share_of
from actlab.text import UserError, integer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab.study.sweep.axes import Axis


class Draws:
    """The draws of some axes, made as they are asked for; each different one once.

    Parameters
    ----------
    axes
        Those that are drawn, and those with one value.
    count
        How many draws an arm is to have.
    """

    def __init__(self, axes: Sequence[Axis], count: int, seed: int) -> None:
        self._axes, self._count, self._seed = axes, count, seed
        self._all = math.prod(axis.size for axis in axes)
        self._most = 20 * count + 10_000
        self._tried = 0
        self._listed: list[dict[str, Any]] = []
        self._seen: set[tuple[Any, ...]] = set()

    def first(self, good: Callable[[dict[str, Any]], bool], arm: str, data: str) -> tuple[list[dict[str, Any]], int]:
        """The first `count` draws that are `good`, and how many on the way were not.

        Fewer where there are no more that differ; none where none is good, as may be meant for `arm` on `data`.

        Raises
        ------
        UserError
            Some were good, but so few that there is no end to the search.
        """
        kept: list[dict[str, Any]] = []
        passed = 0
        while len(kept) < self._count and self._reach(len(kept) + passed):
            draw = self._listed[len(kept) + passed]
            if good(draw):
                kept.append(draw)
            else:
                passed += 1
        if 0 < len(kept) < self._count and len(self._listed) < self._all:
            raise UserError(
                "sweep.too_rare", arm=arm, data=data, found=integer(len(kept)), tried=integer(self._tried),
                asked=integer(self._count),
            )  # fmt: skip
        return kept, passed

    def _reach(self, k: int) -> bool:
        """Whether there is a different draw number k, which is listed then."""
        while len(self._listed) <= k < self._all and self._tried < self._most:
            draw = {
                axis.key: axis.at(share_of(self._seed, self._tried, axis.key)) if axis.varies else axis.values[0]
                for axis in self._axes
            }
            self._tried += 1
            if (known := tuple(draw.values())) not in self._seen:
                self._seen.add(known)
                self._listed.append(draw)
        return k < len(self._listed)
