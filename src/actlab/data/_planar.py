"""What the four generators share: two classes in the plane, a curve or centres with Gaussian noise around them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.data._chance import TEST, TRAIN, VALIDATION, gaussian_pairs, uniforms
from actlab.data._checks import checked_noise, checked_points, checked_size
from actlab.data.sample import Draw, Sample
from actlab.text import UserError

__all__ = ["Planar"]


@dataclass(frozen=True)
class Planar(ABC):
    """A generator of two classes in the plane: fresh points for every seed.

    Sample i has label i mod 2, so both classes have the same number of points (class 0 one more where n is odd), and a
    longer sample begins with the shorter one. Positions are drawn independently; Gaussian noise of standard deviation
    `noise` is added to both coordinates. Training, validation and test points come from streams of their own: a larger
    test set leaves the training points as they are.

    Points are standardised by the *population's* mean and standard deviation, in closed form: the task is then the same
    function for every seed and every size, and what differs between seeds is the sample alone.

    Parameters
    ----------
    noise
        Standard deviation of the noise, in the generator's own units; 0.02 … 1.
    n_train, n_validation, n_test
        Points of each sample, 2 … 10 million.

    Raises
    ------
    UserError
        A number outside its range.
    """

    noise: float
    n_train: int = 300
    n_validation: int = 1_000
    n_test: int = 20_000

    name: ClassVar[str]
    dimension: ClassVar[int] = 2
    conditional: ClassVar[bool] = False
    parent: ClassVar[str | None] = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "noise", checked_noise(self.noise))
        for what in ("n_train", "n_validation", "n_test"):
            object.__setattr__(self, what, checked_size(what, getattr(self, what)))

    @abstractmethod
    def place(self, position: Array, label: Array) -> Array:
        """Points ``(n, 2)`` without noise, in own units, from position ``(n,)`` in [0, 1) and label ``(n,)``."""

    @property
    @abstractmethod
    def mean(self) -> Array:
        """Mean ``(2,)`` of the population, in the generator's own units."""

    @property
    @abstractmethod
    def sd(self) -> Array:
        """Standard deviation ``(2,)`` of the population by column, noise included, in the generator's own units."""

    @property
    @abstractmethod
    def bayes_accuracy(self) -> float:
        """Accuracy of the Bayes rule: no classifier has more on fresh points."""

    @abstractmethod
    def _distance(self, X: Array) -> Array:
        """`signed_distance` of checked points."""

    def signed_distance(self, X: Array) -> Array:
        """Distance ``(n,)`` of standardised points X ``(n, 2)`` to the Bayes boundary, in standard deviations.

        Positive where class 1 is the more likely.
        """
        return self._distance(checked_points(X, 2))

    def draw(self, seed: int) -> Draw:
        """The three samples of `seed`; the same seed gives the same bits on every machine."""
        return Draw(
            self._sample(seed, TRAIN, self.n_train),
            self._sample(seed, VALIDATION, self.n_validation),
            self._sample(seed, TEST, self.n_test),
        )

    def _sample(self, seed: int, stream: int, n: int) -> Sample:
        u = uniforms(seed, stream, n, 3)
        label: Array = np.arange(n, dtype=np.float64) % 2
        points = self.place(u[:, 0], label) + self.noise * gaussian_pairs(u[:, 1], u[:, 2])
        return Sample((points - self.mean) / self.sd, label)

    def refit(self) -> Draw:
        """Not for a generator, which gives fresh points: `UserError`."""
        raise UserError("data.no_refit", name=self.name)

    def specification(self) -> dict[str, Any]:
        """Name, noise and sizes."""
        sizes = {"n_train": self.n_train, "n_validation": self.n_validation, "n_test": self.n_test}
        return {"source": self.name, "noise": self.noise, **sizes}
