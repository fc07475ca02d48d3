"""Linear regions of nets with piecewise-linear activations, counted from activation patterns.

On each region such a net is one affine map; two points in one region have the same pattern (which piece of its
activation each hidden unit is on). Counting patterns on a grid or along a line gives a lower bound of the regions that
the plane or the line meets, exact once the spacing is fine enough.

References
----------
Montúfar, Pascanu, Cho and Bengio (2014), On the number of linear regions of deep neural networks; Hanin and Rolnick
(2019), Complexity of linear regions in deep networks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.measure._shapes import checked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import AnyArray, Integers

_MOST_CODES = 2**62
NO_PIECE = -1  # the pattern entry of a pre-activation that is not finite


def activation_patterns(z: AnyArray, kinks: AnyArray | Sequence[float] = (0.0,)) -> Integers:
    """Number of the linear piece that each pre-activation lies on.

    Parameters
    ----------
    z
        Pre-activations of all hidden units side by side, (points, units).
    kinks
        (pieces − 1,) where the activation's slope jumps, ascending; (0,) for ReLU, (−3, 3) for hard sigmoid. A z at a
        kink belongs to the piece on its left, as relu′(0) = 0.

    Returns
    -------
    Integers
        (points, units) in 0 … pieces − 1, or −1 where z is not finite.

    Raises
    ------
    ValueError
        Where an array has the wrong number of axes, or the kinks are not finite and ascending.
    """
    z, kinks = checked("z", z, 2), checked("kinks", kinks, 1)
    if not (np.isfinite(kinks).all() and (kinks[1:] > kinks[:-1]).all()):
        raise ValueError("kinks must be finite and ascending")
    pieces = np.searchsorted(kinks, z, side="left")
    return np.where(np.isfinite(z), pieces, NO_PIECE).astype(np.int64)


def count_regions(patterns: AnyArray) -> int:
    """Number of different activation patterns among points of a grid: the linear regions that the grid meets.

    Parameters
    ----------
    patterns
        (points, units) whole numbers, from `activation_patterns`.

    Returns
    -------
    int
        ≥ 1 where there is a point with a pattern. Points with an entry −1 (a diverged net) belong to no region and are
        not counted; 0 where none is left.

    Raises
    ------
    ValueError
        Where the array is not two-dimensional or not of whole numbers.
    """
    patterns = _patterns(patterns)
    patterns = patterns[(patterns != NO_PIECE).all(axis=1)]
    if patterns.size == 0:  # without units all is one region
        return min(len(patterns), 1)
    # Each row becomes one whole number, digit by digit: sorting rows would take thirty times as long.
    code, values = np.zeros(len(patterns), dtype=np.int64), 1
    for column in patterns.T:
        pieces, digit = np.unique(column, return_inverse=True)
        if values * len(pieces) > _MOST_CODES:
            found, code = np.unique(code, return_inverse=True)
            values = len(found)
        code = code * len(pieces) + digit
        values *= len(pieces)
    return len(np.unique(code))


def pattern_changes(patterns: AnyArray) -> int:
    """Number of times the activation pattern changes from one point to the next along a line.

    The line meets at least one region more than that. On a straight line a region is entered once only, so this is
    `count_regions` − 1 for points in order.

    Parameters
    ----------
    patterns
        (points, units) whole numbers, points in the order in which they lie on the line. Points with an entry −1 are
        skipped.

    Returns
    -------
    int
        In 0 … points − 1.

    Raises
    ------
    ValueError
        Where the array is not two-dimensional or not of whole numbers.
    """
    patterns = _patterns(patterns)
    patterns = patterns[(patterns != NO_PIECE).all(axis=1)]
    return int((patterns[1:] != patterns[:-1]).any(axis=1).sum())


def _patterns(value: AnyArray) -> AnyArray:
    patterns = np.asarray(value)
    if patterns.ndim != 2:
        raise ValueError(f"patterns must have 2 axes, not shape {patterns.shape}")
    if not (np.issubdtype(patterns.dtype, np.integer) or patterns.dtype == np.bool_):
        raise ValueError(f"patterns must be whole numbers, not {patterns.dtype}")
    return patterns
