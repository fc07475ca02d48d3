"""`cost`: the smallest net with which each function reaches a target, found by training nets of every size."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from actlab.cost.grow import Grower
from actlab.cost.latency import Stopwatch
from actlab.cost.tables import assemble
from actlab.study import make_plan
from actlab.study.arm import is_number, whole
from actlab.study.auto import MOST_SEEDS
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab.cost.result import Cost
    from actlab.functions import Activation
    from actlab.nets import Optimiser
    from actlab.study import Arm

WIDTHS: Final = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
MOST: Final = 1_500  # parameters
DEPTHS: Final = (1, 2, 3)
RATES: Final = (0.05, 0.015, 0.15, 0.5, 1.5, 5.0, 15.0)


def cost(
    activations: str | Activation | Arm | Sequence[str | Activation | Arm],
    *,
    data: Any = "moons",
    target: float = 0.95,
    widths: Sequence[int] = WIDTHS,
    depths: Sequence[int] = DEPTHS,
    most_parameters: int = MOST,
    seeds: int = 64,
    pilots: int = 16,
    learning_rates: Sequence[float] | float | None = None,
    epochs: int = 400,
    batch_size: int = 32,
    init: str | None = None,
    optimiser: str | Optimiser = "sgd",
    noise: float | None = None,
    test_points: int | None = None,
    threads: int = 0,
    progress: Callable[[float, int], None] | None = None,
    stopwatch: Stopwatch | None = None,
) -> Cost:
    """The smallest net with which each function reaches a target in at least 95 % of the seeds, and what it costs.

    Nets of every depth and of growing width are trained, each function at its best learning rate (chosen by pilot seeds
    of their own, on validation points) and at one rate for all. Success against width is fitted (logistic in the
    logarithm of the width, a fit a depth, to every width tried); the smallest width at which the fitted share of
    successful seeds is 95 % gives the net. Intervals are percentiles of 1,000 resamplings of the seeds, the same for
    all functions, through fit, choice of the depth and ratio; the learning rates stay as chosen.

    Parameters
    ----------
    activations
        As in `actlab.compare`; the others are compared to the first.
    data
        As in `actlab.compare`; sequences are refused.
    target
        Test accuracy in (0, 1) that a net must reach; of a regression R².
    widths, depths
        Units of each hidden layer, and hidden layers, to try. Widths go up until nearly all seeds succeed twice in a
        row.
    most_parameters
        Larger nets are not tried.
    seeds, pilots
        Judged nets of each size, and pilot nets for each rate.
    learning_rates
        The first is the one common to all. With a single one nothing is tuned.
    epochs, batch_size, init, optimiser, noise, test_points, threads
        As in `actlab.compare`. `test_points`: 10,000 by default.
    progress
        Called with (nets done, nets planned so far).
    stopwatch
        Latencies measured before, to be used again.

    Raises
    ------
    UserError
        One sentence on what is wrong.
    """
    goal = float(target) if is_number(target, (int, float)) else math.nan  # type: ignore[arg-type]
    if not 0 < goal < 1:
        raise UserError("cost.bad_target", value=str(target)[:40])
    ladder = _ladder("widths", widths, 1_024)
    floors = _ladder("depths", depths, 64)
    plan = make_plan(
        activations, data=data, hidden=(ladder[0],), seeds=whole("seeds", seeds, 1, MOST_SEEDS), epochs=epochs,
        batch_size=batch_size, init=init,
        learning_rates=RATES if learning_rates is None else learning_rates, optimiser=optimiser, noise=noise,
        geometry_seeds=0, threads=threads, test_points=_test_points(data, test_points),
    )  # fmt: skip
    whole("pilots", pilots, 1, 100_000)
    most = whole("most_parameters", most_parameters, 1, 10_000_000)
    settings = [plan.settings_of(arm) for arm in plan.arms]
    if plan.source.steps is not None or any(own.norm != "none" or own.residual for own in settings):
        raise UserError("cost.plain_only")
    started, clock = datetime.now(UTC), time.perf_counter()
    grower = Grower(plan, pilots, goal, ladder, floors, most, progress)
    grower.leave_out_too_large()
    try:
        grower.grow()
    except KeyboardInterrupt:
        grower.interrupted = True
    return assemble(plan, grower, stopwatch or Stopwatch(), started, clock)


def _test_points(data: Any, asked: int | None) -> int | None:
    from actlab.data import resolve

    if asked is not None or not isinstance(data, str):
        return asked
    source = resolve(data)
    return None if source.conditional else 10_000


def _ladder(name: str, values: Any, most: int) -> tuple[int, ...]:
    given = [values] if is_number(values, int) else list(values)
    if not given:
        raise UserError("cost.empty", name=name)
    return tuple(sorted({whole(name, int(v) if isinstance(v, np.integer) else v, 1, most) for v in given}))
