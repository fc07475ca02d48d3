"""Which expressions lose digits in float32, and so are exported to compute in float64 inside."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np

from actlab.functions.expression import Expression
from actlab.functions.interpret import evaluate_numpy
from actlab.functions.portable import portable
from actlab.functions.printed import Table, printed, run

_TOLERANCE: Final = 1e-6
_REACH: Final = 10.0


def _table() -> Table:
    from actlab.functions.interpret import _NUMPY  # the plain operations; they keep the dtype of their operand

    stable = portable(
        exp=np.exp, log=np.log, absolute=np.abs, floor=np.floor, tanh=np.tanh, minimum=np.minimum, where=np.where
    )
    return {**_NUMPY, **stable, "constant": np.full_like, "copy": np.copy}


@lru_cache(maxsize=256)
def loses(expression: Expression) -> bool:
    """Whether `expression`, printed and run in float32, is off by more than 1e-6 relative somewhere in [−10, 10].

    It is where a difference cancels (x − tanh x) or an exponential magnifies the rounding of its argument (exp(−x²)).
    """
    x = np.linspace(-_REACH, _REACH, 4001, dtype=np.float32)  # no round numbers: a rounding must be seen
    wanted = evaluate_numpy(expression, x)
    with np.errstate(all="ignore"):
        found = np.asarray(run(printed(expression, _table()), x), dtype=np.float64)
        normal = np.isfinite(wanted) & (np.abs(wanted) > np.finfo(np.float32).tiny)
        error = np.abs(found - wanted)[normal]
    return bool(np.any(~(error <= _TOLERANCE / 2 * np.abs(wanted[normal]))))
