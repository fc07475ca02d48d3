"""Random numbers by seed and stream.

Philox (Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*, SC 2011) is counter-based: a key names a stream,
and no stream depends on how much was taken from another. We use its raw 64-bit words, which NumPy promises never to
change (NEP 19), and not `numpy.random.Generator.normal`, which it may change.
"""

import operator

import numpy as np
from numpy.random import Philox

from actlab._arrays import Array
from actlab.data._elementary import circle, logarithm
from actlab.text import UserError

__all__ = [
    "BESIDE",
    "OUTER",
    "PICK",
    "SPLIT",
    "TEST",
    "TRAIN",
    "VALIDATION",
    "WITHIN",
    "checked_seed",
    "gaussian_pairs",
    "gaussians",
    "uniforms",
]

TRAIN, VALIDATION, TEST, SPLIT = range(4)  # the streams of one seed
BESIDE = 4  # added to the stream of a sample: its columns of noise
WITHIN = 16  # added to the stream of a sample: the noise of its own columns, where that is many numbers
OUTER, PICK = 7, 8  # which fixed rows are test rows; which rows of a large table are used
_ROOM = int.from_bytes(b"actdata", "big") << 8  # no other user of the seed can meet these streams by accident


def checked_seed(seed: int) -> int:
    """`seed` as an int of 0 … 2⁶³ − 1, else a `UserError`."""
    try:
        value = operator.index(seed)
    except TypeError:
        value = -1
    if not 0 <= value < 2**63:
        raise UserError("data.seed", given=seed)
    return value


def uniforms(seed: int, stream: int, n: int, columns: int) -> Array:
    """``(n, columns)`` numbers of [0, 1) with 53 bits; row i does not depend on n."""
    words = Philox(key=checked_seed(seed) | (_ROOM | stream) << 64).random_raw(n * columns)
    return ((words >> np.uint64(11)).astype(np.float64) * 2.0**-53).reshape(n, columns)


def gaussian_pairs(u: Array, v: Array) -> Array:
    """Independent standard normal pairs ``(n, 2)`` from uniforms u, v ``(n,)`` (Box and Muller 1958)."""
    radius = np.sqrt(-2 * logarithm(1 - u))  # 1 − u is never 0
    points: Array = radius[:, None] * circle(v)
    return points


def gaussians(seed: int, stream: int, n: int, columns: int) -> Array:
    """``(n, columns)`` independent standard normal numbers; row i does not depend on n."""
    pairs = -(-columns // 2)
    u = uniforms(seed, stream, n, 2 * pairs).reshape(n * pairs, 2)
    return gaussian_pairs(u[:, 0], u[:, 1]).reshape(n, 2 * pairs)[:, :columns]
