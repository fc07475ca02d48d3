"""What the vector functions share: arrays to rows and back, and the vector-Jacobian product's checks."""

from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from actlab._arrays import AnyArray, Array
from actlab.functions.evaluate import as_floats
from actlab.text import UserError

if TYPE_CHECKING:
    from actlab.functions.activation import Activation


class VectorFunction:
    """A function along one axis of an array.

    float32 and integers go to float64, the result of a float32 array is rounded to float32 once. NaN anywhere in a
    vector makes what depends on it NaN; each function says what ±∞ gives.

    Attributes:
        name: its name.
        definition: what it computes, in a line.
        reference: where the definition comes from.
        parameters: names of what `get` may set.
    """

    name: ClassVar[str]
    definition: ClassVar[str]
    reference: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        settings = "".join(f", {name}={getattr(self, name)!r}" for name in self.parameters)
        return f"actlab.functions.vector.get({self.name!r}{settings})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash((self.name, *sorted(self.__dict__.items())))

    def __call__(self, x: Any, axis: int = -1) -> AnyArray:
        """The function along `axis` of `x`, an array of float32, float64 or integers of one dimension or more.

        Raises `UserError` where the axis does not exist or its length does not fit.
        """
        array, axis = self._checked(x, axis)
        return _back(self._value(_rows(array, axis)), array, axis)

    def vector_jacobian_product(self, x: Any, cotangent: Any, axis: int = -1) -> AnyArray:
        """Jᵀ·cotangent, J being the Jacobian at `x` along `axis`.

        `cotangent` has the shape of the output, the result that of `x`, in the type of `x`. Where the function has a
        kink it is the product with one of the Jacobians beside it.

        Raises `UserError` as a call does, and where the shape of `cotangent` is another one.
        """
        array, axis = self._checked(x, axis)
        given = as_floats(cotangent)
        expected = list(array.shape)
        expected[axis] = self._length(expected[axis])
        if list(given.shape) != expected:
            raise UserError("functions.vector_cotangent", expected=tuple(expected), given=given.shape)
        return _back(self._product(_rows(array, axis), _rows(given, axis)), array, axis)

    def _checked(self, x: Any, axis: int) -> tuple[AnyArray, int]:
        array = as_floats(x)
        if array.ndim == 0:
            raise UserError("functions.vector_scalar", function=self.name)
        if not isinstance(axis, int | np.integer) or not -array.ndim <= axis < array.ndim:
            raise UserError("functions.vector_axis", axis=axis, dimensions=array.ndim)
        axis = int(axis) % array.ndim
        if array.shape[axis] == 0:
            raise UserError("functions.vector_empty", function=self.name)
        self._length(array.shape[axis])
        return array, axis

    def _length(self, length: int) -> int:
        """The length of the output for an input of `length`; `UserError` where that does not fit."""
        return length

    def _value(self, rows: Array) -> Array:
        """The function of every row, shape (m, n)."""
        raise NotImplementedError

    def _product(self, rows: Array, cotangents: Array) -> Array:
        """Jᵀ·cotangent for every row."""
        raise NotImplementedError


def _rows(array: AnyArray, axis: int) -> Array:
    moved = np.moveaxis(array, axis, -1)
    return np.ascontiguousarray(moved, dtype=np.float64).reshape(-1, moved.shape[-1])


def _back(rows: Array, like: AnyArray, axis: int) -> AnyArray:
    rest = [length for k, length in enumerate(like.shape) if k != axis]
    with np.errstate(over="ignore", under="ignore"):
        result = rows.astype(like.dtype)
    return np.ascontiguousarray(np.moveaxis(result.reshape(*rest, rows.shape[-1]), -1, axis))


def row_sums(rows: Array) -> Array:
    """Sums of the rows of shape (m, n), shape (m, 1), by halves: the error grows with log₂ n, the order is fixed."""
    while rows.shape[1] > 1:
        half = (rows.shape[1] + 1) // 2
        folded = rows[:, :half].copy()
        folded[:, : rows.shape[1] - half] += rows[:, half:]
        rows = folded
    return rows


@cache
def scalar(formula: str) -> "Activation":
    """The function of one number that `formula` describes, in the core's float64."""
    from actlab.functions.activation import get  # that floor knows the names of this package

    return get(formula)
