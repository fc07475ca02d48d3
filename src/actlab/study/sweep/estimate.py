"""What a plan would cost, before it is run: nets, operations, memory, disk; and time, by training a little of it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from actlab.study.sweep.asked import asked
from actlab.study.sweep.cell import Chunk
from actlab.study.sweep.store import Contents, Store
from actlab.study.sweep.work import MOST_DRAWS, batches, train

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab.study.sweep.cell import Cell
    from actlab.study.sweep.plan import SweepPlan

_KINDS = 8  # of batches that are timed
_TASTE = 0.25  # seconds that one of them should take, about
_BASE, _HEADER, _ROW = 200 * 2**20, 12_000, 130  # bytes: the process, a file, a row in it


@dataclass(frozen=True)
class Estimate:
    """What is left to do.

    Parameters
    ----------
    cells, nets, chunks
        Of the whole plan, as far as it is known: with ``seeds = "auto"`` the next round, with learning rates that are
        extended what is there and the plan's own.
    added
        Cells among these that extend the plan's learning rates.
    there
        Nets that are there.
    operations
        Multiplications and additions of what is left.
    memory, disk
        Bytes at the same time, and bytes that the files will take.
    seconds
        Of what is left, with `threads` threads; 0 where nothing is.
    timed
        How many kinds of batches were trained for the estimate.
    """

    cells: int
    added: int
    left_out: int
    nets: int
    chunks: int
    there: int
    operations: float
    memory: float
    disk: float
    seconds: float
    threads: int
    timed: int


def estimate(plan: SweepPlan, where: str | os.PathLike[str], threads: int = 0) -> Estimate:
    """Look at the plan and what `where` holds; time a few small pieces. Nothing is written."""
    threads = threads or os.cpu_count() or 1
    store = Store(where)
    contents: Contents = store.contents()
    wanted = asked(plan, store, contents)
    cells, seeds = wanted.grid.cells(), wanted.seeds
    whole = [chunk for cell in cells for chunk in store.missing(cell, seeds[cell.name], Contents({}, (), ()))]
    left = [chunk for cell in cells for chunk in store.missing(cell, seeds[cell.name], contents)]
    todo = batches(left)
    seconds, timed = _seconds(todo)
    largest = max((_points(batch) for batch in todo), default=0.0)
    workers = max(1, min(threads, len(todo)))
    return Estimate(
        cells=len(cells),
        added=len(cells) - len(plan.grid.cells()),
        left_out=plan.grid.left_out,
        nets=sum(chunk.nets for chunk in whole),
        chunks=len(whole),
        there=sum(chunk.nets for chunk in whole) - sum(chunk.nets for chunk in left),
        operations=sum(chunk.nets * chunk.cell.work for chunk in left),
        memory=_BASE + min(MOST_DRAWS, len(todo) * largest) + 3 * workers * largest,
        disk=float(sum(_HEADER + _ROW * chunk.nets for chunk in whole)),
        seconds=seconds / workers,
        threads=threads,
        timed=timed,
    )


def _points(batch: Sequence[Chunk]) -> float:
    return batch[0].cell.points * batch[0].nets


def _seconds(todo: Sequence[Sequence[Chunk]]) -> tuple[float, int]:
    """Seconds of one thread for all batches, from timing the kinds that matter most."""
    kinds: dict[tuple[object, ...], list[Sequence[Chunk]]] = {}
    for batch in todo:
        cell = batch[0].cell
        kinds.setdefault((cell.siblings, len(batch)), []).append(batch)
    work = {kind: sum(map(_work, own)) for kind, own in kinds.items()}
    timed = sorted(kinds, key=lambda kind: -work[kind])[:: max(1, len(kinds) // _KINDS)][:_KINDS]
    pace = [_pace(kinds[kind][0]) for kind in timed]
    sizes = np.log([kinds[kind][0][0].cell.net.parameters for kind in timed])
    total = 0.0
    for kind, own in kinds.items():
        near = int(np.argmin(np.abs(sizes - np.log(own[0][0].cell.net.parameters))))
        start, rate = pace[timed.index(kind) if kind in timed else near]
        total += work[kind] * rate + start * sum(sum(chunk.nets for chunk in batch) for batch in own)
    return total, len(timed)


def _work(batch: Sequence[Chunk]) -> float:
    return sum(chunk.nets * chunk.cell.work for chunk in batch)


def _pace(batch: Sequence[Chunk]) -> tuple[float, float]:
    """Seconds a net that do not depend on the epochs, and seconds an operation, of one thread."""
    few = [Chunk(chunk.cell, chunk.first, min(chunk.stop, chunk.first + 16)) for chunk in batch[:4]]
    nets = sum(chunk.nets for chunk in few)
    begun = time.perf_counter()
    _shortened(few, 1)  # draws the points, compiles the function: not to be had twice
    first = time.perf_counter() - begun
    one = _time(few, 1)
    epochs = few[0].cell.training.epochs
    more = int(np.clip(_TASTE / max(one, 1e-4), 2, 200))
    if epochs <= 2:
        return max(first - one, 0.0) / nets, one / _work_of(few, 1)
    more = min(more, epochs)
    slope = max(_time(few, more) - one, 1e-7) / (more - 1)
    per_epoch = _work_of(few, 2) - _work_of(few, 1)
    return (max(one - slope, 0.0) + 0.5 * max(first - one, 0.0)) / nets, slope / per_epoch


def _time(few: Sequence[Chunk], epochs: int) -> float:
    """The better of two: what else the machine does can only add."""
    times = []
    for _ in range(2):
        begun = time.perf_counter()
        _shortened(few, epochs)
        times.append(time.perf_counter() - begun)
    return min(times)


def _work_of(few: Sequence[Chunk], epochs: int) -> float:
    return sum(chunk.nets * _with(chunk.cell, epochs).work for chunk in few)


def _shortened(few: Sequence[Chunk], epochs: int) -> None:
    train([Chunk(_with(chunk.cell, epochs), chunk.first, chunk.stop) for chunk in few], threads=1)


def _with(cell: Cell, epochs: int) -> Cell:
    return replace(cell, training=replace(cell.training, epochs=epochs))
