"""Records: a file for each job, in a directory or in memory.

::

    DIR/nets/<hash of the job>.parquet     a row a net; whole or absent
    DIR/prices/<hash>.json                 timings of this machine, taken once
    DIR/verdicts/K14.json                  what a claim came to, made anew from the records whenever asked for
    DIR/spent/K14.json                     seconds that went into it, all runs together
    DIR/about.json                         versions, machine and date of the first run
    DIR/damaged/                           files whose checksum does not hold
"""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from actlab.study.claims.job import name_of
from actlab.study.provenance import machine, versions
from actlab.study.sweep.cell import NUMERICS, arithmetic
from actlab.study.sweep.directory import Directory
from actlab.study.sweep.parquet import is_whole, seal

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from actlab.study.claims.job import Job
    from actlab.study.claims.measures import Columns

NETS, PRICES, VERDICTS, SPENT, DAMAGED = "nets", "prices", "verdicts", "spent", "damaged"


class Records:
    """What has been trained so far: in memory, and in a directory where there is one."""

    def __init__(self, where: str | os.PathLike[str] | None = None) -> None:
        self.directory = None if where is None else Directory(Path(where))
        self._known: dict[str, Columns] = {}
        self._prices: dict[str, list[float]] = {}
        self._trained = 0
        if self.directory is not None:
            self.directory.begin((NETS, PRICES, VERDICTS, SPENT))
            if self.directory.read("", "about.json") is None:
                self.directory.write("", "about.json", as_json(about()))

    def nets(self, job: Job, seeds: int, train: Callable[[], Columns]) -> Columns:
        """The record of `job`, read or else trained and written."""
        name = job.name(seeds)
        if name not in self._known:
            found = self._read(f"{name}.parquet")
            if found is None:
                found = train()
                self._trained += 1
                if self.directory is not None:
                    frame = pl.DataFrame({"seed": range(seeds), **found})
                    self.directory.write(NETS, f"{name}.parquet", seal(frame, job.specification(seeds)))
            self._known[name] = found
        return self._known[name]

    def price(self, specification: dict[str, Any], take: Callable[[], list[float]]) -> list[float]:
        """A timing of this machine: taken once, and then what was written down."""
        name = name_of(specification)
        if name not in self._prices:
            content = None if self.directory is None else self.directory.read(PRICES, f"{name}.json")
            note = None if content is None else _whole(content)
            found = take() if note is None else note["seconds"]
            if note is None and self.directory is not None:
                self.directory.write(PRICES, f"{name}.json", _checked({**specification, "seconds": found}))
            self._prices[name] = found
        return self._prices[name]

    def spent(self, claim: str, seconds: float) -> float:
        """Seconds that went into a claim so far, with `seconds` of this run, if it trained anything."""
        content = None if self.directory is None else self.directory.read(SPENT, f"{claim}.json")
        before = 0.0 if content is None else float(json.loads(content))
        if not self._trained:
            return before
        self._trained = 0
        if self.directory is not None:
            self.directory.write(SPENT, f"{claim}.json", as_json(round(before + seconds, 2)))
        return before + seconds

    def write(self, name: str, value: Any) -> None:
        """Put a verdict, or the whole ledger (``ledger.json``), beside the records."""
        if self.directory is not None:
            self.directory.write(VERDICTS if name != "ledger" else "", f"{name}.json", as_json(value))

    def about(self) -> dict[str, Any]:
        """Versions, machine and date of the first run in this directory; of now where there is none."""
        content = None if self.directory is None else self.directory.read("", "about.json")
        found: dict[str, Any] = about() if content is None else json.loads(content)
        return found

    def _read(self, file: str) -> Columns | None:
        content = None if self.directory is None else self.directory.read(NETS, file)
        if content is None:
            return None
        if not is_whole(content):
            assert self.directory is not None
            self.directory.set_aside(NETS, file, DAMAGED)
            return None
        frame = pl.read_parquet(io.BytesIO(content)).drop("seed")
        return {name: frame[name].to_numpy() for name in frame.columns}


def about() -> dict[str, Any]:
    """When and with what the ledger is made."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "numerics": NUMERICS,
        "arithmetic": arithmetic(),
        "versions": versions(),
        "machine": machine(0),
    }


def as_json(value: Any) -> bytes:
    """A file of it, in the order in which it was made: the same value gives the same bytes."""
    return (json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _checked(value: dict[str, Any]) -> bytes:
    digest = hashlib.sha256(as_json(value)).hexdigest()
    return as_json({**value, "checksum": digest})


def _whole(content: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(content)
        digest = found.pop("checksum")
    except (ValueError, KeyError, AttributeError):
        return None
    return found if hashlib.sha256(as_json(found)).hexdigest() == digest else None
