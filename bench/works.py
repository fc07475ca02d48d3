"""The works of the table, by the names they are asked for."""

from __future__ import annotations

import numpy as np

import actlab
from actlab import data
from work import Work


def small(activation: str, nets: int) -> Work:
    """2→8→8→1 on two moons, 300 points, batches of 32."""
    points = data.resolve("moons").draw(0).train
    gain = 2.0 if actlab.get(activation).default_init == "he" else 1.0
    X, y = (np.ascontiguousarray(a, dtype=np.float32) for a in (points.X, points.y))
    return Work(f"2→8→8→1 {activation}, {nets:,} nets", (2, 8, 8, 1), activation, nets, 32, X, y, gain=gain)


def middle(nets: int) -> Work:
    """64→128→128→128→10 on the digits of scikit-learn, ReLU, batches of 64."""
    points = data.resolve("digits").draw(0).train
    X, y = (np.ascontiguousarray(a, dtype=np.float32) for a in (points.X, points.y))
    return Work(f"64→128→128→128→10 relu, {nets} nets", (64, 128, 128, 128, 10), "relu", nets, 64, X, y, gain=2.0)


def deep() -> Work:
    """30 hidden layers of width 300, tanh, batches of 256, 16 nets."""
    points = data.resolve("moons").draw(0).train
    rng = np.random.default_rng(0)
    rows = rng.integers(0, len(points.X), 1024)
    X = (points.X[rows] + 0.01 * rng.standard_normal((1024, 2))).astype(np.float32)
    return Work("30 layers of width 300, tanh, 16 nets", (2, *[300] * 30, 1), "tanh", 16, 256, X,
                points.y[rows].astype(np.float32), rate=0.01)  # fmt: skip
