"""Where a sweep's files lie: a directory of this machine, or any URL that fsspec knows.

Both promise the same: a file is there as a whole or not at all. In a directory it is written aside, brought to the
disk, and renamed; on an object store one PUT takes the place of that.
"""
# ruff: noqa: D102 - the methods of both kinds are described once, in `Place`

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from actlab.study.sweep.failed import StudyError, reason_of
from actlab.study.sweep.process import is_left_over, mark
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class Place(Protocol):
    """Files in folders one level deep; names have no slash in them."""

    @property
    def shown(self) -> str:
        """What the user calls it."""

    def begin(self, folders: Iterable[str]) -> None:
        """Make the folders; `UserError` where nothing can be written."""

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder, sorted; none where there is no such folder."""

    def has(self, folder: str, name: str) -> bool:
        """Whether that file is there."""

    def read(self, folder: str, name: str) -> bytes | None:
        """A file's content; None where it is gone or cannot be read."""

    def write(self, folder: str, name: str, content: bytes) -> None:
        """Put a file there as a whole; `StudyError` where that is not possible."""

    def write_new(self, folder: str, name: str, content: bytes) -> bool:
        """The same, but False where that name is taken."""

    def set_aside(self, folder: str, name: str, into: str) -> None:
        """Move a file that is no good into another folder, where nobody looks for it but the user."""


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
            return sorted(entry.name for entry in os.scandir(self.path / folder) if entry.is_file())
        except OSError:
            return []

    def has(self, folder: str, name: str) -> bool:
        return (self.path / folder / name).exists()

    def read(self, folder: str, name: str) -> bytes | None:
        try:
            return (self.path / folder / name).read_bytes()
        except OSError:
            return None

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


class Remote:
    """Any URL that fsspec knows: ``s3://bucket/study``, ``memory://study``."""

    def __init__(self, url: str) -> None:
        try:
            import fsspec  # type: ignore[import-untyped]
        except ImportError:
            raise UserError("sweep.no_fsspec", url=url) from None
        self.url = url.rstrip("/")
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.url)
        except (ValueError, ImportError, OSError) as error:
            raise UserError("sweep.bad_url", url=url, reason=str(error)[:120]) from None

    @property
    def shown(self) -> str:
        return self.url

    def begin(self, folders: Iterable[str]) -> None:
        del folders  # an object store has none
        try:
            self._files.makedirs(self._root, exist_ok=True)
            self._files.pipe_file(self._at("runs", ".probe"), b"")
            self._files.rm_file(self._at("runs", ".probe"))
        except Exception as error:
            raise UserError("sweep.unwritable", path=self.shown, reason=_said(error)) from error

    def names(self, folder: str) -> list[str]:
        self._files.invalidate_cache()
        try:
            listed = self._files.ls(f"{self._root}/{folder}", detail=False)
        except FileNotFoundError:
            return []
        return sorted(str(path).rstrip("/").rpartition("/")[2] for path in listed)

    def has(self, folder: str, name: str) -> bool:
        self._files.invalidate_cache()
        return bool(self._files.exists(self._at(folder, name)))

    def read(self, folder: str, name: str) -> bytes | None:
        try:
            return bytes(self._files.cat_file(self._at(folder, name)))
        except OSError:
            return None

    def write(self, folder: str, name: str, content: bytes) -> None:
        try:
            self._files.makedirs(f"{self._root}/{folder}", exist_ok=True)
            self._files.pipe_file(self._at(folder, name), content)
        except Exception as error:
            raise StudyError("sweep.not_written", path=self.shown, reason=_said(error)) from error

    def write_new(self, folder: str, name: str, content: bytes) -> bool:
        if self.has(folder, name):  # no store promises more; two names at once are told apart by their content
            return False
        self.write(folder, name, content)
        return True

    def set_aside(self, folder: str, name: str, into: str) -> None:
        with contextlib.suppress(OSError):
            self._files.mv(self._at(folder, name), self._at(into, f"{name}.{secrets.token_hex(4)}"))

    def _at(self, folder: str, name: str) -> str:
        return f"{self._root}/{folder}/{name}"


def place_of(where: str | os.PathLike[str]) -> Directory | Remote:
    """The place that a path or a URL means."""
    text = os.fspath(where)
    if "://" in text:
        return Directory(Path(text[7:])) if text.startswith("file://") else Remote(text)
    return Directory(Path(text))


def _discard(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _said(error: Any) -> str:
    return reason_of(error) if isinstance(error, OSError) else str(error)[:120] or type(error).__name__
