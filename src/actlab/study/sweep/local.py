"""The engine of this process: a thread a processor, each with a batch of its own."""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from actlab.study.sweep.failed import StudyError
from actlab.study.sweep.work import StoppedError, train

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab.study.sweep.cell import Chunk
    from actlab.study.sweep.claims import Claims, NoClaims
    from actlab.study.sweep.store import Store

_GLANCE = 0.2  # seconds between two looks at chunks that somebody else has claimed


class Local:
    """Trains batches until all of their chunks are there, whoever made them.

    Parameters
    ----------
    threads
        Batches at a time; 0: one per processor.
    """

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads or os.cpu_count() or 1

    def run(
        self,
        store: Store,
        claims: Claims | NoClaims,
        batches: Sequence[Sequence[Chunk]],
        tell: Callable[[float], None],
    ) -> None:
        """Train `batches`; `tell` hears how many nets have been added, shares of nets in training included."""
        crew = _Crew(store, claims, batches, tell, max(1, self._threads // max(1, len(batches))))
        workers = [threading.Thread(target=crew.work, daemon=True) for _ in range(min(self._threads, len(batches)))]
        for worker in workers:
            worker.start()
        try:
            while any(worker.is_alive() for worker in workers):
                for worker in workers:
                    worker.join(0.1)
                crew.say()
        finally:  # Ctrl-C too: it reaches the main thread only
            crew.stop.set()
            for worker in workers:
                worker.join()
        crew.say()
        if crew.error is not None:
            raise crew.error


class _Crew:
    def __init__(
        self,
        store: Store,
        claims: Claims | NoClaims,
        batches: Sequence[Sequence[Chunk]],
        tell: Callable[[float], None],
        threads: int,
    ) -> None:
        self._store, self._claims, self._tell, self._threads = store, claims, tell, threads
        self._waiting: deque[list[Chunk]] = deque(map(list, batches))
        self._lock = threading.Lock()
        self._finished = 0
        self._shares: dict[int, float] = {}  # batch in training → nets, so to say, that are done
        self.stop = threading.Event()
        self.error: BaseException | None = None

    def say(self) -> None:
        """Tell how far we are."""
        with self._lock:
            done = self._finished + sum(self._shares.values())
        self._tell(done)

    def work(self) -> None:
        """What each worker does until nothing is left."""
        seen_without_claim = 0
        while not self.stop.is_set():
            with self._lock:
                if not self._waiting:
                    return
                batch = self._waiting.popleft()
                waiting = len(self._waiting)
            try:
                left = [chunk for chunk in batch if not self._store.has(chunk)]
                self._count(chunk for chunk in batch if chunk not in left)
                mine = [chunk for chunk in left if self._claims.take(chunk.name)]
                others = [chunk for chunk in left if chunk not in mine]
                if mine:
                    seen_without_claim = 0
                    self._make(mine)
            except StoppedError:
                return
            except BaseException as error:
                self.error = StudyError("sweep.no_memory") if isinstance(error, MemoryError) else error
                self.stop.set()
                return
            if others:
                with self._lock:
                    self._waiting.append(others)
                seen_without_claim += not mine
                if seen_without_claim > waiting:  # all that is left is being trained by others
                    time.sleep(_GLANCE)

    def _make(self, mine: list[Chunk]) -> None:
        try:
            # Between our look and our claim its former holder may have finished it.
            todo = [chunk for chunk in mine if not self._store.has(chunk)]
            if todo:
                nets = sum(chunk.nets for chunk in todo)

                def progress(share: float) -> None:
                    if self.stop.is_set():
                        raise StoppedError
                    with self._lock:
                        self._shares[id(mine)] = share * nets

                for chunk, rows in zip(todo, train(todo, self._threads, progress), strict=True):
                    self._store.put(chunk, rows)
        finally:
            with self._lock:
                self._shares.pop(id(mine), None)
            for chunk in mine:
                self._claims.release(chunk.name)
        self._count(mine)

    def _count(self, chunks: object) -> None:
        with self._lock:
            self._finished += sum(chunk.nets for chunk in chunks)  # type: ignore[attr-defined]
