"""The derivative comparison: φ′ along x, a strip a function, cut into cells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.report.cards.curves import values

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.functions import Activation

CELLS: Final = 96
_INSIDE: Final = 8  # points a cell


def strip(activation: Activation, low: float, high: float, cells: int = CELLS) -> Array:
    """The mean of φ′ in each of `cells` equal parts of [low, high], shape (cells,); NaN where it is not a number."""
    edges = np.linspace(low, high, cells * _INSIDE + 1)
    slopes = values(activation, 1, 0.5 * (edges[1:] + edges[:-1])).reshape(cells, _INSIDE)
    with np.errstate(invalid="ignore"):
        return np.asarray(slopes.mean(axis=1))


def runs(cells: Array, levels: int = 20) -> list[tuple[int, int, float]]:
    """Neighbouring cells of the same shade as (first, past the last, shade): |φ′| up to 1 in steps of 1/levels.

    The shade of a negative slope is negative; cells without a shade, and cells without a number, are left out.
    """
    shades = [0.0 if math.isnan(s) else math.copysign(round(min(abs(s), 1.0) * levels) / levels, s) for s in cells]
    found: list[tuple[int, int, float]] = []
    for k, shade in enumerate(shades):
        if shade == 0:
            continue
        if found and found[-1][1] == k and found[-1][2] == shade:
            found[-1] = (found[-1][0], k + 1, shade)
        else:
            found.append((k, k + 1, shade))
    return found


def negative_runs(cells: Array) -> list[tuple[int, int]]:
    """Where φ′ is negative enough to have a shade, as (first, past the last)."""
    found: list[tuple[int, int]] = []
    for first, last, shade in runs(cells):
        if shade < 0:
            if found and found[-1][1] == first:
                found[-1] = (found[-1][0], last)
            else:
                found.append((first, last))
    return found
