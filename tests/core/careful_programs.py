"""Programs of a few instructions for the careful path, and how far its numbers are from exact ones."""

import math

import mpmath as mp
import numpy as np

from actlab import _core
from actlab.functions.program import FIRST_CONSTANT, OPCODE

HALF = 0.5 + 2.0**-10  # units in the last place: the nearest number, but for a trifle
DIGITS = {np.float64: (53, -1021, 1024), np.float32: (24, -125, 128)}  # bits, exponents as of frexp


def careful(program, x, threads=0):
    return _core.careful(program.code, program.constants, program.n_registers, np.atleast_1d(x), threads)


def instructions(rows, constants=(), registers=3):
    """A program from (name, destinations, operands) and the numbers that operands 256 and up stand for."""
    code = []
    for name, destinations, operands in rows:
        a, b, c, e = (*operands, *(0,) * (4 - len(operands)))
        code.append([OPCODE[name], destinations[0], destinations[1] if len(destinations) > 1 else e, a, b, c])
    return np.array(code, np.uint16), np.array(constants, np.float64), registers


def one(name, x, *constants):
    """Operation `name` of x and of constants: an array."""
    operands = (0, *(FIRST_CONSTANT + k for k in range(len(constants))))
    return _core.careful(*instructions([(name, (1,), operands)], constants), np.atleast_1d(x))[0]


def units_off(found, exact, dtype=np.float64):
    """Distance in units of the last place of `dtype`; infinite where only one is NaN, or the sign differs.

    The sign of what is below half of the smallest number is not asked for.
    """
    digits, low, high = DIGITS[dtype]
    if mp.isnan(exact) or np.isnan(found):
        return 0.0 if mp.isnan(exact) and np.isnan(found) else math.inf
    if found == 0 and abs(exact) <= mp.ldexp(1, low - digits - 1):
        return 0.0
    if exact != 0 and (np.signbit(found) != (exact < 0)):
        return math.inf
    if np.isinf(found):
        return 0.0 if abs(exact) >= mp.ldexp(1 - mp.ldexp(1, -digits - 1), high) else math.inf
    if exact == 0 or mp.isinf(exact):
        return 0.0 if found == 0 and exact == 0 else math.inf
    return float(abs(mp.mpf(float(found)) - exact) / mp.ldexp(1, max(int(mp.frexp(exact)[1]), low) - digits))
