"""What all generators share: fresh points for every seed, in samples that do not disturb one another."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.data._chance import BESIDE, TEST, TRAIN, VALIDATION, gaussians
from actlab.data._checks import checked_columns, checked_noise, checked_size
from actlab.data.sample import Draw, Sample
from actlab.data.source import Label, TaskKind
from actlab.text import UserError

__all__ = ["Generator"]


@dataclass(frozen=True)
class Generator(ABC):
    """Fresh points for every seed.

    Training, validation and test points come from streams of their own: a larger test set leaves the training points as
    they are, and a longer sample begins with the shorter one.

    Inputs are standardised by the *population's* mean and standard deviation, in closed form: the task is then the same
    function for every seed and every size, and what differs between seeds is the sample alone.

    Parameters
    ----------
    noise
        Its meaning and its range are the generator's own.
    n_train, n_validation, n_test
        Points of each sample, 2 … 10 million.
    noise_columns
        Further columns of standard normal noise that say nothing about y, 0 … 1,000. They leave the others as they are.

    Raises
    ------
    UserError
        A number outside its range.
    """

    noise: float
    n_train: int = 300
    n_validation: int = 1_000
    n_test: int = 20_000
    noise_columns: int = 0

    family: ClassVar[str]
    task: ClassVar[TaskKind]
    own_columns: ClassVar[int]  # those that do say something about y
    noises: ClassVar[tuple[float, float]] = (0.02, 1.0)
    conditional: ClassVar[bool] = False
    resplits: ClassVar[bool] = False
    parent: ClassVar[str | None] = None
    steps: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "noise", checked_noise(self.noise, *self.noises))
        for what in ("n_train", "n_validation", "n_test"):
            object.__setattr__(self, what, checked_size(what, getattr(self, what)))
        object.__setattr__(self, "noise_columns", checked_columns(self.noise_columns))

    @property
    def name(self) -> str:
        """What `resolve` knows it by."""
        return self.family

    @property
    def dimension(self) -> int:
        """Columns of X, those of noise included."""
        return self.own_columns + self.noise_columns

    @property
    def features(self) -> tuple[str, ...]:
        """x1, x2, …, then noise1, noise2, …"""
        own = (f"x{k + 1}" for k in range(self.own_columns))
        return (*own, *(f"noise{k + 1}" for k in range(self.noise_columns)))

    @property
    @abstractmethod
    def classes(self) -> tuple[Label, ...]:
        """The labels that y stands for; none for a regression."""

    @property
    @abstractmethod
    def bayes_accuracy(self) -> float | None:
        """Accuracy of the Bayes rule: no classifier has more on fresh points. None for a regression."""

    @abstractmethod
    def signed_distance(self, X: Array) -> Array | None:
        """See `Source.signed_distance`."""

    @abstractmethod
    def _points(self, seed: int, stream: int, n: int) -> Sample:
        """n points without the columns of noise."""

    def draw(self, seed: int) -> Draw:
        """The three samples of `seed`; the same seed gives the same bits on every machine."""
        return Draw(
            self._sample(seed, TRAIN, self.n_train),
            self._sample(seed, VALIDATION, self.n_validation),
            self._sample(seed, TEST, self.n_test),
        )

    def _sample(self, seed: int, stream: int, n: int) -> Sample:
        sample = self._points(seed, stream, n)
        if not self.noise_columns:
            return sample
        shape = (*sample.X.shape[:-1], self.noise_columns)
        beside = gaussians(seed, BESIDE + stream, n, math.prod(shape[1:])).reshape(shape)
        return Sample(np.concatenate([sample.X, beside], axis=-1), sample.y)

    def refit(self) -> Draw:
        """Not for a generator, which gives fresh points: `UserError`."""
        raise UserError("data.no_refit", name=self.name)

    def specification(self) -> dict[str, Any]:
        """Name, noise and sizes."""
        sizes = {"n_train": self.n_train, "n_validation": self.n_validation, "n_test": self.n_test}
        beside = {"noise_columns": self.noise_columns} if self.noise_columns else {}
        return {"source": self.name, "noise": self.noise, **sizes, **beside}
