"""Where a program may be trusted, and where not: the arguments at which its float64 arithmetic loses digits.

A program runs in float64 and its result is rounded once to the type of x. Interval by interval this module bounds the
error that has gathered when the result is there. Where the bound is small the fast result stands; where it is not
(x − tanh x near 0, φ′ near its zeros, an overflow half-way) the core computes again, in more digits. The bound is a
bound: it may send a good result to be computed again, never the other way round.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from actlab._arrays import Array, Mask
from actlab.functions import enclosing
from actlab.functions.enclosure import (
    Enclosure,
    absolute,
    add,
    choose,
    compare,
    divide,
    exact,
    maximum,
    minimum,
    multiply,
    negative,
    sign,
    ulp,
)
from actlab.functions.program import FIRST_CONSTANT, OPERATIONS, Program

# What the core's elementary functions are off by at most, in units in the last place of float64, where the processor
# fuses multiply-adds; tests/core/test_vmath.py holds each of them to it.
UNITS: Final = {
    "exp": 1.0, "expm1": 1.3, "log": 0.9, "log1p": 0.9, "sigmoid": 1.4, "tanh": 1.2, "sech2": 1.2, "softplus": 1.5,
    "erf": 1.4, "normcdf": 1.4, "normpdf": 1.2, "atan": 0.9, "sin": 0.9, "cos": 0.9, "pow": 1.0, "sqrt": 0.5,
}  # fmt: skip
UNITS_UNFUSED: Final = {name: max(2.5, units) if name != "sqrt" else units for name, units in UNITS.items()}
# The same where x is float32: the core then computes in float64 with shorter forms, on every processor.
UNITS_BRIEF: Final = UNITS_UNFUSED | {
    "exp": 6.5, "expm1": 18.0, "sigmoid": 9.0, "tanh": 16.0, "sech2": 9.0, "softplus": 10.0, "erf": 18.0,
    "normcdf": 16.0, "normpdf": 6.5, "sin": 4.0, "cos": 4.0, "atan": 12.0,
}  # fmt: skip
# What is left to a result before its last rounding (float32), or altogether (float64), in units of its type.
ALLOWED: Final = {np.dtype(np.float32): 2.0**-8, np.dtype(np.float64): 4.0}
_MANTISSA: Final = {np.dtype(np.float32): 24, np.dtype(np.float64): 53}
_LOWEST: Final = {np.dtype(np.float32): -149, np.dtype(np.float64): -1074}
_HIGHEST: Final = {np.dtype(np.float32): 128, np.dtype(np.float64): 1024}
_SPLITS: Final = 14  # an interval that is not certified is halved this often, while there are few of them
_MANY: Final = 1024
_WORK: Final = 10_000_000  # instructions times intervals; of what is not split then, more is computed with care
_MOST: Final = 16  # intervals a program hands to the core; the closest are joined
Units = Mapping[str, float]
_PAIRS: Final = {
    "sigmoid_pair": ("sigmoid", "sigmoid"),
    "tanh_sech2": ("tanh", "sech2"),
    "softplus_sigmoid": ("softplus", "sigmoid"),
    "normcdf_normpdf": ("normcdf", "normpdf"),
    "exp_expm1": ("exp", "expm1"),
    "sin_cos": ("sin", "cos"),
}


def intervals(program: Program, dtype: Any, units: Units | None = None) -> tuple[Array, Array]:
    """The finite x at which `program` may be off by more than is allowed for results of `dtype`.

    Returns two arrays of shape (intervals, 2), one for the value and one for the derivative: closed intervals, sorted
    and apart from one another. A register that the program does not write has none. `units` is what the elementary
    functions are off by, if not what they are known to be off by for `dtype`.
    """
    dtype = np.dtype(dtype)
    if units is None:
        units = UNITS_BRIEF if dtype == np.float32 else UNITS
    writes = {int(q[1]) for q in program.code} | {int(q[2]) for q in program.code if OPERATIONS[q[0]][2] == 2}
    first, second = (
        _intervals(program, register, dtype, units) if register in writes else np.empty((0, 2)) for register in (1, 2)
    )
    return first, second


def _intervals(program: Program, register: int, dtype: Any, units: Units) -> Array:
    """Each register by itself: a value is certified alike whether the derivative is asked for or not."""
    lo, hi = _binades(dtype)
    left = _WORK // len(program.code)
    for split in range(_SPLITS + 1):
        left -= lo.size
        doubtful = _too_wide(enclose(program, lo, hi, units)[register], dtype)
        lo, hi = lo[doubtful], hi[doubtful]
        if not lo.size or (split >= 3 and lo.size > _MANY) or 2 * lo.size > left:
            break
        if split < _SPLITS:
            lo, hi = _halved(lo, hi, dtype)
    return _joined(lo, hi, dtype)


def enclose(program: Program, lo: Array, hi: Array, units: Units = UNITS) -> dict[int, Enclosure]:
    """The registers 1 (the value) and 2 (the derivative) after `program` ran on every x of each interval [lo, hi]."""
    registers: dict[int, Enclosure] = {1: exact(lo, hi)}

    def read(index: int) -> Enclosure:
        if index >= FIRST_CONSTANT:
            value = np.full(lo.shape, program.constants[index - FIRST_CONSTANT])
            return exact(value, value)
        return registers[max(index, 1)]

    with np.errstate(all="ignore"):
        for op, d, e, a, b, c in program.code.tolist():
            name, operands, destinations = OPERATIONS[op]
            given = [read(index) for index in (a, b, c, e)[:operands]]
            results = _run(name, given, units, same=operands > 1 and a == b)
            for index, result in zip((d, e)[:destinations], results, strict=True):
                registers[max(index, 1)] = result
    return registers


def _run(name: str, u: list[Enclosure], units: Units, same: bool) -> tuple[Enclosure, ...]:
    if name in enclosing.PRIMITIVES:
        return (enclosing.apply(name, u[0], units[name]),)
    if name in _PAIRS:
        first, second = _PAIRS[name]
        other = negative(u[0]) if name == "sigmoid_pair" else u[0]
        return enclosing.apply(first, u[0], units[first]), enclosing.apply(second, other, units[second])
    match name:
        case "copy":
            result = u[0]
        case "neg":
            result = negative(u[0])
        case "abs":
            result = absolute(u[0])
        case "sign":
            result = sign(u[0])
        case "add":
            result = add(u[0], u[1])
        case "sub":
            result = add(u[0], negative(u[1]))
        case "mul":
            result = multiply(u[0], u[1], same)
        case "div":
            result = divide(u[0], u[1])
        case "max" | "max_const":
            result = maximum(u[0], u[1])
        case "min" | "min_const":
            result = minimum(u[0], u[1])
        case "lt" | "le" | "eq" | "ne":
            result = compare(name, u[0], u[1])
        case "where":
            result = choose(u[0], u[1], u[2])
        case "select_lt" | "select_le":
            result = choose(compare(name[7:], u[0], u[1]), u[2], u[3])
        case "pow":
            result = enclosing.power(u[0], u[1], units[name])
        case "ramp":
            zero = exact(np.zeros(u[0].lo.shape), np.zeros(u[0].lo.shape))
            return maximum(zero, u[0]), compare("lt", zero, u[0])
        case "tanh_softplus" | "tanh_softplus_pair":
            inner = enclosing.apply("softplus", u[0], units["softplus"])
            value = enclosing.apply("tanh", inner, units["tanh"])
            if name == "tanh_softplus":
                return (value,)
            outer = enclosing.apply("sech2", inner, units["sech2"])
            return value, multiply(outer, enclosing.apply("sigmoid", u[0], units["sigmoid"]), same)
        case "sigmoid_slope" | "tanh_slope":
            value = enclosing.apply(name[:-6], u[0], units[name[:-6]])
            start = value if name == "sigmoid_slope" else exact(np.ones(u[0].lo.shape), np.ones(u[0].lo.shape))
            return value, add(start, negative(multiply(value, value, True)))
        case "fma_mul":
            result = multiply(add(multiply(u[0], u[1], same), u[2]), u[3])
        case "square_fma_mul":
            result = multiply(add(multiply(u[0], multiply(u[1], u[1], True)), u[2]), u[3])
        case "gate":
            return multiply(u[0], u[1], same), add(multiply(u[0], u[2]), u[1])
        case _:  # fused multiply-adds: no worse than the product and the sum
            product = multiply(u[0], u[1], same)
            result = add(negative(product) if name == "fnma" else product, negative(u[2]) if name == "fms" else u[2])
    return (result,)


def _too_wide(result: Enclosure, dtype: Any) -> Mask:
    spacing = ulp(result.smallest, _MANTISSA[dtype], _LOWEST[dtype])
    with np.errstate(all="ignore"):
        # a unit in the last place is at least 2^-mantissa of the number: that serves where the interval is wide
        relative = np.ldexp(result.rel, _MANTISSA[dtype]) + result.abs / spacing
        # an overflow of float32 is far from one of float64: there is no doubt that it is one
        beyond = 2.0 ** _HIGHEST[dtype] if dtype == np.float32 else np.inf
        over = (np.fmin(result.lo, result.clo) >= beyond) | (np.fmax(result.hi, result.chi) <= -beyond)
        return result.nan | ~over & ~(np.fmin(result.total / spacing, relative) <= ALLOWED[dtype])


def _binades(dtype: Any) -> tuple[Array, Array]:
    """All finite numbers of `dtype` in intervals of half a binade at most, ascending; zero alone."""
    exponents = np.arange(_LOWEST[dtype], _HIGHEST[dtype])
    low = np.ldexp(1.0, exponents)
    middle = np.where(exponents > _LOWEST[dtype], 1.5 * low, low)
    starts = np.unique(np.concatenate([low, middle]))
    ends = np.append(np.nextafter(starts[1:].astype(dtype), dtype.type(0)), np.finfo(dtype).max).astype(np.float64)
    zero = np.zeros(1)
    return np.concatenate([-ends[::-1], zero, starts]), np.concatenate([-starts[::-1], zero, ends])


def _halved(lo: Array, hi: Array, dtype: Any) -> tuple[Array, Array]:
    middle = (0.5 * lo + 0.5 * hi).astype(dtype)
    above = np.nextafter(middle, dtype.type(np.inf)).astype(np.float64)
    middle = middle.astype(np.float64)
    both = above <= hi
    low, high = np.concatenate([lo, above[both]]), np.concatenate([np.where(both, middle, hi), hi[both]])
    order = np.argsort(low, kind="stable")
    return low[order], high[order]


def _joined(lo: Array, hi: Array, dtype: Any) -> Array:
    """Neighbours become one interval, then the closest ones until few are left."""
    if not lo.size:
        return np.empty((0, 2))
    gaps = _place(lo[1:], dtype) - _place(hi[:-1], dtype)
    most = np.sort(gaps)[-(_MOST - 1)] if gaps.size >= _MOST else 0
    apart = np.flatnonzero(gaps > max(1, most))
    return np.column_stack([lo[np.append(0, apart + 1)], hi[np.append(apart, lo.size - 1)]])


def _place(x: Array, dtype: Any) -> Array:
    """The number of x among all numbers of `dtype`, as float64: neighbours differ by 1."""
    bits = np.abs(x).astype(dtype).view(f"i{dtype.itemsize}").astype(np.float64)
    return np.where(x < 0, -bits, bits)
