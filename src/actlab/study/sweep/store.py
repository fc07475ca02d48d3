"""The store: a place with a file a finished chunk, and a note on every run.

::

    DIR/nets/<hash of the cell>.<first>-<stop>.parquet     a row per net; whole or absent
    DIR/runs/000001.json                                   plan, versions, machine; added to, never rewritten
    DIR/claims/                                            who is training what, now
    DIR/damaged/                                           files whose checksum does not hold, kept for you to look at
    DIR/report/                                            what `actlab report` writes
"""

from __future__ import annotations

import json
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from actlab.study.provenance import machine, versions
from actlab.study.sweep.cell import NUMERICS, arithmetic, missing, read_name
from actlab.study.sweep.claims import Claims, NoClaims
from actlab.study.sweep.directory import Directory
from actlab.study.sweep.parquet import is_whole, to_bytes
from actlab.study.sweep.places import place_of
from actlab.study.sweep.plan import read_plan
from actlab.text import UserError

if TYPE_CHECKING:
    import os

    import polars as pl

    from actlab.study.sweep.cell import Cell, Chunk, Named
    from actlab.study.sweep.places import Place
    from actlab.study.sweep.plan import SweepPlan

NETS, RUNS, CLAIMS, DAMAGED = "nets", "runs", "claims", "damaged"


@dataclass(frozen=True)
class Contents:
    """What was found in a store.

    Parameters
    ----------
    chunks
        Whole chunks, by the name of their cell.
    damaged, foreign
        Names of chunks whose checksum does not hold, and of files that are none of ours.
    """

    chunks: dict[str, list[Named]]
    damaged: tuple[str, ...]
    foreign: tuple[str, ...]


class Store:
    """A sweep's directory or URL."""

    def __init__(self, where: str | os.PathLike[str]) -> None:
        self.where = where
        self.place: Place = place_of(where)
        self._whole: set[str] = set()  # names whose checksum held, or that we wrote

    def begin(self, plan: SweepPlan) -> Contents:
        """Make ready for a run of `plan`: note it, put damaged chunks aside, and say what is there."""
        self.place.begin((NETS, RUNS))
        self._note(plan)
        found = self.contents()
        for name in found.damaged:
            self.place.set_aside(NETS, name, DAMAGED)
        return found

    def contents(self) -> Contents:
        """What is there, every file read and its checksum compared."""
        names = self.place.names(NETS)
        named = [(name, read_name(name)) for name in names]
        unread = [name for name, what in named if what is not None and name not in self._whole]
        with ThreadPoolExecutor(4) as pool:
            held = dict(zip(unread, pool.map(self._is_whole, unread), strict=True))
        self._whole |= {name for name, good in held.items() if good}
        chunks: dict[str, list[Named]] = defaultdict(list)
        for name, what in named:
            if what is not None and name in self._whole:
                chunks[what.cell].append(what)
        damaged = tuple(name for name, good in held.items() if not good and self.place.has(NETS, name))
        return Contents(dict(chunks), damaged, tuple(name for name, what in named if what is None))

    def missing(self, cell: Cell, seeds: range, contents: Contents) -> list[Chunk]:
        """The chunks of a cell that are still to be trained."""
        there = [(chunk.first, chunk.stop) for chunk in contents.chunks.get(cell.name, ())]
        return missing(cell, seeds, there)

    def has(self, chunk: Chunk) -> bool:
        """Whether a chunk is there, as a whole."""
        if not self.place.has(NETS, chunk.name):
            return False
        if chunk.name not in self._whole and self._is_whole(chunk.name):
            self._whole.add(chunk.name)
        return chunk.name in self._whole

    def put(self, chunk: Chunk, rows: pl.DataFrame) -> None:
        """Keep a finished chunk."""
        self.place.write(NETS, chunk.name, to_bytes(chunk, rows))
        self._whole.add(chunk.name)

    def claims(self) -> Claims | NoClaims:
        """The claims of this process; an object store has none."""
        return Claims(self.place.path / CLAIMS) if isinstance(self.place, Directory) else NoClaims()

    def runs(self) -> list[dict[str, Any]]:
        """The notes on every run, the first one first; unreadable ones are left out."""
        notes = []
        for name in self.place.names(RUNS):
            content = self.place.read(RUNS, name) if name.endswith(".json") else None
            try:
                note = json.loads(content or b"")
            except ValueError:
                continue
            if isinstance(note, dict) and isinstance(note.get("plan"), str):
                notes.append(note)
        return notes

    def plan(self) -> SweepPlan:
        """The plan of the last run; `UserError` where there was none."""
        notes = self.runs()
        if not notes:
            raise UserError("sweep.no_study", path=self.place.shown)
        return read_plan(notes[-1]["plan"])

    def _is_whole(self, name: str) -> bool:
        content = self.place.read(NETS, name)
        return content is not None and is_whole(content)

    def _note(self, plan: SweepPlan) -> None:
        """Add a note on this run, unless the last one says the same."""
        note = {
            "plan": plan.text,
            "numerics": NUMERICS,
            "arithmetic": arithmetic(),
            "versions": versions(),
            "machine": machine(0),
        }
        before = self.runs()
        if before and {key: before[-1].get(key) for key in note} == note:
            return
        # The clock is written down, and never read: the numbers say which run was the last.
        text = json.dumps(note | {"started": datetime.now(UTC).isoformat(timespec="seconds")}, indent=2) + "\n"
        numbers = [int(name[:6]) for name in self.place.names(RUNS) if name[:6].isdigit()]
        number = max(numbers, default=0) + 1
        while not self.place.write_new(RUNS, f"{number:06d}.json", text.encode()):
            number += 1
