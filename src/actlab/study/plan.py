"""What a study will do, checked before anything is trained."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from actlab import functions
from actlab.data import resolve
from actlab.nets import NetSpec, TrainSpec, checkpoint_steps
from actlab.nets.initialise import checked_init
from actlab.text import UserError, integer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import Integers
    from actlab.data import Source
    from actlab.functions import Activation
    from actlab.nets.spec import Loss

#: The grid of learning rates where the user names none; it grows while an arm's best lies at its edge.
DEFAULT_RATES = (0.05, 0.15, 0.5, 1.5, 5.0)

# Outputs (0: one for each class) and loss, by the task of the data.
_LOSS: dict[str, tuple[int, Loss]] = {
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


@dataclass(frozen=True)
class Plan:
    """The whole specification of a comparison: equal plans give equal results."""

    arms: tuple[Activation, ...]
    source: Source
    hidden: tuple[int, ...]
    seeds: int
    learning_rates: tuple[float, ...]  # ascending
    common_rate: float
    epochs: int
    batch_size: int
    init: str | None  # None: each arm's own default
    threads: int

    @property
    def labels(self) -> tuple[str, ...]:
        """What the arms are called, in order."""
        return tuple(arm.name for arm in self.arms)

    @property
    def tunes(self) -> bool:
        """Whether each arm's best rate is looked for."""
        return len(self.learning_rates) > 1

    @property
    def parent(self) -> Source | None:
        """The generator behind a fixed set, giving as many training points as the fixed set has in all."""
        if self.source.parent is None:
            return None
        return resolve(self.source.parent, n_train=self.source.n_train + self.source.n_validation)

    def init_of(self, arm: Activation) -> str:
        """The initialisation of an arm's nets."""
        return self.init or arm.default_init

    def spec(self, arm: Activation) -> NetSpec:
        """The nets of an arm."""
        outputs, loss = _LOSS[self.source.task]
        return NetSpec(
            self.source.dimension, self.hidden, arm, self.init_of(arm), outputs or len(self.source.classes), loss
        )

    @property
    def training(self) -> TrainSpec:
        """How all of them are trained, learning rate and seed aside."""
        return TrainSpec(self.epochs, self.batch_size)

    def checkpoints(self, points: int) -> Integers:
        """The steps at which nets trained on `points` points are measured."""
        return checkpoint_steps(self.training.steps(points))


def make_plan(
    activations: str | Activation | Sequence[str | Activation],
    *,
    data: Any = "moons",
    hidden: Sequence[int] = (8, 8),
    seeds: int = 256,
    learning_rates: Sequence[float] | float | None = None,
    epochs: int = 800,
    batch_size: int = 64,
    init: str | None = None,
    test_points: int | None = None,
    noise: float | None = None,
    noise_columns: int | None = None,
    target: str | None = None,
    task: str | None = None,
    encode: bool | None = None,
    missing: str | None = None,
    threads: int = 0,
) -> Plan:
    """A checked `Plan`; the parameters are those of `actlab.compare`."""
    names = [activations] if isinstance(activations, functions.Activation) else _several(activations)
    if not names:
        raise UserError("study.no_arms")
    arms = tuple(functions.get(name) for name in names)
    labels = [arm.name for arm in arms]
    for label in labels:
        if labels.count(label) > 1:
            raise UserError("study.arm_twice", name=label)
    source = resolve(
        data,
        n_test=test_points,
        noise=noise,
        noise_columns=noise_columns,
        target=target,
        task=task,
        encode=encode,
        missing=missing,
    )
    if source.steps is not None:
        raise UserError("study.sequences", name=source.name)
    rates = _rates(learning_rates)
    plan = Plan(
        arms=arms,
        source=source,
        hidden=_widths(hidden),
        seeds=_whole("seeds", seeds, 1, 1_000_000),
        learning_rates=tuple(sorted(set(rates))),
        common_rate=rates[0],
        epochs=_whole("epochs", epochs, 1, 10_000_000),
        batch_size=_whole("batch_size", batch_size, 1, 10_000_000),
        init=None if init is None else checked_init(init),
        threads=_whole("threads", threads, 0, 4_096),
    )
    if plan.tunes and plan.seeds < 2:
        raise UserError("study.one_seed")
    _check_size(plan)
    return plan


def _whole(name: str, value: Any, low: int, high: int) -> int:
    whole = int(value) if _is(value, numbers.Integral) else None
    if whole is None or not low <= whole <= high:
        raise UserError("study.whole_number", name=name, value=_shown(value), low=integer(low), high=integer(high))
    return whole


def _is(value: Any, kind: type) -> bool:
    """Whether `value` is a number of that kind; True and False are not meant as 1 and 0."""
    return isinstance(value, kind) and not isinstance(value, bool)


def _several(value: Any) -> list[Any]:
    """The entries of a sequence; anything else, a text too, is one entry."""
    try:
        return [value] if isinstance(value, str) else list(value)
    except TypeError:  # a number, None: whoever takes the entry says what is wrong with it
        return [value]


def _shown(value: Any) -> str:
    """`value` for a sentence, short; text in quotes, or "0.05" would be called no number."""
    return (repr(value) if isinstance(value, str) else str(value))[:40]


def _widths(hidden: Any) -> tuple[int, ...]:
    widths = _several(hidden)
    if not 1 <= len(widths) <= _MOST_LAYERS:
        raise UserError("study.hidden_layers", count=len(widths), most=_MOST_LAYERS)
    return tuple(_whole("hidden", width, 1, _MOST_UNITS) for width in widths)


def _rates(learning_rates: Any) -> tuple[float, ...]:
    """The rates in the order given: the first is the common one."""
    if learning_rates is None:
        return DEFAULT_RATES
    given = _several(learning_rates)
    if not given:
        raise UserError("study.no_rates")
    return tuple(_rate(rate) for rate in given)


def _rate(value: Any) -> float:
    rate = float(value) if _is(value, numbers.Real) else math.nan
    if not _LEAST_RATE <= rate <= _MOST_RATE:
        raise UserError("study.bad_rate", value=_shown(value), low=f"{_LEAST_RATE:g}", high=f"{_MOST_RATE:g}")
    return rate


def _check_size(plan: Plan) -> None:
    nets = len(plan.arms) * plan.seeds * len(plan.learning_rates)
    if nets > _MOST_NETS:
        raise UserError("study.too_many_nets", nets=integer(nets), most=integer(_MOST_NETS))
    parameters = plan.spec(plan.arms[0]).parameters
    checkpoints = len(plan.checkpoints(plan.source.n_train))
    traced = nets * checkpoints * (len(plan.hidden) + 1) * 9 * 8
    points = plan.source.n_train + plan.source.n_validation + plan.source.n_test
    drawn = plan.seeds * points * (plan.source.dimension + 1) * 4
    needed = traced + drawn + 64 * len(plan.learning_rates) * parameters * 8
    if needed > _MOST_BYTES:
        raise UserError("study.too_much_memory", needed=f"{needed / 2**30:.0f}", most=f"{_MOST_BYTES / 2**30:.0f}")
