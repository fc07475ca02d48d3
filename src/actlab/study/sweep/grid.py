"""From a plan's axes to its cells: all combinations, or random draws, less what the constraints rule out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from actlab.data import resolve
from actlab.nets import TrainSpec, optimiser
from actlab.study.arm import Arm, Settings
from actlab.study.sweep.axes import share_of
from actlab.study.sweep.cell import Cell
from actlab.study.sweep.keys import BY_NAME, optional
from actlab.text import UserError, integer

if TYPE_CHECKING:
    from actlab.data import Source
    from actlab.study.sweep.axes import Axis
    from actlab.study.sweep.plan import SweepPlan

_MOST_CELLS = 200_000
_CROSSED = ("data", "activations")


@dataclass(frozen=True)
class Place:
    """A cell where the plan has it.

    Parameters
    ----------
    arm
        Index of its activation.
    shown
        The settings that tables are laid out by, ``column → value``; equal for the nets that are compared.
    chosen
        The settings of which each arm takes its best.
    """

    cell: Cell
    arm: int
    shown: tuple[tuple[str, Any], ...]
    chosen: tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Grid:
    """All cells of a plan.

    Parameters
    ----------
    arms
        The activations in order, some with settings of their own; the first is the one compared to.
    places
        In the order of the plan. A cell may stand in several places (two settings that come to the same net).
    left_out
        Cells that a constraint ruled out.
    """

    arms: tuple[Arm, ...]
    places: tuple[Place, ...]
    left_out: int

    @property
    def labels(self) -> tuple[str, ...]:
        """What the arms are called."""
        return tuple(arm.name for arm in self.arms)

    def cells(self) -> list[Cell]:
        """Each cell once."""
        return list({place.cell.name: place.cell for place in self.places}.values())

    def settings(self) -> list[dict[int, list[Place]]]:
        """For each setting that is shown: arm → its places, one a value of what is chosen."""
        groups: dict[tuple[tuple[str, Any], ...], dict[int, list[Place]]] = {}
        for place in self.places:
            groups.setdefault(place.shown, {}).setdefault(place.arm, []).append(place)
        return list(groups.values())


def spread(plan: SweepPlan) -> Grid:
    """The cells of `plan`."""
    arms = tuple(Arm.read(name) for name in plan.axis("activations").values)
    labels = [arm.name for arm in arms]
    for label in labels:
        if labels.count(label) > 1:
            raise UserError("study.arm_twice", name=label)
    columns = {axis.key: BY_NAME[axis.key].column for axis in plan.axes}
    sources = _Sources(plan)
    shown = [axis.key for axis in plan.axes if axis.varies and axis.key != "activations"]
    shown = [key for key in shown if key not in plan.best_over]
    places: list[Place] = []
    left_out = 0
    for setting in _settings(plan):
        source = sources.of(setting)
        if source is None:
            continue
        for index, arm in enumerate(arms):
            cell = _cell(setting, source, arm)
            if not _allowed(plan, cell, arm, setting, columns):
                left_out += 1
                continue
            seen = ("data", *(key for key in shown if key != "data"))
            places.append(
                Place(
                    cell,
                    index,
                    tuple((columns[key], _plain(key, setting, source)) for key in seen),
                    tuple((columns[key], _plain(key, setting, source)) for key in plan.best_over),
                )
            )
            if len(places) > _MOST_CELLS:
                raise UserError("sweep.too_many_cells", most=integer(_MOST_CELLS))
    if not places:
        raise UserError("sweep.nothing_left", count=integer(left_out))
    return Grid(arms, tuple(places), left_out)


def _settings(plan: SweepPlan) -> list[dict[str, Any]]:
    """A value for every key but the activations."""
    axes = [axis for axis in plan.axes if axis.key != "activations"]
    if plan.random is None:
        count = 1
        for axis in axes:
            count *= len(axis.values)
        if count > _MOST_CELLS:
            raise UserError("sweep.too_many_cells", most=integer(_MOST_CELLS))
        return [dict(zip([a.key for a in axes], values, strict=True)) for values in product(*(a.values for a in axes))]
    crossed = [axis for axis in axes if axis.key in _CROSSED]
    draws = _draws([axis for axis in axes if axis.key not in _CROSSED], plan.random, plan.random_seed)
    return [
        dict(zip([a.key for a in crossed], values, strict=True)) | draw
        for values in product(*(a.values for a in crossed))
        for draw in draws
    ]


def _draws(axes: list[Axis], count: int, seed: int) -> list[dict[str, Any]]:
    """Different draws; those of a longer search begin with those of a shorter one, and a new key changes no other."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for attempt in range(50 * count + 1000):
        draw = {
            axis.key: axis.at(share_of(seed, attempt, axis.key)) if axis.varies else axis.values[0] for axis in axes
        }
        found.setdefault(tuple(draw.values()), draw)
        if len(found) == count:
            break
    return list(found.values())  # fewer than asked for where there are no more


_SIZES = {
    "noise": "noise", "noise_columns": "noise_columns", "train_points": "n_train",
    "validation_points": "n_validation", "test_points": "n_test",
}  # fmt: skip


class _Sources:
    """The sources of a plan, each made once. Fixed points have no use for a noise or a number of points."""

    def __init__(self, plan: SweepPlan) -> None:
        self._reading = plan.reading
        self._made: dict[tuple[Any, ...], Source] = {}
        names = plan.axis("data").values
        self._fixed = {name: source for name in names if (source := resolve(name, **plan.reading)).conditional}
        given = {_SIZES[key]: plan.axis(key).values[:1] for key in _SIZES if plan.axis(key).values != (None,)}
        if given and len(self._fixed) == len(names):
            raise UserError("data.fixed", name=next(iter(self._fixed.values())).name, what=", ".join(given))
        self._first = {key: plan.axis(key).values[0] for key in _SIZES if plan.axis(key).between is None}
        for source in self._fixed.values():
            if source.n_validation == 0 and plan.best_over:
                raise UserError("sweep.no_validation", name=source.name)

    def of(self, setting: dict[str, Any]) -> Source | None:
        """The source of a setting; None where it repeats another, as only a noise differs that the points ignore."""
        if setting["data"] in self._fixed:
            repeats = any(key in self._first and setting[key] != self._first[key] for key in _SIZES)
            return None if repeats else self._fixed[setting["data"]]
        key = (setting["data"], *(setting[name] for name in _SIZES))
        if key not in self._made:
            source = resolve(setting["data"], **{name: setting[of] for of, name in _SIZES.items()}, **self._reading)
            if source.steps is not None:
                raise UserError("sweep.sequences", name=source.name)
            self._made[key] = source
        return self._made[key]


def _cell(setting: dict[str, Any], source: Source, arm: Arm) -> Cell:
    hidden = setting["hidden"] if "hidden" in setting else (setting["width"],) * setting["depth"]
    common = Settings(
        init=None if setting["init"] == "default" else setting["init"],
        norm=setting["norm"],
        residual=setting["residual"],
        optimiser=optimiser(setting["optimiser"]),
        schedule=setting["schedule"],
        warm_up=setting["warm_up"],
        weight_decay=setting["weight_decay"],
        clip=optional(setting["clip"]),
    )
    own = arm.settings(common)
    training = TrainSpec(
        setting["epochs"],
        setting["batch_size"],
        own.optimiser,
        own.schedule,
        own.warm_up,
        own.weight_decay,
        own.clip,
    )
    if own.norm == "batch" and min(training.batch_size, source.n_train) < 2:
        raise UserError("nets.batch_of_one", batch_size=min(training.batch_size, source.n_train))
    assert own.init is not None
    rate = setting["learning_rates"]
    return Cell(source, arm.activation, hidden, own.init, own.norm, own.residual, training, rate)


def _allowed(plan: SweepPlan, cell: Cell, arm: Arm, setting: dict[str, Any], columns: dict[str, str]) -> bool:
    if not plan.constraints:
        return True
    depth, widths = len(cell.hidden), set(cell.hidden)
    values = {columns[key]: value for key, value in setting.items()} | {
        "data": cell.source.name,
        "activation": arm.name,
        "hidden": _plain("hidden", {"hidden": cell.hidden}, cell.source),
        "depth": depth,
        "width": next(iter(widths)) if len(widths) == 1 else None,
        "noise": cell.source.specification().get("noise"),
        "noise_columns": cell.source.specification().get("noise_columns", 0),
        "train_points": cell.source.n_train,
        "validation_points": cell.source.n_validation,
        "test_points": cell.source.n_test,
        "parameters": cell.net.parameters,
        "flops": cell.work,
        "steps": cell.training.steps(cell.source.n_train),
    }
    return all(constraint.holds(values) for constraint in plan.constraints)


def _plain(key: str, setting: dict[str, Any], source: Source) -> Any:
    """A setting's value as tables hold it."""
    if key == "data":
        return source.name
    if key == "hidden":
        return ",".join(map(str, setting[key]))
    return None if key in _SIZES and source.conditional else setting[key]
