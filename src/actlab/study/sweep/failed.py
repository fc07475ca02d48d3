"""A study that could not go on: nothing is wrong with what was asked for, so the exit code is 1, not 2."""

from __future__ import annotations

from actlab.text import UserError


class StudyError(UserError):
    """The disk is full, a directory vanished, a cluster is gone. What was finished is kept."""


def reason_of(error: OSError) -> str:
    """What the system says, without its number."""
    return error.strerror or str(error) or type(error).__name__
