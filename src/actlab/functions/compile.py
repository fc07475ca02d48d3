"""Expression to program.

Parts that would lose digits are replaced by an equivalent form first (see `stable`). Evaluation programs
(``fused=False``) then compute what the tree says, an operation at a time, and are exact at the ends:
±∞ gives the limit even where the tree has no value there (−∞·σ(−∞)); that NaN gives NaN is the core's own rule, so
no program spends an instruction on it. Training programs (``fused=True``) see finite numbers only; they may fuse
multiply-adds, reorder products and multiply by reciprocals, and they take the derivatives of tanh and sigmoid from the
values, 1 − a² and a − a²: where these saturate, the derivative is a small number without relative accuracy.
"""

import math

from actlab.functions.derivative import derivative
from actlab.functions.expression import Expression, Parameter
from actlab.functions.limits import Ends, ends
from actlab.functions.lowering import X_ID, Lowering
from actlab.functions.program import Program
from actlab.functions.schedule import assemble
from actlab.functions.stable import simplified, stable

__all__ = ["compile_both", "compile_by_learned", "compile_derivative", "compile_value"]

#: Names of learned parameters with the values that learning begins with.
Learned = tuple[tuple[str, float], ...]


def compile_value(expression: Expression, fused: bool = False, learned: Learned = ()) -> Program:
    """The program for φ(x), in register 1. The first constants are the `learned` parameters, which it leaves open."""
    return _compile(expression, None, fused, learned)


def compile_derivative(expression: Expression, fused: bool = False, learned: Learned = ()) -> Program:
    """The program for φ′(x), in register 2; register 1 still holds x. `learned` as for `compile_value`."""
    return _compile(None, derivative(simplified(expression)), fused, learned)


def compile_both(expression: Expression, fused: bool = False, learned: Learned = ()) -> Program:
    """The program for φ(x) in register 1 and φ′(x) in register 2; `learned` as for `compile_value`."""
    return _compile(expression, derivative(simplified(expression)), fused, learned)


def compile_by_learned(expression: Expression, name: str, learned: Learned) -> Program:
    """The training program for ∂φ/∂(learned parameter `name`), in register 2; register 1 still holds x."""
    return _compile(None, derivative(simplified(expression), Parameter(name)), True, learned)


def _compile(value: Expression | None, slope: Expression | None, fused: bool, learned: Learned = ()) -> Program:
    lowering = Lowering(fused, learned)
    ids = [None if value is None else lowering.add(stable(value))]
    lowering.value_known = value is not None
    ids.append(None if slope is None else lowering.add(stable(slope)))
    if not fused:
        for k, tree in enumerate((value, slope)):
            if tree is not None:
                found = ids[k]
                assert found is not None
                ids[k] = _with_ends(lowering, found, ends(tree))
    operations = lowering.finish(i for i in (ids[1], ids[0]) if i is not None)
    return assemble(operations, lowering.constants, ids[0], ids[1], lowering.learned)


def _with_ends(lowering: Lowering, value: int, at: Ends) -> int:
    """`value` with a select for every end at which the plain operations give something else."""
    if at.patch_low:  # x <= −∞ ? limit : value
        value = lowering.emit("select_le", X_ID, lowering.constant(-math.inf), lowering.constant(at.low), value)
    if at.patch_high:
        value = lowering.emit("select_le", lowering.constant(math.inf), X_ID, lowering.constant(at.high), value)
    return value
