"""The primitives of the language as PyTorch operations, stable everywhere; a second table for exporters."""

from __future__ import annotations

import math
import operator
from typing import Any, Final

import torch

from actlab.functions.portable import portable
from actlab.functions.printed import Table

_ROOT_HALF: Final = math.sqrt(0.5)
# Not torch.tanh: in a model whose calls of tanh go to 1.7*tanh(x), that one's own tanh must not go there too.
_ATEN: Final = torch.ops.aten
_DENSITY: Final = 1 / math.sqrt(2 * math.pi)


def _max(u: Any, v: Any) -> Any:
    if isinstance(u, float):
        return torch.clamp(v, min=u)
    return torch.clamp(u, min=v) if isinstance(v, float) else torch.maximum(u, v)


def _min(u: Any, v: Any) -> Any:
    if isinstance(u, float):
        return torch.clamp(v, max=u)
    return torch.clamp(u, max=v) if isinstance(v, float) else torch.minimum(u, v)


def _sign(u: Any) -> Any:
    return torch.where(u == u, torch.sign(u), u)  # the sign of NaN is NaN, not torch's 0


def _softplus(u: Any) -> Any:
    return torch.clamp(u, min=0.0) + torch.log1p(torch.exp(-torch.abs(u)))


def _normcdf(u: Any) -> Any:
    return 0.5 * torch.special.erfc(u * -_ROOT_HALF)


def _normpdf(u: Any) -> Any:
    return torch.exp(u * u * -0.5) * _DENSITY


def _sech2(u: Any) -> Any:
    t = torch.exp(torch.abs(u) * -2.0)
    return 4.0 * t / torch.square(1.0 + t)


def _constant(x: Any, value: float) -> Any:
    return torch.full_like(x, value)


TABLE: Final[Table] = {
    "neg": torch.neg, "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv,
    "pow": torch.pow, "min": _min, "max": _max, "abs": torch.abs, "sign": _sign,
    "exp": torch.exp, "expm1": torch.expm1, "log": torch.log, "log1p": torch.log1p, "sqrt": torch.sqrt,
    "sigmoid": _ATEN.sigmoid.default, "tanh": _ATEN.tanh.default, "softplus": _softplus,
    "erf": torch.erf, "normcdf": _normcdf, "normpdf": _normpdf, "sech2": _sech2,
    "atan": torch.atan, "sin": torch.sin, "cos": torch.cos,
    "lt": operator.lt, "le": operator.le, "eq": operator.eq, "ne": operator.ne,
    "where": torch.where, "constant": _constant, "copy": torch.clone,
}  # fmt: skip

# What exporters make of the others is not always stable (log1p becomes log(1 + x)); these forms are, in any runtime.
EXPORTED: Final[Table] = {**TABLE, **portable(exp=torch.exp, log=torch.log, absolute=torch.abs, floor=torch.floor,
                                       tanh=_ATEN.tanh.default, minimum=_min, where=torch.where),
                   "softplus": _ATEN.softplus.default}  # fmt: skip
