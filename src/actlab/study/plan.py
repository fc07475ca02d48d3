"""What a study will do, checked before anything is trained."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from actlab import functions
from actlab.data import resolve
from actlab.nets import TRACES, Adam, AdamW, Momentum, NetSpec, TrainSpec, checkpoint_steps
from actlab.study.arm import Arm, Settings, is_number, positive, shown, whole
from actlab.study.auto import PILOT, Auto, read_seeds
from actlab.text import UserError, integer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import Integers
    from actlab.data import Source
    from actlab.functions import Activation
    from actlab.nets.spec import Loss

#: The grid of learning rates where the user names none, by the study's optimiser; it grows while an arm's best lies at
#: its edge. Momentum 0.9 goes ten times as far at a rate, and Adam's steps are about as long as the rate.
DEFAULT_RATES = (0.05, 0.15, 0.5, 1.5, 5.0)
_RATES_OF: dict[type, tuple[float, ...]] = {
    Momentum: (0.005, 0.015, 0.05, 0.15, 0.5),
    Adam: (0.001, 0.003, 0.01, 0.03, 0.1),
    AdamW: (0.001, 0.003, 0.01, 0.03, 0.1),
}

#: Steps at which nets are measured: so many at most, from step 0 evenly in the logarithm; more where the steps to a
#: target count.
CHECKPOINTS, CHECKPOINTS_TO_TARGET = 14, 48
#: Geometry is costly: it is measured in the nets of so many seeds.
GEOMETRY_SEEDS = 8

#: Checkpoints at which the gradient at every step of a recurrent net is kept: start, middle (in log steps), end.
TIMES = 3

# Hidden layers and epochs where the user says nothing: of plain tables, and of sequences, which take longer.
_USUAL: tuple[tuple[int, ...], int] = (8, 8), 800
_USUAL_ALONG: tuple[tuple[int, ...], int] = (16,), 100

#: Outputs (0: one for each class) and loss, by the task of the data.
LOSS_OF: dict[str, tuple[int, Loss]] = {
    "binary": (1, "binary"),
    "multiclass": (0, "classes"),
    "regression": (1, "squares"),
}

# Nets learn in single precision, where a rate far below would be 0 and one far above infinite.
_LEAST_RATE, _MOST_RATE = 1e-30, 1e30
_MOST_NETS = 1_000_000
_MOST_UNITS = 4_096
_MOST_LAYERS = 512
_MOST_BYTES = 8 * 2**30
_BYTES_A_ROW = 100  # of a table with a row a net, layer and step


@dataclass(frozen=True)
class Plan:
    """The whole specification of a comparison: equal plans give equal results."""

    arms: tuple[Arm, ...]
    source: Source
    hidden: tuple[int, ...]
    seeds: int  # of "auto": at most
    learning_rates: tuple[float, ...]  # ascending
    common_rate: float
    epochs: int
    batch_size: int
    settings: Settings  # of all arms, where they have none of their own
    target_loss: float | None  # a net is done when its validation loss is at most this
    measured: int  # checkpoints, at most
    geometry_seeds: int  # seeds whose nets' geometry is measured
    threads: int
    auto: Auto | None = None  # when to stop adding seeds; None: all are trained

    @property
    def labels(self) -> tuple[str, ...]:
        """What the arms are called, in order."""
        return tuple(arm.name for arm in self.arms)

    @property
    def tunes(self) -> bool:
        """Whether each arm's best rate is looked for."""
        return len(self.learning_rates) > 1

    @property
    def choosers(self) -> int:
        """The seeds that must be there before a learning rate is chosen: two halves of one, or the pilot."""
        return 2 if self.auto is None else PILOT

    @property
    def parent(self) -> Source | None:
        """The generator behind a fixed set, giving as many training points as the fixed set has in all."""
        if self.source.parent is None:
            return None
        return resolve(self.source.parent, n_train=self.source.n_train + self.source.n_validation)

    def settings_of(self, arm: Arm) -> Settings:
        """All settings of an arm's nets, the initialisation too."""
        return arm.settings(self.settings)

    def spec(self, arm: Arm) -> NetSpec:
        """The nets of an arm."""
        outputs, loss = LOSS_OF[self.source.task]
        own = self.settings_of(arm)
        assert own.init is not None
        return NetSpec(
            self.source.dimension,
            self.hidden,
            arm.activation,
            own.init,
            outputs or len(self.source.classes),
            loss,
            own.norm,
            own.residual,
            self.source.steps,
        )

    def training(self, arm: Arm) -> TrainSpec:
        """How an arm's nets are trained, learning rate and seed aside."""
        own = self.settings_of(arm)
        return TrainSpec(
            self.epochs, self.batch_size, own.optimiser, own.schedule, own.warm_up, own.weight_decay, own.clip,
            self.target_loss,
        )  # fmt: skip

    def steps_per_epoch(self, points: int) -> int:
        """Optimiser steps in one pass over `points` training points, the same for all arms."""
        return -(-points // self.batch_size)

    def checkpoints(self, points: int) -> Integers:
        """The steps at which nets trained on `points` points are measured."""
        return checkpoint_steps(self.epochs * self.steps_per_epoch(points), self.measured)


def make_plan(
    activations: str | Activation | Arm | Sequence[str | Activation | Arm],
    *,
    data: Any = "moons",
    hidden: Sequence[int] | None = None,
    seeds: int | Literal["auto"] = 256,
    until: float | None = None,
    most: int | None = None,
    learning_rates: Sequence[float] | float | None = None,
    epochs: int | None = None,
    batch_size: int = 64,
    target_loss: float | None = None,
    checkpoints: int | None = None,
    geometry_seeds: int = GEOMETRY_SEEDS,
    threads: int = 0,
    **rest: Any,
) -> Plan:
    """A checked `Plan`; the parameters are those of `actlab.compare`: `rest` are the arms' settings and the data's."""
    for name in rest:
        if name not in (*_OF_ARMS, *_OF_DATA):
            raise TypeError(f"make_plan() got an unexpected keyword argument {name!r}")
    settings = Settings.read(**{name: rest[name] for name in _OF_ARMS if name in rest})
    arms = _arms(activations, settings)
    source = resolve(data, **{known: rest[name] for name, known in _OF_DATA.items() if name in rest})
    widths, passes = usual(source)
    rates = _rates(learning_rates, settings)
    planned, auto = read_seeds(seeds, until, most)
    plan = Plan(
        arms=arms,
        source=source,
        hidden=_widths(widths if hidden is None else hidden),
        seeds=planned,
        learning_rates=tuple(sorted(set(rates))),
        common_rate=rates[0],
        epochs=whole("epochs", passes if epochs is None else epochs, 1, 10_000_000),
        batch_size=whole("batch_size", batch_size, 1, 10_000_000),
        settings=settings,
        target_loss=None if target_loss is None else positive("target_loss", target_loss),
        measured=_checkpoints(checkpoints, target_loss),
        geometry_seeds=whole("geometry_seeds", geometry_seeds, 0, 1_000_000),
        threads=whole("threads", threads, 0, 4_096),
        auto=auto,
    )
    _check(plan)
    return plan


#: Settings that `make_plan` hands on, to all arms and to the data.
_OF_ARMS = ("init", "norm", "residual", "optimiser", "schedule", "warm_up", "weight_decay", "clip")
_OF_DATA = {
    "test_points": "n_test", "noise": "noise", "noise_columns": "noise_columns", "target": "target", "task": "task",
    "encode": "encode", "missing": "missing",
}  # fmt: skip


def _arms(activations: Any, settings: Settings) -> tuple[Arm, ...]:
    names = [activations] if isinstance(activations, functions.Activation | Arm) else _several(activations)
    if not names:
        raise UserError("study.no_arms")
    arms = tuple(Arm.read(name) for name in names)
    # A formula and the name that it equals may stand side by side: their rows are equal, which is the point.
    told = [(arm.activation.name, arm.activation, arm.settings(settings)) for arm in arms]
    for arm, one in zip(arms, told, strict=True):
        if told.count(one) > 1:
            raise UserError("study.arm_twice", name=arm.name)
    return arms


def _check(plan: Plan) -> None:
    """What no single setting can be wrong about."""
    if plan.tunes and plan.seeds < 2:
        raise UserError("study.one_seed")
    if plan.source.steps is not None and plan.geometry_seeds not in (0, GEOMETRY_SEEDS):
        raise UserError("study.no_geometry", name=plan.source.name)
    for arm in plan.arms:
        _check_arm(plan, arm)
    _check_size(plan)


def usual(source: Source) -> tuple[tuple[int, ...], int]:
    """Hidden layers and epochs where the user says nothing."""
    return _USUAL if source.steps is None else _USUAL_ALONG


def _checkpoints(asked: Any, target_loss: Any) -> int:
    if asked is None:
        return CHECKPOINTS if target_loss is None else CHECKPOINTS_TO_TARGET
    return whole("checkpoints", asked, 2, 10_000)


def _several(value: Any) -> list[Any]:
    """The entries of a sequence; anything else, a text too, is one entry."""
    try:
        return [value] if isinstance(value, str) else list(value)
    except TypeError:  # a number, None: whoever takes the entry says what is wrong with it
        return [value]


def _widths(hidden: Any) -> tuple[int, ...]:
    widths = _several(hidden)
    if not 1 <= len(widths) <= _MOST_LAYERS:
        raise UserError("study.hidden_layers", count=len(widths), most=_MOST_LAYERS)
    return tuple(whole("hidden", width, 1, _MOST_UNITS) for width in widths)


def _rates(learning_rates: Any, settings: Settings) -> tuple[float, ...]:
    """The rates in the order given: the first is the common one."""
    if learning_rates is None:
        return _RATES_OF.get(type(settings.optimiser), DEFAULT_RATES)
    given = _several(learning_rates)
    if not given:
        raise UserError("study.no_rates")
    return tuple(_rate(rate) for rate in given)


def _rate(value: Any) -> float:
    rate = float(value) if is_number(value, numbers.Real) else math.nan
    if not _LEAST_RATE <= rate <= _MOST_RATE:
        raise UserError("study.bad_rate", value=shown(value), low=f"{_LEAST_RATE:g}", high=f"{_MOST_RATE:g}")
    return rate


def _check_arm(plan: Plan, arm: Arm) -> None:
    """That nothing that was asked for would be without effect, or impossible."""
    settings, spec = plan.settings_of(arm), plan.spec(arm)
    if settings.residual and not any(spec.skips):
        widths = ", ".join(map(str, plan.hidden))
        raise UserError("study.residual_nowhere", name="residual", residual=settings.residual, widths=widths[:60])
    steps = plan.epochs * plan.steps_per_epoch(plan.source.n_train)
    if settings.warm_up >= steps:
        raise UserError("study.long_warm_up", warm_up=integer(settings.warm_up), steps=integer(steps))
    if settings.norm == "batch" and min(plan.batch_size, plan.source.n_train) < 2:
        raise UserError("nets.batch_of_one", batch_size=min(plan.batch_size, plan.source.n_train))


def _check_size(plan: Plan) -> None:
    nets = len(plan.arms) * plan.seeds * len(plan.learning_rates)
    if plan.auto is not None and plan.tunes:  # the pilot at all rates, then the common rate and the chosen one
        nets = len(plan.arms) * (2 * plan.seeds + PILOT * len(plan.learning_rates))
    if nets > _MOST_NETS:
        raise UserError("study.too_many_nets", nets=integer(nets), most=integer(_MOST_NETS))
    parameters = plan.spec(plan.arms[0]).parameters
    checkpoints = len(plan.checkpoints(plan.source.n_train))
    traced = nets * checkpoints * (len(plan.hidden) + 1) * len(TRACES) * 8
    points = plan.source.n_train + plan.source.n_validation + plan.source.n_test
    steps = plan.source.steps or 0
    drawn = plan.seeds * points * (plan.source.dimension * max(steps, 1) + 1) * 4
    traced += nets * len(plan.hidden) * steps * TIMES * _BYTES_A_ROW
    needed = traced + drawn + 64 * len(plan.learning_rates) * parameters * 8
    if needed > _MOST_BYTES:
        raise UserError("study.too_much_memory", needed=f"{needed / 2**30:.0f}", most=f"{_MOST_BYTES / 2**30:.0f}")
