"""A study behind a URL: ``s3://bucket/study``, ``memory://study``, or whatever else fsspec knows.

On an object store one PUT takes the place of writing aside and renaming: an object is there as a whole or not at all.
Where a URL means a file system without such a promise, a file cut short is found by its checksum, and trained again.
"""
# ruff: noqa: D102 - the methods are described once, in `places.Place`

from __future__ import annotations

import contextlib
import secrets
from typing import TYPE_CHECKING

from actlab.study.sweep.failed import StudyError, reason_of
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable


class Remote:
    """Files behind a URL."""

    def __init__(self, url: str) -> None:
        try:
            import fsspec  # type: ignore[import-untyped]
        except ImportError:
            raise UserError("sweep.no_fsspec", url=url) from None
        self.url = url.rstrip("/")
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.url)
        except Exception as error:  # each kind of store has its own
            raise UserError("sweep.bad_url", url=url, reason=_said(error)) from None

    @property
    def shown(self) -> str:
        return self.url

    def begin(self, folders: Iterable[str]) -> None:
        del folders  # an object store has none
        probe = f".probe.{secrets.token_hex(4)}"
        try:
            self._put("runs", probe, b"", "overwrite")
            self._files.rm_file(self._at("runs", probe))
        except Exception as error:
            raise UserError("sweep.unwritable", path=self.shown, reason=_said(error)) from error

    def names(self, folder: str) -> list[str]:
        try:
            self._files.invalidate_cache()
            listed = self._files.ls(f"{self._root}/{folder}", detail=False)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except Exception as error:
            raise self._unread(error) from error
        return sorted(filter(None, (str(path).rpartition("/")[2] for path in listed)))

    def has(self, folder: str, name: str) -> bool:
        try:
            self._files.invalidate_cache()
            return bool(self._files.exists(self._at(folder, name)))
        except Exception as error:
            raise self._unread(error) from error

    def read(self, folder: str, name: str) -> bytes | None:
        try:
            return bytes(self._files.cat_file(self._at(folder, name)))
        except FileNotFoundError:
            return None
        except Exception as error:  # the network, the rights: that says nothing about the file
            raise self._unread(error) from error

    def write(self, folder: str, name: str, content: bytes) -> None:
        try:
            self._put(folder, name, content, "overwrite")
        except Exception as error:
            raise StudyError("sweep.not_written", path=self.shown, reason=_said(error)) from error

    def write_new(self, folder: str, name: str, content: bytes) -> bool:
        if self.has(folder, name):
            return False
        try:
            self._put(folder, name, content, "create")
        except FileExistsError:
            return False
        except (TypeError, ValueError, NotImplementedError):  # a store that cannot: two names at once are very rare
            self.write(folder, name, content)
        except Exception as error:
            raise StudyError("sweep.not_written", path=self.shown, reason=_said(error)) from error
        return True

    def set_aside(self, folder: str, name: str, into: str) -> None:
        with contextlib.suppress(Exception):  # another process was faster
            self._files.mv(self._at(folder, name), self._at(into, f"{name}.{secrets.token_hex(4)}"))

    def _put(self, folder: str, name: str, content: bytes, mode: str) -> None:
        given = {} if mode == "overwrite" else {"mode": mode}
        try:
            self._files.pipe_file(self._at(folder, name), content, **given)
        except FileNotFoundError:
            # A file system wants its folders first. A bucket is not ours to make: its name may be a slip of the pen.
            if not self._files.exists(self._root.partition("/")[0] or "/"):
                raise
            self._files.makedirs(f"{self._root}/{folder}", exist_ok=True)
            self._files.pipe_file(self._at(folder, name), content, **given)

    def _at(self, folder: str, name: str) -> str:
        return f"{self._root}/{folder}/{name}"

    def _unread(self, error: Exception) -> StudyError:
        return StudyError("sweep.not_read", path=self.shown, reason=_said(error))


def _said(error: Exception) -> str:
    text = reason_of(error) if isinstance(error, OSError) else str(error) or type(error).__name__
    return text.strip().rstrip(".")[:160]
