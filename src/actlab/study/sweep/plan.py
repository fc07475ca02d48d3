"""A sweep's plan: a TOML file, read and checked before anything is trained.

::

    title = "Which function trains how deep?"
    data = ["moons", "digits"]
    activations = ["relu", "tanh", "sigmoid"]      # the others are compared to the first
    depth = [2, 4, 8, 16, 30]
    width = 8
    learning_rates = { from = 0.01, to = 1, count = 5, scale = "log" }
    seeds = 64                                     # or { until = 0.05, most = 1024 }, or "auto"
    constraints = ["parameters <= 10000"]

Every setting (`keys.py`) may be a list or a range (`axes.py`); all combinations are trained, or, with ``random = 50``,
so many draws of them. Activations and data are never drawn but always crossed: arms stay paired.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from actlab.study.auto import MOST, MOST_SEEDS, NARROWEST, UNTIL, WIDEST
from actlab.study.sweep.axes import Axis, check_key, read_axis
from actlab.study.sweep.constraints import Constraint
from actlab.study.sweep.keys import BY_NAME, KEYS
from actlab.text import LANGUAGES, UserError, integer

if TYPE_CHECKING:
    from pathlib import Path

    from actlab.study.sweep.grid import Grid

#: Columns that a constraint may speak of beside those of the settings.
QUANTITIES = ("parameters", "flops", "steps")
_OTHER = (
    "title", "seeds", "constraints", "random", "random_seed", "best_over", "grow_rates", "target", "task", "encode",
    "missing",
)  # fmt: skip
#: Of ``seeds = "auto"``: seeds that choose each arm's best, and judged seeds of the first round.
PILOT, FIRST = 16, 32


@dataclass(frozen=True)
class Seeds:
    """How many seeds: a number, or as many as it takes.

    Parameters
    ----------
    most
        The number; where `until` is given, the largest allowed.
    until
        The width of an interval of the mean test score that is narrow enough; None: `most` seeds, no more and no less.
    """

    most: int
    until: float | None = None


@dataclass(frozen=True)
class SweepPlan:
    """What a plan file says.

    Parameters
    ----------
    text
        The file as it was read.
    titles
        Language → title, where there is one.
    axes
        The settings, in the order of `keys.KEYS`; ``hidden`` or ``depth`` and ``width``, not both.
    random
        Draws of a random search; None: all combinations.
    best_over
        Settings of which each arm takes its best, judged on validation points; the others are shown.
    grows
        Whether learning rates are added while an arm's best lies at the edge of them (`grow.py`).
    reading
        How the data are to be read: ``target``, ``task``, ``encode``, ``missing``.
    """

    text: str
    titles: dict[str, str]
    axes: tuple[Axis, ...]
    seeds: Seeds
    constraints: tuple[Constraint, ...]
    random: int | None
    random_seed: int
    best_over: tuple[str, ...]
    grows: bool
    reading: dict[str, Any]

    def axis(self, key: str) -> Axis:
        """The axis of that key."""
        return next(axis for axis in self.axes if axis.key == key)

    @cached_property
    def grid(self) -> Grid:
        """What it comes to, net by net; `UserError` where something in it cannot be."""
        from actlab.study.sweep.grid import spread

        return spread(self)


def load_plan(path: Path) -> SweepPlan:
    """The plan in a file; `UserError` where it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UserError("sweep.no_plan", path=str(path), reason=error.strerror or str(error)) from None
    try:
        return read_plan(raw.decode())
    except UnicodeDecodeError:
        raise UserError("sweep.not_utf8", path=str(path)) from None


def read_plan(text: str) -> SweepPlan:
    """The plan in the text of a TOML file.

    Raises:
        UserError: where it is no TOML, a key or a value is not one of a plan's, or keys do not go together.
    """
    try:
        given = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError("sweep.not_toml", reason=str(error)[:120]) from None
    known = (*BY_NAME, *_OTHER)
    for name in given:
        check_key(name, name, known)
    if "activations" not in given:
        raise UserError("sweep.no_activations")
    if "hidden" in given and ("depth" in given or "width" in given):
        raise UserError("sweep.two_shapes")
    axes = _axes(given)
    random = _number(given, "random", None, 1, 1_000_000)
    drawn = [axis for axis in axes if axis.between is not None]
    if drawn and random is None:
        raise UserError("sweep.needs_random", name=drawn[0].key)
    names = tuple(key.column for key in KEYS)
    listed = given.get("constraints", [])
    if not isinstance(listed, list):
        listed = [listed]
    seeds, best_over = _seeds(given.get("seeds", 64)), _best_over(given, axes, random)
    return SweepPlan(
        text=text,
        titles=_titles(given.get("title", "")),
        axes=axes,
        seeds=seeds,
        constraints=tuple(Constraint(entry, (*names, *QUANTITIES)) for entry in listed),
        random=random,
        random_seed=_number(given, "random_seed", 0, 0, 2**53) or 0,
        best_over=best_over,
        grows=_grows(given, random is None and "learning_rates" in best_over and seeds.most > 1),
        reading={key: given[key] for key in ("target", "task", "encode", "missing") if key in given},
    )


def _axes(given: dict[str, Any]) -> tuple[Axis, ...]:
    axes = []
    for key in KEYS:
        if key.name in (("depth", "width") if "hidden" in given else ("hidden",)):
            continue
        if key.name not in given:
            axes.append(Axis(key.name, key.default))
            continue
        value = given[key.name]
        if key.name == "hidden" and isinstance(value, list) and not any(isinstance(entry, list) for entry in value):
            value = [value]  # one shape, as `actlab compare` takes it
        axes.append(read_axis(key.name, value, key.check, numeric=key.numeric, whole=key.whole))
    return tuple(axes)


def _titles(given: Any) -> dict[str, str]:
    """Language → title: one for all, or ``{ en = "…", ko = "…" }``."""
    if isinstance(given, dict):
        for lang in given:
            check_key(f"title.{lang}", lang, LANGUAGES)
    each = given if isinstance(given, dict) else dict.fromkeys(LANGUAGES, given)
    for title in each.values():
        if not isinstance(title, str):
            raise UserError("sweep.text", name="title", value=str(title)[:40])
    return {lang: title.strip() for lang, title in each.items()}


def _best_over(given: dict[str, Any], axes: tuple[Axis, ...], random: int | None) -> tuple[str, ...]:
    crossed = ("data", "activations")
    varied = tuple(axis.key for axis in axes if axis.varies and axis.key not in crossed)
    if "best_over" not in given:
        return varied if random is not None else tuple(key for key in varied if key == "learning_rates")
    listed = given["best_over"]
    listed = listed if isinstance(listed, list) else [listed]
    known = tuple(axis.key for axis in axes if axis.key not in crossed)
    for name in listed:
        check_key(f"best_over: {name}", str(name), known)
    for axis in axes:
        if axis.between is not None and axis.key not in listed:
            raise UserError("sweep.drawn_not_shown", name=axis.key)
    return tuple(key for key in varied if key in listed)


def _grows(given: dict[str, Any], can: bool) -> bool:
    wanted = given.get("grow_rates", can)
    if not isinstance(wanted, bool):
        raise UserError("sweep.yes_or_no", name="grow_rates", value=str(wanted)[:40])
    if wanted and not can:
        raise UserError("sweep.cannot_grow")
    return wanted


def _seeds(given: Any) -> Seeds:
    if given == "auto":
        return Seeds(MOST, UNTIL)
    if isinstance(given, dict):
        for name in given:
            check_key(f"seeds.{name}", name, ("until", "most"))
        until = given.get("until", UNTIL)
        if not isinstance(until, int | float) or isinstance(until, bool) or not NARROWEST <= until <= WIDEST:
            raise UserError(
                "sweep.real", name="seeds.until", value=str(until)[:40], low=str(NARROWEST), high=f"{WIDEST:g}"
            )
        most = _number(given, "most", MOST, PILOT + FIRST, MOST_SEEDS, "seeds.most")
        assert most is not None
        return Seeds(most, float(until))
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= MOST_SEEDS:
        raise UserError("sweep.seeds", value=str(given)[:40], most=integer(MOST_SEEDS))
    return Seeds(given)


def _number(
    given: dict[str, Any], key: str, default: int | None, low: int, high: int, shown: str | None = None
) -> int | None:
    value = given.get(key, default)
    if value is default and key not in given:
        return default
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise UserError("sweep.whole", name=shown or key, value=str(value)[:40], low=integer(low), high=integer(high))
    return value
