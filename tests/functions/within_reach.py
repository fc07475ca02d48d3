"""mpmath's value of a formula, where it has one in bounded time."""

from __future__ import annotations

import mpmath as mp

from actlab.functions.expression import Call, Expression, nodes
from actlab.functions.interpret import _mpmath_table, evaluate_mpmath

#: Bits before the point. Of larger numbers mpmath takes powers for minutes and sines for hours; no float is near them.
BEYOND = 20_000


def real_value(tree: Expression, x: mp.mpf) -> mp.mpf | None:
    """`evaluate_mpmath`, but None where a part is complex or beyond all bounds.

    |(-1.3)**x| is a number, but none of the core's; expm1(x)**exp(expm1(x)) at 11.7 has 10**52,000 digits.
    """
    values: dict[Expression, mp.mpf] = {}
    for node in nodes(tree):
        if isinstance(node, Call):
            found = _mpmath_table()[node.op](*(values[argument] for argument in node.arguments))
            if isinstance(found, mp.mpc):
                return None
            values[node] = mp.mpf(found)
            if mp.isfinite(values[node]) and mp.mag(values[node]) > BEYOND:
                return None
        else:
            values[node] = evaluate_mpmath(node, x)
    return values[tree]
