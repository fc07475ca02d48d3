"""Rows of somebody's own file as points of the plane: two columns of it, and which of two classes each row is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from actlab.data.candidates import candidates
from actlab.data.files import read_columns
from actlab.data.table import read_table
from actlab.play import limits
from actlab.play.fields import fields, number, text, whole
from actlab.text import UserError, integer, tr

if TYPE_CHECKING:
    from actlab.data._columns import Column

_LARGEST = 1e15
_NAME = 60  # letters of a file's name


@dataclass(frozen=True)
class Own:
    """What a page sends along with a run: the rows as they stand in the file, and what they are called."""

    name: str
    x: str
    y: str
    target: str
    classes: tuple[str, str]  # the first is "" where it is all but the second
    rows: tuple[tuple[float, float, int], ...]

    @classmethod
    def read(cls, given: Any) -> Own:
        """The rows that a page asks for; `UserError` where there are none, as where a link says that there were."""
        if given is None:
            raise UserError("play.own_missing")
        own = fields(given, cls, "own")
        classes, rows = own.get("classes"), own.get("rows")
        if not isinstance(classes, list) or len(classes) != 2:
            raise UserError("play.own_classes")
        if not isinstance(rows, list) or not limits.LEAST_POINTS <= len(rows) <= limits.MOST_ROWS:
            raise UserError("play.own_rows", low=limits.LEAST_POINTS, high=integer(limits.MOST_ROWS))
        points = []
        for row in rows:
            if not isinstance(row, list) or len(row) != 3:
                raise UserError("play.drawn_point")
            x, y = (number({"x": value}, "x", 0, -_LARGEST, _LARGEST) for value in row[:2])
            points.append((x, y, whole({"class": row[2]}, "class", 0, 0, 1)))
        first, second = (text({"class": name}, "class", "") for name in classes)
        names = {key: text(own, key, "") for key in ("name", "x", "y", "target")}
        return cls(**names, classes=(first, second), rows=tuple(points))

    def plain(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {**vars(self), "classes": list(self.classes), "rows": [list(row) for row in self.rows]}


def read_file(given: dict[str, Any]) -> dict[str, Any]:
    """What a page asks of a file whose text it sends: its points, and what else could be chosen.

    `given` has the file's ``name`` and ``text``; ``x``, ``y`` and ``target``, names of columns, and ``one``, the class
    that becomes 1, are chosen here where the page has not: the last column that can be a target by the rules of
    `actlab.data`, the first two others that are numbers, the last of the target's classes. Of more than two classes
    the others are joined.

    Raises
    ------
    UserError
        A text that is no table, or one in which there are no two columns of numbers, or no target of classes.
    """
    name = _file_name(text(given, "name", "data.csv"))
    columns = {column.name: column for column in _columns(name, given.get("text"))}
    usable = candidates(columns.values())
    targets = list(usable.classes)
    if not targets:
        raise UserError("play.own_no_target", name=name)
    target = _chosen(given, "target", targets, targets[-1])
    numbers = [key for key in usable.numbers if key != target]
    if len(numbers) < 2:
        raise UserError("play.own_no_numbers", name=name, target=target)
    x = _chosen(given, "x", numbers, numbers[0])
    y = _chosen(given, "y", numbers, next(key for key in numbers if key != x))
    if x == y:
        raise UserError("play.own_same")
    values = [str(label) for label in usable.classes[target]]
    one = values.index(_chosen(given, "one", values, values[-1]))
    rows, dropped = _rows([columns[x], columns[y]], columns[target], one, name)
    other = values[1 - one] if len(values) == 2 else ""
    x_name, y_name, target_name, other, label = (
        found[: limits.FORMULA_LENGTH] for found in (x, y, target, other, values[one])
    )
    own = Own(name, x_name, y_name, target_name, (other, label), rows)
    said = tr("play.own_read", name=name, rows=integer(len(rows)))
    return {
        "numbers": numbers, "targets": targets, "values": values, "one": values[one], "own": own.plain(),
        "said": " ".join([said, *dropped]),
    }  # fmt: skip


def _columns(name: str, content: Any) -> list[Column]:
    if not isinstance(content, str):
        raise UserError("play.not_a_text", name="text")
    # polars reads files; this one is ours alone, and gone at once.
    with TemporaryDirectory(prefix="actlab-") as folder:
        path = Path(folder) / name
        try:
            path.write_text(content, encoding="utf-8", errors="replace")
        except OSError as error:
            raise UserError("data.file_unreadable", name=name, why=error.strerror or str(error)) from error
        return read_columns(path)


def _file_name(given: str) -> str:
    """The last part of a file's name, as a name that any file may have."""
    name = given.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in name if letter.isprintable())[-_NAME:].strip(". ") or "data.csv"


def _rows(
    columns: list[Column], target: Column, one: int, name: str
) -> tuple[tuple[tuple[float, float, int], ...], list[str]]:
    """The rows without gaps, and what must be said about them."""
    table = read_table(columns, target, missing="drop", name=name)
    if len(table.y) > limits.MOST_ROWS:
        raise UserError("play.own_rows", low=limits.LEAST_POINTS, high=integer(limits.MOST_ROWS))
    # Nine digits are all that float32 has; fewer letters on their way.
    rows = [(float(f"{x:.9g}"), float(f"{y:.9g}"), int(k == one)) for (x, y), k in zip(table.X, table.y, strict=True)]
    return tuple(rows), [note.message() for note in table.notes if note.key == "data.note.dropped"]


def _chosen(given: dict[str, Any], name: str, known: list[str], otherwise: str) -> str:
    """One of `known`: what was asked for where it is one of them."""
    value = given.get(name)
    return value if isinstance(value, str) and value in known else otherwise
