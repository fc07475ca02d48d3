"""The state of single units, told by φ′(z): dead, saturated, linear, live.

A unit is judged over a *probe*: the points of a fixed subset of the training data in the lab, a buffer of batches in
the doctor. What one-shot functions and the running `DerivativeBuffer` compute goes through the same few lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from actlab.measure._shapes import checked, mean

if TYPE_CHECKING:
    from actlab._arrays import AnyArray, Array, Integers, Mask

DEAD_BELOW = 1e-3  # unit gain
SATURATED_BELOW = 0.1  # unit gain
# φ′ is constant where its spread is at most this share of its largest magnitude. The core's float32 programs are good
# to 4 ULP (2.4e-7 relative) on either side, so two evaluations of one true slope differ by less than this.
LINEAR_TOLERANCE = 1e-6


class UnitState(IntEnum):
    """What a unit does on the probe; exactly one state a unit."""

    LIVE = 0
    LINEAR = 1  # φ′ is constant: the unit only passes an affine function of its inputs on
    SATURATED = 2
    DEAD = 3
    NOT_APPLICABLE = 4  # the reference E[φ′²] is 0 (step, sign): no gradient flows by definition
    UNDEFINED = 5  # a non-finite φ′ or reference, or no points


@dataclass(frozen=True)
class DerivativeSummary:
    """What is kept of φ′(z) over a probe: enough for gains and states.

    Where a unit met a non-finite φ′, or there are no points, its three numbers are NaN.
    """

    count: int  # points
    mean_square: Array  # (units,)
    minimum: Array  # (units,)
    maximum: Array  # (units,)

    @property
    def constant(self) -> Mask:
        """(units,) True where φ′ is constant over the probe: max − min ≤ 1e-6 · max |φ′|, on two points or more."""
        with np.errstate(over="ignore"):
            largest = np.maximum(np.abs(self.minimum), np.abs(self.maximum))
            still = self.maximum - self.minimum <= LINEAR_TOLERANCE * largest
        return np.asarray(still & (self.count >= 2), dtype=np.bool_)  # one point cannot tell a constant

    def gain(self, reference_mean_square: float | AnyArray) -> Array:
        """(units,) unit gain; see `unit_gain`."""
        reference = _reference(reference_mean_square, self.mean_square.shape)
        usable = np.isfinite(reference) & (reference > 0.0)
        divisor = np.sqrt(np.where(usable, reference, np.nan))
        with np.errstate(over="ignore"):
            return np.asarray(np.sqrt(self.mean_square) / divisor, dtype=np.float64)

    def states(self, reference_mean_square: float | AnyArray) -> Integers:
        """(units,) `UnitState` of each unit; see `classify_gains`."""
        return classify_gains(self.gain(reference_mean_square), self.constant, reference_mean_square)


class DerivativeBuffer:
    """A running accumulator of φ′(z) over batches: sum of squares, minimum, maximum, count.

    How the points are split into batches, and in what order buffers are merged, changes the result by rounding only.

    Parameters
    ----------
    units
        Number of units of the layer.
    """

    def __init__(self, units: int) -> None:
        if units < 0:
            raise ValueError(f"units must not be negative, not {units}")
        self._count = 0
        self._sum_squares = np.zeros(units)
        self._minimum = np.full(units, np.inf)
        self._maximum = np.full(units, -np.inf)

    def update(self, dphi: AnyArray) -> None:
        """Take in a batch of φ′(z), (points, units); a convolution's positions count as points, its channels as units.

        Raises
        ------
        ValueError
            Where the array is not two-dimensional or has another number of units.
        """
        dphi = checked("dphi", dphi, 2)
        self._expect(dphi.shape[1])
        with np.errstate(over="ignore"):
            sum_squares = np.square(dphi).sum(axis=0)
        self._add(len(dphi), sum_squares, dphi.min(axis=0, initial=np.inf), dphi.max(axis=0, initial=-np.inf))

    def merge(self, other: DerivativeBuffer) -> None:
        """Take in what another buffer of the same layer has seen; `other` is left as it is."""
        self._expect(len(other._sum_squares))
        self._add(other._count, other._sum_squares, other._minimum, other._maximum)

    def result(self) -> DerivativeSummary:
        """What the batches so far say; the buffer can go on."""
        # Minimum and maximum propagate NaN and keep infinities, and are infinite before the first point.
        known = np.isfinite(self._minimum) & np.isfinite(self._maximum)
        return DerivativeSummary(
            count=self._count,
            mean_square=np.where(known, self._sum_squares / max(self._count, 1), np.nan),
            minimum=np.where(known, self._minimum, np.nan),
            maximum=np.where(known, self._maximum, np.nan),
        )

    def _expect(self, units: int) -> None:
        if units != len(self._sum_squares):
            raise ValueError(f"the layer has {len(self._sum_squares)} units, not {units}")

    def _add(self, count: int, sum_squares: Array, minimum: Array, maximum: Array) -> None:
        self._count += count
        with np.errstate(over="ignore"):
            self._sum_squares = self._sum_squares + sum_squares
        self._minimum = np.minimum(self._minimum, minimum)
        self._maximum = np.maximum(self._maximum, maximum)


def summarise_derivative(dphi: AnyArray) -> DerivativeSummary:
    """Summary of φ′(z), (points, units), seen in one piece: a buffer with one update."""
    dphi = checked("dphi", dphi, 2)
    buffer = DerivativeBuffer(dphi.shape[1])
    buffer.update(dphi)
    return buffer.result()


def unit_gain(dphi: AnyArray, reference_mean_square: float | AnyArray) -> Array:
    """Unit gain g = rms φ′(z) over the probe ÷ √E[φ′²] under N(0, 1).

    Parameters
    ----------
    dphi
        φ′(z), (points, units).
    reference_mean_square
        E[φ′(z)²] for z ~ N(0, 1), ≥ 0: one number, or (units,) where each unit has its own function (PReLU).

    Returns
    -------
    Array
        (units,), ≥ 0, about 1 for a unit whose z is standard normal. NaN for a non-finite φ′, no points, or a
        reference that is 0 or not finite.

    Raises
    ------
    ValueError
        Where a shape does not fit or the reference is negative.

    References
    ----------
    design.md, "Measurements": units; the reference is the derivative moment of mean-field theory (Poole et al. 2016,
    Exponential expressivity in deep neural networks through transient chaos).
    """
    return summarise_derivative(dphi).gain(reference_mean_square)


def classify_units(dphi: AnyArray, reference_mean_square: float | AnyArray) -> Integers:
    """(units,) `UnitState` of each unit from φ′(z), (points, units); arguments as for `unit_gain`."""
    return summarise_derivative(dphi).states(reference_mean_square)


def classify_gains(gain: AnyArray, constant: AnyArray, reference_mean_square: float | AnyArray) -> Integers:
    """State of each unit from its gain and whether its φ′ is constant over the probe.

    In this order: not applicable where the reference is 0; undefined where the gain is NaN; dead where g < 1e-3;
    saturated where 1e-3 ≤ g < 0.1; linear where φ′ is constant; live otherwise. So a ReLU that is negative on every
    point is dead, a Leaky ReLU (slope 0.01) that is negative on every point is saturated, and both have a constant φ′.

    Parameters
    ----------
    gain, constant
        (units,): unit gains, and True where φ′ is constant (`DerivativeSummary.constant`).
    reference_mean_square
        As for `unit_gain`.

    Returns
    -------
    Integers
        (units,) values of `UnitState`.

    Raises
    ------
    ValueError
        Where a shape does not fit or the reference is negative.

    References
    ----------
    design.md, "Measurements": units.
    """
    gain = checked("gain", gain, 1)
    constant = np.asarray(constant, dtype=np.bool_)
    if constant.shape != gain.shape:
        raise ValueError(f"constant has shape {constant.shape}, gain {gain.shape}")
    reference = _reference(reference_mean_square, gain.shape)
    states = np.select(
        [reference == 0.0, np.isnan(gain), gain < DEAD_BELOW, gain < SATURATED_BELOW, constant],
        [UnitState.NOT_APPLICABLE, UnitState.UNDEFINED, UnitState.DEAD, UnitState.SATURATED, UnitState.LINEAR],
        UnitState.LIVE,
    )
    return np.asarray(states, dtype=np.int64)


@dataclass(frozen=True)
class UnitShares:
    """Shares of a layer's units in [0, 1]; they exclude each other, so their sum is at most 1."""

    dead: float
    saturated: float
    linear: float


def unit_shares(states: AnyArray) -> UnitShares:
    """Shares of dead, saturated and linear units among all units of a layer.

    Parameters
    ----------
    states
        (units,) values of `UnitState`, from `classify_units` or `DerivativeSummary.states`.

    Returns
    -------
    UnitShares
        All NaN where there are no units, or where a unit is undefined or not applicable. Normal range: dead and
        saturated near 0; linear near 0 except for the identity, whose units are all linear.

    Raises
    ------
    ValueError
        Where the array is not one-dimensional.
    """
    states = np.asarray(states)
    if states.ndim != 1:
        raise ValueError(f"states must have 1 axis, not shape {states.shape}")
    if states.size == 0 or bool(np.isin(states, [UnitState.NOT_APPLICABLE, UnitState.UNDEFINED]).any()):
        return UnitShares(float("nan"), float("nan"), float("nan"))
    dead, saturated, linear = (
        float(np.mean(states == state)) for state in (UnitState.DEAD, UnitState.SATURATED, UnitState.LINEAR)
    )
    return UnitShares(dead=dead, saturated=saturated, linear=linear)


def sparsity(a: AnyArray) -> float:
    """Share of outputs a that are exactly zero, in [0, 1].

    This is not death: a healthy ReLU layer is half zeros, each unit silent on other points; a dead unit is silent on
    all of them. "70 % zeros" as a rule for dead units was 58 of 68 false alarms of one published tool.

    Parameters
    ----------
    a
        Post-activations, (points, units).

    Returns
    -------
    float
        NaN for an empty array or a non-finite output. Normal range for ReLU: about 0.5 at initialisation.

    Raises
    ------
    ValueError
        Where the array is not two-dimensional.

    References
    ----------
    Glorot, Bordes and Bengio (2011), Deep sparse rectifier neural networks; reference/diagnosis.md.
    """
    a = checked("a", a, 2)
    return mean(np.where(np.isfinite(a), a == 0.0, np.nan))


def flat_share(dphi: AnyArray, largest: float) -> float:
    """Share of points × units at which φ is flat: |φ′(z)| < 0.1 · sup |φ′|.

    A layer may be driven so hard that most of its work is done in the flat parts of φ, while no unit is saturated: the
    few points that still meet a slope keep every unit gain up.

    Parameters
    ----------
    dphi
        φ′(z), (points, units).
    largest
        sup |φ′| > 0 (`Facts.max_derivative`).

    Returns
    -------
    float
        In [0, 1]; NaN for an empty array, a non-finite φ′ or a supremum that is not finite. Normal range for z of
        N(0, 1): 0.07 for tanh, 0.0003 for sigmoid; about 0.5 for ReLU, whose zeros are sparsity, not saturation.

    Raises
    ------
    ValueError
        Where the array is not two-dimensional or `largest` is not positive.

    References
    ----------
    Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks, section 3.
    """
    dphi = checked("dphi", dphi, 2)
    if not largest > 0.0:
        raise ValueError(f"largest must be positive, not {largest}")
    if not math.isfinite(largest):
        return float("nan")
    return mean(np.where(np.isfinite(dphi), np.abs(dphi) < SATURATED_BELOW * largest, np.nan))


def _reference(value: float | AnyArray, shape: tuple[int, ...]) -> Array:
    reference = np.asarray(value, dtype=np.float64)
    if reference.shape not in ((), shape):
        raise ValueError(f"reference_mean_square has shape {reference.shape}, the layer's units {shape}")
    if bool((reference < 0.0).any()):
        raise ValueError("reference_mean_square must not be negative")
    return np.broadcast_to(reference, shape)
