"""Files written aside and renamed into place: a reader finds the old one or the new one, never half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from pathlib import Path

from actlab.text import UserError, tr


def check_writable(path: str | os.PathLike[str]) -> Path:
    """`path` if a file can be put there, else a `UserError`. It tries with an empty file beside, and leaves nothing."""
    target = Path(path)
    handle, aside = _aside(target)
    os.close(handle)
    Path(aside).unlink()
    return target


def check_page(path: str | os.PathLike[str]) -> Path:
    """`path` if a page can be put there, else a `UserError`."""
    return check_writable(_named_as_page(path))


def write_page_text(path: str | os.PathLike[str], text: str) -> Path:
    """Put the page `text` at `path` in one step."""
    return write_text(_named_as_page(path), text)


def _named_as_page(path: str | os.PathLike[str]) -> Path:
    """`path`, but a `UserError` where its name is a picture's or a PDF's: it would not be one."""
    target = Path(path)
    if target.suffix.lower() not in ("", ".html", ".htm"):
        raise UserError("report.not_a_page", name=target.name)
    return target


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """Put `text` at `path` in one step."""
    target = Path(path)
    handle, aside = _aside(target)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(_mode(target))
        Path(aside).replace(target)
    except OSError as error:
        _discard(aside)
        raise _refused(target, error) from error
    except BaseException:  # Ctrl-C too: nothing half written stays behind
        _discard(aside)
        raise
    return target


def _discard(aside: str) -> None:
    with contextlib.suppress(OSError):
        Path(aside).unlink()


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, else those that a new file gets (a temporary one is private)."""
    with contextlib.suppress(OSError):
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _aside(target: Path) -> tuple[int, str]:
    try:
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "")
        if target.exists() and not os.access(target, os.W_OK):  # a rename would replace it all the same
            raise PermissionError(errno.EACCES, "")
        return tempfile.mkstemp(prefix=f".{target.name[:60]}.", suffix=".part", dir=target.parent)
    except (OSError, ValueError) as error:
        raise _refused(target, error) from error


def _refused(target: Path, error: OSError | ValueError) -> UserError:
    if isinstance(error, IsADirectoryError):
        reason = tr("report.reason.is_folder")
    elif isinstance(error, FileNotFoundError | NotADirectoryError):
        reason = tr("report.reason.no_folder", folder=str(target.parent))
    elif isinstance(error, PermissionError):
        reason = tr("report.reason.not_allowed")
    else:
        reason = tr("report.reason.other", detail=getattr(error, "strerror", None) or str(error))
    return UserError("report.unwritable", path=str(target), reason=reason)
