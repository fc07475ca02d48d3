"""The program of an expression against C++ written by hand for that function (`native/functions.cpp`)."""

from __future__ import annotations

import ctypes
import statistics
from typing import TYPE_CHECKING

import actlab
from actlab import _core

if TYPE_CHECKING:
    from actlab.functions.program import Program

NAMES = ("relu", "tanh", "sigmoid", "gelu_tanh", "gelu", "mish")
GOAL = 1.3
REPEATS = 20_000  # layers of 64 vectors a turn
# As the core is compiled: the same instruction set, no contraction.
FLAGS = ("-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")


def flags() -> tuple[str, ...]:
    level = _core.instruction_sets()[-1]
    return (*FLAGS, f"-march=x86-64-{level}") if level.startswith("v") else FLAGS


class Kernels:
    def __init__(self, library: ctypes.CDLL) -> None:
        self._by_hand, self._by_program = library.by_hand, library.by_program
        self._by_hand.restype = self._by_program.restype = ctypes.c_double

    def by_hand(self, name: str) -> float:
        """Nanoseconds a vector."""
        found: float = self._by_hand(name.encode(), REPEATS)
        assert found > 0, name
        return found

    def by_program(self, program: Program) -> float:
        """The same by the interpreter."""
        found: float = self._by_program(
            program.code.ctypes.data_as(ctypes.c_void_p),
            len(program),
            program.constants.ctypes.data_as(ctypes.c_void_p),
            len(program.constants),
            program.n_registers,
            REPEATS,
        )
        return found


def measure(library: ctypes.CDLL, rounds: int) -> list[str]:
    """Print a line a function; the sentences of those that miss the goal."""
    kernels = Kernels(library)
    missed = []
    print(f"\n{'program against C++ by hand':32}{'program':>12}{'by hand':>12}{'ratio':>8}   (ns a vector, 1 thread)")
    for name in NAMES:
        program = actlab.get(name).program("both", fused=True)
        pairs = [(kernels.by_program(program), kernels.by_hand(name)) for _ in range(rounds + 1)][1:]
        ratio = statistics.median(a / b for a, b in pairs)
        ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
        print(f"{name:32}{ours:12.2f}{theirs:12.2f}{ratio:8.2f}", flush=True)
        if ratio > GOAL:
            missed.append(f"{name}: the program takes {ratio:.2f} times the C++ by hand; the goal is {GOAL}.")
    return missed
