"""The engine of a cluster: Dask workers train, and write what they have finished to the store themselves.

The store must be a directory that all workers see under the same path, or a URL. A task is a batch of chunks: it
depends on its specification alone, so a worker that is lost costs what it was just training, and another trains the
same bits.
"""

from __future__ import annotations

import contextlib
import logging
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

from actlab.study.sweep.failed import StudyError
from actlab.study.sweep.store import Store
from actlab.study.sweep.work import train
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from actlab.study.sweep.cell import Chunk
    from actlab.study.sweep.claims import Claims, NoClaims

_AHEAD = 3  # batches a thread of the cluster that wait for it
_ATTEMPTS = 5  # of a batch whose workers are lost
_GLANCE = 0.2
TIMEOUT = 20  # seconds for the scheduler to answer
PATIENCE = 60.0  # seconds without a single worker, or without an answer, before we give up


class Cluster:
    """A Dask cluster as an engine; use as a context.

    Parameters
    ----------
    address
        Of a scheduler, such as ``tcp://10.0.0.1:8786``; or ``"local"``: a process a processor of this machine.
    workers
        For ``"local"``: how many processes; 0: one a processor.
    """

    def __init__(self, address: str, workers: int = 0) -> None:
        try:
            self._dask: Any = import_module("distributed")
        except ImportError:
            raise UserError("sweep.no_dask") from None
        self._address, self._workers = address, workers
        self._own: Any = None
        self._client: Any = None

    def __enter__(self) -> Cluster:
        address: Any = self._address
        # It logs tracebacks when workers and schedulers go away; what matters is said in a sentence of ours.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            if address == "local":
                settings = {"n_workers": self._workers} if self._workers else {}
                self._own = self._dask.LocalCluster(
                    **settings, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
                )
                address = self._own
            self._client = self._dask.Client(address, timeout=TIMEOUT, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise UserError("sweep.no_scheduler", address=self._address, reason=str(error)[:120]) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for part in (self._client, self._own):
            if part is not None:
                with contextlib.suppress(Exception):
                    part.close()

    @property
    def client(self) -> Any:
        """The `distributed.Client`."""
        return self._client

    def run(
        self,
        store: Store,
        claims: Claims | NoClaims,
        batches: Sequence[Sequence[Chunk]],
        tell: Callable[[float], None],
    ) -> None:
        """Train `batches` on the cluster; `tell` hears how many nets have been added."""
        waiting = [list(batch) for batch in batches]
        running: dict[Any, tuple[list[Chunk], int]] = {}
        again: list[tuple[list[Chunk], int]] = []
        added = 0.0
        alone: float | None = None
        try:
            while waiting or running or again:
                alone = self._someone(alone)
                room = _AHEAD * max(1, self._threads()) - len(running)
                while again and room > 0:
                    mine, attempt = again.pop()
                    running[self._submit(store, mine)] = (mine, attempt)
                    room -= 1
                others = []
                while waiting and room > 0:
                    batch = waiting.pop(0)
                    left = [chunk for chunk in batch if not store.has(chunk)]
                    added += sum(chunk.nets for chunk in batch) - sum(chunk.nets for chunk in left)
                    mine = [chunk for chunk in left if claims.take(chunk.name)]
                    if len(mine) < len(left):  # somebody else has them; they come back into the queue
                        others.append([chunk for chunk in left if chunk not in mine])
                    if mine:
                        running[self._submit(store, mine)] = (mine, 1)
                        room -= 1
                waiting += others
                for future in [future for future in running if future.done()]:
                    mine, attempt = running.pop(future)
                    if not self._ended(future, mine, attempt, again):
                        continue
                    for chunk in mine:
                        claims.release(chunk.name)
                    added += sum(chunk.nets for chunk in mine)
                tell(added)
                if running or others:
                    time.sleep(_GLANCE if others and not running else 0.05)
        except (self._dask.CancelledError, OSError, RuntimeError) as error:  # the scheduler died, or hangs
            raise StudyError("sweep.lost_scheduler", address=self._address) from error
        finally:
            for future in running:
                with contextlib.suppress(Exception):
                    future.cancel()

    def _threads(self) -> int:
        """Threads of all workers; `TimeoutError` where the scheduler is connected and does not answer."""
        found: dict[str, int] = self._client.sync(self._client.scheduler.ncores, callback_timeout=PATIENCE)
        return sum(found.values())

    def _someone(self, alone: float | None) -> float | None:
        """When we first saw that there is no worker; `StudyError` when that has lasted too long."""
        if self._threads():
            return None
        since = time.monotonic() if alone is None else alone
        if time.monotonic() - since > PATIENCE:
            raise StudyError("sweep.no_workers", address=self._address)
        return since

    def _submit(self, store: Store, mine: list[Chunk]) -> Any:
        return self._client.submit(train_and_keep, store.where, mine, pure=False, retries=2)

    def _ended(self, future: Any, mine: list[Chunk], attempt: int, again: list[tuple[list[Chunk], int]]) -> bool:
        """Whether a batch is there; one whose worker was lost goes on the list."""
        if future.status == "finished":
            return True
        error = future.exception() if future.status == "error" else None
        lost = error is None or isinstance(error, self._dask.scheduler.KilledWorker)
        if not lost:
            if isinstance(error, UserError):
                raise error
            if isinstance(error, MemoryError):
                raise StudyError("sweep.no_memory") from error
            raise StudyError("sweep.lost_cluster", reason=str(error)[:120]) from error
        if attempt >= _ATTEMPTS:
            raise StudyError("sweep.lost_cluster", reason=str(error or future.status)[:120])
        again.append((mine, attempt + 1))
        return False


def train_and_keep(where: Any, chunks: list[Chunk]) -> int:
    """What a worker does: train a batch in one thread, and put each chunk into the store. Returns the nets."""
    store = Store(where)
    todo = [chunk for chunk in chunks if not store.has(chunk)]
    if todo:
        for chunk, rows in zip(todo, train(todo, threads=1), strict=True):
            store.put(chunk, rows)
    return sum(chunk.nets for chunk in chunks)
