"""What a study gives back: a `Comparison`, made of plain tables and arrays.

Everything here is data. Drawing and writing are `actlab.report`'s; the façade attaches ``.report()``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from actlab._arrays import Array
    from actlab.data import Note
    from actlab.data.source import Label, TaskKind

Regime = Literal["same", "best"]
Status = Literal["trained", "collapsed", "diverged"]


@dataclass(frozen=True)
class View:
    """One way of asking the question: on which data, and with which learning rates.

    Parameters
    ----------
    data
        Name of the source, ``"moons"`` or ``"moons:article"``.
    regime
        ``"same"``: every arm at one common learning rate. ``"best"``: each arm at the rate that its validation
        accuracy chose (cross-fitted over two halves of the seeds).
    rates
        Arm → the learning rates its nets have in this view; two where the halves of the seeds chose differently.
    conditional
        True where the points are the same for every seed, so that the conclusion holds for these points only.
    resplits
        True where those points are split anew for every seed, the test points too.
    first
        The first seed that is judged; those before it chose the rates (``seeds="auto"``), otherwise 0.
    """

    data: str
    regime: Regime
    rates: Mapping[str, tuple[float, ...]]
    conditional: bool
    resplits: bool = False
    first: int = 0


@dataclass(frozen=True)
class Stopping:
    """Of ``seeds="auto"``: why no more seeds were added.

    Parameters
    ----------
    until, most
        The width that was to be reached, and the most seeds that were allowed.
    width
        That of the widest interval in the end, of an arm's mean score or a difference to the first arm, in any view.
    pilot
        Seeds that chose the learning rates and are not judged where each arm is at its best; 0 where there was nothing
        to choose.
    looks
        How often one may have looked; medians and sign-flip tests are corrected for it.
    """

    until: float
    most: int
    width: float
    pilot: int
    looks: int

    @property
    def reached(self) -> bool:
        """Whether the intervals are as narrow as asked."""
        return self.width <= self.until


@dataclass(frozen=True)
class Point:
    """One data point followed through a net (row A5 of the mission): mean magnitudes by layer, output included."""

    x: Array  # (d,) in the coordinates that the net sees
    distance: float  # to the boundary (signed, positive on the side of class 1); NaN where it is not known
    mean_abs_z: Array  # (layers,)  hidden layers in order, then the output
    mean_abs_a: Array  # (layers,)  the output's a is the predicted probability


@dataclass(frozen=True)
class Portrait:
    """One net of an arm looked at closely: the one whose test accuracy is the median of its arm in this view."""

    view: int  # index into Comparison.views
    arm: str
    seed: int
    learning_rate: float
    test_accuracy: float
    status: Status
    axes: tuple[Array, Array] | None  # (G,), (G,): the grid's coordinates; None where the data have more than 2 columns
    # (G, G), row = second coordinate: predicted probability of class 1; of k > 2 classes each one's, (k, G, G); of a
    # regression the answers, (G,) where the data have one column
    probability: Array | None
    points: Array  # (n, d) the training points shown, in the coordinates that the net sees
    labels: Array  # (n,) 0.0, 1.0, …, or the targets of a regression
    hidden: tuple[Array, ...]  # per hidden layer (n, 2): the points' representation on its two leading principal axes
    hidden_share: tuple[float, ...]  # per hidden layer: share of the variance that those two axes carry
    near: Point
    far: Point
    regression: bool = False


@dataclass(frozen=True)
class Gap:
    """Where the difference between two arms comes from (only for a fixed set whose generator is known).

    Each entry is the first arm's mean test accuracy minus the second's, in shares (0.18 = 18 points), with its
    interval ``(estimate, low, high)``.
    """

    arms: tuple[str, str]
    as_published: tuple[float, float, float]  # on the fixed split, at the common learning rate
    fresh: tuple[float, float, float]  # fresh data for every seed, at the common learning rate
    fresh_best: tuple[float, float, float]  # fresh data, each arm at its best learning rate


@dataclass(frozen=True)
class Provenance:
    """How the numbers were made: enough to repeat them."""

    command: str  # one line that repeats the study
    versions: Mapping[str, str]  # actlab, python, numpy, …
    machine: Mapping[str, str]  # processor, instruction set, threads, system
    started: str  # ISO 8601, UTC
    seconds: float  # spent training and measuring
    nets: int  # trained in all, tuning included
    net_steps: int  # optimiser steps summed over nets
    geometry_seconds: float = 0.0  # of `seconds`, for the geometry of a few nets' representations


@dataclass(frozen=True)
class Comparison:
    """The result of `actlab.compare`.

    Tables are polars frames. Accuracies and shares lie in [0, 1], losses are mean cross-entropies in nats.

    frame
        A row per net: ``data, role, arm, activation, learning_rate, seed, status, train_loss, train_accuracy,
        validation_loss, validation_accuracy, test_loss, test_accuracy``. ``role`` is ``"result"``, or ``"tuning"`` for
        nets trained only to choose a learning rate (fixed data). In a regression R² stands in the place of accuracy
        (``test_r2``), as it is, and losses are mean squared errors. With a target, ``steps_to_target``: log-linear
        between checkpoints, null where the net never arrived.
    summary
        A row per view and arm: ``view, data, regime, arm, learning_rate, nets, estimate, low, high, difference,
        difference_low, difference_high, p_value, sign_flip_p, superiority, superiority_low, superiority_high,
        detectable, median_test_loss, collapsed, diverged``.

        * ``estimate, low, high``: mean test accuracy with its 95 % interval; of a regression, mean share of the
          variance that is explained: R², with 0 where it is negative, because the interval needs bounds.
          ``learning_rate`` is null where the halves of the seeds chose two.
        * ``difference…``: to the first arm, paired by seed, simultaneous 95 % over the arms; ``p_value`` agrees with it
          (at most 0.05 exactly where the interval excludes 0); ``sign_flip_p`` (Holm-corrected) is secondary.
        * ``superiority…``: P(arm > first arm) at the same seed, ties half. ``detectable``: the difference that could
          have been seen; ``seeds_needed``: about how many seeds would show a difference of 5 points, given how much
          the paired differences spread (null of one seed). All of these are null for the first arm.
        * Of ``seeds="auto"`` the intervals of means, differences and superiority, and ``p_value``, are those of a
          confidence sequence; ``sign_flip_p`` and the intervals of medians are corrected for the number of looks.
        * ``collapsed, diverged``: how many nets gave one class to every test point, or a number that is not finite.
        * With a target, ``target_share`` of the nets that arrived, ``target_steps, target_low, target_high``: median
          steps with its 95 % interval, and ``target_ratio…``: the median of the steps as a multiple of the first
          arm's at the same seed. Null stands for ∞ (nets that never arrive).
    by_rate
        A row per data, arm and learning rate of the grid: ``data, arm, learning_rate, nets, estimate, low, high,
        validation_estimate, collapsed, diverged``.
    curves
        A row per net and checkpoint: ``data, arm, learning_rate, seed, step, epoch, train_loss, validation_loss``.
    traces
        A row per net, checkpoint and layer (1 … depth, the output last): ``data, arm, learning_rate, seed, step, epoch,
        layer, units, mean_abs_z, mean_abs_a, mean_z, var_z, dead, saturated, linear, gradient_norm,
        gradient_norm_per_weight, weight_norm, update_ratio, sign_agreement, path_efficiency``. ``dead, saturated,
        linear`` are shares of the layer's units, null for the output. ``update_ratio`` ‖Δw‖/‖w‖ is that of the step
        which led to the checkpoint, ``path_efficiency`` ‖w − w_0‖/Σ‖Δw‖ counts every step up to there, both for the
        layer's weights without biases; ``sign_agreement`` is that of the gradients of each unit's weights over the
        probe. All three are null where they are not defined (at step 0, where nothing moves).
    geometry
        A row per net of a few seeds, checkpoint and layer (0 is the input): ``view, arm, learning_rate, seed, step,
        epoch, layer, margin_retention, distance_retention, far_contrast, effective_rank, regions``. ``regions``: linear
        regions of the net up to this layer that a 64 × 64 grid over the training points meets (of one column, 4,096
        points on a line); null where the net is not piecewise linear or the data have more columns.
    through_time
        Of recurrent nets, a row per net, checkpoint (start, middle in log steps, end), hidden layer and step of the
        sequence (1 is the first): ``data, arm, learning_rate, seed, step, epoch, layer, time, gradient_norm``;
        ``gradient_norm`` is ‖∂L/∂h_t‖ over the probe (`actlab.measure.gradient_through_time`). Empty for other nets.
    learned
        A row per net, hidden layer and number of φ that was learned (`Activation.learned`; empty where none was):
        ``data, arm, learning_rate, seed, layer, number, start, value, status``; ``value`` is where training ended, and
        of a net whose ``status`` is ``"diverged"`` it means nothing.
    """

    arms: tuple[str, ...]  # labels, in the order given; the first is the one compared to
    formulas: Mapping[str, str]  # arm → its formula in LaTeX
    data: str
    hidden: tuple[int, ...]
    seeds: int
    learning_rates: tuple[float, ...]  # the grid as it was in the end (extended while an optimum lay at its edge)
    common_rate: float  # the rate of the "same" views
    epochs: int
    batch_size: int
    init: Mapping[str, str]  # arm → initialisation ("he", "xavier", "lecun", "gain 1.5")
    sizes: Mapping[str, int]  # data → training points; key "test" → test points of the main data
    frame: pl.DataFrame
    summary: pl.DataFrame
    by_rate: pl.DataFrame
    curves: pl.DataFrame
    traces: pl.DataFrame
    geometry: pl.DataFrame
    views: tuple[View, ...]
    portraits: tuple[Portrait, ...]
    example: tuple[Array, Array, Array, Array]  # training X, y and test X, y (at most 1,000) of the first seed
    gap: Gap | None
    provenance: Provenance
    interrupted: bool = field(default=False)  # True after Ctrl-C: complete seeds only, fewer than asked for
    classes: tuple[Label, ...] = (0, 1)  # what 0, 1, … stand for; none in a regression
    # arm → its settings beside the activation: init, norm, residual, optimiser, schedule, warm_up, weight_decay, clip
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    target_loss: float | None = None  # the validation loss at which a net was done
    notes: tuple[Note, ...] = ()  # what to know about the data (rows left out) and the formulas (digits lost)
    learned: pl.DataFrame | None = None
    through_time: pl.DataFrame | None = None
    stopping: Stopping | None = None  # of seeds="auto"; `seeds` is then how many there are
    test_points: Mapping[str, int] = field(default_factory=dict)  # data → test points (those of a net, at each seed)

    @property
    def task(self) -> TaskKind:
        """What the nets were asked for."""
        return "regression" if not self.classes else "binary" if len(self.classes) == 2 else "multiclass"
