"""Initial weights: normal draws from the net's seed, scaled layer by layer.

The draws depend on the seed, the layer and the place in it, not on the activation, the learning rate or the scheme:
arms of a study start from the same draws. Biases start at zero.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from actlab import _core
from actlab.text import UserError, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from actlab._arrays import AnyArray, Array
    from actlab.nets.spec import NetSpec

_GAIN = re.compile(r"gain\s*[ =]\s*(?P<value>\S+)")

#: Standard deviation of a layer's weights as a function of its fan-in and fan-out.
SCHEMES: dict[str, Callable[[int, int], float]] = {
    "he": lambda fan_in, _: math.sqrt(2 / fan_in),  # He, Zhang, Ren, Sun (2015), eq. 10
    "lecun": lambda fan_in, _: math.sqrt(1 / fan_in),  # LeCun, Bottou, Orr, Müller (1998), eq. 16
    "xavier": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),  # Glorot, Bengio (2010), eq. 12
}


def gain_of(init: str) -> float | None:
    """The number in ``"gain 1.5"``; None for any other text."""
    found = _GAIN.fullmatch(init.strip().lower())
    if found is None:
        return None
    try:
        return float(found["value"])
    except ValueError:
        return math.nan


def checked_init(init: str) -> str:
    """`init` in its canonical form, or a `UserError` that says what is allowed."""
    name = str(init).strip().lower()
    if name in SCHEMES:
        return name
    gain = gain_of(name)
    if gain is not None:
        if not (math.isfinite(gain) and gain > 0):
            raise UserError("nets.bad_gain", value=init)
        return f"gain {gain:g}"
    near = nearest(name, SCHEMES)
    if near:
        raise UserError("nets.unknown_init_near", name=str(init)[:60], near=near, known=", ".join(SCHEMES))
    raise UserError("nets.unknown_init", name=str(init)[:60], known=", ".join(SCHEMES))


def weight_scales(spec: NetSpec) -> list[float]:
    """Standard deviation of the weights of every layer; with a gain g it is g/√fan_in."""
    gain = gain_of(spec.init)
    if gain is not None:
        return [gain / math.sqrt(fan_in) for fan_in, _ in spec.shapes]
    return [SCHEMES[spec.init](fan_in, fan_out) for fan_in, fan_out in spec.shapes]


def _first_recurrent(spec: NetSpec, seed: int, layer: int) -> Array:
    """U, flat. Its draws are numbered as if its layer came behind all others."""
    width = spec.hidden[layer]
    if spec.recurrent_init == "identity":
        return np.eye(width).ravel()
    gain = gain_of(spec.init)
    scale = SCHEMES[spec.init](width, width) if gain is None else gain / math.sqrt(width)
    draws: Array = _core.standard_normal(seed, spec.layers + layer, width * width)
    return draws * scale


def initial_weights(
    spec: NetSpec,
    seeds: Sequence[int],
    dtype: type[np.floating] = np.float32,
    gains: Sequence[float] | None = None,
) -> AnyArray:
    """Rows of parameters ``(len(seeds), row)`` before the first step.

    Each distinct seed is drawn once, however often it is asked for. `gains`, one a net, multiply the standard deviation
    of its weights. Norms start at scale 1 and shift 0, running averages at mean 0 and variance 1, learned numbers of φ
    where `Activation.learned` says.
    """
    distinct, place = np.unique(np.asarray(seeds, dtype=np.uint64), return_inverse=True)
    draws: Array = np.zeros((len(distinct), spec.row))
    places = list(spec.places())
    for row, seed in zip(draws, distinct.tolist(), strict=True):
        for layer, (where, scale) in enumerate(zip(places, weight_scales(spec), strict=True)):
            count = where.weights.stop - where.weights.start
            row[where.weights] = _core.standard_normal(seed, layer, count) * scale
            if where.recurrent is not None:
                row[where.recurrent] = _first_recurrent(spec, seed, layer)
    rows = draws[place]
    for where, phi in zip(places, spec.activations, strict=False):
        if where.learned is not None:
            rows[:, where.learned] = [start for _, start in phi.learned]
    for where in places:
        if gains is not None:
            rows[:, where.weights] *= np.asarray(gains, dtype=np.float64)[:, None]
            if where.recurrent is not None and spec.recurrent_init == "scaled":
                rows[:, where.recurrent] *= np.asarray(gains, dtype=np.float64)[:, None]
        for ones in (where.scale, where.variance):
            if ones is not None:
                rows[:, ones] = 1.0
    return np.ascontiguousarray(rows, dtype=dtype)
