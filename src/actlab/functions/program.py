"""A program: what an expression becomes for the C++ core. The format is that of core/program.h."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from actlab._arrays import Array

# (name, operands, destinations) in the order of the core's enum; a test compares the two.
OPERATIONS: Final[tuple[tuple[str, int, int], ...]] = (
    ("copy", 1, 1),
    *((name, 1, 1) for name in ("neg", "abs", "sign", "sqrt")),
    *((name, 2, 1) for name in ("add", "sub", "mul", "div", "min", "max", "max_const", "min_const")),
    *((name, 2, 1) for name in ("lt", "le", "eq", "ne")),
    ("where", 3, 1),
    *((name, 4, 1) for name in ("select_lt", "select_le")),
    *((name, 3, 1) for name in ("fma", "fms", "fnma")),
    *((name, 1, 1) for name in ("exp", "expm1", "log", "log1p", "sigmoid", "tanh", "softplus", "erf", "normcdf")),
    *((name, 1, 1) for name in ("normpdf", "sech2", "atan", "sin", "cos")),
    ("pow", 2, 1),
    *((name, 1, 2) for name in ("sigmoid_pair", "tanh_sech2", "softplus_sigmoid", "normcdf_normpdf")),
    *((name, 1, 2) for name in ("exp_expm1", "sin_cos", "ramp")),
    ("tanh_softplus", 1, 1),
    ("tanh_softplus_pair", 1, 2),
    ("gate", 3, 2),
    ("fma_mul", 4, 1),
    ("square_fma_mul", 4, 1),
    ("sigmoid_slope", 1, 2),
    ("tanh_slope", 1, 2),
)
OPCODE: Final = {name: code for code, (name, _, _) in enumerate(OPERATIONS)}
FIRST_TEMPORARY: Final = 3
FIRST_CONSTANT: Final = 256


@dataclass(frozen=True, eq=False)
class Program:
    """A straight line of vector instructions.

    `code` has shape (instructions, 6), uint16: op, d, e, a, b, c. `constants` has shape (constants,), float64.
    Register 0 holds x on entry, register 1 the value and register 2 the derivative on exit; an operand of 256 + k is
    constant k. Both arrays are read-only.
    """

    code: NDArray[np.uint16]
    constants: Array
    n_registers: int

    def __post_init__(self) -> None:
        self.code.setflags(write=False)
        self.constants.setflags(write=False)

    def __len__(self) -> int:
        return len(self.code)

    @cached_property
    def _identity(self) -> tuple[bytes, bytes, int]:
        return self.code.tobytes(), self.constants.tobytes(), self.n_registers

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Program) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    def __reduce__(self) -> tuple[Any, ...]:
        return Program, (np.array(self.code), np.array(self.constants), self.n_registers)

    def listing(self) -> str:
        """The program as people read it, an instruction a line: ``r2 = fma(r0, r4, r3)``."""
        lines = []
        for op, d, e, a, b, c in self.code.tolist():
            name, operands, destinations = OPERATIONS[op]
            shown = ", ".join(self._operand(index) for index in (a, b, c, e)[:operands])
            target = f"r{d}" if destinations == 1 else f"r{d}, r{e}"
            lines.append(f"{target} = {name}({shown})")
        return "\n".join(lines)

    def _operand(self, index: int) -> str:
        return f"r{index}" if index < FIRST_CONSTANT else f"{self.constants[index - FIRST_CONSTANT]:.17g}"
