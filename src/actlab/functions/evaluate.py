"""Running programs on arrays: the one place where functions meet the core."""

from importlib import import_module
from typing import Any

import numpy as np

from actlab._arrays import AnyArray
from actlab.functions.program import Program
from actlab.text import UserError

_core: Any = import_module("actlab._core")


def run(program: Program, x: AnyArray, value: bool, derivative: bool) -> tuple[AnyArray | None, AnyArray | None]:
    """Value and derivative of `program` at `x`, a contiguous array of shape (n,), float32 or float64.

    float32 is computed in float64 and rounded once. NaN gives NaN. What is not asked for is ``None``.
    """
    found: tuple[AnyArray | None, AnyArray | None] = _core.evaluate(
        program.code, program.constants, program.n_registers, x, value, derivative
    )
    return found


def as_floats(x: Any) -> AnyArray:
    """`x` as a float32 or float64 array: floats keep their type, integers and booleans become float64.

    Raises `UserError` for any other type, and for nested lists of unequal lengths.
    """
    try:
        array = np.asarray(x)
    except ValueError:
        raise UserError("functions.not_numbers", kind=type(x).__name__) from None
    if array.dtype.kind == "f" and array.dtype.itemsize in (4, 8):
        return array.astype(array.dtype.newbyteorder("="), copy=False)
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    raise UserError("functions.not_numbers", kind=str(array.dtype) if array.dtype != object else type(x).__name__)


def apply(program: Program, x: Any, value: bool, derivative: bool) -> tuple[Any, Any]:
    """`run` for arrays of any shape, lists and single numbers.

    The same shape comes back; a Python number gives a Python float, a NumPy scalar a NumPy scalar.
    """
    array = as_floats(x)
    results = run(program, np.ascontiguousarray(array).reshape(-1), value, derivative)

    def shaped(result: AnyArray | None) -> Any:
        if result is None:
            return None
        if isinstance(x, np.generic):
            return result[0]
        if isinstance(x, int | float):
            return float(result[0])
        return result.reshape(array.shape)

    return shaped(results[0]), shaped(results[1])
