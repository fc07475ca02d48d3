"""What every command says: in characters that the console has, and apart from the JSON that a program reads."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from actlab.text import tr

if TYPE_CHECKING:
    import argparse
    from typing import Any, TextIO

INTERRUPTED = 130  # 128 + SIGINT, as shells count it


def _takes_all(stream: TextIO) -> bool:
    """Whether `stream` takes every character."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def say(text: str, stream: TextIO, end: str = "\n") -> None:
    """Write `text` to `stream` in characters that it has."""
    if not _takes_all(stream):
        from actlab.report._legible import legible

        text = legible(text, stream.encoding)
    print(text, end=end, file=stream)


def say_json(value: Any) -> None:
    """Write `value` to the standard output as JSON, in characters that it has."""
    say(json.dumps(value, ensure_ascii=not _takes_all(sys.stdout), indent=2), sys.stdout)


def say_beside(text: str, options: argparse.Namespace) -> None:
    """Write `text` beside the result: to the standard output, or the standard error where that is JSON."""
    say(text, sys.stderr if options.json else sys.stdout)


def seen_together() -> bool:
    """Whether what goes to standard output and to standard error ends in one place: a terminal, or one file."""
    try:
        return os.path.sameopenfile(sys.stdout.fileno(), sys.stderr.fileno())
    except (OSError, ValueError, AttributeError):  # streams of a notebook, or closed ones
        return False


def speakable() -> bool:
    """Whether the console has the letters of the language; a screen of question marks would help nobody."""
    try:
        tr("cli.help.usage").encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
