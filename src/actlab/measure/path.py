"""The path that training takes through weight space: zig-zag or straight."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from actlab.measure._shapes import checked, finite, norm, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from actlab._arrays import AnyArray


def sign_agreement(weight_gradients: AnyArray) -> float:
    """How far the weight gradients of one unit share a sign: the claim behind the zig-zag path, as a number.

    For one data point the gradient of a unit's incoming weight w_i is δ·a_i. Where every input a_i is positive, all of
    them have the sign of δ, so the unit's weights can only grow together or shrink together, and a target that asks
    for both is reached in zig-zag. For one unit and one step: the share of the majority sign among its incoming weight
    gradients that are not exactly 0 (an exact 0 has no sign). A unit and step with fewer than two signs cannot
    disagree and is left out. The result is the mean over all units and steps.

    Parameters
    ----------
    weight_gradients
        (…, fan-in): the last axis runs over one unit's incoming weights (without its bias), the others over units and
        steps: (fan-in,), (units, fan-in) or (steps, units, fan-in).

    Returns
    -------
    float
        In [0.5, 1]; 1 = all signs tied. What independent signs give is `expected_sign_agreement(fan_in)`. NaN for a
        non-finite entry, or where no unit has two signs.

    Raises
    ------
    ValueError
        For a single number.

    References
    ----------
    LeCun, Bottou, Orr and Müller (1998), Efficient BackProp, section 4.3; the lecture deck (mission, B3 and K8).
    """
    gradients = np.asarray(weight_gradients, dtype=np.float64)
    if gradients.ndim == 0:
        raise ValueError("weight_gradients needs an axis of incoming weights")
    if not finite(gradients):
        return float("nan")
    positive = (gradients > 0.0).sum(axis=-1)
    negative = (gradients < 0.0).sum(axis=-1)
    signs = positive + negative
    telling = signs >= 2
    if not telling.any():
        return float("nan")
    return float(np.mean(np.maximum(positive, negative)[telling] / signs[telling]))


def expected_sign_agreement(k: int) -> float:
    """Sign agreement expected of `k` independent, evenly likely signs: E[max(B, k − B)] / k with B ~ Binomial(k, ½).

    In (0.5, 1]: 1 for k = 1, 0.75 for k = 2 and 3, 0.6875 for 4, towards ½ + 1/√(2πk) for large k. ValueError for
    k < 1.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    # max(B, k − B) = (k + |2B − k|) / 2, and E|2B − k| / k = C(k − 1, ⌊(k − 1)/2⌋) / 2**(k − 1) for every k.
    return 0.5 + math.comb(k - 1, (k - 1) // 2) / (1 << k)


def path_efficiency(w_0: AnyArray, w_T: AnyArray, step_lengths: AnyArray | Sequence[float]) -> float:
    """Straight distance over distance travelled, ‖w_T − w_0‖ / Σ‖Δw‖.

    Parameters
    ----------
    w_0, w_T
        Weights at the start and the end, any shape, the same for both.
    step_lengths
        (steps,) ‖Δw‖ of every step between them, ≥ 0.

    Returns
    -------
    float
        In [0, 1] up to rounding: 1 = a straight line, 0 = back at the start. NaN where nothing moved (0/0) or an
        entry is not finite. Compare only paths of equally many steps: noise of mini-batches alone lowers it.

    Raises
    ------
    ValueError
        Where the shapes differ, step_lengths is not one-dimensional, or a length is negative.

    References
    ----------
    design.md, "Measurements": path.
    """
    start, end = np.asarray(w_0, dtype=np.float64), np.asarray(w_T, dtype=np.float64)
    if start.shape != end.shape:
        raise ValueError(f"w_0 has shape {start.shape}, w_T {end.shape}")
    lengths = checked("step_lengths", step_lengths, 1)
    if bool((lengths < 0.0).any()):
        raise ValueError("a step length is never negative")
    if not finite(start, end, lengths):
        return float("nan")
    with np.errstate(over="ignore"):
        return ratio(norm(end - start), float(lengths.sum()))
