"""What the generators of classes in the plane share: curves, centres or squares with Gaussian noise around them."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.data._chance import gaussian_pairs, uniforms
from actlab.data._checks import checked_points
from actlab.data._generator import Generator
from actlab.data.sample import Sample
from actlab.data.source import Label, TaskKind

__all__ = ["Planar"]


@dataclass(frozen=True)
class Planar(Generator):
    """A generator of classes in the plane; two of them, where the subclass says nothing else.

    Sample i of k classes has label i mod k, so the classes have the same number of points (the first ones one more
    where k does not divide n). Positions are drawn independently; Gaussian noise of standard deviation `noise`, in the
    generator's own units, is added to both coordinates.
    """

    task: ClassVar[TaskKind] = "binary"
    own_columns: ClassVar[int] = 2
    positions: ClassVar[int] = 1  # uniform numbers that `place` asks for

    @abstractmethod
    def place(self, position: Array, label: Array) -> Array:
        """Points ``(n, 2)`` without noise, in own units, from position ``(n,)`` in [0, 1) and label ``(n,)``.

        Where `positions` is more than 1, position is ``(n, positions)``.
        """

    @property
    @abstractmethod
    def mean(self) -> Array:
        """Mean ``(2,)`` of the population, in the generator's own units."""

    @property
    @abstractmethod
    def sd(self) -> Array:
        """Standard deviation ``(2,)`` of the population by column, noise included, in the generator's own units."""

    @property
    def classes(self) -> tuple[Label, ...]:
        """0, 1."""
        return (0, 1)

    @property
    @abstractmethod
    def bayes_accuracy(self) -> float:
        """Accuracy of the Bayes rule: no classifier has more on fresh points."""

    @abstractmethod
    def _distance(self, X: Array) -> Array:
        """`signed_distance` of checked points ``(n, 2)``."""

    def signed_distance(self, X: Array) -> Array:
        """Distance of standardised points X ``(n, dimension)`` to the Bayes boundary, in standard deviations.

        ``(n,)``, positive where class 1 is the more likely; of k > 2 classes ``(n, k)``: to the boundary of the region
        of each class, positive inside.
        """
        return self._distance(checked_points(X, self.dimension)[:, :2])

    def labels(self, n: int) -> Array:
        """The classes ``(n,)`` of the samples, in their order."""
        return np.asarray(np.arange(n, dtype=np.float64) % len(self.classes))

    def _points(self, seed: int, stream: int, n: int) -> Sample:
        m = self.positions
        u = uniforms(seed, stream, n, m + 2)
        label = self.labels(n)
        place = self.place(u[:, 0] if m == 1 else u[:, :m], label)
        points = place + self.noise * gaussian_pairs(u[:, m], u[:, m + 1])
        return Sample((points - self.mean) / self.sd, label)
