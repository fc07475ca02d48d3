"""A directory of this machine, or of a file system that several machines share.

A file is written aside, brought to the disk, and renamed: it is there as a whole or not at all.
"""
# ruff: noqa: D102 - the methods are described once, in `places.Place`

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from typing import TYPE_CHECKING

from actlab.study.sweep.failed import StudyError, reason_of
from actlab.study.sweep.process import is_left_over, mark
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class Directory:
    """A directory; ``.aside`` in it holds what is being written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def shown(self) -> str:
        return str(self.path)

    def begin(self, folders: Iterable[str]) -> None:
        try:
            for folder in (*folders, ".aside"):
                (self.path / folder).mkdir(parents=True, exist_ok=True)
            probe = self._new_aside("probe")
            probe.write_bytes(b"")
            probe.unlink()
            self._sweep_up()
        except OSError as error:
            raise UserError("sweep.unwritable", path=self.shown, reason=reason_of(error)) from error

    def names(self, folder: str) -> list[str]:
        try:
            with os.scandir(self.path / folder) as entries:
                return sorted(entry.name for entry in entries if entry.is_file())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise self._unread(error) from error

    def has(self, folder: str, name: str) -> bool:
        try:
            return (self.path / folder / name).exists()
        except OSError as error:
            raise self._unread(error) from error

    def read(self, folder: str, name: str) -> bytes | None:
        try:
            return (self.path / folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:  # no permission, a disk that fails: that says nothing about the file
            raise self._unread(error) from error

    def _unread(self, error: OSError) -> StudyError:
        return StudyError("sweep.not_read", path=error.filename or self.shown, reason=reason_of(error))

    def write(self, folder: str, name: str, content: bytes) -> None:
        aside = self._aside(name, content)
        try:
            aside.replace(self.path / folder / name)
            self._settle(folder)
        except OSError as error:
            _discard(aside)
            raise StudyError("sweep.not_written", path=self.shown, reason=reason_of(error)) from error

    def write_new(self, folder: str, name: str, content: bytes) -> bool:
        aside = self._aside(name, content)
        try:
            target = self.path / folder / name
            try:
                target.hardlink_to(aside)  # unlike a rename it fails where the name is taken
            except OSError as error:
                if error.errno not in _NO_LINKS or target.exists():
                    raise
                aside.replace(target)  # a file system without links: two at once are told apart by their content
            self._settle(folder)
        except FileExistsError:
            return False
        except OSError as error:
            raise StudyError("sweep.not_written", path=self.shown, reason=reason_of(error)) from error
        finally:
            _discard(aside)
        return True

    def set_aside(self, folder: str, name: str, into: str) -> None:
        with contextlib.suppress(OSError):  # another process was faster
            (self.path / into).mkdir(exist_ok=True)
            (self.path / folder / name).replace(self.path / into / f"{name}.{secrets.token_hex(4)}")

    def _aside(self, name: str, content: bytes) -> Path:
        """The content in a file of its own, brought to the disk. It lies on the same file system as its destination."""
        path = self._new_aside(name)
        try:
            with path.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            _discard(path)
            raise StudyError("sweep.not_written", path=self.shown, reason=reason_of(error)) from error
        except BaseException:  # Ctrl-C: nothing half written stays behind
            _discard(path)
            raise
        return path

    def _new_aside(self, name: str) -> Path:
        return self.path / ".aside" / f"{name}.{mark()}"

    def _sweep_up(self) -> None:
        """Remove what killed processes of this machine left half written."""
        for name in self.names(".aside"):
            if is_left_over(name.rpartition(".")[2]):
                _discard(self.path / ".aside" / name)

    def _settle(self, folder: str) -> None:
        """Bring the directory's entry to the disk too, or a power cut could take the name."""
        handle = os.open(self.path / folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _discard(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
