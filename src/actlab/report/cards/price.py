"""What a function costs on this machine, measured now: value and derivative in one pass, beside ReLU's."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.functions import get

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import AnyArray
    from actlab.functions import Activation

_ELEMENTS: Final = 1 << 15  # float32 in and out stay in the second-level cache, and below the size that is threaded
_FEWEST: Final = 16
_LONGEST: Final = 0.02  # seconds a measurement
_ROUNDS: Final = 15
_PATIENCE: Final = 20 * _LONGEST  # seconds for one function, of those that take longer than that with the fewest


@dataclass(frozen=True)
class Cost:
    """Nanoseconds per element for φ and φ′ together, and the same for ReLU in the same rounds."""

    nanoseconds: float
    relu: float

    @property
    def ratio(self) -> float:
        """How many times ReLU's cost."""
        return self.nanoseconds / self.relu


def costs(activations: Sequence[Activation], rounds: int = _ROUNDS) -> list[Cost]:
    """A `Cost` for each, by turns; the fastest of `rounds` counts, because others only ever add time."""
    x = np.random.default_rng(0).standard_normal(_ELEMENTS).astype(np.float32)
    measured = [*activations, get("relu")]
    best = [float("inf")] * len(measured)
    counts = [_elements(f, x) for f in measured]
    spent = [0.0] * len(measured)
    for _ in range(rounds):
        for k, f in enumerate(measured):
            if spent[k] > _PATIENCE:
                continue
            start = time.perf_counter()
            f.value_and_derivative(x[: counts[k]])
            taken = time.perf_counter() - start
            best[k], spent[k] = min(best[k], taken), spent[k] + taken
    each = [1e9 * seconds / count for seconds, count in zip(best, counts, strict=True)]
    return [Cost(nanoseconds, each[-1]) for nanoseconds in each[:-1]]


def _elements(activation: Activation, x: AnyArray) -> int:
    """How many elements to measure with: fewer of a function that is computed in more digits nearly everywhere."""
    few = x[:_FEWEST]
    activation.value_and_derivative(few)  # compiles the program
    start = time.perf_counter()
    activation.value_and_derivative(few)
    each = (time.perf_counter() - start) / len(few)
    return max(_FEWEST, min(len(x), int(_LONGEST / each)))
