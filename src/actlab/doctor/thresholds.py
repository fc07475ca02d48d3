"""Where a reading becomes a finding. Frozen; each page of ``docs/en/checks`` derives its own."""

from __future__ import annotations

from dataclasses import dataclass, fields

from actlab.text import UserError


@dataclass(frozen=True)
class Thresholds:
    """Thresholds of all checks. Every one can be set: ``actlab.check(…, thresholds=Thresholds(dead_warning=0.4))``.

    Raises:
        UserError: for a threshold that is not a positive number.
    """

    dead_warning: float = 0.4  # share of a layer's units that died in training
    dead_error: float = 0.6
    dead_start: float = 0.5  # share of a layer's units that are dead at a sound start, at most, but for chance
    saturated_warning: float = 0.25  # share of a layer's units
    saturated_error: float = 0.5
    flat_warning: float = 0.5  # share of points × units, for activations that saturate on both sides
    flat_error: float = 0.75
    linear_warning: float = 0.9  # share of a layer's units whose activation is on one side of its bend on every input
    vanishing_warning: float = 5e-3  # gradient at the first activation over that at the last
    vanishing_error: float = 1e-3
    exploding_warning: float = 1e3  # gradient at the first activation over that at the last
    exploding_error: float = 1e4
    growth_warning: float = 1e2  # root mean square of z at the last activation over that at the first
    growth_error: float = 1e4
    init_layer: float = 20.0  # by which a layer's weight variance exceeds the one that fits; below, four times that
    init_chain_large: float = 1e2  # the same, multiplied over a chain of layers without a norm between
    init_chain_small: float = 1e4
    init_slope: float = 5e-3  # what saturating functions and the weights behind them pass on of a gradient, together
    start_high: float = 100.0  # variance of z at the first weights
    start_low: float = 1e-5  # the same, where no activation made the layer's input
    input_size: float = 30.0  # root mean square of the model's inputs
    collapse_warning: float = 1e-4  # share of a representation's mean square that tells samples apart
    collapse_error: float = 1e-6
    agreement: float = 0.75  # mean sign agreement of a unit's weight gradients
    outside_warning: float = 0.01  # share of targets that the output cannot reach
    outside_error: float = 0.1
    update_low: float = 3e-5  # median ‖Δw‖/‖w‖
    update_high: float = 0.25
    update_error: float = 1.0
    update_burst: float = 1.0  # largest ‖Δw‖/‖w‖ of most matrices
    sharp_warning: float = 0.9  # share of rows of a softmax that are one-hot
    sharp_start: float = 0.5  # the same at the first weights

    def __post_init__(self) -> None:
        for name in (f.name for f in fields(self)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                raise UserError("doctor.threshold", name=name, value=repr(value)[:40])
