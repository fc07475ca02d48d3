"""How the gradient fares on its way back: norms per layer, their course over depth, updates, and time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from actlab.measure._shapes import checked, finite, norm, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import AnyArray, Array


def gradient_norm(gradient: AnyArray) -> float:
    """Euclidean norm ‖g‖ of one layer's weight gradient (any shape), in units of loss per weight.

    0 for an empty array, NaN for a non-finite entry. No overflow or underflow on the way.
    """
    return norm(np.asarray(gradient, dtype=np.float64))


def gradient_norm_per_weight(gradient: AnyArray) -> float:
    """Root mean square ‖g‖ / √(number of weights) of one layer's weight gradient (any shape).

    Comparable between layers of different size, which the norm is not. NaN for an empty array or a non-finite entry.
    """
    gradient = np.asarray(gradient, dtype=np.float64)
    return ratio(norm(gradient), np.sqrt(gradient.size))


def gradient_norms(gradients: Sequence[AnyArray]) -> Array:
    """(layers,) norm of each layer's weight gradient (any shapes), first layer first."""
    return np.array([gradient_norm(gradient) for gradient in gradients], dtype=np.float64)


def first_last_ratio(norms: AnyArray | Sequence[float]) -> float:
    """Gradient norm of the first layer over that of the last.

    Parameters
    ----------
    norms
        (layers,) norms ≥ 0, first layer first.

    Returns
    -------
    float
        ≥ 0. Normal range: 1e-3 … 1e3; below, early layers do not learn (vanishing), above, the gradient explodes
        towards the input. ∞ where only the last is 0; NaN for 0/0, a non-finite norm or no layers.

    Raises
    ------
    ValueError
        Where the array is not one-dimensional or a norm is negative.

    References
    ----------
    Zhang et al. (2021), AUTOTRAINER (its threshold 1e-3); design.md, "Measurements": gradient.
    """
    norms = _norms(norms)
    if norms.size == 0 or not finite(norms):
        return float("nan")
    return ratio(norms[0], norms[-1])


def log_norm_slope(norms: AnyArray | Sequence[float]) -> float:
    """Least-squares slope of ln(norm) over depth, per layer (or over time, per step).

    Parameters
    ----------
    norms
        (layers,) norms ≥ 0, first layer first; or (steps,) from `gradient_through_time`.

    Returns
    -------
    float
        Natural logarithms per layer; e**slope is the factor from one layer to the next. Positive: the gradient shrinks
        on its way back to the first layer (vanishing); negative: it grows (exploding). Normal range: ±0.5. A chain of
        sigmoids with unit weights gives at least ln 4 = 1.386.

        A norm of 0 stands for the limit of ever smaller norms, not for a missing value: zeros in the first half
        give +∞, in the second half −∞; where they balance about the middle they do not tilt the line, and the slope
        is that limit, finite. NaN where every norm is 0, a norm is not finite, or there are fewer than two.

    Raises
    ------
    ValueError
        Where the array is not one-dimensional or a norm is negative.

    References
    ----------
    Bengio, Simard and Frasconi (1994), Learning long-term dependencies with gradient descent is difficult; design.md,
    "Measurements": gradient.
    """
    norms = _norms(norms)
    layers = norms.size
    if layers < 2 or not finite(norms) or not norms.any():
        return float("nan")
    # Twice the distance from the middle: whole numbers, so that the pull of zeros is 0 exactly where they balance.
    position = 2.0 * np.arange(layers) - (layers - 1)
    pull = float(position[norms == 0.0].sum())
    if pull != 0.0:
        return float(np.copysign(np.inf, -pull))
    logs = np.log(np.where(norms == 0.0, 1.0, norms))
    return float(2.0 * (position @ logs) / (position @ position))


def update_ratio(update: AnyArray, weights: AnyArray) -> float:
    """Size of one optimiser step relative to the weights, ‖Δw‖ / ‖w‖.

    Parameters
    ----------
    update, weights
        Δw and w before the step, of one layer; any shape, the same for both.

    Returns
    -------
    float
        ≥ 0. Normal range: 1e-4 … 1e-1, a good value is about 1e-3. ∞ where only the weights are 0; NaN for 0/0, an
        empty array or a non-finite entry.

    Raises
    ------
    ValueError
        Where the shapes differ.

    References
    ----------
    Karpathy (2015), CS231n notes, "Ratio of weights:updates"; reference/diagnosis.md.
    """
    update, weights = np.asarray(update, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if update.shape != weights.shape:
        raise ValueError(f"update has shape {update.shape}, weights {weights.shape}")
    return ratio(norm(update), norm(weights))


def gradient_through_time(hidden_gradients: AnyArray) -> Array:
    """(steps,) norm of ∂L/∂h_t at each time step of a recurrent net.

    Parameters
    ----------
    hidden_gradients
        ∂L/∂h_t for each step, (steps, units) for one sequence or (steps, points, units) for a batch (norm over both).

    Returns
    -------
    Array
        ≥ 0, first step first; NaN for a step with a non-finite entry. `log_norm_slope` of it is positive where the
        gradient vanishes towards the first step, negative where it explodes.

    Raises
    ------
    ValueError
        Where the array has fewer than two or more than three axes.

    References
    ----------
    Pascanu, Mikolov and Bengio (2013), On the difficulty of training recurrent neural networks.
    """
    hidden_gradients = np.asarray(hidden_gradients, dtype=np.float64)
    if hidden_gradients.ndim not in (2, 3):
        raise ValueError(f"hidden_gradients must have 2 or 3 axes, not shape {hidden_gradients.shape}")
    return gradient_norms(list(hidden_gradients))


def _norms(value: AnyArray | Sequence[float]) -> Array:
    norms = checked("norms", value, 1)
    if bool((norms < 0.0).any()):
        raise ValueError("a norm is never negative")
    return norms
