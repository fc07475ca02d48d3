"""A plan that was given as a mapping, written as the text of its file: what a store keeps, and a page shows."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from actlab.functions import Activation
from actlab.study.arm import Arm
from actlab.text import UserError


def plan_text(given: Mapping[str, Any]) -> str:
    """The TOML of ``{"activations": ["relu", "tanh"], "depth": [2, 4], …}``; arms, activations and arrays are taken."""
    return "".join(f"{_key(str(name))} = {_value(str(name), value)}\n" for name, value in given.items())


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _text(name)


def _text(text: str) -> str:
    """A basic string; JSON's are TOML's but for one control character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(name: str, value: Any) -> str:
    if hasattr(value, "tolist"):  # arrays and numbers of NumPy
        value = value.tolist()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Arm | Activation):
        return _text(value.name)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(name, own)}" for key, own in value.items()) + " }"
    if isinstance(value, Iterable):
        return "[" + ", ".join(_value(name, own) for own in value) + "]"
    raise UserError("sweep.no_value", name=name, value=str(value)[:40])
