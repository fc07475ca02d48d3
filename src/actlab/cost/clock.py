"""Several things timed by turns: what the machine does beside, it does to all of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from actlab._arrays import Array

_SECONDS: Final = 0.003  # a measurement, at least
_MOST: Final = 64  # calls in one


@dataclass(frozen=True)
class Timed:
    """A thing to be timed.

    Attributes:
        run: what is timed.
        after: what is done between two runs, outside of the clock.
    """

    run: Callable[[], Any]
    after: Callable[[], None] = lambda: None


def by_turns(
    things: Mapping[str, Timed], rounds: int, clock: Callable[[], float] = time.perf_counter,
    wait: Callable[[], None] = lambda: None, tell: Callable[[], None] = lambda: None,
) -> dict[str, Array]:  # fmt: skip
    """Seconds a run, ``(rounds,)`` each. In every round each thing has a turn, and another one begins.

    `wait` returns when the device is done; `tell` is called after each round.
    """
    names = list(things)
    counts = {}
    for name in names:  # the first run warms up, the second tells how long one takes
        _measured(things[name], 1, clock, wait)
        seconds = _measured(things[name], 1, clock, wait)
        counts[name] = max(1, min(_MOST, int(_SECONDS / max(seconds, 1e-7))))
    found = {name: np.empty(rounds) for name in names}
    for k in range(rounds):
        for name in names[k % len(names) :] + names[: k % len(names)]:
            found[name][k] = _measured(things[name], counts[name], clock, wait)
        tell()
    return found


def _measured(thing: Timed, count: int, clock: Callable[[], float], wait: Callable[[], None]) -> float:
    total = 0.0
    for _ in range(count):
        wait()
        start = clock()
        thing.run()
        wait()
        total += clock() - start
        thing.after()
    return total / count
