"""`compare`: arms × learning rates × seeds, paired, each arm at the same rate and at its best."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import polars as pl

from actlab.study.arm import setting_text
from actlab.study.closeup import geometry_rows, portrait
from actlab.study.condition import conditions_of, train_until, widest
from actlab.study.gap import gap_of
from actlab.study.inference import Inference
from actlab.study.losing import loss_notes
from actlab.study.plan import GEOMETRY_SEEDS, make_plan
from actlab.study.provenance import command_of, machine, versions
from actlab.study.result import Comparison, Provenance, Stopping
from actlab.study.run import Runner
from actlab.study.tables import (
    curve_table,
    learned_table,
    net_table,
    rate_table,
    summary_table,
    time_table,
    trace_table,
)
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from actlab.functions import Activation
    from actlab.nets import Optimiser
    from actlab.study.arm import Arm
    from actlab.study.plan import Plan
    from actlab.study.result import Portrait
    from actlab.study.views import Seen

#: Test points drawn in the picture of the data.
_SHOWN_TEST = 1_000


def compare(
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
    init: str | None = None,
    norm: str = "none",
    residual: int = 0,
    optimiser: str | Optimiser = "sgd",
    schedule: str = "constant",
    warm_up: int = 0,
    weight_decay: float = 0.0,
    clip: float | None = None,
    target_loss: float | None = None,
    checkpoints: int | None = None,
    geometry_seeds: int = GEOMETRY_SEEDS,
    test_points: int | None = None,
    noise: float | None = None,
    noise_columns: int | None = None,
    target: str | None = None,
    task: str | None = None,
    encode: bool | None = None,
    missing: str | None = None,
    threads: int = 0,
    progress: Callable[[float, int], None] | None = None,
) -> Comparison:
    """Train small nets that differ in their activation only, and compare them.

    Every arm is trained at every learning rate with the same seeds: the same points, the same order of the samples and
    the same initial draws. Two questions are answered: how do the arms do under the *same settings* (at the first of
    the learning rates), and how does each do at its *best* rate (chosen on validation data, judged on test data)?

    Parameters
    ----------
    activations
        Names (``"relu"``, ``"leaky_relu(alpha=.05)"``), formulas in x (``"x*tanh(softplus(x))"``) or activations; the
        others are compared to the first. An arm may have settings of its own, `actlab.Arm("relu", norm="batch")` or
        ``"relu [norm=batch]"``: then it is the arms, with their settings, that are compared. PReLU's slope
        is learned, and other numbers where the text says so:
        ``"silu(beta=learned)"``, ``"max(x, learned(0.1)*x)"``.
    data
        ``"moons"``, ``"circles"``, ``"xor"``, ``"spiral"``, ``"blobs"``, ``"checkerboard"``, ``"blobs:5"``:
        fresh points for every seed. ``"moons:article"``: the fixed split of the two-moons article; its generator, with
        fresh points, is studied beside it. ``"digits"``: the rows of a well-known set, split anew for every
        seed. ``(X, y)``: your own arrays, X ``(n, d)`` and y ``(n,)``. ``"table.csv"``, ``"table.parquet"``: your own
        file, with a `target`. ``"sine"``, ``"step"``, ``"surface"``, ``"diabetes"``: regressions. All of them:
        `docs/en/data.md`.
        Sequences (``"adding"``, ``"adding:20"``, ``"recall"``) are learned by recurrent nets, whose hidden layers are
        fed by the sequence step by step and by themselves; the gradient is measured at every step.
    hidden
        Widths of the hidden layers; None: (8, 8), of recurrent nets (16,).
    seeds
        Nets per arm and learning rate; ``"auto"``: seeds are added until every 95 % interval (of the arms' means and
        of the differences to the first) is narrow enough. These intervals are then those of a confidence sequence, and
        the first 32 seeds choose the learning rates (`docs/en/compare.md`).
    until, most
        Of ``seeds="auto"``: the width that is narrow enough (0.05: 5 points), and the most seeds (1,024).
    learning_rates
        The first is the common one. More than one: each arm's best is looked for, and the grid grows while an optimum
        lies at its edge. None: 0.05 and a grid up from it; for momentum 0.005, for Adam 0.001.
    epochs, batch_size
        Passes over the training points (None: 800, over sequences 100), and points per step.
    init
        ``"he"``, ``"lecun"``, ``"xavier"``, ``"critical"`` (the critical point of each activation, where it has one),
        ``"identity"`` (of recurrent nets: the weights by which a layer feeds itself start as the identity),
        ``"gain 1.5"`` or ``"gain 1.5 bias 0.2"``; None: what suits each arm.
    norm
        ``"none"``, ``"batch"`` or ``"layer"``: of every hidden layer, between product and activation.
    residual
        k > 0: every k-th hidden layer adds the output of the one k before it, where they are equally wide.
    optimiser
        ``"sgd"``, ``"momentum(0.9)"``, ``"adam"``, ``"adamw(beta1=0.8)"`` or an optimiser of `actlab.nets`.
    schedule, warm_up
        ``"constant"`` or ``"cosine"``, and steps over which the learning rate first rises.
    weight_decay, clip
        λ of weight decay, and the greatest norm of the gradient of all parameters (None: no bound).
    target_loss
        A net is done at the first checkpoint at which its validation loss (where there are no validation points, its
        training loss) is at most this; how many steps that took is told with its interval, and the best learning rate
        is the one that gets there soonest. None: nets train to the end.
    checkpoints
        At how many steps nets are measured, at most; None: 14, or 48 with a target.
    geometry_seeds
        In how many seeds' nets the geometry of the representations is measured, on 64 points; 0: in none. What it cost
        is ``provenance.geometry_seconds``.
    test_points, noise
        For generators: fresh test points per seed (20,000) and the noise.
    noise_columns
        For generators: columns of X that say nothing about y, beside those that do.
    target
        For a file: the column that is to be predicted.
    task
        For your own data: ``"binary"``, ``"multiclass"`` or ``"regression"``; None: inferred from the target.
    encode
        For your own data: turn columns of text into indicators.
    missing
        For your own data: ``"drop"`` rows in which a value is missing, or put the ``"mean"`` of the training rows in
        its place; None: refuse them.
    threads
        0: one per processor. The results do not depend on it.
    progress
        Called with (nets done, nets planned so far).

    Returns
    -------
    Comparison
        After Ctrl-C, of the seeds that were complete by then (``interrupted`` is True).

    Raises
    ------
    UserError
        One sentence on what is wrong; or that an interruption left nothing to keep.
    """
    plan = make_plan(
        activations,
        data=data,
        hidden=hidden,
        seeds=seeds,
        until=until,
        most=most,
        learning_rates=learning_rates,
        epochs=epochs,
        batch_size=batch_size,
        init=init,
        norm=norm,
        residual=residual,
        optimiser=optimiser,
        schedule=schedule,
        warm_up=warm_up,
        weight_decay=weight_decay,
        clip=clip,
        target_loss=target_loss,
        checkpoints=checkpoints,
        geometry_seeds=geometry_seeds,
        test_points=test_points,
        noise=noise,
        noise_columns=noise_columns,
        target=target,
        task=task,
        encode=encode,
        missing=missing,
        threads=threads,
    )
    return run_plan(plan, progress)


def run_plan(plan: Plan, progress: Callable[[float, int], None] | None = None) -> Comparison:
    """Train what `plan` says and assemble the result."""
    started = datetime.now(UTC)
    clock = time.perf_counter()
    runner = Runner(plan, progress)
    conditions = conditions_of(plan)
    inference = Inference(plan.auto.looks if plan.auto else 0)
    try:
        if plan.auto is not None:
            train_until(plan.auto, conditions, runner)
        else:
            for condition in conditions:
                condition.train(runner)
    except KeyboardInterrupt:  # between two calls of the core, which turns Ctrl-C into a flag of its own
        runner.interrupted = True
    views = [seen for condition in conditions for seen in condition.views(runner)]
    if not views:
        raise UserError("study.nothing_kept")
    portraits, geometry, cost = _look_closely(plan, runner, views)
    seconds = time.perf_counter() - clock
    first = conditions[0].results.draw(0)
    return Comparison(
        arms=plan.labels,
        formulas={arm.name: arm.latex for arm in plan.arms},
        data=plan.source.name,
        hidden=plan.hidden,
        seeds=plan.seeds if plan.auto is None else min(seen.first + seen.seeds for seen in views),
        learning_rates=tuple(sorted({rate for _, _, rate in runner.cells})),
        common_rate=plan.common_rate,
        epochs=plan.epochs,
        batch_size=plan.batch_size,
        init={arm.name: plan.settings_of(arm).init or "" for arm in plan.arms},
        settings={arm.name: _settings(plan, arm) for arm in plan.arms},
        target_loss=plan.target_loss,
        sizes={condition.results.source.name: condition.results.points for condition in conditions}
        | {"test": plan.source.n_test},
        frame=net_table(runner),
        summary=summary_table(plan.labels, views, inference, plan.target_loss is not None),
        by_rate=rate_table(runner, [condition.tuned_on for condition in conditions], inference),
        curves=curve_table(runner),
        traces=trace_table(runner),
        geometry=pl.DataFrame(geometry, schema=_GEOMETRY, orient="row"),
        views=tuple(seen.view for seen in views),
        portraits=tuple(portraits),
        example=(first.train.X, first.train.y, first.test.X[:_SHOWN_TEST], first.test.y[:_SHOWN_TEST]),
        gap=gap_of(plan, views, inference),
        provenance=Provenance(
            command=command_of(plan),
            versions=versions(),
            machine=machine(plan.threads),
            started=started.isoformat(timespec="seconds"),
            seconds=seconds,
            nets=runner.finished,
            net_steps=runner.steps,
            geometry_seconds=cost,
        ),
        interrupted=runner.interrupted,
        classes=plan.source.classes,
        notes=(*getattr(plan.source, "notes", ()), *loss_notes(plan.arms)),
        learned=learned_table(runner),
        through_time=time_table(runner),
        stopping=_stopping(plan, views),
        test_points={condition.results.source.name: condition.results.source.n_test for condition in conditions},
    )


def _stopping(plan: Plan, views: Sequence[Seen]) -> Stopping | None:
    """Why no more seeds were added; None where their number was settled."""
    if plan.auto is None:
        return None
    pilot = plan.choosers if plan.tunes else 0
    return Stopping(plan.auto.until, plan.auto.most, widest(views, plan.auto), pilot, plan.auto.looks)


def _settings(plan: Plan, arm: Arm) -> dict[str, Any]:
    """Setting → value of an arm, the optimiser as a text."""
    found = vars(plan.settings_of(arm))
    return {name: setting_text(value) if name == "optimiser" else value for name, value in found.items()}


def _look_closely(
    plan: Plan, runner: Runner, views: Sequence[Seen]
) -> tuple[list[Portrait], list[dict[str, Any]], float]:
    """Portraits, geometry and its seconds. A few nets are trained again; there is no time for that after Ctrl-C."""
    if runner.interrupted or plan.source.steps is not None:  # sequences have neither a plane nor a boundary in it
        return [], [], 0.0
    pairs = [(seen, view, arm) for view, seen in enumerate(views) for arm in range(len(plan.arms))]
    try:
        portraits = [portrait(plan, *pair) for pair in pairs]
        clock = time.perf_counter()
        rows = [row for pair in pairs for row in geometry_rows(plan, *pair)] if plan.geometry_seeds else []
        return portraits, rows, time.perf_counter() - clock
    except KeyboardInterrupt:  # the tables are complete, and they stay
        runner.interrupted = True
        return [], [], 0.0


_GEOMETRY = {
    "view": pl.Int64, "arm": pl.String, "learning_rate": pl.Float64, "seed": pl.Int64, "step": pl.Int64,
    "epoch": pl.Float64, "layer": pl.Int64, "margin_retention": pl.Float64, "distance_retention": pl.Float64,
    "far_contrast": pl.Float64, "effective_rank": pl.Float64, "regions": pl.Int64,
}  # fmt: skip
