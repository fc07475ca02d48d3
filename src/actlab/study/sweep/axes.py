"""One key of a plan file: the values that it runs through.

What may stand behind a key::

    depth = 4                                          one value
    depth = [2, 4, 8]                                  a list
    depth = { from = 2, to = 30, step = 4 }            evenly spaced; the end is included where the steps meet it
    learning_rates = { from = 0.01, to = 10, count = 7, scale = "log" }
    learning_rates = { between = [0.01, 10], scale = "log" }     drawn; needs `random`, the number of draws
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actlab.text import UserError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_VALUES = 10_000
_SPACED = ("from", "to", "step", "count", "scale")
_DRAWN = ("between", "scale")


@dataclass(frozen=True)
class Axis:
    """A key with its values, or the range that they are drawn from."""

    key: str
    values: tuple[Any, ...] = ()
    between: tuple[float, float] | None = None
    log: bool = False
    whole: bool = False

    @property
    def varies(self) -> bool:
        """Whether there is more than one value."""
        return self.between is not None or len(self.values) > 1

    @property
    def size(self) -> float:
        """How many different values it has; ∞ of a range of all numbers."""
        if self.between is None:
            return len(self.values)
        return self.between[1] - self.between[0] + 1 if self.whole else math.inf

    def at(self, share: float) -> Any:
        """The value at `share` in [0, 1): of a list the entry there, of a range the place."""
        if self.between is None:
            return self.values[int(share * len(self.values))]
        low, high = self.between
        if self.whole:  # each whole number has the same share of the line; with "log", of the logarithmic line
            high += 1
        value = low * (high / low) ** share if self.log else low + (high - low) * share
        return min(int(value), int(self.between[1])) if self.whole else float(f"{value:.6g}")


def read_axis(key: str, given: Any, check: Callable[[str, Any], Any], *, numeric: bool, whole: bool) -> Axis:
    """The axis that `given` describes; `check(key, value)` makes a value canonical or says what is wrong with it."""
    if isinstance(given, dict):
        if not numeric:
            raise UserError("sweep.no_range", name=key)
        return _range(key, given, check, whole)
    values = given if isinstance(given, list) else [given]
    if not values:
        raise UserError("sweep.empty", name=key)
    checked = tuple(check(key, value) for value in values)
    for value in checked:
        if checked.count(value) > 1:
            raise UserError("sweep.twice", name=key, value=value if isinstance(value, str | int | float) else given)
    return Axis(key, checked)


def _range(key: str, given: dict[str, Any], check: Callable[[str, Any], Any], whole: bool) -> Axis:
    drawn = "between" in given
    known = _DRAWN if drawn else _SPACED
    for name in given:
        check_key(f"{key}.{name}", name, known)
    log = _log(key, given.get("scale", "linear"))
    if drawn:
        ends = given["between"]
        if not (isinstance(ends, list) and len(ends) == 2):
            raise UserError("sweep.two_ends", name=key)
        low, high = (check(key, end) for end in ends)
        _ascending(key, low, high, log)
        return Axis(key, between=(low, high), log=log, whole=whole)
    if "from" not in given or "to" not in given or ("step" in given) == ("count" in given):
        raise UserError("sweep.bad_range", name=key)
    low, high = check(key, given["from"]), check(key, given["to"])
    _ascending(key, low, high, log)
    values = _spaced(key, low, high, given, log)
    if whole:
        values = [round(value) for value in values]
    return Axis(key, tuple(dict.fromkeys(check(key, value) for value in values)))


def _spaced(key: str, low: float, high: float, given: dict[str, Any], log: bool) -> list[float]:
    if "step" in given:
        step = given["step"]
        if log or not _number(step) or not step > 0:
            raise UserError("sweep.bad_step", name=key)
        if (high - low) / step > _MOST_VALUES:
            raise UserError("sweep.too_many_values", name=key, most=_MOST_VALUES)
        return [_tidy(low + k * step) for k in range(math.floor((high - low) / step + 1e-9) + 1)]
    count = given["count"]
    if not isinstance(count, int) or isinstance(count, bool) or not 2 <= count <= _MOST_VALUES:
        raise UserError("sweep.bad_count", name=key, most=_MOST_VALUES)
    shares = [k / (count - 1) for k in range(count)]
    inside = [low * (high / low) ** s if log else low + (high - low) * s for s in shares[1:-1]]
    return [low, *map(_tidy, inside), high]


def _tidy(value: float) -> float:
    """Six digits: 0.30000000000000004 is not what anybody meant, nor would like to read."""
    return float(f"{value:.6g}")


def _log(key: str, scale: Any) -> bool:
    if scale not in ("linear", "log"):
        raise UserError("sweep.bad_scale", name=key, value=str(scale)[:40])
    return bool(scale == "log")


def _ascending(key: str, low: Any, high: Any, log: bool) -> None:
    if not low < high or (log and not low > 0):
        raise UserError("sweep.not_ascending_log" if log else "sweep.not_ascending", name=key)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def check_key(shown: str, name: str, known: tuple[str, ...]) -> None:
    """`UserError` with the nearest allowed key unless `name` is `known`."""
    if name not in known:
        near = nearest(name, known)
        values = {"name": shown[:60], "known": ", ".join(known)}
        raise (
            UserError("sweep.unknown_key_near", near=near, **values)
            if near
            else UserError("sweep.unknown_key", **values)
        )


def share_of(*words: object) -> float:
    """A number in [0, 1) that depends on `words` alone: the dice of a random search, the same everywhere for ever."""
    digest = hashlib.sha256("\x1f".join(map(str, words)).encode()).digest()
    return (int.from_bytes(digest[:8], "big") >> 11) * 2.0**-53
