"""Where a sweep's files lie: a directory of this machine, or any URL that fsspec knows.

Both promise the same: a file is there as a whole or not at all. In a directory it is written aside, brought to the
disk, and renamed; on an object store one PUT takes the place of that.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from actlab.study.sweep.directory import Directory
from actlab.study.sweep.remote import Remote

if TYPE_CHECKING:
    from collections.abc import Iterable


class Place(Protocol):
    """Files in folders one level deep; names have no slash in them."""

    @property
    def shown(self) -> str:
        """What the user calls it."""

    def begin(self, folders: Iterable[str]) -> None:
        """Make the folders; `UserError` where nothing can be written."""

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder, sorted; none where there is no such folder. `StudyError`: cannot be read."""

    def has(self, folder: str, name: str) -> bool:
        """Whether that file is there."""

    def read(self, folder: str, name: str) -> bytes | None:
        """A file's content; None where it is gone; `StudyError` where it cannot be read."""

    def write(self, folder: str, name: str, content: bytes) -> None:
        """Put a file there as a whole; `StudyError` where that is not possible."""

    def write_new(self, folder: str, name: str, content: bytes) -> bool:
        """The same, but False where that name is taken."""

    def set_aside(self, folder: str, name: str, into: str) -> None:
        """Move a file that is no good into another folder, where nobody looks for it but the user."""


def place_of(where: str | os.PathLike[str]) -> Directory | Remote:
    """The place that a path or a URL means."""
    text = os.fspath(where)
    for local in ("file://", "local://"):
        if text.startswith(local):
            return Directory(Path(text.removeprefix(local)))
    return Remote(text) if "://" in text else Directory(Path(text))
