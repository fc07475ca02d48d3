"""Running programs on arrays: the one place where functions meet the core."""

from functools import lru_cache
from importlib import import_module
from typing import Any, Final, TypeAlias

import numpy as np

from actlab._arrays import AnyArray, Array
from actlab.functions.program import Program
from actlab.text import UserError

_core: Any = import_module("actlab._core")

Pair: TypeAlias = tuple[AnyArray | None, AnyArray | None]
NOWHERE: Final[Pair] = (None, None)
_LARGE: Final = 1 << 22  # bytes; see core/memory.h


def run(program: Program, x: AnyArray, value: bool, derivative: bool, out: Pair = NOWHERE) -> Pair:
    """Value and derivative of `program` at `x`, a contiguous array of float32 or float64; results have its shape.

    float32 is computed in float64 and rounded once. Where float64 might not suffice for that (see `certify`), and where
    a result in float64 might be off by more than 4 ULP, as many digits are used as it takes. NaN gives NaN. What is not
    asked for is ``None``. Results go to the arrays of `out`, which must be fit for it, or to new ones.
    """
    first, second = out
    if value and first is None:
        first = _room_like(x)
    if derivative and second is None:
        second = _room_like(x)
    doubts = _doubts(program, x.dtype)
    _core.evaluate(program.code, program.constants, program.n_registers, x, first, second, *doubts)
    return first, second


def quickly(program: Program, x: Array) -> tuple[Array, Array]:
    """Value and derivative of `program` at `x`, a contiguous array of float64, as float64 gives them: for integrals.

    No more digits are used where terms cancel, which takes a thousand times as long: results are off by a few ULP of
    the terms.
    """
    value, derivative = np.empty_like(x), np.empty_like(x)
    _core.evaluate(program.code, program.constants, program.n_registers, x, value, derivative)
    return value, derivative


@lru_cache(maxsize=4096)
def _doubts(program: Program, dtype: Any) -> tuple[Array, Array]:
    from actlab.functions.certify import intervals

    return intervals(program, dtype)


def _room_like(x: AnyArray) -> AnyArray:
    """A new array for a result; a large one may lie where an earlier one was, as fresh memory takes its time."""
    room: AnyArray | None = _core.room_like(x) if x.nbytes >= _LARGE else None
    return np.empty(x.shape, x.dtype) if room is None else room


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


def apply(program: Program, x: Any, value: bool, derivative: bool, out: Pair = NOWHERE) -> tuple[Any, Any]:
    """`run` for arrays of any shape and layout, lists and single numbers.

    The same shape comes back; a Python number gives a Python float, a NumPy scalar a NumPy scalar. Arrays of `out`
    are checked, filled and returned as they are.

    Raises:
        UserError: where `x` or `out` cannot be used; see `as_floats` and `check_out`.
    """
    array = as_floats(x)
    if not array.flags.c_contiguous:
        array = np.ascontiguousarray(array)
    if out is not NOWHERE:
        check_out(array, out)
    first, second = run(program, array, value, derivative, out)
    if array.ndim:
        return first, second
    return _alone(x, first, out[0]), _alone(x, second, out[1])


def _alone(x: Any, result: AnyArray | None, out: AnyArray | None) -> Any:
    if result is None or result is out:
        return result
    if isinstance(x, np.generic):
        return result[()]
    return float(result) if isinstance(x, int | float) else result


def as_pair(out: Any) -> Pair:
    """`out` of a call with two results. Raises `UserError` unless it is a pair."""
    if not isinstance(out, tuple | list) or len(out) != 2:
        raise UserError("functions.out_pair")
    first, second = out
    return first, second


def check_out(x: AnyArray, out: Pair) -> None:
    """Raises `UserError` unless results at `x`, a contiguous array of floats, can be written to the arrays of `out`.

    Each is a writable array of the shape and type of `x`, contiguous in C order. It may be `x` itself, or its memory
    as a whole; overlapping it in part, numbers would be overwritten before they are read.
    """
    for array in out:
        if array is None:
            continue
        if type(array) is not np.ndarray:
            raise UserError("functions.out_kind", kind=type(array).__name__)
        if array.dtype != x.dtype:
            raise UserError("functions.out_type", needed=str(x.dtype), given=str(array.dtype))
        if array.shape != x.shape:
            raise UserError("functions.out_shape", needed=str(x.shape), given=str(array.shape))
        if not (array.flags.c_contiguous and array.flags.writeable and array.flags.aligned):
            raise UserError("functions.out_layout")
        if _overlap(array, x) and _address(array) != _address(x):
            raise UserError("functions.out_overlaps_x")
    if out[0] is not None and out[1] is not None and _overlap(out[0], out[1]):
        raise UserError("functions.out_overlap")


def _overlap(a: AnyArray, b: AnyArray) -> bool:
    return bool(np.may_share_memory(a, b))  # of contiguous arrays the bounds say all


def _address(a: AnyArray) -> int:
    return int(a.__array_interface__["data"][0])
