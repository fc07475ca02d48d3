"""Trains nets by the thousand in the C++ core.

A net's result depends on its specification, its seed, its learning rate and its data alone: the same bits in whatever
company it is trained, on however many threads.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab import _core
from actlab.nets.initialise import initial_weights
from actlab.nets.training import OPTIMISERS, Adam, Momentum
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab._arrays import AnyArray, Array, Integers, Mask
    from actlab.data import Sample
    from actlab.functions import Program
    from actlab.nets.spec import NetSpec
    from actlab.nets.training import TrainSpec

#: What `Trained.curves` holds, in order. Losses are those of `NetSpec.loss`; accuracies are shares, NaN for squares.
CURVES = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")
#: What `Trained.traces` holds, in order; defined in `actlab.measure`. The unit shares of the output layer are 0.
TRACES = (
    "mean_abs_z", "mean_abs_a", "mean_z", "var_z", "dead", "saturated", "linear", "gradient_norm", "weight_norm",
    "update_ratio", "sign_agreement", "path_efficiency",
)  # fmt: skip

#: Points of the training set on which nets are measured: the first ones, fixed for a data set.
PROBE = 64


@dataclass(frozen=True)
class PointSets:
    """Data sets of equal size side by side.

    X ``(sets, points, features)``, sequences ``(sets, points, steps, features)``; y ``(sets, points)``, or ``(sets,
    points, outputs)`` for squares with several outputs: 0 and 1, class numbers, or targets, in the dtype of X.
    """

    X: AnyArray
    y: AnyArray

    @classmethod
    def stack(cls, samples: Sequence[Sample], dtype: type[np.floating] = np.float32) -> PointSets:
        """One set a sample; all must have equally many points."""
        X = np.stack([sample.X for sample in samples])
        y = np.stack([sample.y for sample in samples])
        return cls(np.ascontiguousarray(X, dtype=dtype), np.ascontiguousarray(y, dtype=dtype))

    @property
    def points(self) -> int:
        """Points in each set."""
        return int(self.X.shape[1])

    def columns(self, spec: NetSpec) -> AnyArray:
        """X as ``(sets, points, columns)``; `UserError` where it is not what the net takes."""
        wanted = (spec.features,) if spec.steps is None else (spec.steps, spec.features)
        if self.X.shape[2:] != wanted:
            raise UserError(
                "nets.bad_inputs", wanted=" × ".join(map(str, wanted)), given=" × ".join(map(str, self.X.shape[2:]))
            )
        return np.ascontiguousarray(self.X.reshape(*self.X.shape[:2], spec.columns))

    def targets(self, spec: NetSpec) -> AnyArray:
        """y as ``(sets, points, targets)``; `UserError` where it holds a class that the net has not."""
        y = np.ascontiguousarray(self.y, dtype=self.X.dtype)
        if spec.loss == "classes":
            strange = (y != np.floor(y)) | (y < 0) | (y >= spec.outputs)
            if strange.any():
                raise UserError("nets.bad_class", last=spec.outputs - 1, value=f"{y[strange][0]:g}")
        return y if y.ndim == 3 else y[..., None]


@dataclass(frozen=True)
class Trained:
    """Nets after training; the first axis is the net.

    Parameters
    ----------
    weights
        ``(nets, row)``, as `NetSpec.unpack` reads them.
    checkpoints
        ``(checkpoints,)`` the steps at which nets were measured.
    curves
        ``(nets, checkpoints, 4)``, see `CURVES`; the validation columns are NaN where there are no validation points.
    traces
        ``(nets, checkpoints, layers, 12)``, see `TRACES`; of recurrent layers over all their steps.
    through_time
        ``(nets, checkpoints, hidden layers, steps)``: of recurrent nets ‖∂L/∂h_t‖ over the probe at each step, as
        `actlab.measure.gradient_through_time` has it; no steps for other nets.
    snapshots
        ``(kept nets, checkpoints, row)``: weights of the nets that `train` was asked to keep, in that order.
    steps
        ``(nets,)`` how many steps were made before the net was done (`TrainSpec.target`) or lost. What is recorded at
        later checkpoints is the net as it was then.
    diverged
        ``(nets,)`` whether the net was lost: at the end of an epoch one of its parameters was not finite.
    completed
        ``(nets,)``; False only after an interruption.
    interrupted
        Whether Ctrl-C stopped the training.
    """

    weights: AnyArray
    checkpoints: Integers
    curves: Array
    traces: Array
    through_time: Array
    snapshots: AnyArray
    steps: Integers
    diverged: Mask
    completed: Mask
    interrupted: bool


@dataclass(frozen=True)
class Scores:
    """How nets do on a set of points, one entry a net.

    An answer that is not a finite number counts as wrong, and makes the loss infinite.
    """

    loss: Array
    accuracy: Array  # NaN for squares, as the two shares of classes
    positive: Array  # two classes: share of the points that are given class 1; otherwise NaN
    largest_share: Array  # share of the points that are given the class most often given
    finite: Array  # share of the points for which every output is finite


def train(
    spec: NetSpec,
    training: TrainSpec,
    *,
    seeds: Sequence[int],
    learning_rates: Sequence[float],
    gains: Sequence[float] | None = None,
    train_sets: PointSets,
    validation_sets: PointSets | None = None,
    set_of_net: Sequence[int] | None = None,
    checkpoints: Integers | None = None,
    keep: Sequence[int] = (),
    initial: AnyArray | None = None,
    threads: int = 0,
    instruction_set: str = "",
    progress: Callable[[float], None] | None = None,
    _layout: str = "",
) -> Trained:
    """Train one net per entry of `seeds`.

    Parameters
    ----------
    spec, training
        What all of them share.
    seeds, learning_rates, gains
        One a net: a seed in [0, 2^64), a rate, a factor on the standard deviation of its first weights (default 1).
    train_sets, validation_sets
        Their dtype, float32 or float64, is the precision of the training.
    set_of_net
        Which data set a net learns from; by default all learn from set 0.
    checkpoints
        Ascending steps at which to measure; step 0 is before the first update. None: none.
    keep
        Indices of nets whose weights are kept at every checkpoint.
    initial
        Rows of parameters to start from; by default drawn from the seeds. They are read while nets train.
    threads, instruction_set
        0 and "" choose by the machine. Neither changes a bit of the result ("v2", without fused multiply-add, does).
    progress
        Called about ten times a second with the share of the work that is done.

    Raises
    ------
    UserError
        For class numbers that the net has not, batch norm with batches of one point, or a target without checkpoints.
    """
    dtype = train_sets.X.dtype.type
    nets = len(seeds)
    if initial is None:
        weights = initial_weights(spec, seeds, dtype, gains)
    else:
        weights = np.ascontiguousarray(initial, dtype=dtype)
    if validation_sets is None:
        empty = (train_sets.X.shape[0], 0)
        validation_sets = PointSets(
            np.empty((*empty, *train_sets.X.shape[2:]), dtype), np.empty((*empty, spec.targets), dtype)
        )
    if "batch" in spec.norms and min(training.batch_size, train_sets.points) < 2:
        raise UserError("nets.batch_of_one", batch_size=min(training.batch_size, train_sets.points))
    if training.target is not None and checkpoints is None:
        raise UserError("nets.no_checkpoints")
    rows = np.full(nets, -1, dtype=np.int32)
    rows[list(keep)] = np.arange(len(keep), dtype=np.int32)
    steps = np.empty(0, dtype=np.int64) if checkpoints is None else np.asarray(checkpoints, dtype=np.int64)
    result = _core.train(
        **_network(spec),
        optimiser=_descent(training),
        weights=weights,
        learning_rates=np.asarray(learning_rates, dtype=dtype),
        seeds=np.asarray(seeds, dtype=np.uint64),
        set_of_net=_indices(set_of_net, nets),
        X=train_sets.columns(spec),
        y=train_sets.targets(spec),
        X_validation=validation_sets.columns(spec),
        y_validation=validation_sets.targets(spec),
        batch_size=training.batch_size,
        epochs=training.epochs,
        probe=min(PROBE, train_sets.points),
        target=math.nan if training.target is None else training.target,
        checkpoints=steps,
        snapshot_rows=rows,
        isa=instruction_set,
        threads=threads,
        layout=_layout,
        progress=progress,
    )
    return Trained(checkpoints=steps, **result)


def score(
    spec: NetSpec,
    weights: AnyArray,
    sets: PointSets,
    set_of_net: Sequence[int] | None = None,
    *,
    threads: int = 0,
    instruction_set: str = "",
    _layout: str = "",
) -> Scores:
    """Loss and accuracy of the nets `weights` ``(nets, row)`` on their set of `sets`."""
    scores = _core.score(
        **_network(spec),
        weights=np.ascontiguousarray(weights, dtype=sets.X.dtype),
        set_of_net=_indices(set_of_net, len(weights)),
        X=sets.columns(spec),
        y=sets.targets(spec),
        isa=instruction_set,
        threads=threads,
        layout=_layout,
    )
    return Scores(*np.ascontiguousarray(scores.T))


def _indices(set_of_net: Sequence[int] | None, nets: int) -> Integers:
    return np.zeros(nets, dtype=np.int64) if set_of_net is None else np.asarray(set_of_net, dtype=np.int64)


def _network(spec: NetSpec) -> dict[str, Any]:
    """What `NetSpec` says, as the core reads it: every distinct activation once."""
    place = {phi: k for k, phi in enumerate(dict.fromkeys(spec.activations))}
    hidden = zip(spec.hidden, spec.activations, spec.norms, spec.skips, strict=True)
    layers = [(width, place[phi], norm, skip) for width, phi, norm, skip in hidden]
    return {
        "features": spec.features,
        "steps": spec.steps or 0,
        "layers": [*layers, (spec.outputs, -1, "none", 0)],
        "activations": [
            (
                _words(phi.program("value", fused=True)),
                _words(phi.program("both", fused=True)),
                math.sqrt(phi.facts.derivative_second_moment),
                [_words(program) for program in phi.programs_by_learned()],
            )
            for phi in place
        ],
        "loss": spec.loss,
    }


def _words(program: Program) -> tuple[AnyArray, Array, int]:
    return program.code, program.constants, program.n_registers


def _descent(training: TrainSpec) -> tuple[str, float, float, float, float, float, str, int]:
    rule = training.optimiser
    name = next(name for name, kind in OPTIMISERS.items() if type(rule) is kind)
    if isinstance(rule, Adam):
        numbers = (rule.beta1, rule.beta2, rule.epsilon)
    else:
        numbers = (rule.beta if isinstance(rule, Momentum) else 0.0, 0.0, 0.0)
    return name, *numbers, training.weight_decay, training.clip or 0.0, training.schedule, training.warm_up
