"""Where to look: every exponent, and dense neighbourhoods of all places at which something is known to go wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from actlab.functions.activation import Activation

#: Near these, of either sign, float32 and float64 results overflow, underflow or reach their limit: logarithms of the
#: largest and smallest numbers and their roots, where erfc and e^(−x²) vanish, where 1 − tanh x and 1 + eˣ do.
THRESHOLDS = (
    88.722839, 87.336544, 103.972084, 104.5, 709.782712893384, 708.3964185322641, 745.1332191019411, 746.0,
    14.2, 13.3, 10.05, 9.19, 12.9, 5.54, 5.9, 3.83, 4.0, 38.485, 37.52, 26.543, 27.226, 19.06, 18.37, 22.18, 8.3, 9.01,
    16.64, 17.33, 36.05, 36.74, 44.0, 51.0, 61.3, 300.0, 1.0, 2.0, 3.0, 6.0, 0.5, 1.5, 20.0, 2.98e-8, 1.5e-154,
    1.8446744e19, 9.2233715e18, 4096.0, 16777216.0, 1.34078079e154, 9.007199254740992e15, 6.98e12, 5.6e102,
)  # fmt: skip
_SPOTS = 24  # sin has a root every 3.14…; the nearest ones to 0 and 24 of a kind are enough


def spots(f: Activation) -> np.ndarray:
    """Kinks, zeros of φ, φ′ and φ″, and thresholds, float64."""
    facts = f.facts
    found = {*facts.switch_points, *facts.kinks, *facts.zeros, *facts.critical_points, 0.0}
    for interval in (*facts.zero_intervals, *facts.flat_intervals):
        found.update(interval)
    if f.derivative_expression.has_x:
        slope = Activation("slope", f.derivative_expression).facts
        found.update((*slope.zeros, *slope.critical_points, *slope.switch_points))
    near = sorted((v for v in found if np.isfinite(v)), key=abs)[:_SPOTS]
    return np.array(sorted({*near, *THRESHOLDS, *(-t for t in THRESHOLDS)}))


def neighbours(centre: np.ndarray, kind: Any, reach: int) -> np.ndarray:
    """The `reach` numbers of `kind` on each side of every centre, and those 1, 2, 4, 8 … numbers away."""
    signed, powers = (np.int32, 24) if kind == np.float32 else (np.int64, 53)
    with np.errstate(over="ignore"):
        bits = centre.astype(kind)
    bits = bits[np.isfinite(bits)].view(signed)
    order = np.where(bits < 0, np.iinfo(signed).min - bits, bits)  # the numbers in their order, 0 for both zeros
    steps = np.concatenate([np.arange(-reach, reach + 1), 2 ** np.arange(powers), -(2 ** np.arange(powers))])
    order = (order[:, None] + steps.astype(signed)).ravel()
    x = np.where(order < 0, np.iinfo(signed).min - order, order).astype(signed).view(kind)
    return x[np.isfinite(x)]


def every_exponent(kind: Any, each: int, rng: np.random.Generator) -> np.ndarray:
    """`each` mantissas for every exponent and both signs, subnormals included: random ones, and the binade's ends."""
    unsigned, mantissa, exponents = (np.uint32, 23, 255) if kind == np.float32 else (np.uint64, 52, 2047)
    fractions = rng.integers(0, 2**mantissa, (2 * exponents, each), dtype=unsigned)
    fractions[:, 0], fractions[:, 1], fractions[:, 2] = 0, 2**mantissa - 1, 1
    heads = np.concatenate([np.arange(exponents), np.arange(exponents) + exponents + 1]).astype(unsigned)
    return ((heads << unsigned(mantissa))[:, None] | fractions).ravel().view(kind)


def sample(f: Activation, kind: Any, each: int, reach: int, seed: int = 30) -> np.ndarray:
    """`each` numbers of every exponent and sign, 2·reach + 1 around every spot, as many random ones in [−40, 40]."""
    rng = np.random.default_rng(seed)
    near = neighbours(spots(f), kind, reach)
    return np.concatenate([every_exponent(kind, each, rng), near, rng.uniform(-40, 40, near.size).astype(kind)])
