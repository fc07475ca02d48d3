"""The largest of a few linear pieces."""

from typing import ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.functions.vector._function import VectorFunction
from actlab.text import UserError


class Maxout(VectorFunction):
    """The largest of each `pieces` neighbours along the axis, which becomes that many times shorter. Exact.

    The linear maps before it are not part of the function. NaN makes its group NaN. Where several are largest the
    product goes to the first.
    """

    name = "maxout"
    definition = "max(x_1, ..., x_k) for each group of k"
    reference = "Goodfellow, Warde-Farley, Mirza, Courville, Bengio: Maxout networks (2013)"
    parameters: ClassVar[tuple[str, ...]] = ("pieces",)

    def __init__(self, pieces: object = 2) -> None:
        if isinstance(pieces, bool) or not isinstance(pieces, int | np.integer) or pieces < 1:
            raise UserError("functions.vector_pieces", value=repr(pieces)[:40])
        self.pieces = int(pieces)

    def _length(self, length: int) -> int:
        if length % self.pieces:
            raise UserError("functions.vector_groups", pieces=self.pieces, length=length)
        return length // self.pieces

    def _groups(self, rows: Array) -> Array:
        return rows.reshape(len(rows), rows.shape[1] // self.pieces, self.pieces)

    def _value(self, rows: Array) -> Array:
        return np.asarray(np.max(self._groups(rows), axis=2))

    def _product(self, rows: Array, cotangents: Array) -> Array:
        groups = self._groups(rows)
        winner = np.argmax(groups, axis=2)[:, :, None]
        result = np.zeros_like(groups)
        np.put_along_axis(result, winner, cotangents[:, :, None], axis=2)
        return result.reshape(rows.shape)
