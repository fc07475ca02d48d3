"""Fixed rows: a user's own arrays or file, a well-known set."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from actlab._arrays import Array, Integers
from actlab.data._chance import OUTER, PICK
from actlab.data._checks import LARGEST, checked_points
from actlab.data._columns import Column, missing_in, read_inputs, split_up
from actlab.data._split import held_out, share_out
from actlab.data._target import checked_task, read_target, target_column
from actlab.data.notes import Note
from actlab.data.sample import Draw, Sample
from actlab.data.source import Label, TaskKind
from actlab.text import UserError, integer

__all__ = ["Table", "read_arrays", "read_table"]

FEWEST_ROWS = 20
MOST_ROWS = 40_000  # that one seed uses
_SHARE = 0.25  # held out for the test, and of the rest for validation: the article's share


@dataclass(frozen=True, eq=False)
class Table:
    """Fixed rows with what is to be learned about them; made by `resolve`.

    `draw` splits the rows anew for every seed: a quarter of them is the test set, a quarter of the others the
    validation set. Splits are by class. (With the same test rows for every seed, the luck of that one split would be in
    every number, and in no interval.) Of more than 40,000 rows each seed uses 40,000, drawn at random.

    Columns are standardised by the mean and standard deviation of the training rows, and so is the target of a
    regression: nothing is learned from validation or test rows. A missing value becomes 0, the training mean. A column
    that has one value in all training rows of a split is 0 throughout.
    """

    X: Array = field(repr=False)  # (n, d), NaN where missing
    y: Array = field(repr=False)  # (n,)
    task: TaskKind
    classes: tuple[Label, ...]  # the labels that 0, 1, … stand for, in sorted order; none for a regression
    features: tuple[str, ...] = field(repr=False)
    name: str = "arrays"
    notes: tuple[Note, ...] = field(default=(), repr=False)
    words: tuple[str, ...] = ()  # of the command line that reads these rows again

    conditional: ClassVar[bool] = True
    resplits: ClassVar[bool] = True
    parent: ClassVar[str | None] = None
    bayes_accuracy: ClassVar[float | None] = None
    steps: ClassVar[int | None] = None

    def __post_init__(self) -> None:
        for array in (self.X, self.y):
            array.setflags(write=False)

    @property
    def dimension(self) -> int:
        """Columns of X."""
        return int(self.X.shape[1])

    @property
    def n_test(self) -> int:
        """Test points of `draw`: a quarter of the rows."""
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
        counts = np.bincount(self.y.astype(np.int64)).tolist() if self.classes else [len(self.y)]
        if len(self.y) > MOST_ROWS:
            counts = held_out(counts, MOST_ROWS / len(self.y))
        test = held_out(counts, _SHARE)
        rest = [count - number for count, number in zip(counts, test, strict=True)]
        validation = held_out(rest, _SHARE)
        return sum(rest) - sum(validation), sum(validation), sum(test)

    def draw(self, seed: int) -> Draw:
        """Training, validation and test points, split anew for every seed."""
        rows = np.arange(len(self.y))
        if len(rows) > MOST_ROWS:
            rows = self._part(rows, MOST_ROWS / len(rows), seed, PICK)[1]
        rest, test = self._part(rows, _SHARE, seed, OUTER)
        train, validation = self._part(rest, _SHARE, seed)
        X_mean, X_sd = _moments(self.X[train])
        y_mean, y_sd = (0.0, 1.0) if self.classes else (self.y[train].mean(), self.y[train].std())

        def sample(rows: Integers) -> Sample:
            X = np.where(X_sd > 0, (self.X[rows] - X_mean) / np.where(X_sd > 0, X_sd, 1.0), 0.0)
            return Sample(np.nan_to_num(X, nan=0.0), (self.y[rows] - y_mean) / (y_sd or 1.0))

        return Draw(sample(train), sample(validation), sample(test))

    def _part(self, rows: Integers, share: float, seed: int, *stream: int) -> tuple[Integers, Integers]:
        settings = {"stream": stream[0]} if stream else {}
        kept, held = share_out(self.y[rows], share, seed, classes=len(self.classes), **settings)
        return rows[kept], rows[held]

    def refit(self) -> Draw:
        """Not where the test points change with the seed: `UserError`."""
        raise UserError("data.no_refit", name=self.name)

    def signed_distance(self, X: Array) -> None:
        """None: the boundary of these data is not known (see `margin_by_neighbours`)."""
        checked_points(X, self.dimension)

    def specification(self) -> dict[str, Any]:
        """The task, the shape and the SHA-256 of the rows."""
        return {"source": self.name, "task": self.task, "shape": list(self.X.shape), "sha256": self._digest}

    @cached_property
    def _digest(self) -> str:
        digest = hashlib.sha256(repr(self.X.shape).encode())
        for array in (self.X, self.y):
            digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
        return digest.hexdigest()

    def _identity(self) -> tuple[object, ...]:
        return (self.name, self.task, self._digest, self.classes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and self._identity() == other._identity()

    def __hash__(self) -> int:
        return hash(self._identity())


def read_arrays(X: Any, y: Any, **settings: Any) -> Table:
    """A user's arrays, lists or frames; `settings` as for `read_table`."""
    columns = split_up(X)
    n = len(columns[0].values) if columns else 0
    if n == 0:
        raise UserError("data.empty")
    if n > LARGEST:
        raise UserError("data.many_rows", n=integer(n), high=integer(LARGEST))
    return read_table(columns, Column("y", "y", target_column(y, n)), **settings)


def read_table(
    columns: list[Column],
    target: Column,
    *,
    task: Any = None,
    encode: bool = False,
    missing: Any = None,
    name: str = "arrays",
    words: tuple[str, ...] = (),
) -> Table:
    """Columns and a target, as they came, checked and turned into numbers.

    Parameters
    ----------
    columns, target
        Of equal length.
    task
        ``"binary"``, ``"multiclass"``, ``"regression"``; None infers it (see `read_target`).
    encode
        Whether columns of text become indicators, one for each of the at most 50 texts.
    missing
        ``"drop"`` leaves out rows in which a value is missing, ``"mean"`` puts the mean of the training rows in its
        place; None refuses them.
    name, words
        What the table is called; the words of the command line that read it again.

    Raises
    ------
    UserError
        Anything that cannot be used, with the first column and row where that is.
    """
    wanted = checked_task(task)
    if missing not in (None, "drop", "mean"):
        raise UserError("data.unknown_missing", given=str(missing)[:40])
    notes: list[Note] = []
    gaps = missing_in(target.values)
    if missing == "drop":
        for column in columns:
            gaps = gaps | missing_in(column.values)
        columns = [Column(column.name, column.title, column.values[~gaps]) for column in columns]
        target = Column(target.name, target.title, target.values[~gaps])
        if gaps.any():
            notes.append(Note.of("data.note.dropped", n=integer(int(gaps.sum()))))
    elif gaps.any():
        raise UserError("data.label_missing", target=target.title, row=int(gaps.argmax()) + 1)
    n = len(target.values)
    if n < FEWEST_ROWS:
        raise UserError("data.few_rows", n=n, low=FEWEST_ROWS)
    inputs = read_inputs(columns, encode=encode, fill=missing == "mean")
    answer = read_target(target.values, target.title, wanted)
    table = Table(inputs.X, answer.y, answer.task, answer.classes, inputs.features, name, words=words)
    first = Note.of("data.note.table", name=name, rows=integer(n), columns=integer(table.dimension))
    if n > MOST_ROWS:
        notes.append(Note.of("data.note.sampled", n=integer(MOST_ROWS)))
    object.__setattr__(table, "notes", (first, answer.note, *notes, *inputs.notes))
    return table


def _moments(X: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of each column, gaps left out; the deviation is 0 where a column does not vary."""
    known = ~np.isnan(X)
    count = np.maximum(known.sum(axis=0), 1)
    filled = np.where(known, X, 0.0)
    scale = np.abs(filled).max(axis=0)  # squares of huge or tiny numbers stay in range
    scale = np.where(scale > 0, scale, 1.0)
    mean = (filled / scale).sum(axis=0) / count
    sd = np.sqrt((np.where(known, filled / scale - mean, 0.0) ** 2).sum(axis=0) / count)
    first = np.where(known, X, np.inf).min(axis=0)
    varies = np.where(known, X, -np.inf).max(axis=0) > first
    return mean * scale, np.where(varies, sd * scale, 0.0)
