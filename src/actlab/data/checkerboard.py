"""A checkerboard."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.data._checks import checked_parameter
from actlab.data._planar import Planar

__all__ = ["Checkerboard"]

FEWEST, MOST = 2, 16


@dataclass(frozen=True)
class Checkerboard(Planar):
    """Points spread evenly over an n × n board; class 0 where ⌊x⌋ + ⌊y⌋ is even, class 1 where it is odd.

    `noise` is in units of a square's side and may be 0, the default: the classes then touch without overlapping. On a
    board with an odd number of squares the classes are as large as their shares of the squares. (Row D1 of the mission:
    a discontinuous target.)

    With noise, the difference of the two densities is S(x) S(y), where S is the square wave ±1 of the board, smoothed
    by a Gaussian: the Bayes boundary is again made of whole vertical and horizontal lines, the zeros of S.
    """

    noise: float = 0.0
    n: int = 4

    family = "checkerboard"
    noises: ClassVar[tuple[float, float]] = (0.0, 0.5)
    positions: ClassVar[int] = 3
    parameter: ClassVar[str] = "n"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "n", checked_parameter(self.family, self.n, FEWEST, MOST))

    @property
    def name(self) -> str:
        """``"checkerboard"`` with 4 × 4 squares, else ``"checkerboard:n"``."""
        return self.family if self.n == 4 else f"{self.family}:{self.n}"

    def labels(self, n: int) -> Array:
        """0 and 1 in the proportion of their squares, evenly mixed; 0, 1, 0, 1, … on an even board."""
        squares, odd = self.n**2, self.n**2 // 2
        i = np.arange(n + 1, dtype=np.int64)
        return np.diff(i * odd // squares).astype(np.float64)

    def place(self, position: Array, label: Array) -> Array:
        """Points ``(n, 2)`` from position ``(n, 3)``: which square of the colour, and where in it."""
        odd = (label == 1).astype(np.int64)
        squares = np.where(odd == 1, self.n**2 // 2, self.n**2 - self.n**2 // 2)
        chosen = (position[:, 0] * squares).astype(np.int64)
        if self.n % 2:  # along the rows the colours alternate all the way
            row, column = np.divmod(2 * chosen + odd, self.n)
        else:
            row, column = np.divmod(chosen, self.n // 2)
            column = 2 * column + (row + odd) % 2
        return np.stack([column, row], axis=1) + position[:, 1:]

    @property
    def mean(self) -> Array:
        """The middle of the board."""
        return np.full(2, self.n / 2)

    @property
    def sd(self) -> Array:
        """√(n²/12 + noise²), both columns."""
        return np.full(2, math.sqrt(self.n**2 / 12 + self.noise**2))

    @property
    def bayes_accuracy(self) -> float:
        """½ (1 + (∫|S| / n)²); 1 without noise."""
        return (1 + (_absolute_integral(self.n, self.noise) / self.n) ** 2) / 2

    def _distance(self, X: Array) -> Array:
        lines = _lines(self.n, self.noise)
        raw = X * self.sd + self.mean
        crossed = np.searchsorted(lines, raw).sum(axis=1)  # each line crossed changes the class
        gap = np.abs(raw[:, :, None] - lines).min(axis=(1, 2)) / self.sd[0]
        return np.asarray(np.where(crossed % 2 == 1, gap, -gap))


def _square_wave(x: Array, n: int, noise: float) -> Array:
    """S at x ``(m,)``: +1 on [0, 1), −1 on [1, 2), … up to n, 0 outside, smoothed by a Gaussian of that width."""
    from scipy.special import ndtr

    edges = ndtr((x[:, None] - np.arange(n + 1)) / noise)
    return np.asarray(((edges[:, :-1] - edges[:, 1:]) * (-1.0) ** np.arange(n)).sum(axis=1))


@lru_cache(maxsize=64)
def _lines(n: int, noise: float) -> Array:
    """The zeros of S, ascending: n − 1 of them, the inner edges of the squares moved a little by the board's rim."""
    inner = np.arange(1.0, n)
    if noise == 0:
        return inner
    low, high = inner - 0.5, inner + 0.5  # up to the greatest noise, S has a sign of its own in the middle of a square
    sign = np.sign(_square_wave(low, n, noise))
    for _ in range(60):
        middle = (low + high) / 2
        same = np.sign(_square_wave(middle, n, noise)) == sign
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return (low + high) / 2


def _absolute_integral(n: int, noise: float) -> float:
    """∫ |S|."""
    from scipy.special import ndtr

    if noise == 0:
        return float(n)
    stops = np.concatenate([[-9 * noise], _lines(n, noise), [n + 9 * noise]])
    t = (stops[:, None] - np.arange(n + 1)) / noise
    ramp = noise * (t * ndtr(t) + np.exp(-(t**2) / 2) / math.sqrt(2 * math.pi))  # its derivative is the edge
    integral = ((ramp[:, :-1] - ramp[:, 1:]) * (-1.0) ** np.arange(n)).sum(axis=1)
    return float(np.abs(np.diff(integral)).sum())
