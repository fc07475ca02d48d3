"""A sweep from start to end: what is missing is trained, round by round, until the plan has all it asks for."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from actlab.study.sweep.asked import asked
from actlab.study.sweep.local import Local
from actlab.study.sweep.store import Store
from actlab.study.sweep.work import batches

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from actlab.study.sweep.asked import Asked
    from actlab.study.sweep.cell import Chunk
    from actlab.study.sweep.claims import Claims, NoClaims
    from actlab.study.sweep.plan import SweepPlan
    from actlab.study.sweep.store import Contents


class Engine(Protocol):
    """Who trains: this process, or a cluster."""

    def run(
        self,
        store: Store,
        claims: Claims | NoClaims,
        batches: Sequence[Sequence[Chunk]],
        tell: Callable[[float], None],
    ) -> None:
        """Train `batches` and return when all of their chunks are there."""


@dataclass(frozen=True)
class Outcome:
    """What a run did.

    Parameters
    ----------
    nets, found
        Nets that the plan has now, and those of them that were there before.
    damaged, foreign
        As in `Contents`, before the run.
    interrupted
        Whether Ctrl-C ended it; what was finished is kept.
    """

    nets: int
    found: int
    damaged: tuple[str, ...]
    foreign: tuple[str, ...]
    interrupted: bool


def sweep(
    plan: SweepPlan,
    where: str | os.PathLike[str],
    engine: Engine | None = None,
    tell: Callable[[float, int], None] | None = None,
    begun: Callable[[Contents], None] | None = None,
) -> Outcome:
    """Train what `plan` asks for and `where` does not hold yet.

    Parameters
    ----------
    where
        A directory, or a URL that fsspec knows. It may hold an earlier run, of this plan or another.
    engine
        By default this process.
    tell
        Called with (nets there, nets asked for so far).
    begun
        Called once with what was found, before the training.

    Raises
    ------
    UserError
        Before anything is trained: the plan cannot be, or the place cannot be written.
    StudyError
        In the middle: the disk is full, the cluster gone. What was finished is kept.
    """
    engine = engine or Local()
    _ = plan.grid  # what cannot be is said before anything is written
    store = Store(where)
    found = contents = store.begin(plan)
    if begun is not None:
        begun(contents)
    before: int | None = None
    there = 0
    with store.claims() as claims:
        try:
            while True:
                wanted = asked(plan, store, contents)
                chunks = _missing(store, wanted, contents)
                total = sum(map(len, wanted.seeds.values()))
                there = total - sum(chunk.nets for chunk in chunks)
                before = there if before is None else before
                if not chunks:
                    break

                def said(added: float, there: int = there, total: int = total) -> None:
                    if tell is not None:
                        tell(there + added, total)

                engine.run(store, claims, _in_order(chunks, claims), said)
                contents = store.contents()
        except KeyboardInterrupt:
            contents = store.contents()
            wanted = asked(plan, store, contents)
            left = sum(chunk.nets for chunk in _missing(store, wanted, contents))
            there = sum(map(len, wanted.seeds.values())) - left
            return Outcome(there, before or 0, found.damaged, found.foreign, True)
    return Outcome(there, before, found.damaged, found.foreign, False)


def _missing(store: Store, wanted: Asked, contents: Contents) -> list[Chunk]:
    return [chunk for cell in wanted.grid.cells() for chunk in store.missing(cell, wanted.seeds[cell.name], contents)]


def _in_order(chunks: list[Chunk], claims: Claims | NoClaims) -> list[list[Chunk]]:
    """The batches, the first seeds of everything first, so that an early report has something to say of every arm.

    Where nothing can be claimed, each process goes its own way through them: two on one object store would else train
    the same at the same time, all along.
    """
    order = {source: k for k, source in enumerate(dict.fromkeys(chunk.cell.source for chunk in chunks))}
    chunks = sorted(chunks, key=lambda chunk: (chunk.first, order[chunk.cell.source]))
    found = batches(chunks)
    if not claims.shared:
        found.sort(key=lambda batch: (batch[0].first, secrets.token_bytes(8)))
    return found
