"""Who shows a result of a room that is called by its own name: the façade says so, so that no floor reaches upward."""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Room → module and function that attach what shows its results; written by the façade as actlab is imported.
SHOWN: dict[str, tuple[str, str]] = {}


def shown(room: str, found: Any) -> Any:
    """`found` with the ways to show it attached."""
    module, name = SHOWN[room]
    return getattr(import_module(module), name)(found)
