"""The training of one arm, as far as somebody has looked: 64 nets from the first step to the last one trained.

A net's bits depend on its own specification only, so training further is training again from the start, four times as
far: a third more work in all, and every state that was shown stays, to the bit, what `actlab compare` would train.
Going back is looking at an earlier state; nothing is undone.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from actlab import nets
from actlab.nets import TRACES, PointSets
from actlab.play import limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab._arrays import AnyArray, Array, Integers
    from actlab.play.experiment import ArmChoice
    from actlab.play.ground import Ground

#: The share of seeds below each line of a band.
QUANTILES = (0.1, 0.5, 0.9)
#: Steps of the weight path that are drawn one by one; later it is drawn from state to state.
PATH_STEPS = 600
_FIRST = 64  # epochs that the first stage trains
_AT_ONCE = 16  # nets: as many as the core trains side by side; more would only need more memory


def timeline(per_epoch: int, epochs: int) -> Integers:
    """The steps at which there is a state to be seen.

    Every step at first, then every epoch, later fewer: training moves fastest at its start. A longer timeline begins
    with the shorter one.
    """
    steps = [np.arange(min(2 * per_epoch, 24))]
    for first, last, every in ((0, 1024, 1), (1024, 4096, 4), (4096, limits.MOST_EPOCHS, 16)):
        steps.append(np.arange(first, last + 1, every) * per_epoch)
    every_step = np.unique(np.concatenate(steps))
    return np.asarray(every_step[every_step <= epochs * per_epoch], dtype=np.int64)


class Course:
    """States of one arm along the timeline, as many as have been trained.

    Attributes
    ----------
    steps
        ``(states,)`` of the whole timeline, trained or not.
    rows
        ``(trained states, row)`` parameters of the arm's own net.
    curves
        ``(trained states, 4)`` of the own net, see `actlab.nets.CURVES`.
    bands
        ``(trained states, 4, 3)`` the same of all 64 seeds: `QUANTILES`, a lost net counting as the worst.
    traces
        ``(trained states, layers, 12)`` of the own net, see `actlab.nets.TRACES`.
    gradient_bands
        ``(trained states, layers, 3)``: `QUANTILES` of the gradient's norm over all 64 seeds.
    path
        ``(path steps, 2)`` two weights of one unit over the first steps; `path_weights` says which: layer, unit,
        inputs.
    seconds
        What training all 64 nets as far as `epochs` has taken on one core.
    """

    def __init__(self, arm: ArmChoice, ground: Ground, batch: int) -> None:
        self.arm, self.spec = arm, arm.spec()
        self._batch = batch
        self._train = PointSets.stack([ground.train])
        self._fresh = None if ground.fresh is None else PointSets.stack([ground.fresh])
        points = len(ground.train)
        self.horizon = limits.horizon(self.spec.parameters, points)
        self.per_epoch = arm.training(1, batch).steps_per_epoch(points)
        self.steps = timeline(self.per_epoch, self.horizon)
        self.epochs = 0
        self.diverged_at: int | None = None  # the step at which the own net was lost
        layers = self.spec.layers
        self.rows: AnyArray = np.empty((0, self.spec.row), np.float32)
        self.curves: Array = np.empty((0, 4))
        self.bands: Array = np.empty((0, 4, 3))
        self.traces: Array = np.empty((0, layers, 12))
        self.gradient_bands: Array = np.empty((0, layers, 3))
        self.path: Array = np.empty((0, 2))
        self.path_weights = (0, 0, (0, 1))
        self.seconds = 0.0

    @property
    def trained(self) -> int:
        """States that can be looked at."""
        return len(self.rows)

    @property
    def complete(self) -> bool:
        """Whether it has been trained as far as it may be."""
        return self.epochs >= self.horizon

    def extend(self, cancelled: Callable[[], bool] = lambda: False) -> bool:
        """Train four times as far. False where it was cancelled: nothing has changed then."""
        begun = perf_counter()
        epochs = min(self.horizon, self.epochs * 4 or _FIRST)
        steps = timeline(self.per_epoch, epochs)

        def stop(_: float) -> None:
            if cancelled():
                raise _CancelledError

        curves, gradients = [], []
        for first in range(0, limits.SEEDS, _AT_ONCE):
            if cancelled():
                return False
            seeds = [self.arm.seed + first + k for k in range(_AT_ONCE)]
            try:
                trained = nets.train(
                    self.spec, self.arm.training(epochs, self._batch), seeds=seeds,
                    learning_rates=[self.arm.rate] * _AT_ONCE, train_sets=self._train, validation_sets=self._fresh,
                    checkpoints=steps, keep=[] if first else [0], threads=1, progress=stop,
                )  # fmt: skip
            except _CancelledError:
                return False
            if trained.interrupted:
                return False
            curves.append(trained.curves)
            # Copies: a view would keep all that was measured of all nets.
            gradients.append(trained.traces[..., TRACES.index("gradient_norm")].copy())
            if not first:
                own = trained.snapshots[0], trained.curves[0].copy(), trained.traces[0].copy()
                diverged_at = int(trained.steps[0]) if trained.diverged[0] else None
        seconds = perf_counter() - begun
        if not len(self.path):
            self._follow_path(epochs)
        self.bands = _bands(np.concatenate(curves), worst=(np.inf, 0.0, np.inf, 0.0))
        self.gradient_bands = _bands(np.concatenate(gradients))
        self.diverged_at = diverged_at
        rows, self.curves, self.traces = own
        self.seconds = seconds
        self.rows, self.epochs = rows, epochs  # last: who asks meanwhile finds all there is of a state
        return True

    def _follow_path(self, epochs: int) -> None:
        """The first steps one by one, of the two weights into one unit that move farthest apart.

        The unit is one whose inputs come from a hidden layer, where there is one: that is where positive outputs tie
        the signs of its gradients. Where one weight should rise and another fall is where that can be seen.
        """
        training = self.arm.training(epochs, self._batch)
        last = min(PATH_STEPS, epochs * self.per_epoch)
        kept = nets.train(
            self.spec, training, seeds=[self.arm.seed], learning_rates=[self.arm.rate], train_sets=self._train,
            checkpoints=np.arange(last + 1), keep=[0], threads=1,
        ).snapshots[0]  # fmt: skip
        layer = min(1, self.spec.layers - 1)
        place = list(self.spec.places())[layer].weights
        weights = kept[:, place].reshape(len(kept), *self.spec.shapes[layer]).astype(np.float64)
        with np.errstate(all="ignore"):
            moved = np.nan_to_num(weights[-1] - weights[0], posinf=0.0, neginf=0.0)
        unit = int(np.ptp(moved, axis=0).argmax())
        first, second = sorted((int(moved[:, unit].argmin()), int(moved[:, unit].argmax())))
        self.path_weights = (layer, unit, (first, second))
        self.path = weights[:, [first, second], unit]

    def path_at(self, state: int) -> tuple[float, float]:
        """The two weights of the path at a state."""
        layer, unit, inputs = self.path_weights
        place = list(self.spec.places())[layer].weights
        weights = self.rows[state, place].reshape(self.spec.shapes[layer])
        return float(weights[inputs[0], unit]), float(weights[inputs[1], unit])

    def path_between(self, first: int, last: int) -> Array:
        """``(last − first, 2)`` the two weights at states first … last − 1."""
        layer, unit, inputs = self.path_weights
        place = list(self.spec.places())[layer].weights
        weights = self.rows[first:last, place].reshape(last - first, *self.spec.shapes[layer])
        return np.asarray(weights[:, list(inputs), unit], dtype=np.float64)


def _bands(values: Array, worst: tuple[float, ...] | None = None) -> Array:
    """Quantiles over the first axis, which become the last one; of numbers that are there, so without interpolation."""
    filled = values
    if worst is not None:
        filled = np.where(np.isnan(values) & ~np.isnan(values).all(axis=0), np.array(worst), values)
    ordered = np.sort(filled, axis=0)  # NaN last
    n = len(values)
    picked = [ordered[min(n - 1, round(q * (n - 1)))] for q in QUANTILES]
    return np.asarray(np.stack(picked, axis=-1))


class _CancelledError(Exception):
    """Somebody asked for something else meanwhile."""
