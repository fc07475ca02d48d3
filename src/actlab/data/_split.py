"""Splitting fixed points in two, by class."""

import numpy as np

from actlab._arrays import Array, Integers
from actlab.data._chance import SPLIT, uniforms

__all__ = ["held_out", "share_out"]


def share_out(y: Array, share: float, seed: int, *, classes: int = 2, stream: int = SPLIT) -> tuple[Integers, Integers]:
    """Row numbers of the points kept and of the `share` held out, each in random order.

    Stratified: each class of y ``(n,)`` is split by itself, so both parts keep the balance of the classes (a class of
    two rows or more has at least one in either). Where `classes` is 0, y has none, and all rows are one group. The
    order is that of uniform numbers, one per row, because NumPy may change `Generator.permutation` from version to
    version.
    """
    order = np.argsort(uniforms(seed, stream, len(y), 1)[:, 0], kind="stable")
    group = y.astype(np.int64) if classes else np.zeros(len(y), dtype=np.int64)
    held = np.zeros(len(y), dtype=bool)
    counts = np.bincount(group, minlength=max(classes, 1))
    for label, number in enumerate(held_out(counts.tolist(), share)):
        held[order[group[order] == label][:number]] = True
    return order[~held[order]], order[held[order]]


def held_out(counts: list[int], share: float) -> list[int]:
    """How many rows of each class are held out: the share of all rows to the nearest, at least one of a class of two.

    The classes with the largest fractions left over get the odd rows (method of largest remainders); of equal ones the
    last.
    """
    quotas = [count * share for count in counts]
    numbers = [int(quota + 1e-9) for quota in quotas]
    left = round(sum(counts) * share) - sum(numbers)
    by_remainder = sorted(range(len(counts)), key=lambda c: (round(quotas[c] - numbers[c], 9), c), reverse=True)
    for c in by_remainder[:left]:
        numbers[c] += 1
    return [min(max(n, min(1, count - 1)), count - 1) if count else 0 for n, count in zip(numbers, counts, strict=True)]
