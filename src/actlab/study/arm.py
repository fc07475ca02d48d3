"""An arm: one condition of a study, an activation and the settings in which it differs from the others."""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, cast, get_args

from actlab import functions
from actlab.nets import OPTIMISERS, Optimiser, Sgd, optimiser, optimiser_text
from actlab.nets.initialise import checked_init
from actlab.nets.spec import Norm, check_choice
from actlab.nets.training import Schedule
from actlab.text import UserError, integer, nearest

if TYPE_CHECKING:
    from actlab.functions import Activation
    from actlab.functions.facts import Facts

PLAIN = Sgd()
_MOST_STEPS = 1_000_000_000
_LABEL = re.compile(r"(?P<activation>[^\[\]]*)\[(?P<settings>[^\[\]]*)\]")


@dataclass(frozen=True)
class Settings:
    """What nets and their training may have beside the activation; what is not named is as plain as can be.

    Parameters
    ----------
    init
        ``"he"``, ``"lecun"``, ``"xavier"``, ``"critical"``, ``"identity"``, ``"gain 1.5"``, ``"gain 1.5 bias 0.2"``;
        None: what suits the activation.
    norm, residual
        As in `actlab.nets.NetSpec`.
    optimiser, schedule, warm_up, weight_decay, clip
        As in `actlab.nets.TrainSpec`.
    """

    init: str | None = None
    norm: Norm = "none"
    residual: int = 0
    optimiser: Optimiser = PLAIN
    schedule: Schedule = "constant"
    warm_up: int = 0
    weight_decay: float = 0.0
    clip: float | None = None

    @classmethod
    def read(cls, **given: Any) -> Settings:
        """Settings from what a user gave; None: as plain as can be. `UserError` for a value that is none."""
        return cls(**{name: _READ[name](value) for name, value in given.items() if value is not None})

    def texts(self) -> dict[str, str]:
        """Setting → its value as a text that `Arm` and the command line read; those that are as plain as can be."""
        plain = {field.name: field.default for field in fields(self)}
        return {name: setting_text(value) for name, value in vars(self).items() if value != plain[name]}


@dataclass(frozen=True, init=False)
class Arm:
    """One condition of a study: an activation, and the settings that are its own.

    Parameters
    ----------
    activation
        A name, a formula or an `Activation`.
    init, norm, residual, optimiser, schedule, warm_up, weight_decay, clip
        As in `actlab.compare`. None: as for all arms of the study.

    Raises
    ------
    UserError
        For a name or a value that is none.

    Examples
    --------
    >>> import actlab
    >>> actlab.Arm("relu", norm="batch").name
    'relu [norm=batch]'
    """

    activation: Activation
    init: str | None
    norm: Norm | None
    residual: int | None
    optimiser: Optimiser | None
    schedule: Schedule | None
    warm_up: int | None
    weight_decay: float | None
    clip: float | None

    def __init__(
        self,
        activation: str | Activation,
        *,
        init: str | None = None,
        norm: str | None = None,
        residual: int | None = None,
        optimiser: str | Optimiser | None = None,
        schedule: str | None = None,
        warm_up: int | None = None,
        weight_decay: float | None = None,
        clip: float | None = None,
    ) -> None:
        object.__setattr__(self, "activation", functions.get(activation))
        given = (init, norm, residual, optimiser, schedule, warm_up, weight_decay, clip)
        for (name, read), value in zip(_READ.items(), given, strict=True):
            object.__setattr__(self, name, None if value is None else read(value))

    @classmethod
    def read(cls, name: Any) -> Arm:
        """The arm that `name` means: an arm, an activation, or a text such as ``"relu [norm=batch, clip=1]"``."""
        if isinstance(name, Arm):
            return name
        found = _LABEL.fullmatch(name.strip()) if isinstance(name, str) else None
        if found is None:
            if isinstance(name, str):
                _check_brackets(name.strip())
            return cls(functions.get(name))
        if not found["activation"].strip() or not found["settings"].strip():
            raise UserError("study.arm_lacks", arm=name.strip()[:60])
        given: dict[str, Any] = {}
        for part in re.split(r",(?![^(]*\))", found["settings"]):
            setting, equals, value = (piece.strip() for piece in part.partition("="))
            setting = setting.replace("-", "_").replace("optimizer", "optimiser")
            if setting not in _READ:
                near, known = nearest(setting, _READ), ", ".join(_READ)
                key = "study.unknown_setting_near" if near else "study.unknown_setting"
                raise UserError(key, name=setting[:40], arm=name.strip()[:60], near=near or "", known=known)
            if not equals or not value or setting in given:
                raise UserError("study.unreadable_arm", arm=name.strip()[:60], part=part.strip()[:40])
            given[setting] = _FROM_TEXT.get(setting, str)(value)
        return cls(functions.get(found["activation"].strip()), **given)

    @property
    def own(self) -> dict[str, Any]:
        """The settings that are the arm's own."""
        return {name: getattr(self, name) for name in _READ if getattr(self, name) is not None}

    @property
    def name(self) -> str:
        """What the arm is called; `read` makes the arm of it again."""
        own = ", ".join(f"{name}={setting_text(value)}" for name, value in self.own.items())
        return f"{self.activation.name} [{own}]" if own else self.activation.name

    @property
    def formula(self) -> str:
        """The activation's formula."""
        return self.activation.formula

    @property
    def latex(self) -> str:
        """The activation's formula in LaTeX."""
        return self.activation.latex

    @property
    def facts(self) -> Facts:
        """The activation's facts."""
        return self.activation.facts

    def settings(self, common: Settings) -> Settings:
        """The settings of the arm's nets, the initialisation too, where `common` are those of all arms."""
        found = replace(common, **self.own)
        return replace(found, init=found.init or self.activation.default_init)


def setting_text(value: Any) -> str:
    """A setting as a text that `Arm.read` and the command line read."""
    if isinstance(value, get_args(Optimiser)):
        return optimiser_text(value)
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)


# --- values that a user gave, as `Settings` holds them ---


def whole(name: str, value: Any, low: int, high: int) -> int:
    """`value` where it is a whole number between the two, else a `UserError`."""
    found = int(value) if is_number(value, numbers.Integral) else None
    if found is None or not low <= found <= high:
        raise UserError("study.whole_number", name=name, value=shown(value), low=integer(low), high=integer(high))
    return found


def is_number(value: Any, kind: type) -> bool:
    """Whether `value` is a number of that kind; True and False are not meant as 1 and 0."""
    return isinstance(value, kind) and not isinstance(value, bool)


def shown(value: Any) -> str:
    """`value` for a sentence, short; text in quotes, or "0.05" would be called no number."""
    return (repr(value) if isinstance(value, str) else str(value))[:40]


def positive(name: str, value: Any) -> float:
    """`value` where it is a positive number that single precision holds, else a `UserError`."""
    found = float(value) if is_number(value, numbers.Real) else math.nan
    if not 1e-30 <= found <= 1e30:
        raise UserError("study.positive", name=name, value=shown(value), low="1e-30", high="1e+30")
    return found


def _norm(value: Any) -> Norm:
    return cast("Norm", _choice("norm", value, get_args(Norm)))


def _schedule(value: Any) -> Schedule:
    return cast("Schedule", _choice("schedule", value, get_args(Schedule)))


def _check_brackets(label: str) -> None:
    """`UserError` for a text with square brackets that is no arm: formulas have none."""
    if "[" not in label and "]" not in label:
        return
    settings = label.partition("[")[2].strip()
    if "]" not in label and label.count("[") == 1:
        whole = not label.startswith("[") and all("=" in part for part in settings.split(","))
        right = f"{label}]" if whole else "relu [norm=batch, clip=1]"
        raise UserError("study.unclosed_arm", arm=label[:60], right=right[:80])
    raise UserError("study.arm_form", arm=label[:60])


def _choice(name: str, value: Any, known: tuple[str, ...]) -> str:
    text = str(value).strip().lower()
    check_choice(name, text, known)
    return text


def _rule(value: Any) -> Optimiser:
    if isinstance(value, get_args(Optimiser)):
        return cast("Optimiser", value)
    if not isinstance(value, str):
        check_choice("optimiser", str(value), tuple(OPTIMISERS))
    return optimiser(value)


def _weight_decay(value: Any) -> float:
    return 0.0 if is_number(value, numbers.Real) and value == 0 else positive("weight_decay", value)


#: What may be said of an arm, in the order of `Settings`, and how it is read.
_READ: dict[str, Callable[[Any], Any]] = {
    "init": checked_init,
    "norm": _norm,
    "residual": lambda value: whole("residual", value, 0, 512),
    "optimiser": _rule,
    "schedule": _schedule,
    "warm_up": lambda value: whole("warm_up", value, 0, _MOST_STEPS),
    "weight_decay": _weight_decay,
    "clip": lambda value: positive("clip", value),
}


def _number(text: str) -> float | str:
    """The number that a text is; any other text as it stands, for whoever checks it."""
    try:
        return float(text)
    except ValueError:
        return text


def _whole(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


_FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "residual": _whole, "warm_up": _whole, "weight_decay": _number, "clip": _number,
}  # fmt: skip
