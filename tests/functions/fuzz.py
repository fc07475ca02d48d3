# ruff: noqa: T201 (a script)
"""Random formulas: core, plain tree and mpmath agree, or the tool has told.

    python tests/functions/fuzz.py [--examples 10000]

For every formula: the core's value and derivative within 1 ULP in float32 and 4 in float64 of mpmath on the plain tree
(or the careful path said that it could not settle); every loss of digits that is told is one that mpmath sees; the
derivative is the slope of the plain tree, by differences in high precision.
"""

import argparse
import random
from collections import Counter
from dataclasses import dataclass

import mpmath as mp
import numpy as np
from within_reach import real_value

from actlab import _core
from actlab.functions.compile import compile_both
from actlab.functions.derivative import derivative
from actlab.functions.digits import as_it_stands, losses
from actlab.functions.evaluate import run
from actlab.functions.expression import Expression, nodes
from actlab.text import UserError

BAR = {np.dtype(np.float32): (1.0, 24, -149), np.dtype(np.float64): (4.0, 53, -1074)}
POINTS = (-37.3, -1.3, -0.21, 0.003, 0.93, 11.7)
SMOOTHLESS = {"abs", "sign", "min", "max", "where", "lt", "le", "eq", "ne"}


@dataclass(frozen=True)
class Outcome:
    """What was found of one formula; `problem` is None where all agree."""

    told: int = 0
    false: int = 0
    unsettled: int = 0
    points: int = 0
    problem: str | None = None


def exact(tree: Expression, x: float, bits: int = 500) -> mp.mpf | None:
    """The plain tree at x, None where it has no real value or mpmath none at all."""
    try:
        with mp.workprec(bits):
            value = real_value(tree, mp.mpf(x))
            if value is None or not mp.isfinite(value) or abs(value) > mp.mpf(2) ** 1000:
                return None
            return +value
    except (ZeroDivisionError, ValueError, OverflowError, TypeError, mp.libmp.NoConvergence, MemoryError):
        return None


def units(found: float, want: mp.mpf, dtype: np.dtype) -> float:
    """Distance in units of the last place of `dtype`."""
    _, mantissa, lowest = BAR[dtype]
    if abs(want) >= np.finfo(dtype).max:
        return 0.0
    if not np.isfinite(found):
        return np.inf
    exponent = max(mp.frexp(want)[1] - mantissa, lowest) if want else lowest
    return float(abs(mp.mpf(float(found)) - want) / mp.ldexp(1, exponent))


def check(tree: Expression) -> Outcome:
    """All properties of one formula."""
    try:
        slope = derivative(tree)
        program = compile_both(tree)
    except UserError:
        return Outcome()
    points = unsettled = 0
    for dtype, (bar, _, _) in BAR.items():
        x = np.array(POINTS, dtype)
        found = run(program, x, True, True)
        bits = _core.careful(program.code, program.constants, program.n_registers, x)[2]
        for part, values in ((tree, found[0]), (slope, found[1])):
            for k, at in enumerate(x.tolist()):
                want = exact(part, at)
                if want is None:
                    continue
                points += 1
                if bits[k] == 0:
                    unsettled += 1
                elif units(values[k], want, dtype) > bar and units(values[k], exact(part, at, 5000), dtype) > bar:
                    return Outcome(problem=f"{part!r} at {at!r} in {dtype}: {values[k]!r}, not {mp.nstr(want, 20)}")
    if not SMOOTHLESS & {getattr(node, "op", "") for node in nodes(tree)}:
        wrong = _wrong_slope(tree, slope)
        if wrong is not None:
            return Outcome(problem=wrong)
    told = losses(tree)
    return Outcome(len(told), sum(_false(tree, loss) for loss in told), unsettled, points)


def _wrong_slope(tree: Expression, slope: Expression) -> str | None:
    for at in POINTS[1:-1]:
        with mp.workprec(500):
            h = mp.mpf(2) ** -100
            ends = [exact(tree, mp.mpf(at) + side * h) for side in (-1, 1)]
            want = exact(slope, at)
            if want is None or None in ends:
                continue
            difference = (ends[1] - ends[0]) / (2 * h)
            if abs(difference - want) > mp.mpf(10) ** -12 * max(1, abs(want), abs(difference)):
                return f"the slope of {tree!r} at {at!r} is {mp.nstr(difference, 20)}, not {mp.nstr(want, 20)}"
    return None


def _false(tree: Expression, loss) -> bool:
    """A warning is false where mpmath sees less than a quarter of the loss that is told."""
    dtype = np.dtype(loss.dtype)
    x = np.array([loss.at], dtype)
    want = exact(tree, float(x[0]))
    if want is None:
        return False
    return units(as_it_stands(tree, x)[0], want, dtype) < min(loss.worst, 1e6) / 4


def main() -> None:
    """Many formulas; exit 1 where something disagrees or more than 5 % of the warnings are false."""
    from formula_strategies import functions
    from hypothesis import HealthCheck, Phase, given, seed, settings

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    count: Counter[str] = Counter()
    problems: list[str] = []

    @seed(options.seed)
    @settings(
        max_examples=options.examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(functions)
    def every(tree: Expression) -> None:
        outcome = check(tree)
        count.update(
            formulas=1, points=outcome.points, unsettled=outcome.unsettled, told=outcome.told, false=outcome.false,
            warned=outcome.told > 0,
        )  # fmt: skip
        if outcome.problem is not None:
            problems.append(outcome.problem)

    every()
    print(", ".join(f"{name} {number:,}" for name, number in count.items()), f"(seed {options.seed})")
    for problem in problems[:20]:
        print(problem)
    print(f"{len(problems)} formulas disagree")
    raise SystemExit(bool(problems) or count["false"] > 0.05 * count["told"])


if __name__ == "__main__":
    main()
