"""An expression printed as operations of an array framework: a flat list of calls that any framework can trace.

A framework brings a table: an operation of the language -> its own function, in a form that is stable everywhere.
The list is data (functions and places), not source text: nothing is evaluated as Python, and `torch.compile`,
`jit` and exporters unroll it.

What printed operations guarantee: the conventions of the core at ±∞ (the limit), at NaN (NaN) and at kinks (the left
slope), no overflow or loss where the tree has none in float32, and an error of a few ULP where the tree does not
cancel. What they do not: the last bit. They run in the precision of their input, and where a difference cancels
(x − tanh x near 0) or a tail is steep (gelu far left) more digits go than in the core, which works in float64.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from actlab.functions.expression import Call, Expression, Number, Variable, nodes
from actlab.functions.interpret import evaluate_numpy
from actlab.functions.limits import ends

Table = Mapping[str, Callable[..., Any]]
# (function, places of its operands); (None, (value,)) is a number, (None, ()) is x. A tuple: compilers guard on it.
Step = tuple[Callable[..., Any] | None, tuple[Any, ...]]
Steps = tuple[Step, ...]

_X: Final[Step] = (None, ())


def printed(expression: Expression, table: Table) -> Steps:
    """The steps of a bound `expression`; the last one makes the result.

    `table` needs every primitive of the language that `expression` uses, ``eq``, ``where``, ``copy``, and ``constant``
    of x and a number: an array of the number, like x in shape and dtype.
    """
    steps: list[Step] = [_X]
    place: dict[Expression, int] = {}

    def add(step: Step) -> int:
        steps.append(step)
        return len(steps) - 1

    for node in nodes(expression):
        if isinstance(node, Variable):
            place[node] = 0
        elif isinstance(node, Number):
            place[node] = add((None, (node.value,)))
        elif isinstance(node, Call):
            operands = [place[argument] for argument in node.arguments]
            if node.op == "where" and all(isinstance(branch, Number) for branch in node.arguments[1:]):
                operands[1] = add((table["constant"], (0, operands[1])))  # two bare numbers would forget the dtype
            place[node] = add((table[node.op], tuple(operands)))
        else:
            raise TypeError("a parameter is still open")
    result = place[expression]
    if isinstance(expression, Number):
        result = add((table["constant"], (0, result)))
    at = ends(expression)
    for end, limit, wanted in ((-math.inf, at.low, at.patch_low), (math.inf, at.high, at.patch_high)):
        if wanted:
            there = add((table["eq"], (0, add((None, (end,))))))
            result = add((table["where"], (there, add((None, (limit,))), result)))
    if not math.isnan(evaluate_numpy(expression, np.array([math.nan]))[0]):  # a `where` answers NaN with a branch
        result = add((table["where"], (add((table["eq"], (0, 0))), result, 0)))
    return tuple(steps) if result == len(steps) - 1 else (*steps, (table["copy"], (result,)))


def run(steps: Steps, x: Any) -> Any:
    """The result of `steps` at `x`, an array or what a tracer puts in its place; shape and dtype of `x`."""
    values: list[Any] = []
    for function, operands in steps:
        if function is not None:
            values.append(function(*[values[i] for i in operands]))
        else:
            values.append(operands[0] if operands else x)
    return values[-1]
