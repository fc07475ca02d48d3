"""A user's file: CSV, TSV or Parquet, read by polars."""

from __future__ import annotations

import codecs
import csv
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actlab.data._checks import LARGEST
from actlab.data._columns import Column, shortened
from actlab.data.table import Table, read_table
from actlab.text import UserError, integer, nearest

if TYPE_CHECKING:
    import polars as pl

    from actlab._arrays import AnyArray

__all__ = ["SUFFIXES", "read_columns", "read_file"]

SUFFIXES = (".csv", ".tsv", ".parquet")
MOST_BYTES = 2**31
_SEPARATORS = ",;\t|"  # of equally good ones, the first
_LOOKED_AT = 50
#: What stands for a missing value in a text file, beside nothing at all.
_GAPS = ["", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "-"]


def read_file(
    path: Path, target: str | None, *, task: str | None = None, encode: bool = False, missing: str | None = None
) -> Table:
    """The table in a file, with the column `target` as what is to be predicted.

    Parameters
    ----------
    path
        A file of at most 2 GiB and 10 million rows. In a text file, UTF-8, the first line names the columns, and
        commas, semicolons, tabs or bars part them; nothing, ``NA``, ``N/A``, ``NaN``, ``null``, ``None``, ``?`` and
        ``-`` stand for a missing value.
    target
        The name of a column.
    task, encode, missing
        See `read_table`.

    Raises
    ------
    UserError
        A file that is not there or cannot be read; anything in it that cannot be used.
    """
    table = {column.name: column for column in read_columns(path)}
    wanted = _column(path.name, list(table), target)
    if len(table) == 1:
        raise UserError("data.file_one_column", name=path.name)
    answer = table.pop(wanted)
    words = ["--data", str(path), "--target", wanted]
    words += ["--task", task] if task else []
    words += ["--encode"] if encode else []
    words += ["--missing", missing] if missing else []
    settings: dict[str, Any] = {"task": task, "encode": encode, "missing": missing}
    return read_table(list(table.values()), answer, **settings, name=path.name, words=tuple(words))


def read_columns(path: Path) -> list[Column]:
    """All columns of a file, in its order, as `read_file` has them; `UserError` where it cannot be read."""
    _check_readable(path)
    frame = _parquet(path) if path.suffix.lower() == ".parquet" else _text(path)
    if frame.height == 0:
        raise UserError("data.file_empty", name=path.name)
    if frame.height > LARGEST:
        raise UserError("data.file_many_rows", name=path.name, n=integer(frame.height), high=integer(LARGEST))
    nested = next((name for name in frame.columns if frame[name].dtype.is_nested()), None)
    if nested is not None:
        raise UserError("data.nested_column", column=f"“{nested}”")
    return [Column(name, f"“{name}”", _values(frame[name])) for name in frame.columns]


def _values(series: pl.Series) -> AnyArray:
    """A column as NumPy knows it."""
    import polars as pl

    kind = series.dtype
    if kind.is_decimal() or (kind.is_integer() and kind in (pl.Int128, pl.UInt128)):
        series = series.cast(pl.Float64)
    return series.to_numpy()


def _check_readable(path: Path) -> None:
    if path.is_dir():
        raise UserError("data.file_directory", name=str(path)[:200])
    if path.suffix.lower() not in SUFFIXES:
        raise UserError("data.file_kind", name=path.name, known=", ".join(SUFFIXES))
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            file.read(1)
    except FileNotFoundError as error:
        raise UserError("data.file_missing", name=str(path)[:200]) from error
    except OSError as error:
        raise UserError("data.file_unreadable", name=str(path)[:200], why=error.strerror or str(error)) from error
    if size == 0:
        raise UserError("data.file_empty", name=path.name)
    if size > MOST_BYTES:
        raise UserError("data.file_large", name=path.name, size=f"{size / 2**30:.1f}", high=f"{MOST_BYTES / 2**30:.0f}")


def _column(name: str, columns: list[str], target: str | None) -> str:
    shown = ", ".join(columns[:12]) + (", …" if len(columns) > 12 else "")
    if target is None:
        raise UserError("data.target_missing", name=name, known=shown)
    if target in columns:
        return target
    if target.strip() in columns:
        return target.strip()
    near = nearest(target, columns)
    if near:
        raise UserError("data.target_unknown_near", name=name, given=target[:60], near=near, known=shown)
    raise UserError("data.target_unknown", name=name, given=target[:60], known=shown)


def _parquet(path: Path) -> pl.DataFrame:
    import polars as pl

    try:
        rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
        if rows > LARGEST:  # before they fill the memory
            raise UserError("data.file_many_rows", name=path.name, n=integer(rows), high=integer(LARGEST))
        return pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise UserError("data.file_broken", name=path.name, why=_first_line(error)) from error


def _text(path: Path) -> pl.DataFrame:
    import polars as pl

    _check_utf8(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = file.read(1 << 20).splitlines(keepends=True)
    while lines and not lines[0].strip():
        lines.pop(0)
    if not lines:
        raise UserError("data.file_empty", name=path.name)
    separator = "\t" if path.suffix.lower() == ".tsv" else _separator(lines)
    names = _names(path.name, next(csv.reader(lines, delimiter=separator)))
    try:
        frame = pl.read_csv(
            path, separator=separator, new_columns=names, null_values=_GAPS, infer_schema=False, glob=False
        )  # all as text: polars stops at a text in a column that it took for numbers
    except pl.exceptions.NoDataError as error:
        raise UserError("data.file_empty", name=path.name) from error
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        if "more fields" in str(error):
            raise UserError("data.file_ragged", name=path.name, n=len(names)) from error
        stuck = re.search(r"could not parse `([^`]*)`", str(error))
        if stuck:  # texts are read as they are, so what stops polars is a double quote
            raise UserError("data.file_quotes", name=path.name, value=shortened(stuck[1])) from error
        raise UserError("data.file_broken", name=path.name, why=_first_line(error)) from error
    frame = frame.with_columns(_read(frame[name]) for name in frame.columns)
    return frame.filter(~pl.all_horizontal(pl.all().is_null()))  # blank lines


def _separator(lines: list[str]) -> str:
    """What parts the values: of what cuts the first records into equally many parts, what makes the most of them."""

    def parts(separator: str) -> tuple[bool, int]:
        records = [len(record) for record in islice(csv.reader(lines, delimiter=separator), _LOOKED_AT) if record]
        return records[0] > 1 and len(set(records)) == 1, records[0]

    return max(_SEPARATORS, key=parts)


def _names(file: str, header: list[str]) -> list[str]:
    """The names of the columns, as they stand in the first line; those without one get their number."""
    names = [name.strip() or f"column_{k + 1}" for k, name in enumerate(header)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError("data.file_twice", name=file, column=shortened(twice))
    if all(_is_number(name) for name in header):
        raise UserError("data.file_no_names", name=file, value=shortened(", ".join(header)))
    return names


def _read(texts: pl.Series) -> pl.Series:
    """The texts without blanks around them; as whole numbers, numbers or truth values where all of them are."""
    import polars as pl

    texts = texts.str.strip_chars()
    texts = texts.set(texts.is_in(_GAPS), None)
    for kind in (pl.Int64, pl.Float64):
        numbers = texts.cast(kind, strict=False)
        if numbers.null_count() == texts.null_count():
            return numbers
    lower = texts.str.to_lowercase()
    return lower == "true" if lower.drop_nulls().is_in(["true", "false"]).all() else texts


def _check_utf8(path: Path) -> None:
    """Byte by byte, because polars would look at the columns of text only."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    line = 1
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                line += block[: error.start].count(b"\n")
                raise UserError("data.file_encoding", name=path.name, line=integer(line)) from error
            line += block.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise UserError("data.file_encoding", name=path.name, line=integer(line)) from error


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _first_line(error: Exception) -> str:
    return shortened(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__)
