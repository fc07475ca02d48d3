"""Telling processes apart: which machine (and boot), which number, started when; and whether one is still running."""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
from functools import cache
from pathlib import Path
from typing import Any


def identity() -> dict[str, Any]:
    """This process, such that no other is taken for it."""
    return {"machine": machine(), "process": os.getpid(), "start": _start(os.getpid())}


def is_running(process: Any, start: Any = None) -> bool:
    """Whether a process of this machine is alive; with `start`, that very one, not a later one of the same number."""
    if not isinstance(process, int):
        return False
    found = _start(process)
    return found is not None and (start is None or found == start)


@cache
def here() -> str:
    """Eight digits that stand for this machine in names of files."""
    return hashlib.sha256(machine().encode()).hexdigest()[:8]


def mark() -> str:
    """A text for names of files that tells whose they are: machine, process, and a few dice."""
    return f"{here()}-{os.getpid()}-{secrets.token_hex(4)}"


def is_left_over(text: str) -> bool:
    """Whether a `mark` is that of a process of this machine that is no more."""
    place, process, *_ = (*text.split("-"), "", "")
    return place == here() and process.isdigit() and not is_running(int(process))


@cache
def machine() -> str:
    """The boot of this machine, and the space in which its process numbers mean something."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"{platform.node()} {os.name}"


def _start(process: int) -> str | None:
    """When a process was started, in ticks since the boot; None where it does not run, "?" where that is not told."""
    try:
        after_name = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
        state, *numbers = after_name.split()
        return None if state in "ZX" else numbers[18]  # a killed process whose parent has not looked yet is a zombie
    except (OSError, ValueError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return None
    try:  # no /proc: only whether the number is in use can be known
        os.kill(process, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    return "?"
