"""Building expressions: every function here returns the simplest equal node it can find by a local rule.

The rules are few on purpose. Constants fold in float64, neutral elements and double negations go, operands of
commutative primitives get one order, comparisons point one way. Sums and products are never re-associated: that
would change bits. What a rule drops is only what no finite x can show (``0*u`` is 0).

Raises `UserError` for a division by the constant zero and for a constant part that is not a finite number.
"""

import math
from collections.abc import Callable, Mapping

from actlab.functions.expression import COMMUTATIVE, COMPARISONS, Call, Expression, Number, Parameter, Variable, nodes
from actlab.text import UserError

ZERO, ONE = Number(0.0), Number(1.0)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _sech2(x: float) -> float:
    t = math.exp(-2 * abs(x))
    return 4 * t / (1 + t) ** 2


SCALAR: dict[str, Callable[..., float]] = {
    "neg": lambda x: -x,
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "pow": math.pow,
    "min": min,
    "max": max,
    "abs": abs,
    "sign": lambda x: float((x > 0) - (x < 0)),
    "exp": math.exp,
    "expm1": math.expm1,
    "log": math.log,
    "log1p": math.log1p,
    "sqrt": math.sqrt,
    "sigmoid": _sigmoid,
    "tanh": math.tanh,
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
    "erf": math.erf,
    "normcdf": lambda x: 0.5 * math.erfc(-x / math.sqrt(2)),
    "normpdf": lambda x: math.exp(-0.5 * x * x) / math.sqrt(2 * math.pi),
    "sech2": _sech2,
    "atan": math.atan,
    "sin": math.sin,
    "cos": math.cos,
    "lt": lambda x, y: float(x < y),
    "le": lambda x, y: float(x <= y),
    "eq": lambda x, y: float(x == y),
    "ne": lambda x, y: float(x != y),
}
_SIGNS = {"add": " + ", "sub": " - ", "mul": " * ", "div": " / ", "pow": " ** "}
_THROUGH_STEPS = frozenset({"neg", "add", "sub", "mul", "div", "min", "max"})


def _fold(op: str, values: list[float]) -> Number:
    try:
        value = float(SCALAR[op](*values))
    except (ValueError, OverflowError, ZeroDivisionError):
        value = math.nan
    if not math.isfinite(value):
        texts = [f"{v:g}" for v in values]
        part = f"{op}({', '.join(texts)})"
        if op in _SIGNS:
            part = _SIGNS[op].join(f"({text})" if text.startswith("-") else text for text in texts)
        raise UserError("functions.not_finite", part=part)
    return Number(value)


def is_number(node: Expression, value: float) -> bool:
    """Whether `node` is the constant `value`."""
    return isinstance(node, Number) and node.value == value


def is_call(node: Expression, op: str) -> bool:
    """Whether `node` is a call of `op`."""
    return isinstance(node, Call) and node.op == op


def call(op: str, *arguments: Expression) -> Expression:
    """The primitive `op` applied to `arguments`, simplified."""
    if op == "where":
        return where(*arguments)
    if op in ("gt", "ge"):
        return call("lt" if op == "gt" else "le", *reversed(arguments))
    if op == "div" and is_number(arguments[1], 0.0):
        raise UserError("functions.division_by_zero")
    values = [node.value for node in arguments if isinstance(node, Number)]
    if len(values) == len(arguments):
        return _fold(op, values)
    if op in COMMUTATIVE:
        arguments = tuple(sorted(arguments, key=lambda node: node.key))
    if op in _THROUGH_STEPS and len(values) == len(arguments) - 1:
        pushed = _into_step(op, arguments)
        if pushed is not None:
            return pushed
    rule = _RULES.get(op)
    return Call(op, arguments) if rule is None else rule(*arguments)


def _into_step(op: str, arguments: tuple[Expression, ...]) -> Expression | None:
    """``where(c, 1, 0) * 3`` is ``where(c, 3, 0)``: the same bits, and one instruction less."""
    place = next(i for i, node in enumerate(arguments) if not isinstance(node, Number))
    step = arguments[place]
    if step.low is None or step.depth > 8:  # a deep step would make this recursion deep
        return None
    condition, yes, no = step.arguments
    before, after = arguments[:place], arguments[place + 1 :]
    return where(condition, call(op, *before, yes, *after), call(op, *before, no, *after))


def neg(u: Expression) -> Expression:
    """−u."""
    return call("neg", u)


def add(u: Expression, v: Expression) -> Expression:
    """u + v."""
    return call("add", u, v)


def sub(u: Expression, v: Expression) -> Expression:
    """u − v."""
    return call("sub", u, v)


def mul(u: Expression, v: Expression) -> Expression:
    """u·v."""
    return call("mul", u, v)


def div(u: Expression, v: Expression) -> Expression:
    """u/v."""
    return call("div", u, v)


def power(u: Expression, v: Expression) -> Expression:
    """u to the power v."""
    return call("pow", u, v)


def where(condition: Expression, yes: Expression, no: Expression) -> Expression:
    """`yes` where `condition` holds, else `no`."""
    if isinstance(condition, Number):
        return yes if condition.value != 0 else no
    if is_call(yes, "where") and yes.arguments[0] is condition:
        yes = yes.arguments[1]
    if is_call(no, "where") and no.arguments[0] is condition:
        no = no.arguments[2]
    return yes if yes is no else Call("where", (condition, yes, no))


def _neg(u: Expression) -> Expression:
    if isinstance(u, Call):
        if u.op == "neg":
            return u.arguments[0]
        if u.op == "sub":
            return sub(u.arguments[1], u.arguments[0])
        if u.op == "add" and isinstance(u.arguments[0], Number):
            return sub(Number(-u.arguments[0].value), u.arguments[1])
        if u.op in ("mul", "div") and isinstance(u.arguments[0], Number):
            return call(u.op, Number(-u.arguments[0].value), u.arguments[1])
    return Call("neg", (u,))


def _without_minus(u: Expression) -> Expression | None:
    """−u where u is written with a leading minus (−sin x, −2·x), else ``None``. Numbers do not count."""
    if isinstance(u, Call) and u.op in ("neg", "mul", "div"):
        first = u.arguments[0]
        if u.op == "neg" or (isinstance(first, Number) and first.value < 0):
            return neg(u)
    return None


def _add(u: Expression, v: Expression) -> Expression:
    if is_number(u, 0.0):
        return v
    positive_u, positive_v = _without_minus(u), _without_minus(v)
    if positive_u is not None and positive_v is not None:
        return neg(add(positive_u, positive_v))
    if positive_v is not None:
        return sub(u, positive_v)
    return Call("add", (u, v)) if positive_u is None else sub(v, positive_u)


def _sub(u: Expression, v: Expression) -> Expression:
    if is_number(u, 0.0):
        return neg(v)
    if isinstance(v, Number):  # x − 3 and x + (−3) are one expression, and round alike
        return add(Number(-v.value), u)
    positive_u, positive_v = _without_minus(u), _without_minus(v)
    if positive_v is not None:
        return add(u, positive_v)
    return Call("sub", (u, v)) if positive_u is None else neg(add(positive_u, v))


def _mul(u: Expression, v: Expression) -> Expression:
    if isinstance(u, Number):
        if u.value == 0:
            return ZERO
        if u.value == 1:
            return v
        if u.value == -1:
            return neg(v)
        if is_call(v, "neg"):
            return mul(Number(-u.value), v.arguments[0])
    if is_call(u, "neg"):
        return neg(mul(u.arguments[0], v))
    if is_call(v, "neg"):
        return neg(mul(u, v.arguments[0]))
    return Call("mul", (u, v))


def _div(u: Expression, v: Expression) -> Expression:
    if is_number(u, 0.0):
        return ZERO
    if is_number(v, 1.0):
        return u
    if is_number(v, -1.0):
        return neg(u)
    if is_call(u, "neg"):
        return neg(div(u.arguments[0], v))
    if is_call(v, "neg"):
        return neg(div(u, v.arguments[0]))
    return Call("div", (u, v))


def _pow(u: Expression, v: Expression) -> Expression:
    if is_number(v, 0.0) or is_number(u, 1.0):
        return ONE
    if is_number(v, 1.0):
        return u
    if is_number(u, math.e):  # who writes e**x means the exponential, not a power of the float64 nearest to e
        return call("exp", v)
    return Call("pow", (u, v))


def _max(u: Expression, v: Expression) -> Expression:
    if u is v:
        return u
    if u.low is not None and v.low is not None and u.high is not None and v.high is not None:
        if u.low >= v.high:
            return u
        if v.low >= u.high:
            return v
    return Call("max", (u, v))


def _min(u: Expression, v: Expression) -> Expression:
    if u is v:
        return u
    if u.low is not None and v.low is not None and u.high is not None and v.high is not None:
        if u.high <= v.low:
            return u
        if v.high <= u.low:
            return v
    return Call("min", (u, v))


def _comparison(op: str, when_same: float) -> Callable[[Expression, Expression], Expression]:
    return lambda u, v: Number(when_same) if u is v else Call(op, (u, v))


_RULES: dict[str, Callable[..., Expression]] = {
    "neg": _neg,
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "max": _max,
    "min": _min,
    "abs": lambda u: call("abs", u.arguments[0]) if is_call(u, "neg") else Call("abs", (u,)),
    **{op: _comparison(op, float(op in ("le", "eq"))) for op in sorted(COMPARISONS - {"gt", "ge"})},
}


def substitute(
    expression: Expression, x: Expression | None = None, values: Mapping[str, Expression] | None = None
) -> Expression:
    """`expression` with `x` in the place of the variable and `values` in the place of parameters, simplified again."""
    done: dict[Expression, Expression] = {}
    for node in nodes(expression):
        if isinstance(node, Variable):
            done[node] = node if x is None else x
        elif isinstance(node, Parameter):
            done[node] = (values or {}).get(node.name, node)
        elif isinstance(node, Call):
            done[node] = call(node.op, *(done[argument] for argument in node.arguments))
        else:
            done[node] = node
    return done[expression]


def bind(expression: Expression, values: Mapping[str, float]) -> Expression:
    """`expression` with numbers in the place of parameters: ``bind(tree, {"alpha": 0.05})``."""
    return substitute(expression, values={name: Number(value) for name, value in values.items()})
