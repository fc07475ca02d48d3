"""Values where the tree has none to follow: limits at ±∞ and slopes at kinks, by the documented conventions."""

from math import inf, nan, pi

_RAMP = (0.0, inf, 0.0, 1.0)
_GATED = (-0.0, inf, 0.0, 1.0)  # silu and its kin: below 0 they are negative
_LINE = (-inf, inf, 1.0, 1.0)
_STEP = (0.0, 1.0, 0.0, 0.0)
_ODD_STEP = (-1.0, 1.0, 0.0, 0.0)
_RRELU = (1 / 8 + 1 / 3) / 2
_SELU = 1.0507009873554805 * 1.6732632423543772  # λα

#: φ(−∞), φ(+∞), φ′(−∞), φ′(+∞). A −0 is meant where φ comes to 0 from below. sin and cos have no limit.
ENDS = {
    "identity": _LINE, "hardshrink": _LINE, "softshrink": _LINE, "tanhshrink": _LINE,
    "relu": _RAMP, "threshold": _RAMP, "sparse_plus": _RAMP, "softplus": _RAMP, "squareplus": _RAMP,
    "gelu": _GATED, "gelu_tanh": _GATED, "quick_gelu": _GATED, "silu": _GATED, "mish": _GATED, "hard_swish": _GATED,
    "leaky_relu": (-inf, inf, 0.01, 1.0), "prelu": (-inf, inf, 0.25, 1.0), "rrelu": (-inf, inf, _RRELU, 1.0),
    "elu": (-1.0, inf, 0.0, 1.0), "celu": (-1.0, inf, 0.0, 1.0), "selu": (-_SELU, inf, 0.0, 1.0507009873554805),
    "relu6": (0.0, 6.0, 0.0, 0.0), "relu_squared": (0.0, inf, 0.0, inf),
    "sigmoid": _STEP, "hard_sigmoid": _STEP, "sparse_sigmoid": _STEP, "step": _STEP,
    "tanh": _ODD_STEP, "hard_tanh": _ODD_STEP, "softsign": _ODD_STEP, "erf": _ODD_STEP, "sign": _ODD_STEP,
    "scaled_tanh": (-1.7159, 1.7159, 0.0, 0.0), "arctan": (-pi / 2, pi / 2, 0.0, 0.0),
    "logsigmoid": (-inf, -0.0, 1.0, 0.0), "gaussian": (0.0, 0.0, 0.0, 0.0), "exponential": (0.0, inf, 0.0, inf),
    "sin": (nan, nan, nan, nan), "cos": (nan, nan, nan, nan),
}  # fmt: skip

#: (x, φ(x), φ′(x)) at kinks: the left slope.
KINKS = {
    "relu": [(0, 0, 0)], "leaky_relu": [(0, 0, 0.01)], "prelu": [(0, 0, 0.25)], "rrelu": [(0, 0, _RRELU)],
    "elu": [(0, 0, 1)], "celu": [(0, 0, 1)], "selu": [(0, 0, _SELU)],
    "relu6": [(0, 0, 0), (6, 6, 1)], "threshold": [(1, 0, 0)], "relu_squared": [(0, 0, 0)],
    "hard_swish": [(-3, 0, 0), (3, 3, 1.5), (-1.5, -0.375, 0)], "hard_sigmoid": [(-3, 0, 0), (3, 1, 1 / 6)],
    "hard_tanh": [(-1, -1, 0), (1, 1, 1)], "sparse_sigmoid": [(-1, 0, 0), (1, 1, 0.5)],
    "sparse_plus": [(-1, 0, 0), (1, 1, 1)], "softsign": [(0, 0, 1)], "step": [(0, 0, 0)], "sign": [(0, 0, 0)],
    "hardshrink": [(-0.5, 0, 0), (0.5, 0, 0)], "softshrink": [(-0.5, 0, 1), (0.5, 0, 0)],
}  # fmt: skip

#: Odd at 0: −0 gives −0.
ODD = (
    "identity", "leaky_relu", "prelu", "rrelu", "elu", "celu", "selu", "hard_swish", "tanh", "scaled_tanh", "hard_tanh",
    "softsign", "arctan", "erf", "sign", "gelu", "silu", "mish", "gelu_tanh", "quick_gelu", "tanhshrink", "sin",
)  # fmt: skip
