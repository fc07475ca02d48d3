"""Running statistics of one site: sums that batches are added to, never the batches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.doctor.readings import Flow, Sharpness, Signal
from actlab.measure import DerivativeBuffer, DerivativeSummary, flat_share, layer_signal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import AnyArray, Array

SHARP: Final = 0.01  # a row of a softmax counts as saturated below this; see `Sharpness`
MASKED: Final = 5e3  # scores this far below the largest are masks (−10⁴, the smallest float, −∞), not scores


class Running:
    """Sums over the points seen of one site."""

    def __init__(self, units: int) -> None:
        self.units = units
        self.points = 0
        self.steps = 0
        self._derivative = DerivativeBuffer(units)
        self._abs = np.zeros(2)  # Σ|z|, Σ|a| per unit, summed over points
        self._mean = np.zeros(units)
        self._flat = 0.0  # points × share of flat ones
        self._squares = np.zeros(units)  # Σ(z − mean)² per unit

    def add(self, z: AnyArray, a: AnyArray | None, slope: AnyArray | None, steepest: float = math.nan) -> None:
        """Take in a batch: z, a and φ′(z), (points, units); `steepest` is sup |φ′|."""
        if len(z) == 0:
            return
        signal = layer_signal(z, z if a is None else a)
        z = np.asarray(z, dtype=np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            mean = z.mean(axis=0)
            self._join(len(z), mean, np.square(z - mean).sum(axis=0), np.array([signal.mean_abs_z, signal.mean_abs_a]))
        if slope is not None:
            self._derivative.update(slope)
            self._flat += len(z) * (flat_share(slope, steepest) if steepest > 0 else math.nan)

    def merge(self, other: Running) -> None:
        """Take in what `other` has seen."""
        if other.points:
            with np.errstate(over="ignore", invalid="ignore"):
                self._join(other.points, other._mean, other._squares, other._abs / other.points)
        self._derivative.merge(other._derivative)
        self._flat += other._flat
        self.steps += other.steps

    def _join(self, points: int, mean: Array, squares: Array, mean_abs: Array) -> None:
        total = self.points + points
        shift = mean - self._mean
        self._squares = self._squares + squares + np.square(shift) * (self.points * points / total)
        self._mean = self._mean + shift * (points / total)
        self._abs = self._abs + mean_abs * points
        self.points = total

    def signal(self) -> Signal:
        """The signal over all points so far; see `Signal`."""
        n = max(self.points, 1)
        unit_var = self._squares / n
        with np.errstate(invalid="ignore"):
            overall = float(self._mean.mean()) if self.units else math.nan
            spread = float(unit_var.mean() + np.square(self._mean - overall).mean()) if self.units else math.nan
        mean_abs = self._abs / n if self.points else np.full(2, math.nan)
        return Signal(self.points, float(mean_abs[0]), float(mean_abs[1]), overall, spread, self._mean, unit_var)

    def flat(self) -> float:
        """Share of points × units at which φ is flat (`measure.flat_share`)."""
        return self._flat / self.points if self.points else math.nan

    def derivative(self) -> DerivativeSummary:
        """φ′ over all points so far."""
        return self._derivative.result()


def merged(parts: Sequence[Running]) -> Running:
    """One `Running` of all `parts` of the same site."""
    whole = Running(parts[0].units)
    for part in parts:
        whole.merge(part)
    return whole


@dataclass
class RunningFlow:
    """Sums of squared gradient norms at a site."""

    z: float = 0.0
    a: float = 0.0
    steps_z: int = 0
    steps_a: int = 0

    def result(self) -> Flow:
        """Root mean squares; NaN where no gradient came by."""
        return Flow(
            math.sqrt(self.z / self.steps_z) if self.steps_z else math.nan,
            math.sqrt(self.a / self.steps_a) if self.steps_a else math.nan,
        )


@dataclass
class RunningRows:
    """Sums over rows of a softmax."""

    rows: int = 0
    saturated: int = 0
    total: float = 0.0

    def add(self, scores: AnyArray) -> None:
        """Take in rows of scores before the softmax, (rows, places); far below a row's largest one means masked."""
        scores = np.asarray(scores, dtype=np.float64)
        scores = scores[~np.isnan(scores).any(axis=1)]
        with np.errstate(invalid="ignore"):
            below = scores - scores.max(axis=1, keepdims=True, initial=-np.inf)
        places = (below > -MASKED).sum(axis=1)
        below = below[places >= 2]
        p = np.exp(below)
        p /= p.sum(axis=1, keepdims=True)
        spread = (1.0 - np.square(p).sum(axis=1)) / (1.0 - 1.0 / places[places >= 2])
        self.rows += len(spread)
        self.saturated += int((spread < SHARP).sum())
        self.total += float(spread.sum())

    def result(self) -> Sharpness | None:
        """See `Sharpness`; ``None`` where no row had two open places."""
        return Sharpness(self.rows, self.saturated / self.rows, self.total / self.rows) if self.rows else None
