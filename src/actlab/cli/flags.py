"""Flags with a value behind them: a table a command, of which come what argparse is taught and what Python is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from actlab.text import UserError, tr

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable
    from typing import Any


def number(flag: str, text: str | None, kind: type[int] | type[float]) -> float | None:
    """`text` as a number; None stays None. Ranges are checked where they belong, by the plan."""
    if text is None:
        return None
    try:
        return kind(text.strip())
    except (ValueError, OverflowError):
        raise UserError("cli.not_a_number" if kind is float else "cli.not_whole", name=flag, value=text[:40]) from None


def words(flag: str, text: str) -> str:  # noqa: ARG001
    """`text` as it was typed: a name, a file."""
    return text


def whole(flag: str, text: str) -> float | None:
    """`text` as a whole number."""
    return number(flag, text, int)


def seeds(flag: str, text: str) -> float | str | None:
    """`text` as a whole number, or ``"auto"``."""
    if text.strip().lower() == "auto":
        return "auto"
    try:
        return whole(flag, text)
    except UserError:
        raise UserError("cli.not_seeds", name=flag, value=text[:40]) from None


def real(flag: str, text: str) -> float | None:
    """`text` as a number."""
    return number(flag, text, float)


def wholes(flag: str, text: str) -> list[float | None]:
    """`text`, a list with commas, as whole numbers."""
    return [whole(flag, part) for part in text.split(",")]


def reals(flag: str, text: str) -> list[float | None]:
    """`text`, a list with commas, as numbers."""
    return [real(flag, part) for part in text.split(",")]


@dataclass(frozen=True)
class Flag:
    """``--name VALUE``.

    Attributes:
        name: as it is typed, ``"--batch-size"``.
        metavar: what the help shows in the place of a value.
        read: called with the flag and the text behind it, gives what Python's argument takes.
    """

    name: str
    metavar: str
    read: Callable[[str, str], Any] = words

    @property
    def setting(self) -> str:
        """The argument of Python's function: ``batch_size``."""
        return self.name[2:].replace("-", "_")


REPORT: Final = Flag("--report", "PAGE.html")


def teach(command: argparse.ArgumentParser, table: str, flags: Iterable[Flag]) -> None:
    """Teach `command` the flags, whose help stands in `table` of the locale."""
    for flag in flags:
        command.add_argument(flag.name, metavar=flag.metavar, help=tr(f"{table}.{flag.setting}"))


def asked(options: argparse.Namespace, flags: Iterable[Flag]) -> dict[str, Any]:
    """The settings that were typed, by argument; the others stay at the defaults of the function that is called.

    Raises:
        UserError: where a text does not read as its flag wants it.
    """
    typed = ((flag, getattr(options, flag.setting)) for flag in flags)
    return {flag.setting: flag.read(flag.name, text) for flag, text in typed if text is not None}
