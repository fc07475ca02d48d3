"""Values of an expression to the last bit, for the few places at which rounding would pass for a fact."""

from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np

from actlab._arrays import Array
from actlab.functions.compile import compile_value
from actlab.functions.expression import Expression
from actlab.functions.program import Program

_core: Any = import_module("actlab._core")


def exactly(expression: Expression, x: Array) -> Array:
    """`expression` at `x`, shape (n,), in as many digits as that takes; NaN where no precision settles it, and at ±∞.

    A point costs microseconds, and one that cannot be settled milliseconds: this is not for grids.
    """
    program = _program(expression)
    result = np.full(x.shape, np.nan)
    finite = np.isfinite(x)
    found, _, bits = _core.careful(
        program.code, program.constants, program.n_registers, np.ascontiguousarray(x[finite])
    )
    result[finite] = np.where(np.asarray(bits) > 0, found, np.nan)
    return result


@lru_cache(maxsize=512)
def _program(expression: Expression) -> Program:
    return compile_value(expression)
