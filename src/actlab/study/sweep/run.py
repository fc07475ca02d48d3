"""A sweep from start to end: what is missing is trained, round by round, until the plan has all it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from actlab.study.sweep.auto import wanted_seeds
from actlab.study.sweep.local import Local
from actlab.study.sweep.store import Store
from actlab.study.sweep.work import batches

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

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
    cells = plan.grid.cells()
    store = Store(where)
    found = contents = store.begin(plan)
    if begun is not None:
        begun(contents)
    before: int | None = None
    there = asked = 0
    with store.claims() as claims:
        try:
            while True:
                seeds = wanted_seeds(plan, store, contents)
                chunks = [chunk for cell in cells for chunk in store.missing(cell, seeds[cell.name], contents)]
                asked = sum(len(seeds[cell.name]) for cell in cells)
                there = asked - sum(chunk.nets for chunk in chunks)
                before = there if before is None else before
                if not chunks:
                    break
                order = {source: k for k, source in enumerate(dict.fromkeys(cell.source for cell in cells))}
                # The first seeds of everything come first, so that an early report has something to say of every arm.
                chunks.sort(key=lambda chunk: (chunk.first, order[chunk.cell.source]))

                def said(added: float, there: int = there, asked: int = asked) -> None:
                    if tell is not None:
                        tell(there + added, asked)

                engine.run(store, claims, batches(chunks), said)
                contents = store.contents()
        except KeyboardInterrupt:
            kept = store.contents()
            left = sum(chunk.nets for cell in cells for chunk in store.missing(cell, seeds[cell.name], kept))
            return Outcome(asked - left, before or 0, found.damaged, found.foreign, True)
    return Outcome(there, before, found.damaged, found.foreign, False)
