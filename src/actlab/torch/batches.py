"""Batches as users have them: what goes to the model, and what to the loss."""

from __future__ import annotations

from typing import Any


def split(batch: Any) -> tuple[tuple[Any, ...], dict[str, Any], tuple[Any, ...]]:
    """What of a batch goes to the model (by place, by name), and what to the loss behind the output."""
    if isinstance(batch, dict) or (hasattr(batch, "keys") and hasattr(batch, "__getitem__")):
        return (), {str(name): batch[name] for name in batch}, (batch,)
    if not isinstance(batch, tuple | list):
        return (batch,), {}, ()
    if len(batch) == 1:
        return (batch[0],), {}, ()
    *inputs, target = batch
    if len(inputs) == 1 and isinstance(inputs[0], dict):
        return (), dict(inputs[0]), (target,)
    if len(inputs) == 1 and isinstance(inputs[0], tuple):
        return tuple(inputs[0]), {}, (target,)
    return tuple(inputs), {}, (target,)


def brief(error: Exception) -> str:
    """Kind and first line of what somebody else's code raised."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:200] if lines else ''}".rstrip(".: ")
