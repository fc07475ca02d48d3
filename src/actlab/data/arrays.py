"""A user's own data."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from actlab._arrays import Array, Integers
from actlab.data._checks import checked_points
from actlab.data._reading import Label, column_names, read_columns, read_labels
from actlab.data._split import held_out, share_out
from actlab.data.sample import Draw, Sample
from actlab.text import UserError

__all__ = ["Arrays"]

_SHARE = 0.25  # held out for the test, and of the rest for validation: the article's share
_OUTER = 42  # the seed of the one split that keeps the test points apart; the article's


@dataclass(frozen=True, eq=False)
class Arrays:
    """The points ``(X, y)`` that a user brings, with two classes.

    A quarter of the rows is the test set, the same for every seed. `draw` splits the other rows into three quarters for
    training and one for validation, a fresh split for every seed; `refit` trains on all of them. Both splits are by
    class. Columns are standardised by the mean and standard deviation of the rows that are not test rows: nothing is
    learned from the test.

    Parameters
    ----------
    X
        ``(n, d)`` finite numbers, n ≥ 20, d ≥ 1, no column constant: an array, lists, a frame.
    y
        ``(n,)`` labels of exactly two classes, of any type that sorts; at least 4 rows of each.

    Raises
    ------
    UserError
        Points or labels that cannot be used, with the first column and row where that is.
    """

    X: Array = field(repr=False)
    y: Array = field(repr=False)
    classes: tuple[Label, Label] = field(init=False)  # the labels that 0 and 1 stand for, in sorted order

    name: ClassVar[str] = "arrays"
    conditional: ClassVar[bool] = True
    parent: ClassVar[str | None] = None
    bayes_accuracy: ClassVar[float | None] = None

    def __post_init__(self) -> None:
        X = read_columns(self.X)
        y, classes = read_labels(self.y, len(X))
        constant = ~np.isfinite(_standardised(X, share_out(y, _SHARE, _OUTER)[0])).all(axis=0)
        if constant.any():
            raise UserError("data.constant_in_training", column=column_names(self.X, X.shape[1])[constant.argmax()])
        for array in (X, y):
            array.setflags(write=False)
        object.__setattr__(self, "X", X)
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "classes", classes)

    @property
    def dimension(self) -> int:
        """Columns of X."""
        return int(self.X.shape[1])

    @property
    def n_test(self) -> int:
        """Test points: a quarter of all rows."""
        return self._sizes[2]

    @property
    def n_validation(self) -> int:
        """Validation points of `draw`: a quarter of the other rows."""
        return self._sizes[1]

    @property
    def n_train(self) -> int:
        """Training points of `draw`: the rest."""
        return self._sizes[0]

    @cached_property
    def _sizes(self) -> tuple[int, int, int]:
        ones = int(self.y.sum())
        zeros = len(self.y) - ones
        test = held_out((zeros, ones), _SHARE)
        validation = held_out((zeros - test[0], ones - test[1]), _SHARE)
        return len(self.y) - sum(test) - sum(validation), sum(validation), sum(test)

    def draw(self, seed: int) -> Draw:
        """Training and validation points, split anew for every seed, and the test points."""
        everything = self.refit()
        X, y = everything.train.X, everything.train.y
        kept, held = share_out(y, _SHARE, seed)
        return Draw(Sample(X[kept], y[kept]), Sample(X[held], y[held]), everything.test)

    def refit(self) -> Draw:
        """All points that are not test points, no validation, and the test points."""
        return self._everything

    @cached_property
    def _everything(self) -> Draw:
        train, test = share_out(self.y, _SHARE, _OUTER)
        X = _standardised(self.X, train)

        def sample(rows: Integers) -> Sample:
            return Sample(X[rows], self.y[rows])

        return Draw(sample(train), sample(test[:0]), sample(test))

    def signed_distance(self, X: Array) -> None:
        """None: the boundary of these data is not known (see `margin_by_neighbours`)."""
        checked_points(X, self.dimension)

    def specification(self) -> dict[str, Any]:
        """The shape and the SHA-256 of points and labels."""
        return {"source": self.name, "shape": list(self.X.shape), "sha256": self._digest}

    @cached_property
    def _digest(self) -> str:
        digest = hashlib.sha256(repr(self.X.shape).encode())
        for array in (self.X, self.y):
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Arrays) and self._digest == other._digest and self.classes == other.classes

    def __hash__(self) -> int:
        return hash((self._digest, self.classes))


def _standardised(X: Array, train: Integers) -> Array:
    """X ``(n, d)`` less the mean, over the standard deviation, of its `train` rows; not finite where that is 0."""
    X = X / np.abs(X).max(axis=0)  # squares of huge or tiny numbers stay in range; it cancels below
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.asarray((X - X[train].mean(axis=0)) / X[train].std(axis=0))
