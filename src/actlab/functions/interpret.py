"""Slow second implementations, to check the fast one by: NumPy and mpmath on the plain tree, NumPy on programs.

None of them shares code with the compiler or the core. mpmath on the plain tree is the judge: it knows neither the
stable forms nor the peepholes.
"""

import math
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Final

import numpy as np

from actlab._arrays import AnyArray, Array
from actlab.functions.expression import Call, Expression, Number, Parameter, Variable, nodes
from actlab.functions.program import FIRST_CONSTANT, OPERATIONS, Program

_FEW: Final = 256  # points for which the C library will do: SciPy takes a quarter of a second to load


def _erf(u: Array) -> Array:
    if u.size <= _FEW:
        return np.asarray(np.vectorize(math.erf, otypes=[np.float64])(u))
    from scipy.special import erf

    return np.asarray(erf(u))


def _normcdf(u: Array) -> Array:
    t = u * -(0.5**0.5)
    if u.size <= _FEW:
        return np.asarray(0.5 * np.vectorize(math.erfc, otypes=[np.float64])(t))
    from scipy.special import erfc

    return np.asarray(0.5 * erfc(t))


def _sigmoid(u: Array) -> Array:
    t = np.exp(-np.abs(u))
    return np.asarray(np.where(u < 0, t, 1.0) / (1 + t))


def _sech2(u: Array) -> Array:
    t = np.exp(-2 * np.abs(u))
    return np.asarray(4 * t / np.square(1 + t))


def _truth(test: Callable[..., Any]) -> Callable[..., Array]:
    return lambda u, v: np.asarray(test(u, v), dtype=np.float64)


_NUMPY: Final[dict[str, Callable[..., Any]]] = {
    "neg": np.negative, "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "pow": np.power,
    "min": np.minimum, "max": np.maximum, "abs": np.abs, "sign": np.sign,
    "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt,
    "sigmoid": _sigmoid, "tanh": np.tanh, "softplus": lambda u: np.maximum(u, 0) + np.log1p(np.exp(-np.abs(u))),
    "erf": _erf, "normcdf": _normcdf, "normpdf": lambda u: np.exp(-0.5 * u * u) / np.sqrt(2 * np.pi), "sech2": _sech2,
    "atan": np.arctan, "sin": np.sin, "cos": np.cos,
    "lt": _truth(np.less), "le": _truth(np.less_equal), "eq": _truth(np.equal), "ne": _truth(np.not_equal),
    "where": lambda c, yes, no: np.where(c != 0, yes, no),
}  # fmt: skip


Walk = tuple[tuple[Expression, tuple[Expression, ...]], ...]
BLOCK: Final = 8192  # points at a time: however large the formula, what it needs on the way stays in the cache


@lru_cache(maxsize=512)
def walk(*roots: Expression) -> Walk:
    """Every distinct node below `roots`, arguments first, each with the nodes that nothing after it reads."""
    order = list(nodes(*roots))
    last: dict[Expression, Expression] = {argument: node for node in order for argument in node.arguments}
    dead: dict[Expression, list[Expression]] = {}
    for argument, reader in last.items():
        if argument not in roots:
            dead.setdefault(reader, []).append(argument)
    return tuple((node, tuple(dead.get(node, ()))) for node in order)


def evaluate_numpy(expression: Expression, x: AnyArray, parameters: Mapping[str, float] | None = None) -> Array:
    """`expression` at `x` (any shape), the plain tree in float64; overflow and invalid values pass silently.

    `parameters` are the values of those that are open.
    """
    x = np.asarray(x, dtype=np.float64)
    flat = x.ravel()
    result = np.empty(flat.shape)
    with np.errstate(all="ignore"):
        for start in range(0, flat.size, BLOCK):
            result[start : start + BLOCK] = _block(expression, flat[start : start + BLOCK], parameters)
    return result.reshape(x.shape)


def _block(expression: Expression, x: Array, parameters: Mapping[str, float] | None) -> Array:
    values: dict[Expression, Array] = {}
    for node, dead in walk(expression):
        values[node] = apply(node, [values[argument] for argument in node.arguments], x, parameters)
        for argument in dead:
            del values[argument]
    return values[expression]


def apply(node: Expression, operands: list[Array], x: Array, parameters: Mapping[str, float] | None = None) -> Array:
    """One node at `x`, given the values of its arguments; parts without x have shape ()."""
    if isinstance(node, Call):
        return np.asarray(_NUMPY[node.op](*operands))
    return x if isinstance(node, Variable) else np.asarray(_number(node, parameters))


def evaluate_nodes(
    expression: Expression, x: Array, parameters: Mapping[str, float] | None = None
) -> dict[Expression, Array]:
    """Every part of `expression` at `x`, float64; parts without x have shape ()."""
    values: dict[Expression, Array] = {}
    with np.errstate(all="ignore"):
        for node in nodes(expression):
            values[node] = apply(node, [values[argument] for argument in node.arguments], x, parameters)
    return values


def _number(node: Expression, parameters: Mapping[str, float] | None = None) -> float:
    if isinstance(node, Parameter) and parameters is not None:
        return parameters[node.name]
    if not isinstance(node, Number):
        raise TypeError("a parameter is still open")
    return node.value


@cache
def _mpmath_table() -> dict[str, Callable[..., Any]]:
    import mpmath as mp  # type: ignore[import-untyped, unused-ignore]

    return {
        "neg": lambda u: -u, "add": lambda u, v: u + v, "sub": lambda u, v: u - v, "mul": lambda u, v: u * v,
        "div": lambda u, v: u / v, "pow": lambda u, v: u**v, "min": min, "max": max, "abs": abs, "sign": mp.sign,
        "exp": mp.exp, "expm1": mp.expm1, "log": mp.log, "log1p": mp.log1p, "sqrt": mp.sqrt,
        "sigmoid": lambda u: 1 / (1 + mp.exp(-u)), "tanh": mp.tanh, "softplus": lambda u: mp.log1p(mp.exp(u)),
        "erf": mp.erf, "normcdf": lambda u: mp.erfc(-u / mp.sqrt(2)) / 2, "normpdf": mp.npdf,
        "sech2": lambda u: mp.sech(u) ** 2, "atan": mp.atan, "sin": mp.sin, "cos": mp.cos,
        "lt": lambda u, v: u < v, "le": lambda u, v: u <= v, "eq": lambda u, v: u == v, "ne": lambda u, v: u != v,
        "where": lambda c, yes, no: yes if c else no,
    }  # fmt: skip


def evaluate_mpmath(expression: Expression, x: Any) -> Any:
    """`expression` at the number `x`, the plain tree in the working precision of mpmath."""
    import mpmath as mp  # type: ignore[import-untyped, unused-ignore]

    table = _mpmath_table()
    values: dict[Expression, Any] = {}
    for node in nodes(expression):
        if isinstance(node, Call):
            values[node] = table[node.op](*(values[argument] for argument in node.arguments))
        else:
            values[node] = mp.mpf(x) if isinstance(node, Variable) else mp.mpf(_number(node))
    return values[expression]


def _select(test: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, b, c, e: np.where(test(a, b), c, e)


_PROGRAM: Final[dict[str, Callable[..., Any]]] = {
    "copy": np.copy,
    **{name: _NUMPY[name] for name, _, _ in OPERATIONS if name in _NUMPY},
    "max_const": np.maximum,
    "min_const": np.minimum,
    "select_lt": _select(np.less),
    "select_le": _select(np.less_equal),
    "fma": lambda a, b, c: a * b + c,
    "fms": lambda a, b, c: a * b - c,
    "fnma": lambda a, b, c: c - a * b,
    "sigmoid_pair": lambda u: (_sigmoid(u), _sigmoid(-u)),
    "tanh_sech2": lambda u: (np.tanh(u), _sech2(u)),
    "softplus_sigmoid": lambda u: (_NUMPY["softplus"](u), _sigmoid(u)),
    "normcdf_normpdf": lambda u: (_normcdf(u), _NUMPY["normpdf"](u)),
    "exp_expm1": lambda u: (np.exp(u), np.expm1(u)),
    "sin_cos": lambda u: (np.sin(u), np.cos(u)),
    "ramp": lambda u: (np.maximum(u, 0), (u > 0).astype(u.dtype)),
    "tanh_softplus": lambda u: np.tanh(_NUMPY["softplus"](u)),
    "tanh_softplus_pair": lambda u: (
        np.tanh(_NUMPY["softplus"](u)),
        _sech2(_NUMPY["softplus"](u)) * _sigmoid(u),
    ),
    "gate": lambda a, b, c: (a * b, a * c + b),
    "fma_mul": lambda a, b, c, e: (a * b + c) * e,
    "square_fma_mul": lambda a, b, c, e: (a * (b * b) + c) * e,
    "sigmoid_slope": lambda u: (_sigmoid(u), _sigmoid(u) * _sigmoid(-u)),
    "tanh_slope": lambda u: (np.tanh(u), _sech2(u)),
}


def run_program(program: Program, x: AnyArray) -> tuple[Array, Array | None]:
    """Registers 1 and 2 after `program` ran on `x` in float64, one instruction after the other.

    The second is ``None`` for a program that has no derivative. Fused multiply-adds round twice here.
    """
    x = np.asarray(x, dtype=np.float64)
    registers: dict[int, Array] = {1: x.copy()}  # 0 and 1 are one register

    def read(index: int) -> Array:
        if index >= FIRST_CONSTANT:
            return np.asarray(program.constants[index - FIRST_CONSTANT])
        return registers[max(index, 1)]

    with np.errstate(all="ignore"):
        for op, d, e, a, b, c in program.code.tolist():
            name, operands, destinations = OPERATIONS[op]
            result = _PROGRAM[name](*(read(index) for index in (a, b, c, e)[:operands]))
            for index, value in zip((d, e)[:destinations], result if destinations == 2 else (result,), strict=True):
                registers[max(index, 1)] = np.array(np.broadcast_to(value, x.shape))
    return registers[1], registers.get(2)
