"""Values of a message that may be anybody's, checked: what is wrong is a `UserError` with one sentence."""

from __future__ import annotations

from typing import Any

from actlab.play import limits
from actlab.text import UserError


def fields(given: Any, kind: type, where: str) -> dict[str, Any]:
    """The object `given`, which has no fields but those of the dataclass `kind`."""
    if not isinstance(given, dict):
        raise UserError("play.not_an_object", where=where)
    known = kind.__dataclass_fields__  # type: ignore[attr-defined]
    for name in given:
        if name not in known:
            raise UserError("play.unknown_setting", name=str(name)[:40], known=", ".join(known))
    return given


def text(own: dict[str, Any], name: str, otherwise: str) -> str:
    """A short text."""
    value = own.get(name, otherwise)
    if not isinstance(value, str) or len(value) > limits.FORMULA_LENGTH:
        raise UserError("play.not_a_text", name=name)
    return value


def number(own: dict[str, Any], name: str, otherwise: float, low: float, high: float) -> float:
    """A finite number of `low` … `high`."""
    value = own.get(name, otherwise)
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    if not fits or not low <= value <= high:  # which NaN is not, and a whole number of any length can be asked
        raise UserError("play.out_of_range", name=name, low=f"{low:g}", high=f"{high:g}")
    return float(value)


def whole(own: dict[str, Any], name: str, otherwise: int, low: int, high: int) -> int:
    """A whole number of `low` … `high`."""
    value = own.get(name, otherwise)
    fits = isinstance(value, int) and not isinstance(value, bool)
    if not fits or not low <= value <= high:
        raise UserError("play.out_of_range", name=name, low=low, high=high)
    return int(value)
