"""Trees as the judge takes them: fractions that were folded, and shapes that no fixed precision survives."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from actlab.functions.expression import Call, Expression, Number, nodes


def meant(slope: Expression, value: Expression) -> Expression:
    """`slope` with fractions where differentiation has folded them: (u/6)′ holds 0.16666666666666666, meant is 1/6.

    A root of φ′ would move otherwise: that of hard_swish′ is −1.5. Numbers of `value` are what they are.
    """
    typed = {node.value for node in nodes(value) if isinstance(node, Number)}
    done: dict[Expression, Expression] = {}
    for node in nodes(slope):
        done[node] = node
        if isinstance(node, Call):
            done[node] = Call(node.op, tuple(done[argument] for argument in node.arguments))
        elif isinstance(node, Number) and node.value not in typed:
            near = Fraction(node.value).limit_denominator(100)
            if near != Fraction(node.value) and near.numerator / near.denominator == node.value:
                done[node] = Call("div", (Number(near.numerator), Number(near.denominator)))
    return done[slope]


def uncancelled(node: Expression) -> Any:
    """`node`, or the operation of the judge that has the same value without cancelling.

    Five shapes, as catalogue and derivative rules write them, lose all digits on a billion inputs, in any fixed
    precision: x − tanh x, 1 − sech² x, x + √(x² + b), 1 + x/√(x² + b) and softsign′, written
    1/(|x| + 1) − sign(x)·x/(|x| + 1)². A test compares each with mpmath on the tree as it stands.
    """
    if not isinstance(node, Call) or node.op not in ("add", "sub"):
        return node
    a, b = node.arguments
    if node.op == "sub":
        if _is(b, "tanh") and b.arguments[0] is a:
            return ("x_minus_tanh", a)
        if _is(b, "sech2") and _number(a) == 1:
            return ("one_minus_sech2", b.arguments[0])
        return _softsign_slope(a, b) or node
    for u, v in ((a, b), (b, a)):
        if (offset := _root_offset(v, u)) is not None:
            return ("root_sum", u, offset)
        if _number(v) == 1 and _is(u, "div"):
            inner, root = u.arguments
            if (offset := _root_offset(root, inner)) is not None:
                return ("root_slope", inner, offset)
    return node


def _is(node: Expression, op: str) -> bool:
    return isinstance(node, Call) and node.op == op


def _number(node: Expression) -> float | None:
    return node.value if isinstance(node, Number) else None


def _plus(node: Expression, number: float) -> Expression | None:
    """u, where `node` is u + number, in either order."""
    if _is(node, "add"):
        u, v = node.arguments
        if _number(v) == number:
            return u
        if _number(u) == number:
            return v
    return None


def _root_offset(root: Expression, a: Expression) -> Expression | None:
    """b, where `root` is √(a² + b) with a positive number b."""
    if _is(root, "sqrt") and _is(root.arguments[0], "add"):
        inner = root.arguments[0].arguments
        for square, offset in (inner, inner[::-1]):
            power = _is(square, "pow") and square.arguments[0] is a and _number(square.arguments[1]) == 2
            if power and (_number(offset) or 0) > 0:
                return offset
    return None


def _softsign_slope(first: Expression, second: Expression) -> Expression | None:
    """1/d², where the difference is 1/d − sign(a)·a/d² with d = |a| + 1: sign(a)·a is |a| = d − 1."""
    if not _is(first, "div") or _number(first.arguments[0]) != 1 or not _is(second, "mul"):
        return None
    one, d = first.arguments
    size = _plus(d, 1.0)
    if size is None or not _is(size, "abs"):
        return None
    a = size.arguments[0]
    for sign, share in (second.arguments, second.arguments[::-1]):
        if not (_is(sign, "sign") and sign.arguments[0] is a and _is(share, "div") and share.arguments[0] is a):
            continue
        square = share.arguments[1]
        if _is(square, "pow") and square.arguments[0] is d and _number(square.arguments[1]) == 2:
            return Call("div", (one, square))
    return None
