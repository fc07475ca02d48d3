"""The article's fixed split of two moons (row A1 of the mission)."""

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np

from actlab._arrays import Array, Integers
from actlab.data._checks import checked_points
from actlab.data._split import share_out
from actlab.data.moons import Moons
from actlab.data.sample import Draw, Sample
from actlab.data.source import Label, TaskKind

__all__ = ["Article"]

_N, _NOISE, _SEED, _N_TEST = 400, 0.18, 42, 100


@dataclass(frozen=True)
class Article:
    """300 training and 100 test points, the same for every seed, bit for bit those of scikit-learn.

    ``make_moons(n_samples=400, noise=0.18, random_state=42)``, ``StandardScaler`` over all 400 points, then
    ``train_test_split(test_size=0.25, random_state=42)`` without stratification.

    `draw` splits the 300 training points into 225 and 75 for choosing a learning rate. The split is a fresh one for
    every seed: the choice is then an average over splits, not the luck of one. `refit` trains on all 300.
    """

    name: ClassVar[str] = "moons:article"
    dimension: ClassVar[int] = 2
    n_train: ClassVar[int] = 225
    n_validation: ClassVar[int] = 75
    n_test: ClassVar[int] = _N_TEST
    task: ClassVar[TaskKind] = "binary"
    classes: ClassVar[tuple[Label, ...]] = (0, 1)
    features: ClassVar[tuple[str, ...]] = ("x1", "x2")
    steps: ClassVar[int | None] = None
    conditional: ClassVar[bool] = True
    resplits: ClassVar[bool] = False
    parent: ClassVar[str | None] = "moons"

    @property
    def bayes_accuracy(self) -> float:
        """Of the generator `moons`; on these 100 test points a rule can be better or worse by chance."""
        return Moons(noise=_NOISE).bayes_accuracy

    def draw(self, seed: int) -> Draw:
        """225 training and 75 validation points, split anew and by class for every seed, and the 100 test points."""
        everything = self.refit()
        X, y = everything.train.X, everything.train.y
        kept, held = share_out(y, 0.25, seed)
        return Draw(Sample(X[kept], y[kept]), Sample(X[held], y[held]), everything.test)

    def refit(self) -> Draw:
        """All 300 training points, no validation, and the 100 test points."""
        X, y, train, test, _, _ = _points()
        nothing = Sample(np.empty((0, 2)), np.empty(0))
        return Draw(Sample(X[train], y[train]), nothing, Sample(X[test], y[test]))

    def signed_distance(self, X: Array) -> Array:
        """Distance ``(n,)`` to the Bayes boundary of the generator, in the coordinates of these 400 points."""
        *_, mean, sd = _points()
        return Moons(noise=_NOISE).distance_in(checked_points(X, 2), mean, sd)

    def specification(self) -> dict[str, Any]:
        """The name says it all."""
        return {"source": self.name}


@cache
def _points() -> tuple[Array, Array, Integers, Integers, Array, Array]:
    """All 400 standardised points and labels, the rows of training and test, the mean and the standard deviation.

    NumPy's legacy generator is frozen (NEP 19), and the steps and the memory order below are scikit-learn's, so that
    sums round alike.
    """
    random = np.random.RandomState(_SEED)
    angle = np.linspace(0, np.pi, _N // 2)
    first = np.append(np.cos(angle), 1 - np.cos(angle))
    second = np.append(np.sin(angle), 1 - np.sin(angle) - 0.5)
    order = np.arange(_N)
    random.shuffle(order)
    X = np.vstack([first, second]).T[order]
    y = np.repeat([0.0, 1.0], _N // 2)[order]
    X += random.normal(scale=_NOISE, size=X.shape)

    mean = X.sum(axis=0) / _N
    deviation = X - mean
    correction = deviation.sum(axis=0)  # Chan, Golub and LeVeque (1983): what rounding left in the mean
    sd = np.sqrt(((deviation**2).sum(axis=0) - correction**2 / _N) / _N)
    X = (X - mean) / sd

    permutation = np.random.RandomState(_SEED).permutation(_N)
    return X, y, permutation[_N_TEST:], permutation[:_N_TEST], mean, sd
