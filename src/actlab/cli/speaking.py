"""What every command does with words: say them in characters that the console has, and read numbers out of them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from actlab.text import UserError, tr

if TYPE_CHECKING:
    from typing import Any, TextIO

INTERRUPTED = 130  # 128 + SIGINT, as shells count it


def _takes_all(stream: TextIO) -> bool:
    """Whether `stream` takes every character."""
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def say(text: str, stream: TextIO, end: str = "\n") -> None:
    """Write `text` to `stream` in characters that it has."""
    if not _takes_all(stream):
        from actlab.report.terminal import legible

        text = legible(text, stream.encoding)
    print(text, end=end, file=stream)


def say_json(value: Any) -> None:
    """Write `value` to the standard output as JSON, in characters that it has."""
    say(json.dumps(value, ensure_ascii=not _takes_all(sys.stdout), indent=2), sys.stdout)


def speakable() -> bool:
    """Whether the console has the letters of the language; a screen of question marks would help nobody."""
    try:
        tr("cli.help.usage").encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def number(flag: str, text: str | None, kind: type[int] | type[float]) -> float | None:
    """`text` as a number; None stays None. Ranges are checked where they belong, by the plan."""
    if text is None:
        return None
    try:
        return kind(text.strip())
    except (ValueError, OverflowError):
        raise UserError("cli.not_a_number" if kind is float else "cli.not_whole", name=flag, value=text[:40]) from None


def numbers(flag: str, text: str, kind: type[int] | type[float]) -> list[float]:
    """`text`, a list with commas, as numbers."""
    found = [number(flag, part, kind) for part in text.split(",")]
    return [one for one in found if one is not None]
