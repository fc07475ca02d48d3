"""Running programs on arrays: the one place where functions meet the core."""

from typing import Any

import numpy as np

from actlab._arrays import AnyArray
from actlab.functions.program import Program
from actlab.text import UserError


def run(program: Program, x: AnyArray, value: bool, derivative: bool) -> tuple[AnyArray | None, AnyArray | None]:
    """Value and derivative of `program` at `x`, a contiguous array of shape (n,), float32 or float64.

    float32 is computed in float64 and rounded once. NaN gives NaN. What is not asked for is ``None``.
    """
    from actlab import _core

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
    if array.dtype in (np.float32, np.float64):
        return array
    if array.dtype.kind in "iub":
        return array.astype(np.float64)
    raise UserError("functions.not_numbers", kind=str(array.dtype) if array.dtype != object else type(x).__name__)


def apply(program: Program, x: Any, value: bool, derivative: bool) -> tuple[Any, Any]:
    """`run` for arrays of any shape, lists and single numbers: the same shape comes back; a Python number gives a float."""
    array = as_floats(x)
    results = run(program, np.ascontiguousarray(array).reshape(-1), value, derivative)
    if isinstance(x, int | float) and not isinstance(x, np.generic):
        first, second = (None if result is None else float(result[0]) for result in results)
        return first, second
    first, second = (None if result is None else result.reshape(array.shape) for result in results)
    if isinstance(x, np.generic):
        return None if first is None else first[()], None if second is None else second[()]
    return first, second
