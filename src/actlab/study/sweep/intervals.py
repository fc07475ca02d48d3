"""Intervals of many samples at once, whatever their lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab._arrays import Array
    from actlab.statistics import Means


def by_length(rows: Sequence[Array]) -> dict[int, list[int]]:
    """Length → the indices of the rows that have it."""
    lengths: dict[int, list[int]] = {}
    for k, row in enumerate(rows):
        lengths.setdefault(len(row), []).append(k)
    return lengths


def intervals(rows: Sequence[Array], families: Sequence[int], means: Callable[..., Means], **settings: Any) -> Array:
    """``(rows, 4)``: estimate, low, high, p of rows of any lengths, each in a family of that size."""
    result = np.full((len(rows), 4), np.nan)
    for alike in by_length(rows).values():
        for family in sorted({families[k] for k in alike}):
            own = [k for k in alike if families[k] == family]
            found = means(np.stack([rows[k] for k in own]), comparisons=family, **settings)
            result[own] = np.stack([found.estimate, found.low, found.high, found.p_value], axis=1)
    return result
