"""Where a formula loses digits when it is computed as it stands, and how many.

x − sin x has no correct digit left near 0 in float32, whoever computes it: the difference cancels. actlab's own results
do not suffer (see `certify`), but a framework on a GPU, an exported model or a script would. So the loss is measured:
the formula as it was typed, operation by operation in the type in question, against the core's result, which is right
to the last bit. Nothing is told that was not seen, and seen at several points in a row: a single one may be next to a
zero, where any formula loses digits.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, Literal

import numpy as np

from actlab._arrays import AnyArray, Array, Mask
from actlab.functions.compile import compile_value
from actlab.functions.expression import Call, Expression, Number, Variable, nodes
from actlab.functions.interpret import _NUMPY

TOLD: Final = 128.0  # ULP: more than two decimal digits
_ROW: Final = 4  # points in a row
_REACH: Final = 64.0
_MOST_NODES: Final = 400  # of a written-out tree that is looked at


@dataclass(frozen=True)
class Loss:
    """A stretch of x on which the plain formula loses digits.

    `low` and `high` are its ends, `worst` the largest error seen, in units in the last place of `dtype` (infinite for
    an overflow on the way), and `at` where it was seen. `settled` is False where even the core could not tell.
    """

    dtype: Literal["float32", "float64"]
    low: float
    high: float
    worst: float
    at: float
    settled: bool = True

    @property
    def digits(self) -> int:
        """How many decimal digits are lost, of 7 in float32 and 16 in float64."""
        return min(self.of, round(math.log10(self.worst))) if math.isfinite(self.worst) else self.of

    @property
    def of(self) -> int:
        """How many decimal digits `dtype` has."""
        return 7 if self.dtype == "float32" else 16

    @property
    def span(self) -> tuple[float, float]:
        """`low` and `high` in two digits, as they are told."""
        return float(f"{self.low:.2g}"), float(f"{self.high:.2g}")


@lru_cache(maxsize=512)
def losses(expression: Expression) -> tuple[Loss, ...]:
    """Where `expression`, its parameters bound, loses more than two digits in [−64, 64]; the worst stretches first."""
    if len(list(nodes(expression))) > _MOST_NODES:
        return ()
    found = [loss for dtype in (np.float32, np.float64) for loss in _losses(expression, np.dtype(dtype))]
    return tuple(sorted(found, key=lambda loss: (loss.dtype, -loss.worst, loss.low)))


def worth_telling(found: tuple[Loss, ...]) -> list[Loss]:
    """Of all stretches the worst in float32, and the worst in float64 where that is grave: six digits or more."""
    first = {loss.dtype: loss for loss in reversed(found) if loss.dtype == "float32" or loss.digits >= 6}
    return [first[name] for name in ("float32", "float64") if name in first]


def _points(dtype: Any) -> AnyArray:
    sizes = np.concatenate([np.geomspace(2.0**-18, 0.0137, 60), np.linspace(0.0137, 8.0137, 200)])
    sizes = np.concatenate([sizes, np.geomspace(8.0713, _REACH, 80)])
    return np.unique(np.concatenate([-sizes, sizes])).astype(dtype)


def _losses(expression: Expression, dtype: Any) -> list[Loss]:
    x = _points(dtype)
    plain = as_it_stands(expression, x)
    program = compile_value(expression)
    core: Any = import_module("actlab._core")
    exact, _, bits = core.careful(program.code, program.constants, program.n_registers, x)
    error = units(plain, exact)
    lost = (error > TOLD) | ((bits == 0) & np.isfinite(exact))
    result = []
    for first, last in _rows(lost):
        stretch = slice(first, last + 1)
        worst = int(np.argmax(error[stretch])) + first
        settled = bool((bits[stretch] > 0).all())
        name: Literal["float32", "float64"] = "float32" if dtype == np.float32 else "float64"
        result.append(Loss(name, float(x[first]), float(x[last]), float(error[worst]), float(x[worst]), settled))
    return result


def as_it_stands(expression: Expression, x: AnyArray) -> AnyArray:
    """The plain tree at `x`, every operation in the type of `x`: what a script would get."""
    values: dict[Expression, Any] = {}
    with np.errstate(all="ignore"):
        for node in nodes(expression):
            if isinstance(node, Call):
                values[node] = np.asarray(_NUMPY[node.op](*(values[a] for a in node.arguments))).astype(x.dtype)
            elif isinstance(node, Variable):
                values[node] = x
            elif isinstance(node, Number):
                values[node] = x.dtype.type(node.value)
            else:
                raise TypeError("a parameter is still open")
    return np.array(np.broadcast_to(values[expression], x.shape))


def units(found: AnyArray, exact: AnyArray) -> Array:
    """The distance from `exact` in units of its last place; 0 where that is no ordinary number."""
    with np.errstate(all="ignore"):
        spacing = np.spacing(np.abs(exact)).astype(np.float64)
        off = np.abs(found.astype(np.float64) - exact.astype(np.float64)) / spacing
    ordinary = np.isfinite(exact) & (np.abs(exact) >= np.finfo(exact.dtype).tiny)
    return np.where(ordinary, np.where(np.isnan(off), np.inf, off), 0.0)


def _rows(lost: Mask) -> list[tuple[int, int]]:
    """First and last index of every run of at least `_ROW`; a gap of one or two points does not end a run."""
    runs: list[list[int]] = []
    for k in np.flatnonzero(lost).tolist():
        if runs and k - runs[-1][1] <= 3:
            runs[-1][1] = k
            runs[-1][2] += 1
        else:
            runs.append([k, k, 1])
    return [(first, last) for first, last, count in runs if count >= _ROW]
