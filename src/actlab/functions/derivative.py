"""The derivative of an expression, by rules. The set of primitives is closed: the result is again an expression.

At a kink the derivative is the left slope: relu′(0) = 0, leaky_relu′(0) = alpha, elu′(0) = alpha. So the derivative
of max takes the smaller slope where its operands meet, that of min the larger; a `where` follows its own condition.
Two conventions are shared with every framework: the derivative of abs is sign, 0 at 0, and that of a step is 0.
"""

import math
from collections.abc import Callable

from actlab.functions.build import ONE, ZERO, add, call, div, is_number, mul, neg, power, sub, where
from actlab.functions.expression import COMPARISONS, Call, Expression, Number, X, nodes

_TWO = Number(2.0)


def _of_pow(u: Expression, v: Expression, du: Expression, dv: Expression) -> Expression:
    result: Expression = ZERO
    if not is_number(du, 0.0):
        result = mul(mul(v, power(u, sub(v, ONE))), du)
    if not is_number(dv, 0.0):
        result = add(result, mul(mul(power(u, v), call("log", u)), dv))
    return result


def _of_extremum(op: str, u: Expression, v: Expression, du: Expression, dv: Expression) -> Expression:
    """Where u wins its slope, where v wins the other, where they meet the one on the left."""
    if op == "max":
        u_wins, v_wins, meet = call("lt", v, u), call("lt", u, v), call("min", du, dv)
    else:
        u_wins, v_wins, meet = call("lt", u, v), call("lt", v, u), call("max", du, dv)
    if meet is du:
        return where(v_wins, dv, du)
    if meet is dv:
        return where(u_wins, du, dv)
    return where(u_wins, du, where(v_wins, dv, meet))


def _of_sqrt(u: Expression, du: Expression) -> Expression:
    """u′/(2√u); half of a constant factor in u′ is exact, so that √(x² + 1) has the slope x/√(x² + 1)."""
    if isinstance(du, Call) and du.op == "mul" and isinstance(du.arguments[0], Number):
        half = mul(Number(0.5 * du.arguments[0].value), du.arguments[1])
    else:
        half = mul(Number(0.5), du)
    return div(half, call("sqrt", u))


# f′(u) for every primitive of one argument; the chain rule is applied in `derivative`.
_UNARY: dict[str, Callable[[Expression], Expression]] = {
    "abs": lambda u: call("sign", u),
    "exp": lambda u: call("exp", u),
    "expm1": lambda u: call("exp", u),
    "log": lambda u: div(ONE, u),
    "log1p": lambda u: div(ONE, add(ONE, u)),
    "sqrt": lambda u: _of_sqrt(u, ONE),
    "sigmoid": lambda u: mul(call("sigmoid", u), call("sigmoid", neg(u))),
    "tanh": lambda u: call("sech2", u),
    "sech2": lambda u: mul(Number(-2.0), mul(call("tanh", u), call("sech2", u))),
    "softplus": lambda u: call("sigmoid", u),
    "erf": lambda u: mul(Number(2 / math.sqrt(math.pi)), call("exp", neg(power(u, _TWO)))),
    "normcdf": lambda u: call("normpdf", u),
    "normpdf": lambda u: neg(mul(u, call("normpdf", u))),
    "atan": lambda u: div(ONE, add(ONE, power(u, _TWO))),
    "sin": lambda u: call("cos", u),
    "cos": lambda u: neg(call("sin", u)),
}


def _beside_size(u: Expression, v: Expression) -> Number | None:
    """c where v is c + |u|."""
    if isinstance(v, Call) and v.op == "add":
        offset, size = v.arguments
        if isinstance(offset, Number) and isinstance(size, Call) and size.op == "abs" and size.arguments[0] is u:
            return offset
    return None


def _of_call(op: str, arguments: tuple[Expression, ...], slopes: list[Expression]) -> Expression:
    if op in COMPARISONS or op == "sign":
        return ZERO
    if op == "where":
        return where(arguments[0], slopes[1], slopes[2])
    if all(is_number(slope, 0.0) for slope in slopes):
        return ZERO
    if op == "sqrt":
        return _of_sqrt(arguments[0], slopes[0])
    if op in _UNARY:
        return mul(_UNARY[op](arguments[0]), slopes[0])
    if op == "neg":
        return neg(slopes[0])
    u, v = arguments
    du, dv = slopes
    if op in ("add", "sub"):
        return call(op, du, dv)
    if op == "mul":
        return add(mul(du, v), mul(u, dv))
    if op == "div":
        if is_number(dv, 0.0):
            return div(du, v)
        offset = _beside_size(u, v)
        if offset is not None:  # u/(c + |u|): c·u′/(c + |u|)², without the difference of two equal numbers far out
            return mul(mul(offset, power(div(ONE, v), _TWO)), du)
        return sub(div(du, v), mul(div(u, power(v, _TWO)), dv))
    if op == "pow":
        return _of_pow(u, v, du, dv)
    return _of_extremum(op, u, v, du, dv)


def derivative(expression: Expression, by: Expression = X) -> Expression:
    """The derivative of `expression` by x, or by one of its open parameters; all else is constant.

    Raises `UserError` where a constant factor of the derivative overflows.
    """
    slopes: dict[Expression, Expression] = {}
    for node in nodes(expression):
        if node is by:
            slopes[node] = ONE
        elif isinstance(node, Call):
            slopes[node] = _of_call(node.op, node.arguments, [slopes[argument] for argument in node.arguments])
        else:
            slopes[node] = ZERO
    return slopes[expression]
