"""Values of the plain tree together with a bound on what float64 has done to them.

A sign is believed only where the value exceeds its bound: 1 − tanh²(x) far out is rounding, not a slope.
"""

from functools import cache
from typing import Final

import numpy as np

from actlab._arrays import Array
from actlab.functions.derivative import derivative
from actlab.functions.expression import COMPARISONS, Call, Expression, X
from actlab.functions.interpret import BLOCK, apply, evaluate_numpy, walk

_EPS: Final = 2.0**-52  # elementary functions of NumPy and SciPy are within a few units; twice the rounding unit covers
_UNITS: Final = 2.0
_EXACT: Final = frozenset({"neg", "abs", "sign", "min", "max", "where", *COMPARISONS})


def evaluate_with_error(expression: Expression, x: Array) -> tuple[Array, Array]:
    """`expression` at `x`, shape (n,), and a bound on the absolute error of each value, to first order.

    The bound is infinite where a part overflows.
    """
    return _evaluate((expression,), np.asarray(x, dtype=np.float64))[0]


def _evaluate(roots: tuple[Expression, ...], x: Array) -> list[tuple[Array, Array]]:
    results = [(np.empty(x.shape), np.empty(x.shape)) for _ in roots]
    with np.errstate(all="ignore"):
        for start in range(0, x.size, BLOCK):
            part = slice(start, start + BLOCK)
            values, errors = _block(roots, x[part])
            for (value, error), root in zip(results, roots, strict=True):
                value[part], error[part] = values[root], errors[root]
    return results


def _block(roots: tuple[Expression, ...], x: Array) -> tuple[dict[Expression, Array], dict[Expression, Array]]:
    values: dict[Expression, Array] = {}
    errors: dict[Expression, Array] = {}
    nothing = np.zeros(())
    for node, dead in walk(*roots):
        u = [values[argument] for argument in node.arguments]
        values[node] = apply(node, u, x)
        if isinstance(node, Call):
            errors[node] = _error(node.op, u, [errors[argument] for argument in node.arguments], values[node])
        else:
            errors[node] = nothing
        for argument in dead:
            del values[argument], errors[argument]
    return values, errors


def _error(op: str, u: list[Array], du: list[Array], value: Array) -> Array:
    """A bound on the error of `value`, that is `op` of the operands `u` whose errors are `du`."""
    if len(u) > 1 or op == "sign":
        inherited = _inherited(op, u, du, value)
    elif np.any(du[0]):
        inherited = np.abs(evaluate_numpy(_slope(op), u[0])) * du[0]
    else:
        inherited = np.zeros(())
    own = np.zeros(()) if op in _EXACT else _UNITS * _EPS * np.abs(value)
    if op in ("normcdf", "normpdf"):  # x²/2 or x/√2 is rounded before it becomes an exponent
        own = own * (1 + np.square(u[0]))
    total = inherited + own
    return np.asarray(np.where(np.isfinite(value) & ~np.isnan(total), total, np.inf))


@cache
def _slope(op: str) -> Expression:
    return derivative(Call(op, (X,)))


def certain_signs(expression: Expression, x: Array) -> Array:
    """−1 or 1 where the sign of `expression` is beyond doubt, 0 elsewhere; shape (n,)."""
    return signs_of((expression,), x)[0][1]


def signs_of(expressions: tuple[Expression, ...], x: Array) -> list[tuple[Array, Array]]:
    """Values and certain signs of several expressions, which may share parts; each of shape (n,)."""
    found = []
    for value, error in _evaluate(expressions, np.asarray(x, dtype=np.float64)):
        with np.errstate(invalid="ignore"):
            found.append((value, np.asarray(np.where(np.abs(value) > error, np.sign(value), 0.0))))
    return found


def _inherited(op: str, u: list[Array], du: list[Array], value: Array) -> Array:
    """What the errors `du` of the operands `u` do to the result `value`, for an operation of several operands."""
    match op:
        case "add" | "sub":
            error = du[0] + du[1]
        case "mul":
            error = np.abs(u[1]) * du[0] + np.abs(u[0]) * du[1]
        case "div":
            error = (du[0] + np.abs(value) * du[1]) / np.abs(u[1])
        case "pow":
            error = np.zeros(())
            if np.any(du[0]):
                error = error + np.abs(u[1] * np.power(u[0], u[1] - 1)) * du[0]
            if np.any(du[1]):
                error = error + np.abs(value * np.log(np.abs(u[0]))) * du[1]
        case "min" | "max":
            error = np.maximum(du[0], du[1])
        case "sign":  # wrong by 2 at most, where the sign of the operand is in doubt
            error = np.where(np.abs(u[0]) > du[0], 0.0, 2.0 * (du[0] > 0))
        case "where":
            error = np.where(u[0] != 0, du[1], du[2])
        case _:  # comparisons
            error = np.zeros(())
    return np.asarray(error)
