"""actlab's engine in the benchmark, and the plain NumPy loop, as engines that take turns."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

import actlab
from actlab import nets
from peers import numpy_loop
from turns import Repeated

if TYPE_CHECKING:
    from work import Work


class Ours(Repeated):
    """actlab, float32; `checkpoints` is at how many steps it measures (0: at none)."""

    def __init__(
        self, work: Work, threads: int, checkpoints: int = 0, name: str = "actlab", epochs: int | None = None
    ) -> None:
        super().__init__(work.nets * work.steps_per_epoch, epochs)
        self.name = name
        self._work, self._threads, self._checkpoints = work, threads, checkpoints
        self._sets = nets.PointSets(work.X[None], work.y[None])

    @property
    def spec(self) -> nets.NetSpec:
        work = self._work
        return nets.NetSpec(
            features=work.sizes[0],
            hidden=work.sizes[1:-1],
            activation=actlab.get(work.activation),
            init=f"gain {np.sqrt(work.gain):.17g}",
            outputs=work.sizes[-1],
            loss="classes" if work.classes else "binary",
        )

    def train(self, epochs: int) -> float:
        spec, work = self.spec, self._work
        initial = nets.initial_weights(spec, range(work.nets))
        steps = nets.checkpoint_steps(epochs * work.steps_per_epoch, self._checkpoints) if self._checkpoints else None
        start = time.perf_counter()
        trained = nets.train(
            spec,
            nets.TrainSpec(epochs, work.batch),
            seeds=range(work.nets),
            learning_rates=[work.rate] * work.nets,
            train_sets=self._sets,
            validation_sets=self._sets if self._checkpoints else None,
            checkpoints=steps,
            initial=initial,
            threads=self._threads,
        )
        seconds = time.perf_counter() - start
        if trained.interrupted:
            raise KeyboardInterrupt
        return seconds


class NumpyLoop(Repeated):
    """The loop of a tutorial: one net after the other, an epoch at a time, float64."""

    name = f"NumPy {np.__version__} loop"

    def __init__(self, work: Work) -> None:
        super().__init__(work.steps_per_epoch)
        self._work = work
        self._X, self._y = work.X.astype(np.float64), work.y.astype(np.float64)[:, None]
        weights, biases = work.weights(np.float64)
        self.layers: list[Any] = [[W[0].copy(), b[0, 0].copy()] for W, b in zip(weights, biases, strict=True)]
        self._seed = 0

    def train(self, epochs: int) -> float:
        work = self._work
        self._seed += 1
        start = time.perf_counter()
        numpy_loop.train(
            self.layers, work.activation, self._X, self._y, epochs=epochs, batch_size=work.batch,
            learning_rate=work.rate, seed=self._seed,
        )  # fmt: skip
        return time.perf_counter() - start
