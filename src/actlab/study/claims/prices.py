"""What a function costs on this machine, as a multiple of ReLU: timed in turns, and written down once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab import functions, nets
from actlab.nets import PointSets, TrainSpec
from actlab.study.claims.job import Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from actlab.study.claims.lab import Lab

_POINTS = 65_536  # of a function; they stay in the second-level cache
_NETS = 32  # trained side by side on one thread
_EPOCHS = {8: 8, 64: 1}


def price_of_function(lab: Lab, rival: str) -> list[float]:
    """Time for value and derivative at 65,536 numbers of N(0, 1), float32, over ReLU's."""
    x = np.random.default_rng(0).standard_normal(_POINTS).astype(np.float32)
    f, relu = functions.get(rival), functions.get("relu")
    return lab.price(f"function {rival}", lambda: f.value_and_derivative(x), lambda: relu.value_and_derivative(x))


def price_of_step(lab: Lab, rival: str, width: int) -> list[float]:
    """Time for the same training steps of 2 → width → width → 1 on two moons, over ReLU's."""
    f, relu = (_training(name, width) for name in (rival, "relu"))
    return lab.price(f"step {rival} {width}", f, relu)


def _training(activation: str, width: int) -> Callable[[], object]:
    job = Job("moons", activation, hidden=(width, width), epochs=_EPOCHS[width])
    sample = PointSets.stack([job.draw(0).train])
    spec, training = job.net, TrainSpec(job.epochs, job.batch_size)
    return lambda: nets.train(
        spec, training, seeds=range(_NETS), learning_rates=[0.01] * _NETS, train_sets=sample, threads=1
    )
