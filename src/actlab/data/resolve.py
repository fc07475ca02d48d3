"""From what a user writes to a `Source`."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from actlab.data._generator import Generator
from actlab.data.arms import Arms
from actlab.data.article import Article
from actlab.data.blobs import Blobs
from actlab.data.bundled import BUNDLED, bundled
from actlab.data.checkerboard import Checkerboard
from actlab.data.circles import Circles
from actlab.data.moons import Moons
from actlab.data.regression import Absolute, NoisySine, Polynomial, Sine, Step, Surface
from actlab.data.sequences import Adding, Recall
from actlab.data.source import Source
from actlab.data.spiral import Spiral
from actlab.data.table import Table, read_arrays
from actlab.data.xor import Xor
from actlab.text import UserError, nearest

__all__ = ["GENERATORS", "NAMES", "is_file", "resolve"]

_KINDS: tuple[type[Generator], ...] = (
    Moons, Circles, Xor, Spiral, Blobs, Checkerboard,
    Step, Sine, NoisySine, Absolute, Polynomial, Surface,
    Adding, Recall,
)  # fmt: skip
GENERATORS: dict[str, type[Generator]] = {kind.family: kind for kind in _KINDS}
NAMES: tuple[str, ...] = (*GENERATORS, Article.name, *BUNDLED)


def _spiral(k: int, **settings: Any) -> Generator:
    return Spiral(**settings) if k == 2 else Arms(k=k, **settings)


#: Generators with a number behind a colon: ``blobs:5``.
_NUMBERED: dict[str, Callable[..., Generator]] = {
    "spiral": _spiral,
    "blobs": lambda k, **settings: Blobs(k=k, **settings),
    "checkerboard": lambda n, **settings: Checkerboard(n=n, **settings),
    "polynomial": lambda degree, **settings: Polynomial(degree=degree, **settings),
    "adding": lambda length, **settings: Adding(length=length, **settings),
    "recall": lambda length, **settings: Recall(length=length, **settings),
}


def resolve(
    data: Any,
    *,
    noise: float | None = None,
    n_train: int | None = None,
    n_validation: int | None = None,
    n_test: int | None = None,
    noise_columns: int | None = None,
    target: str | None = None,
    task: str | None = None,
    encode: bool | None = None,
    missing: str | None = None,
) -> Source:
    """The source that `data` means.

    Parameters
    ----------
    data
        One of `NAMES`, some with a number behind a colon (``"blobs:5"``, ``"checkerboard:8"``, ``"spiral:3"``); a
        CSV or Parquet file; a pair ``(X, y)``; or a `Source` (generators take over the numbers given here).
    noise, n_train, n_validation, n_test, noise_columns
        For a generator; None is its default: 300 training, 1,000 validation and 20,000 test points, no further columns.
    target
        For a file: the column that is to be predicted.
    task, encode, missing
        For a file or a pair: see `read_table`.

    Raises
    ------
    UserError
        An unknown name, unfit data, a number outside its range, or one that these data have no use for.
    """
    numbers = {"noise": noise, "n_train": n_train, "n_validation": n_validation, "n_test": n_test}
    numbers |= {"noise_columns": noise_columns}
    wanted: dict[str, Any] = {key: value for key, value in numbers.items() if value is not None}
    reading: dict[str, Any] = {"task": task, "encode": encode, "missing": missing}
    reading = {key: value for key, value in reading.items() if value is not None}
    if isinstance(data, Generator):
        source: Source = replace(data, **wanted)
    elif isinstance(data, tuple | list) and len(data) == 2:
        source, reading = read_arrays(*data, **reading), {}
    elif isinstance(data, os.PathLike) or (isinstance(data, str) and is_file(data)):
        from actlab.data.files import read_file

        source, reading, target = read_file(Path(data), target, **reading), {}, None
    elif isinstance(data, str):
        source, wanted = _named(data, wanted)
    elif isinstance(data, (Table, Article, Source)):  # in this order: the protocol is slow to check
        source = data
    else:
        raise UserError("data.not_data", kind=type(data).__name__, known=", ".join(NAMES))
    if reading:
        raise UserError("data.not_your_own", name=source.name, what=", ".join(reading))
    if target is not None:
        raise UserError("data.not_a_file", what="target", name=source.name)
    if wanted and source.conditional:
        raise UserError("data.fixed", name=source.name, what=", ".join(wanted))
    return source


def is_file(text: str) -> bool:
    """Whether the text looks like a file rather than a name of data."""
    text = text.strip()
    known = _family(text) in GENERATORS or text.lower() in NAMES
    looks = Path(text).suffix.lower() in (".csv", ".tsv", ".parquet") or "/" in text or os.sep in text
    return not known and bool(text) and (looks or Path(text).exists())


def _family(text: str) -> str:
    return text.strip().lower().partition(":")[0]


def _named(text: str, wanted: dict[str, Any]) -> tuple[Source, dict[str, Any]]:
    """The source of that name, and what of `wanted` it has no use for."""
    name = text.strip().lower()
    family, colon, number = name.partition(":")
    if name == Article.name:
        return Article(), wanted
    if name in BUNDLED:
        return bundled(name), wanted
    if colon and family in _NUMBERED:
        given: Any = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else number
        return _NUMBERED[family](given, **wanted), {}
    if name in GENERATORS:
        return GENERATORS[name](**wanted), {}
    near = nearest(name, NAMES)
    values = {"name": text[:60], "known": ", ".join(NAMES)}
    raise UserError("data.unknown_near", near=near, **values) if near else UserError("data.unknown", **values)
