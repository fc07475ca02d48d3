"""Three spiral arms or more."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.data._checks import checked_parameter
from actlab.data._contour import zero_level
from actlab.data._elementary import circle
from actlab.data._planar import Planar
from actlab.data._segments import Segments
from actlab.data.curve import NoisyCurve, noisy_curve
from actlab.data.source import Label, TaskKind
from actlab.data.spiral import INNER, OUTER, TURNS

__all__ = ["Arms"]

FEWEST, MOST = 3, 10
_REACH, _CELLS = 5.0, 181  # the boundary is traced over ±5 standard deviations


@dataclass(frozen=True)
class Arms(Planar):
    """k noisy Archimedean arms: radius 0.2 + 0.8t, t uniform over [0, 1], each arm the one before turned by 1/k turn.

    An arm makes 3/k turns, so neighbouring arms lie 0.27 apart whatever their number, as those of `Spiral` do, its case
    k = 2. The boundary of the region where an arm is the likeliest is traced numerically, once per process, k and
    noise (a few seconds), when it is first asked for.
    """

    noise: float = 0.05
    k: int = 3

    family = "spiral"
    task: ClassVar[TaskKind] = "multiclass"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "k", checked_parameter(self.family, self.k, FEWEST, MOST))

    @property
    def name(self) -> str:
        """``"spiral:k"``."""
        return f"{self.family}:{self.k}"

    @property
    def classes(self) -> tuple[Label, ...]:
        """0 … k − 1."""
        return tuple(range(self.k))

    @property
    def turns(self) -> float:
        """Turns of each arm."""
        return 2 * TURNS / self.k

    def place(self, position: Array, label: Array) -> Array:
        """Points ``(n, 2)`` on the arms."""
        radius = INNER + (OUTER - INNER) * position
        return radius[:, None] * circle(self.turns * position + label / self.k)

    @property
    def mean(self) -> Array:
        """The origin, by symmetry."""
        return np.zeros(2)

    @property
    def sd(self) -> Array:
        """Half of the mean squared radius, and the noise: three arms or more have no direction of their own."""
        a, b = INNER, OUTER - INNER
        return np.full(2, math.sqrt((a * a + a * b + b * b / 3) / 2 + self.noise**2))

    @property
    def bayes_accuracy(self) -> float:
        """(1/k) ∫ max over the densities, to about 1e-4."""
        return _bayes_accuracy(self.k, self.noise)

    def _distance(self, X: Array) -> Array:
        raw = X * self.sd[0]
        segments = _segments(self.k, self.noise)
        density = _log_densities(self.k, self.noise, raw)
        best = density.argmax(axis=1)
        columns = []
        for j in range(self.k):
            away = np.minimum(segments.distance(_turned(raw, -j, self.k)), np.hypot(*raw.T)) / self.sd[0]
            columns.append(np.where(best == j, away, -away))
        return np.stack(columns, axis=1)


def _turned(X: Array, j: int, k: int) -> Array:
    """X ``(n, 2)`` turned by j/k of a turn."""
    cosine, sine = circle(np.array([(j % k) / k]))[0]
    return np.asarray(X @ np.array([[cosine, sine], [-sine, cosine]]))


@lru_cache(maxsize=32)
def _curve(k: int, noise: float) -> NoisyCurve:
    source = Arms(noise=noise, k=k)
    speed = math.hypot(OUTER - INNER, 2 * math.pi * source.turns * OUTER)
    return noisy_curve(lambda t: source.place(t, np.zeros(len(t))), speed, np.zeros(2), noise)


def _log_densities(k: int, noise: float, raw: Array) -> Array:
    """``(n, k)`` logarithms of the densities of the arms at points in the generator's own units."""
    curve = _curve(k, noise)
    return np.stack([curve.log_density(_turned(raw, -j, k)) for j in range(k)], axis=1)


@lru_cache(maxsize=32)
def _segments(k: int, noise: float) -> Segments:
    """The rim of the region of class 0, in the generator's own units."""

    def lead(raw: Array) -> Array:
        density = _log_densities(k, noise, raw)
        return np.asarray(density[:, 0] - density[:, 1:].max(axis=1))

    def traced(reach: float, cells: int) -> Array:
        half = np.linspace(-reach, reach, cells + 1)
        grid = np.stack(np.meshgrid(half, half, indexing="ij"), axis=-1)
        return zero_level(lead, half, half, lead(grid.reshape(-1, 2)).reshape(len(half), len(half)))

    # In the centre all regions meet, in wedges too narrow for the cells that do elsewhere: a finer grid lies there.
    reach = _REACH * float(Arms(noise=noise, k=k).sd[0])
    core = 8 * reach / _CELLS
    coarse, fine = traced(reach, _CELLS), traced(core, _CELLS)
    coarse = coarse[np.abs(coarse.mean(axis=1)).max(axis=1) > core]
    fine = fine[np.abs(fine).max(axis=(1, 2)) <= core * (1 + 1e-9)]
    return Segments(np.concatenate([coarse, fine]))


@lru_cache(maxsize=32)
def _bayes_accuracy(k: int, noise: float) -> float:
    """On a polar grid, where a turn is a shift."""
    step = max(noise / 12, 1 / 250)
    radii = (np.arange(math.ceil((OUTER + 8 * noise) / step)) + 0.5) * step
    turn = max(8, math.ceil(2 * math.pi * OUTER / step / k))  # grid points of 1/k of a turn
    rim = circle(np.arange(k * turn) / (k * turn))
    grid = radii[:, None, None] * rim
    f = np.exp(_curve(k, noise).log_density(grid.reshape(-1, 2))).reshape(len(radii), k, turn)
    f /= (f * radii[:, None, None]).sum()
    return float((f.max(axis=1).sum(axis=1) * radii).sum())
