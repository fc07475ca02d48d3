"""Who trains which chunk, where several processes share a directory.

A claim is a file made with O_EXCL. Who holds it must be alive: on this machine the kernel knows, by process number and
start; of another machine we watch its *pulse*, a file that grows by a byte every two seconds, and believe it dead when
our own monotonic clock has counted 30 s in which it did not grow. No wall clock is asked. When a holder is taken for
dead and was not, a chunk is trained twice, with the same bytes: harmless.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from typing import TYPE_CHECKING

from actlab.study.sweep.failed import StudyError, reason_of
from actlab.study.sweep.process import identity, is_left_over, is_running, machine, mark

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_BEAT, _SILENCE = 2.0, 30.0


class Claims:
    """The claims of this process; use as a context, which gives all of them back.

    Parameters
    ----------
    folder
        Where claims lie; made where it is missing.
    silence
        Seconds without a pulse after which a holder on another machine is taken for dead.
    """

    shared = True  # others see them

    def __init__(self, folder: Path, silence: float = _SILENCE) -> None:
        self._folder, self._silence = folder, silence
        self._token = mark()
        self._identity = json.dumps({"token": self._token, **identity()})
        self._held: set[str] = set()
        self._pulses: dict[str, tuple[int, float]] = {}  # holder → size of its pulse, when we first saw that size
        self._stop = threading.Event()
        self._heart: threading.Thread | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Claims:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._tidy()
            self._pulse(self._token).write_bytes(b".")
        except OSError as error:
            raise StudyError("sweep.not_written", path=str(self._folder), reason=reason_of(error)) from error
        self._heart = threading.Thread(target=self._beat, daemon=True)
        self._heart.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for name in list(self._held):
            self.release(name)
        if self._heart is not None:
            self._heart.join()
        _remove(self._pulse(self._token))

    def take(self, name: str) -> bool:
        """Claim a chunk; False where somebody who is alive has it."""
        path = self._folder / f"{name}.claim"
        for _ in range(2):
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            except FileExistsError:
                if self._alive(path):
                    return False
                # Of two that find the same dead claim, one gets it by this rename, the other finds it gone.
                gone = path.with_name(f"{name}.{self._token}.gone")
                with contextlib.suppress(OSError):
                    path.rename(gone)
                _remove(gone)
                continue
            except OSError as error:
                raise StudyError("sweep.not_written", path=str(self._folder), reason=reason_of(error)) from error
            try:
                os.write(handle, self._identity.encode())
            except OSError as error:
                _remove(path)
                raise StudyError("sweep.not_written", path=str(self._folder), reason=reason_of(error)) from error
            finally:
                os.close(handle)
            with self._lock:
                self._held.add(name)
            return True
        return False

    def release(self, name: str) -> None:
        """Give a claim back."""
        with self._lock:
            self._held.discard(name)
        _remove(self._folder / f"{name}.claim")

    def _tidy(self) -> None:
        """Remove what killed processes of this machine have left here."""
        for path in self._folder.iterdir():
            mine = path.suffix in (".pulse", ".gone") and is_left_over(path.stem.rpartition(".")[2])
            if mine or (path.suffix == ".claim" and not self._alive(path)):
                _remove(path)

    def _alive(self, path: Path) -> bool:
        try:
            holder = json.loads(path.read_text(encoding="utf-8"))
            token = str(holder["token"])
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError, TypeError):
            # Made a moment ago and not written yet, or left so by a kill: its size stands for a pulse.
            return self._grows(str(path), path)
        if holder.get("machine") == machine():
            return is_running(holder.get("process"), holder.get("start"))
        return self._grows(token, self._pulse(token))

    def _grows(self, key: str, file: Path) -> bool:
        """Whether a file has changed its size in the last `silence` seconds of our clock, as far as we saw."""
        try:
            size = file.stat().st_size
        except OSError:
            size = -1
        now = time.monotonic()
        seen, since = self._pulses.get(key, (None, now))
        if seen != size:
            self._pulses[key] = (size, now)
            return True
        # A claim without writing in it is a process that died between two calls of the system.
        return now - since < (self._silence if file.suffix == ".pulse" else min(self._silence, 2.0))

    def _pulse(self, token: str) -> Path:
        return self._folder / f"{token}.pulse"

    def _beat(self) -> None:
        while not self._stop.wait(_BEAT):
            with contextlib.suppress(OSError), self._pulse(self._token).open("ab") as file:
                file.write(b".")


class NoClaims:
    """Where claims cannot be had: everybody may train everything, at worst twice."""

    shared = False

    def __enter__(self) -> NoClaims:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def take(self, name: str) -> bool:
        """Always granted."""
        del name
        return True

    def release(self, name: str) -> None:
        """Nothing to give back."""


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
