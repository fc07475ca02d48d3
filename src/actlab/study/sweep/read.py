"""From the files of a store to arrays, a cell at a time; nothing but whole files, each net once."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from actlab.study.run import COLLAPSED, DIVERGED, STATUS
from actlab.study.sweep.directory import Directory
from actlab.study.sweep.store import NETS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import Array, Integers
    from actlab.study.sweep.cell import Cell
    from actlab.study.sweep.store import Contents, Store

#: What the analysis looks at; of the many columns of a million nets the others stay on the disk.
_READ = (
    "cell", "seed", "status", "task", "validation_loss", "validation_score", "test_loss", "test_score",
    "constant_score", "gradient_first_start", "gradient_last_start",
)  # fmt: skip
_AT_ONCE = 2_000  # files


@dataclass(frozen=True)
class CellNets:
    """The nets of a cell, an entry a seed, from seed 0 on without a gap.

    Scores are accuracies; of a regression R², with 0 where it is negative or no number.
    """

    status: Integers
    validation_loss: Array
    validation_score: Array
    test_loss: Array
    test_score: Array
    constant_score: Array
    gradient_ratio: Array  # of the gradient norms at the start: first layer over last
    regression: bool

    def __len__(self) -> int:
        return len(self.status)

    def first(self, seeds: int) -> CellNets:
        """The same with fewer seeds, at most `seeds`."""
        columns = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "regression"}
        return replace(self, **{name: values[:seeds] for name, values in columns.items()})


def read_nets(store: Store, cells: Sequence[Cell], contents: Contents, most: int) -> dict[str, CellNets]:
    """Cell → its nets, of at most the first `most` seeds; cells without any are left out."""
    wanted = [cell.name for cell in cells]
    names = [chunk.name for cell in wanted for chunk in contents.chunks.get(cell, ())]
    found: dict[str, CellNets] = {}
    if not names:
        return found
    frame = pl.concat([_frame(store, names[k : k + _AT_ONCE]) for k in range(0, len(names), _AT_ONCE)])
    place = {name: k for k, name in enumerate(wanted)}
    cell = frame["cell"].replace_strict(place, return_dtype=pl.Int32, default=-1).to_numpy()
    seed = frame["seed"].to_numpy()
    order = np.lexsort((seed, cell))
    cell, seed = cell[order], seed[order]
    first = np.ones(len(cell), dtype=bool)
    first[1:] = (cell[1:] != cell[:-1]) | (seed[1:] != seed[:-1])  # runs of seeds may overlap; their bits are the same
    order, cell, seed = order[first], cell[first], seed[first]
    columns = {name: frame[name].to_numpy()[order] for name in _READ[4:]}
    status = frame["status"].replace_strict(dict(zip(STATUS, range(3), strict=True)), return_dtype=pl.Int64).to_numpy()
    status, regression = status[order], (frame["task"] == "regression").to_numpy()[order]
    del frame
    with np.errstate(all="ignore"):
        ratio = columns["gradient_first_start"] / columns["gradient_last_start"]
    ends = np.searchsorted(cell, np.arange(len(wanted) + 1))
    for k, name in enumerate(wanted):
        start, stop = int(ends[k]), int(ends[k + 1])
        whole = seed[start:stop] == np.arange(stop - start)
        count = len(whole) if whole.all() else int(np.argmin(whole))
        own = slice(start, start + min(count, most))
        if own.stop > own.start:
            found[name] = CellNets(
                status[own],
                columns["validation_loss"][own],
                _share(columns["validation_score"][own]),
                columns["test_loss"][own],
                _share(columns["test_score"][own]),
                columns["constant_score"][own],
                ratio[own],
                bool(regression[start]),
            )
    return found


def counts(status: Integers) -> tuple[int, int]:
    """How many collapsed, and how many diverged."""
    return int((status == COLLAPSED).sum()), int((status == DIVERGED).sum())


def _share(score: Array) -> Array:
    return np.where(np.isnan(score), score, np.clip(score, 0.0, 1.0))


def _frame(store: Store, names: list[str]) -> pl.DataFrame:
    if isinstance(store.place, Directory):
        paths = [store.place.path / NETS / name for name in names]
        return pl.scan_parquet(paths, glob=False).select(_READ).collect()
    found = (store.place.read(NETS, name) for name in names)
    return pl.concat([pl.read_parquet(io.BytesIO(content), columns=list(_READ)) for content in found if content])
