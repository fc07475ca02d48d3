"""Values of the plain tree together with a bound on what float64 has done to them.

A sign is believed only where the value exceeds its bound: 1 − tanh²(x) far out is rounding, not a slope.
"""

from typing import Final

import numpy as np

from actlab._arrays import Array
from actlab.functions.derivative import derivative
from actlab.functions.expression import COMPARISONS, Call, Expression, X, nodes
from actlab.functions.interpret import evaluate_nodes, evaluate_numpy

_EPS: Final = 2.0**-52  # elementary functions of NumPy and SciPy are within a few units; twice the rounding unit covers
_UNITS: Final = 2.0
_EXACT: Final = frozenset({"neg", "abs", "sign", "min", "max", "where", *COMPARISONS})


def evaluate_with_error(expression: Expression, x: Array) -> tuple[Array, Array]:
    """`expression` at `x`, shape (n,), and a bound on the absolute error of each value, to first order.

    The bound is infinite where a part overflows.
    """
    x = np.asarray(x, dtype=np.float64)
    values = evaluate_nodes(expression, x)
    errors: dict[Expression, Array] = {}
    nothing = np.zeros(())
    with np.errstate(all="ignore"):
        for node in nodes(expression):
            if not isinstance(node, Call):
                errors[node] = nothing
                continue
            u = [values[argument] for argument in node.arguments]
            du = [errors[argument] for argument in node.arguments]
            if len(u) == 1 and node.op != "sign":
                slope = derivative(Call(node.op, (X,)))
                inherited = np.abs(evaluate_numpy(slope, u[0])) * du[0] if np.any(du[0]) else nothing
            else:
                inherited = _inherited(node.op, u, du, values[node])
            own = nothing if node.op in _EXACT else _UNITS * _EPS * np.abs(values[node])
            if node.op in ("normcdf", "normpdf"):  # x²/2 or x/√2 is rounded before it becomes an exponent
                own = own * (1 + np.square(u[0]))
            total = np.asarray(inherited + own)
            errors[node] = np.where(np.isfinite(values[node]) & ~np.isnan(total), total, np.inf)
        value = np.array(np.broadcast_to(values[expression], x.shape))
        return value, np.array(np.broadcast_to(errors[expression], x.shape))


def certain_signs(expression: Expression, x: Array) -> Array:
    """−1 or 1 where the sign of `expression` is beyond doubt, 0 elsewhere; shape (n,)."""
    value, error = evaluate_with_error(expression, x)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(np.abs(value) > error, np.sign(value), 0.0))


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
