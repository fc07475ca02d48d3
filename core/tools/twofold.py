"""Write core/isa/twofold/coefficients.h: series and fits for functions of numbers kept as the sum of two doubles.

    python core/tools/twofold.py            write the header
    python core/tools/twofold.py --check    exit 1 unless the committed header is what would be written

Series are Taylor's; the tail of the normal distribution is Chebyshev interpolation in pieces, in 70-digit arithmetic.
The first coefficients have two parts; those whose terms are below 2^-50 of the sum have one.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import mpmath
from literals import array, rounded, split, write_or_check
from mpmath import mp, mpf

mp.dps = 70

HEADER = Path(__file__).parent.parent / "isa" / "twofold" / "coefficients.h"
EDGES = (0, 1.1875, 2.8125, 5.0625, 8.25, 12.5, 18.75, 27, 39.5)  # of the pieces of the tail
TAIL_TERMS = 31

numbers = partial(array, "double")


def two(x: mpf) -> tuple[mpf, mpf]:
    """The double nearest to x, and the one nearest to the rest."""
    high = rounded(x, "double")
    return high, rounded(x - high, "double")


def tail_ratio(a: mpf) -> mpf:
    """(1 - normcdf(a)) e^(a²/2), which falls slowly."""
    return mpmath.exp(a * a / 2) * mpmath.erfc(a / mpmath.sqrt(2)) / 2


def piece(low: float, high: float) -> list[mpf]:
    """Coefficients in u = (a - centre) / half width, ascending."""
    centre, half, n = (mpf(low) + mpf(high)) / 2, (mpf(high) - mpf(low)) / 2, TAIL_TERMS
    nodes = [mpmath.cos(mpmath.pi * (i + mpf(1) / 2) / n) for i in range(n)]
    values = [tail_ratio(centre + half * u) for u in nodes]
    rows = mpmath.matrix(n, n)
    for i in range(n):
        for k in range(n):
            rows[i, k] = nodes[i] ** k
    with mp.workdps(120):
        return list(mpmath.lu_solve(rows, mpmath.matrix(values)))


def series(name: str, values: Sequence[mpf], twofold: int, what: str) -> list[str]:
    """The first `twofold` coefficients as high and low parts, in turn, the others as one."""
    pairs = [part for value in values[:twofold] for part in two(value)]
    return [*numbers(name, pairs, what), *numbers(f"{name}_rest", [rounded(v, "double") for v in values[twofold:]])]


def header() -> str:
    """The text of core/isa/twofold/coefficients.h."""
    lines = [
        "// Written by core/tools/twofold.py; do not edit. Coefficients ascend; those of two parts: high, low, …",
        "#pragma once",
        "",
        "namespace actlab::ACTLAB_ISA::twofold {",
        "",
    ]
    parts = {
        "ln2_parts": (split(mpmath.log(2), "double", 40, 40), "n times the first two is exact for every exponent n"),
        "half_pi_parts": (split(mpmath.pi / 2, "double", 33, 33, 33), "the first three times n < 2^20 are exact"),
    }
    for name, (values, what) in parts.items():
        lines += numbers(name, values, what)
    constants = {
        "ln2": mpmath.log(2), "sqrt2": mpmath.sqrt(2), "inverse_sqrt_two_pi": 1 / mpmath.sqrt(2 * mpmath.pi),
    }  # fmt: skip
    for name, value in constants.items():
        lines += numbers(name, two(value))
    factorial = [mpmath.factorial(k) for k in range(40)]
    lines += series("exp_series", [1 / factorial[k] for k in range(2, 25)], 11, "(e^r - 1 - r) / r², |r| <= log(2) / 2")
    odd = [mpf(-1) ** k / factorial[2 * k + 1] for k in range(1, 15)]
    even = [mpf(-1) ** k / factorial[2 * k] for k in range(1, 16)]
    lines += series("sin_series", odd, 7, "(sin r - r) / r³ in r², |r| <= π/4")
    lines += series("cos_series", even, 8, "(cos r - 1) / r² in r²")
    scale = 2 / mpmath.sqrt(mpmath.pi)
    erf = [scale * mpf(-1) ** k / (factorial[k] * (2 * k + 1)) for k in range(30)]
    lines += series("erf_series", erf, 17, "erf(x) / x in x², |x| <= 1")
    pieces = list(pairwise(EDGES))
    lines += numbers("tail_edges", [mpf(e) for e in EDGES], "the pieces of the tail: eight")
    lines += numbers("tail_centres", [(mpf(a) + mpf(b)) / 2 for a, b in pieces])
    lines += numbers("tail_halves", [(mpf(b) - mpf(a)) / 2 for a, b in pieces], "half widths")
    found = [piece(a, b) for a, b in pieces]
    cut = 20
    high = [two(c[k])[0] for k in range(cut) for c in found]
    low = [two(c[k])[1] for k in range(cut) for c in found]
    rest = [rounded(c[k], "double") for k in range(cut, TAIL_TERMS) for c in found]
    lines += numbers("tail_high", high, "(1 - normcdf(a)) e^(a²/2): a row for each power of u, a column for each piece")
    lines += numbers("tail_low", low)
    lines += numbers("tail_rest", rest)
    return "\n".join([*lines, "", "}  // namespace actlab", ""])


if __name__ == "__main__":
    sys.exit(write_or_check(HEADER, header(), __doc__))
