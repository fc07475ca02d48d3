"""Splitting fixed points in two, by class."""

import numpy as np

from actlab._arrays import Array, Integers
from actlab.data._chance import SPLIT, uniforms

__all__ = ["share_out"]


def share_out(y: Array, share: float, seed: int) -> tuple[Integers, Integers]:
    """Row numbers of the points kept and of the `share` held out, each in random order.

    Stratified: each class of y ``(n,)`` is split by itself, so both parts keep the balance of the classes (a class of
    two rows or more has at least one in either). The order is that of uniform numbers, one per row, because NumPy may
    change `Generator.permutation` from version to version.
    """
    order = np.argsort(uniforms(seed, SPLIT, len(y), 1)[:, 0], kind="stable")
    held = np.zeros(len(y), dtype=bool)
    for label, number in enumerate(held_out((int((y == 0).sum()), int((y == 1).sum())), share)):
        held[order[y[order] == label][:number]] = True
    return order[~held[order]], order[held[order]]


def held_out(counts: tuple[int, int], share: float) -> tuple[int, int]:
    """How many rows of each class are held out: the share of all rows to the nearest, at least one of a class of two.

    The class with the larger fraction left over gets the odd row (method of largest remainders).
    """
    total = round(sum(counts) * share)
    first = round(counts[0] * share - 1e-9)  # a tie goes to class 1
    first = min(max(first, min(1, counts[0] - 1)), counts[0] - 1) if counts[0] else 0
    second = min(max(total - first, min(1, counts[1] - 1)), counts[1] - 1) if counts[1] else 0
    return first, second
