"""Primitives written with the few operations every runtime has and computes well: exp, log, tanh, abs, floor, where.

Exchange formats have no log1p, expm1 or normcdf; exporters replace them by log(1 + x), exp(x) − 1 and (1 + erf)/2,
which lose every digit near 0 or in the tail; and a runtime's sigmoid may be wrong in its left tail (onnxruntime 1.31:
by 0.2 % at −10). The forms here keep a relative error of a few ULP of float32 and, in
float64, of 1e-9 (that of the fit in the normal tail).

References:
    log1p: Kahan, in Goldberg: What every computer scientist should know about floating-point arithmetic (1991), th. 4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

# Mills' ratio: Φ(−t) = exp(−t²/2)·s·P(s) with s = 1/(1 + 0.35·t), fitted on 0 ≤ t ≤ 40; relative error 6.3e-10.
_FIT: Final = 0.35
_MILLS: Final = (
    0.13962983154688602, 0.13962818001796368, 0.1225573238635519, 0.0879721951737685, 0.04543749663013433,
    -0.007823192937712133, -0.01284733557730232, -0.017611890835519343, -0.10708866186036069, 0.25893014513207563,
    -0.22763398044709557, 0.0946120732272647, -0.015762184236055757,
)  # fmt: skip
_FAR: Final = 40.0  # exp(−t²/2) is 0 from 38.7 on, in float64 too
_GRID: Final = 0.0625  # t rounded down to this grid has an exact square: the error of t² would be magnified by exp

Operation = Callable[..., Any]


def portable(
    exp: Operation, log: Operation, absolute: Operation, floor: Operation, tanh: Operation, minimum: Operation,
    where: Operation,
) -> dict[str, Operation]:  # fmt: skip
    """``sigmoid``, ``log1p``, ``expm1``, ``normcdf`` and ``normpdf`` of arrays that also know + − × ÷ and comparisons.

    `minimum` takes an array and a number; the others arrays, except that `where` takes numbers as branches too.
    """

    def sigmoid(u: Any) -> Any:
        t = exp(absolute(u) * -1.0)
        return where(u < 0.0, t / (1.0 + t), 1.0 / (1.0 + t))

    def log1p(u: Any) -> Any:
        w = 1.0 + u
        rest = w - 1.0
        return where(rest == 0.0, u, where(w == math.inf, w, log(w) * (u / rest)))  # the branch not taken may be NaN

    def expm1(u: Any) -> Any:
        return tanh(0.5 * u) * (exp(u) + 1.0)

    def bell(t: Any) -> Any:
        """exp(−t²/2) for t ≥ 0."""
        t = minimum(t, _FAR)
        head = floor(t * (1 / _GRID)) * _GRID
        return exp(head * head * -0.5) * exp((t - head) * (t + head) * -0.5)

    def normcdf(u: Any) -> Any:
        t = absolute(u)
        s = 1.0 / (1.0 + _FIT * t)
        ratio: Any = _MILLS[-1]
        for coefficient in _MILLS[-2::-1]:
            ratio = ratio * s + coefficient
        tail = bell(t) * (s * ratio)
        return where(u < 0.0, tail, 1.0 - tail)

    def normpdf(u: Any) -> Any:
        return bell(absolute(u)) * (1 / math.sqrt(2 * math.pi))

    return {"sigmoid": sigmoid, "log1p": log1p, "expm1": expm1, "normcdf": normcdf, "normpdf": normpdf}
