"""Gated linear units: one half of the vector opens and closes the other.

Published definitions differ in which half is the gate. GLU takes the second (Dauphin et al., and torch, JAX, Keras);
SwiGLU, GEGLU and ReGLU as written by Shazeer take the first. ``gate="first"`` or ``"second"`` chooses. What stands
before the gate, the two linear maps, is not part of the function.

A product of two numbers that are each good to 4 units in float64: relative error ≤ 9 units of 2⁻⁵², so float32 results
are within 1 ULP. NaN or ±∞ in one pair touches that pair only; ∞ behind a closed gate (∞·0) is NaN.
"""

from typing import ClassVar

import numpy as np

from actlab._arrays import Array
from actlab.functions.vector._function import VectorFunction, scalar
from actlab.text import UserError


class Gated(VectorFunction):
    """ψ(gate)·value, the halves of the vector; the axis has half the length afterwards."""

    parameters: ClassVar[tuple[str, ...]] = ("gate",)
    opening: ClassVar[str]  # ψ, a function of one number
    usual: ClassVar[str]

    def __init__(self, gate: object = None) -> None:
        if gate not in (None, "first", "second"):
            raise UserError("functions.vector_gate", function=self.name, value=repr(gate)[:40])
        self.gate = self.usual if gate is None else str(gate)

    def _length(self, length: int) -> int:
        if length % 2:
            raise UserError("functions.vector_even", function=self.name, length=length)
        return length // 2

    def _halves(self, rows: Array) -> tuple[Array, Array]:
        """Gate and value."""
        half = rows.shape[1] // 2
        first, second = np.ascontiguousarray(rows[:, :half]), np.ascontiguousarray(rows[:, half:])
        return (first, second) if self.gate == "first" else (second, first)

    def _value(self, rows: Array) -> Array:
        gate, value = self._halves(rows)
        opened: Array = scalar(self.opening)(gate)
        with np.errstate(invalid="ignore", over="ignore", under="ignore"):
            return opened * value

    def _product(self, rows: Array, cotangents: Array) -> Array:
        gate, value = self._halves(rows)
        opened, slope = scalar(self.opening).value_and_derivative(gate)
        with np.errstate(invalid="ignore", over="ignore", under="ignore"):
            parts = [cotangents * value * slope, cotangents * opened]
        return np.concatenate(parts if self.gate == "first" else parts[::-1], axis=1)


class Glu(Gated):
    """a·σ(b), a the first half."""

    name = "glu"
    definition = "a * sigmoid(b)"
    reference = "Dauphin, Fan, Auli, Grangier: Language modeling with gated convolutional networks (2017)"
    opening = "sigmoid"
    usual = "second"


class Swiglu(Gated):
    """silu(a)·b, a the first half."""

    name = "swiglu"
    definition = "silu(a) * b"
    reference = "Shazeer: GLU variants improve transformer (2020)"
    opening = "silu"
    usual = "first"


class Geglu(Gated):
    """gelu(a)·b, a the first half."""

    name = "geglu"
    definition = "gelu(a) * b"
    reference = "Shazeer: GLU variants improve transformer (2020)"
    opening = "gelu"
    usual = "first"


class Reglu(Gated):
    """relu(a)·b, a the first half."""

    name = "reglu"
    definition = "relu(a) * b"
    reference = "Shazeer: GLU variants improve transformer (2020)"
    opening = "relu"
    usual = "first"
