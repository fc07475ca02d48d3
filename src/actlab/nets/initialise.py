"""Initial weights: normal draws from the net's seed, scaled layer by layer.

The draws depend on the seed, the layer and the place in it, not on the activation, the learning rate or the scheme:
arms of a study start from the same draws. Biases start at zero, unless the scheme gives them a variance.

``"critical"`` puts a net at the edge of chaos (`actlab.theory`): weights fed by φ have the variance σw²/fan-in and
their biases σb², those of φ's critical point, at which the variance q of pre-activations and the length of gradients
are kept. The first weights, fed by standardised data, have (q − σb²)/fan-in: q is there from the first layer on.

``"identity"`` is for recurrent nets: U starts as the identity (Le, Jaitly, Hinton, 2015), so that what a layer holds is
neither forgotten nor blown up; all other weights start as suits the activation.
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
    from actlab.functions import Activation
    from actlab.nets.spec import NetSpec
    from actlab.theory import CriticalPoint

CRITICAL, IDENTITY = "critical", "identity"
#: Draws of biases are numbered as layers behind any that a net may have, so that deeper nets share them too.
_BIASES = 1 << 20
_GAIN = re.compile(r"gain\s*[ =]\s*(?P<gain>\S+)(?:\s+bias\s*[ =]\s*(?P<bias>\S+))?")

#: Standard deviation of a layer's weights as a function of its fan-in and fan-out.
SCHEMES: dict[str, Callable[[int, int], float]] = {
    "he": lambda fan_in, _: math.sqrt(2 / fan_in),  # He, Zhang, Ren, Sun (2015), eq. 10
    "lecun": lambda fan_in, _: math.sqrt(1 / fan_in),  # LeCun, Bottou, Orr, Müller (1998), eq. 16
    "xavier": lambda fan_in, fan_out: math.sqrt(2 / (fan_in + fan_out)),  # Glorot, Bengio (2010), eq. 12
}


#: What `checked_init` takes by name.
NAMES = (*SCHEMES, CRITICAL, IDENTITY)


def gain_of(init: str) -> tuple[float, float] | None:
    """The numbers in ``"gain 1.5"`` and ``"gain 1.5 bias 0.2"``, NaN for what is none; None for any other text."""
    found = _GAIN.fullmatch(init.strip().lower())
    return None if found is None else (_number(found["gain"]), _number(found["bias"] or "0"))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def checked_init(init: str) -> str:
    """`init` in its canonical form, or a `UserError` that says what is allowed."""
    name = str(init).strip().lower()
    if name in NAMES:
        return name
    numbers = gain_of(name)
    if numbers is not None:
        gain, bias = numbers
        if not (math.isfinite(gain) and gain > 0):
            raise UserError("nets.bad_gain", value=init)
        if not (math.isfinite(bias) and bias >= 0):
            raise UserError("nets.bad_bias", value=init)
        return f"gain {gain:g} bias {bias:g}" if bias else f"gain {gain:g}"
    near = nearest(name, NAMES)
    if near:
        raise UserError("nets.unknown_init_near", name=str(init)[:60], near=near, known=", ".join(NAMES))
    raise UserError("nets.unknown_init", name=str(init)[:60], known=", ".join(NAMES))


def critical_point(activation: Activation) -> CriticalPoint:
    """Where ``"critical"`` puts nets of this activation; `UserError` where there is no such point."""
    from actlab.theory import theory

    found = theory(activation)
    if not found.has_critical_point:
        raise UserError("nets.no_critical_point", name=activation.name)
    return found.critical_point()


def weight_scales(spec: NetSpec) -> list[float]:
    """Standard deviation of the weights of every layer; with a gain g it is g/√fan_in."""
    if spec.init == CRITICAL:
        return [
            _rounded(math.sqrt(size / fan_in))
            for (size, _), (fan_in, _) in zip(_critical(spec), spec.shapes, strict=True)
        ]
    init = _fed_forward(spec)
    numbers = gain_of(init)
    if numbers is not None:
        return [numbers[0] / math.sqrt(fan_in) for fan_in, _ in spec.shapes]
    return [SCHEMES[init](fan_in, fan_out) for fan_in, fan_out in spec.shapes]


def _fed_forward(spec: NetSpec) -> str:
    """The initialisation of all weights but U."""
    return spec.activations[0].default_init if spec.init == IDENTITY else spec.init


def bias_scales(spec: NetSpec) -> list[float]:
    """Standard deviation of the biases of every layer; 0 where they start at zero."""
    if spec.init == CRITICAL:
        return [_rounded(math.sqrt(bias)) for _, bias in _critical(spec)]
    numbers = gain_of(spec.init)
    return [0.0 if numbers is None else numbers[1]] * spec.layers


def _critical(spec: NetSpec) -> list[tuple[float, float]]:
    """Variance of a weight times its fan-in, and of a bias, of every layer."""
    points = [critical_point(phi) for phi in spec.activations]
    if not points:  # a linear model: it keeps the variance of its inputs
        return [(1.0, 0.0)]
    first = points[0]
    return [(first.q - first.sigma_b2, first.sigma_b2), *((point.sigma_w2, point.sigma_b2) for point in points)]


def _rounded(scale: float) -> float:
    """Eight digits: the last bits of an integral may differ between machines, those of a net may not."""
    return float(f"{scale:.8g}")


def _first_recurrent(spec: NetSpec, seed: int, layer: int) -> Array:
    """U, flat. Its draws are numbered as if its layer came behind all others."""
    width = spec.hidden[layer]
    if spec.init == IDENTITY:
        return np.eye(width).ravel()
    numbers = gain_of(spec.init)
    scale = SCHEMES[spec.init](width, width) if numbers is None else numbers[0] / math.sqrt(width)
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
    of its weights, not of its biases. Norms start at scale 1 and shift 0, running averages at mean 0 and variance 1,
    learned numbers of φ where `Activation.learned` says.
    """
    distinct, place = np.unique(np.asarray(seeds, dtype=np.uint64), return_inverse=True)
    draws: Array = np.zeros((len(distinct), spec.row))
    places = list(spec.places())
    weights, biases = weight_scales(spec), bias_scales(spec)
    for row, seed in zip(draws, distinct.tolist(), strict=True):
        for layer, (where, scale, bias) in enumerate(zip(places, weights, biases, strict=True)):
            count = where.weights.stop - where.weights.start
            row[where.weights] = _core.standard_normal(seed, layer, count) * scale
            if bias and where.biases is not None:
                row[where.biases] = _core.standard_normal(seed, _BIASES + layer, spec.shapes[layer][1]) * bias
            if where.recurrent is not None:
                row[where.recurrent] = _first_recurrent(spec, seed, layer)
    rows = draws[place]
    for where, phi in zip(places, spec.activations, strict=False):
        if where.learned is not None:
            rows[:, where.learned] = [start for _, start in phi.learned]
    for where in places:
        if gains is not None:
            rows[:, where.weights] *= np.asarray(gains, dtype=np.float64)[:, None]
            if where.recurrent is not None and spec.init != IDENTITY:
                rows[:, where.recurrent] *= np.asarray(gains, dtype=np.float64)[:, None]
        for ones in (where.scale, where.variance):
            if ones is not None:
                rows[:, ones] = 1.0
    return np.ascontiguousarray(rows, dtype=dtype)
