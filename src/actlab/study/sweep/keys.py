"""The keys of a plan file that are settings of a net, and what each may hold."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from actlab.nets import optimiser, optimiser_text
from actlab.nets.initialise import checked_init
from actlab.nets.spec import Norm, check_choice
from actlab.nets.training import Schedule
from actlab.text import UserError, integer

if TYPE_CHECKING:
    from collections.abc import Callable

_MANY = 10_000_000


@dataclass(frozen=True)
class Key:
    """A setting: how a value of it is checked, and what it is where the plan is silent (None: what suits the data).

    `column` is what the setting is called in tables and constraints, where each net has one value of it.
    """

    name: str
    column: str
    check: Callable[[str, Any], Any]
    default: tuple[Any, ...]
    numeric: bool = True
    whole: bool = False


def _whole(low: int, high: int = _MANY) -> Callable[[str, Any], int]:
    def check(key: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise UserError("sweep.whole", name=key, value=_shown(value), low=integer(low), high=integer(high))
        return value

    return check


def _real(low: float, high: float, above: bool = False) -> Callable[[str, Any], float]:
    """A number from `low` to `high`; `above`: greater than `low`."""

    def check(key: str, value: Any) -> float:
        good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not good or not low <= value <= high or (above and value == low):
            sentence = "sweep.real_above" if above else "sweep.real"
            raise UserError(sentence, name=key, value=_shown(value), low=f"{low:g}", high=f"{high:g}")
        return float(value)

    return check


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise UserError("sweep.text", name=key, value=_shown(value))
    return value.strip()


def _choice(*known: str) -> Callable[[str, Any], str]:
    def check(key: str, value: Any) -> str:
        check_choice(key, _text(key, value).lower(), known)
        return str(value).strip().lower()

    return check


def _optimiser(key: str, value: Any) -> str:
    return optimiser_text(optimiser(_text(key, value)))


def _init(key: str, value: Any) -> str:
    text = _text(key, value).lower()
    return text if text == "default" else checked_init(text)


def _shape(key: str, value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= 512:
        raise UserError("sweep.shape", name=key, value=_shown(value))
    return tuple(_whole(1, 4096)(key, width) for width in value)


def _shown(value: Any) -> str:
    return (f'"{value}"' if isinstance(value, str) else str(value))[:40]


def optional(value: float) -> float | None:
    """0 stands for "none" in a plan, as TOML has no word for that."""
    return value or None


KEYS: tuple[Key, ...] = (
    Key("data", "data", _text, ("moons",), numeric=False),
    Key("noise", "noise", _real(0, 1e6), (None,)),
    Key("noise_columns", "noise_columns", _whole(0, 1000), (None,), whole=True),
    Key("train_points", "train_points", _whole(2), (None,), whole=True),
    Key("validation_points", "validation_points", _whole(2), (None,), whole=True),
    Key("test_points", "test_points", _whole(2), (None,), whole=True),
    Key("hidden", "hidden", _shape, ((8, 8),), numeric=False),
    Key("depth", "depth", _whole(1, 512), (None,), whole=True),
    Key("width", "width", _whole(1, 4096), (None,), whole=True),
    Key("activations", "activation", _text, (), numeric=False),
    Key("init", "init", _init, ("default",), numeric=False),
    Key("norm", "norm", _choice(*get_args(Norm)), ("none",), numeric=False),
    Key("residual", "residual", _whole(0, 512), (0,), whole=True),
    Key("optimiser", "optimiser", _optimiser, ("sgd",), numeric=False),
    Key("schedule", "schedule", _choice(*get_args(Schedule)), ("constant",), numeric=False),
    Key("warm_up", "warm_up", _whole(0), (0,), whole=True),
    Key("weight_decay", "weight_decay", _real(0, 1e6), (0.0,)),
    Key("clip", "clip", _real(0, 1e30), (0.0,)),
    Key("epochs", "epochs", _whole(1), (None,), whole=True),
    Key("batch_size", "batch_size", _whole(1), (64,), whole=True),
    Key("learning_rates", "learning_rate", _real(1e-30, 1e30), (0.05, 0.15, 0.5, 1.5, 5.0)),
)  # fmt: skip
BY_NAME = {key.name: key for key in KEYS}
