"""Fit the polynomials and quotients of core/isa/vmath_*.h and write core/isa/coefficients.h.

    python core/tools/coefficients.py            write the header
    python core/tools/coefficients.py --check    exit 1 unless the committed header is what would be written

Every polynomial is a minimax fit by Remez's exchange on a fixed Chebyshev grid, in 60-digit arithmetic, weighted so
that the relative error of the *function* is level, not that of the polynomial. The result is deterministic.
"""

from __future__ import annotations

import argparse
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import mpmath
from mpmath import mp, mpf

mp.dps = 60

HEADER = Path(__file__).parent.parent / "isa" / "coefficients.h"
BITS = {"float": 24, "brief": 53, "double": 53}
# brief: double arithmetic for results that are rounded to float, see accuracy<K> in core/isa/simd.h.
TYPE = {"float": "float", "brief": "double", "double": "double"}
Function = Callable[[mpf], mpf]


def exchanged(error: list[mpf], most: int) -> list[int]:
    """Where Remez's exchange goes next: the largest errors of at most `most` neighbouring runs of one sign."""
    peaks: list[int] = []
    for index, e in enumerate(error):
        if peaks and (e > 0) == (error[peaks[-1]] > 0):
            if abs(e) > abs(error[peaks[-1]]):
                peaks[-1] = index
        else:
            peaks.append(index)
    while len(peaks) > most:
        peaks.pop(0 if abs(error[peaks[0]]) < abs(error[peaks[-1]]) else -1)
    return peaks


def minimax(f: Function, weight: Function, low: mpf, high: mpf, terms: int) -> tuple[list[mpf], mpf]:
    """Coefficients c (ascending) that minimise max |weight (f - sum c_i x^i)| on [low, high], and that maximum."""
    low, high = mpf(low), mpf(high)
    size = 24 * (terms + 1)
    # The open Chebyshev grid: functions such as (expm1(r) - r) / r^2 are never asked for at their removable hole.
    grid = [(low + high) / 2 - (high - low) / 2 * mpmath.cos(mpmath.pi * (i + 0.5) / size) for i in range(size)]
    values = [f(x) for x in grid]
    weights = [abs(weight(x)) for x in grid]
    chosen = [round((i + 0.5) * (size - 1) / (terms + 1)) for i in range(terms + 1)]
    for _ in range(30):
        rows = mpmath.matrix(terms + 1, terms + 1)
        right = mpmath.matrix(terms + 1, 1)
        for row, index in enumerate(chosen):
            for column in range(terms):
                rows[row, column] = grid[index] ** column
            rows[row, terms] = (-1) ** row / weights[index]
            right[row] = values[index]
        solution = mpmath.lu_solve(rows, right)
        coefficients = [solution[i] for i in range(terms)]
        error = [w * (v - mpmath.polyval(coefficients[::-1], x)) for x, v, w in zip(grid, values, weights, strict=True)]
        peaks = exchanged(error, terms + 1)
        if len(peaks) < terms + 1 or peaks == chosen:
            break
        chosen = peaks
    return coefficients, max(abs(e) for e in error)


def quotient(
    f: Function, low: mpf, high: mpf, top: list[mpf | None], bottom: list[mpf | None]
) -> tuple[list[mpf], list[mpf], mpf, mpf]:
    """Coefficients p and q (ascending floats), the largest relative error of p / q on [low, high], that with floats.

    `top` and `bottom` have None where a coefficient is free. Remez's exchange for quotients, with Newton's method for
    its equations; then the coefficient whose rounding hurts most is rounded, the others are fitted again, and so on.
    """
    size = 16 * (len(top) + len(bottom))
    grid = [(low + high) / 2 - (high - low) / 2 * mpmath.cos(mpmath.pi * (i + 0.5) / size) for i in range(size)]
    values = [f(x) for x in grid]
    powers = [[x**k for k in range(max(len(top), len(bottom)))] for x in grid]
    top, bottom = list(top), list(bottom)

    def at(c: list[mpf], x: list[mpf]) -> mpf:
        return sum(a * b for a, b in zip(c, x, strict=False))

    def known(c: list[mpf | None], x: list[mpf]) -> mpf:
        return sum(a * b for a, b in zip(c, x, strict=False) if a is not None)

    def solve(rows: list[list[mpf]], right: list[mpf]) -> tuple[list[mpf], list[mpf], mpf]:
        found = iter(mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix(right)))
        p = [next(found) if c is None else c for c in top]
        q = [next(found) if c is None else c for c in bottom]
        return p, q, next(found, mpf(0))

    def row(x: list[mpf], v: mpf, scale: mpf) -> tuple[list[mpf], mpf]:
        left = [scale * x[k] for k, c in enumerate(top) if c is None]
        left += [-scale * v * x[k] for k, c in enumerate(bottom) if c is None]
        return left, scale * (v * known(bottom, x) - known(top, x))

    def errors(p: list[mpf], q: list[mpf]) -> list[mpf]:
        return [1 - at(p, x) / at(q, x) / v for x, v in zip(powers, values, strict=True)]

    def start() -> tuple[list[mpf], list[mpf]]:  # least squares, weighted by the last denominator
        p, q = [mpf(0)], [mpf(1)]
        for _ in range(8):
            rows = [row(x, v, 1 / (v * at(q, x))) for x, v in zip(powers, values, strict=True)]
            p, q, _ = solve([left for left, _ in rows], [right for _, right in rows])
        return p, q

    def level(p: list[mpf], q: list[mpf]) -> tuple[list[mpf], list[mpf]]:
        free = sum(c is None for c in top + bottom)
        error = errors(p, q)
        best = max(map(abs, error)), p, q
        for _ in range(12):
            peaks = exchanged(error, free + 1)
            if len(peaks) < free + 1:
                break
            height = sum(abs(error[i]) for i in peaks) / len(peaks)
            signs = [(-1) ** k if error[peaks[0]] > 0 else -((-1) ** k) for k in range(free + 1)]
            for _ in range(4):
                rows, right = [], []
                for i, sign in zip(peaks, signs, strict=True):
                    left, constant = row(powers[i], values[i] * (1 - sign * height), mpf(1))
                    slope = sign * values[i] * at(q, powers[i])
                    rows.append([*left, slope])
                    right.append(constant + slope * height)
                p, q, height = solve(rows, right)
            error = errors(p, q)
            if max(map(abs, error)) >= best[0] * (1 - mpf("1e-4")):
                break
            best = max(map(abs, error)), p, q
        return best[1], best[2]

    p, q = level(*start())
    before = max(map(abs, errors(p, q)))
    while True:
        open_ones = [(c, fit, k) for c, fit in ((bottom, q), (top, p)) for k, v in enumerate(c) if v is None]
        if not open_ones:
            return p, q, before, max(map(abs, errors(p, q)))

        def harm(one: tuple[list[mpf | None], list[mpf], int]) -> mpf:
            _, fit, k = one
            change = abs(rounded(fit[k], "float") - fit[k])
            return max(change * x[k] / abs(at(fit, x)) for x in powers)

        c, fit, k = max(open_ones, key=harm)
        c[k] = fit[k] = rounded(fit[k], "float")
        if len(open_ones) > 1:
            p, q = level(p, q)


def rounded(x: mpf, kind: str) -> mpf:
    """The float or double nearest to x."""
    return with_bits(x, BITS[kind])


def with_bits(x: mpf, bits: int) -> mpf:
    """x rounded to so many significant bits."""
    with mp.workprec(bits):
        return +x


def truncated(x: mpf, bits: int) -> mpf:
    """The leading bits of x, so that the remainder is positive and products with small integers are exact."""
    exponent = int(mpmath.floor(mpmath.log(abs(x), 2))) + 1
    return mpmath.floor(mpmath.ldexp(x, bits - exponent)) * mpf(2) ** (exponent - bits)


def literal(x: mpf, kind: str) -> str:
    """A hexadecimal literal of x, which must be representable or is rounded once."""
    y = rounded(x, kind)
    value = float(y)
    if kind == "float":
        assert struct.unpack("f", struct.pack("f", value))[0] == value
    return value.hex() + ("f" if kind == "float" else "")


def mills(a: mpf) -> mpf:
    """The upper tail of the normal distribution over its density."""
    root = mpmath.sqrt(2)
    return mpmath.sqrt(mpmath.pi / 2) * mpmath.exp(a * a / 2) * mpmath.erfc(a / root)


def polynomials(kind: str) -> dict[str, tuple[list[mpf], mpf, str]]:
    """Name -> (coefficients, largest relative error of the function, what the polynomial is)."""
    column = ("float", "brief", "double").index(kind)
    half_ln2 = mpmath.log(2) / 2 * mpf("1.001")
    fits: dict[str, tuple[list[mpf], mpf, str]] = {}

    def add(
        name: str, what: str, f: Function, weight: Function, low: mpf, high: mpf, terms: tuple[int, int, int]
    ) -> None:
        if terms[column] == 0 or (kind == "brief" and terms[1] == terms[2]):
            return  # not asked for, or double's
        coefficients, error = minimax(f, weight, low, high, terms[column])
        fits[name] = (coefficients, error, what)

    add(
        "exp",
        "(expm1(r) - r) / r^2 for |r| <= ln 2 / 2",
        lambda r: (mpmath.expm1(r) - r) / r**2,
        lambda r: r**2 / mpmath.expm1(r),
        -half_ln2,
        half_ln2,
        (5, 9, 11),
    )
    sixteenth = mpmath.log(2) / 32 * mpf("1.001")
    add(
        "exp_sixteenth",
        "(expm1(r) - r) / r^2 for |r| <= ln 2 / 32",
        lambda r: (mpmath.expm1(r) - r) / r**2,
        lambda r: r**2 / mpmath.exp(r),
        -sixteenth,
        sixteenth,
        (2, 0, 0),
    )
    add(
        "tanh",
        "(tanh(r) / r - 1) / z, z = r^2, for |r| <= 1 / 2",
        lambda z: (mpmath.tanh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z,
        lambda z: z * mpmath.sqrt(z) / mpmath.tanh(mpmath.sqrt(z)),
        mpf(0),
        mpf("0.25005"),
        (4, 0, 0),
    )
    log_limit = mpf("0.02945")  # ((sqrt 2 - 1) / (sqrt 2 + 1))^2
    add(
        "log",
        "(2 atanh(s) / s - 2) / z, z = s^2",
        lambda z: (2 * mpmath.atanh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 2) / z,
        lambda z: z,
        mpf(0),
        log_limit,
        (3, 7, 7),
    )
    add(
        "log_tail",
        "(2 atanh(s) / s - 2 - 2 z / 3) / z^2, z = s^2",
        lambda z: (2 * mpmath.atanh(mpmath.sqrt(z)) / mpmath.sqrt(z) - 2 - 2 * z / 3) / z**2,
        lambda z: z**2,
        mpf(0),
        log_limit,
        (3, 9, 9),
    )
    add(
        "softplus",
        "(e - log1p(e)) / e^2 for 0 <= e <= 1",
        lambda e: (e - mpmath.log1p(e)) / e**2,
        lambda e: e**2 / mpmath.log1p(e),
        mpf(0),
        mpf(1),
        (11, 18, 24),
    )
    shift, cap = mpf(MILLS_SHIFT[kind]), mpf(MILLS_CAP[kind])

    def from_t(t: mpf) -> mpf:
        return shift * (1 + t) / (1 - t)

    add(
        "mills",
        "(mills(0) / mills(a) - 1) / a, t = (a - k) / (a + k), mills(a) = (1 - normcdf(a)) / normpdf(a)",
        lambda t: (mills(mpf(0)) / mills(from_t(t)) - 1) / from_t(t),
        lambda t: from_t(t) * mills(from_t(t)) / mills(mpf(0)),
        mpf(-1),
        (cap - shift) / (cap + shift),
        (10, 23, 26),
    )
    inner = ERF_INNER[kind]
    add(
        "erf",
        f"erf(x) / x - 1, z = x^2, for |x| <= {inner}",
        lambda z: mpmath.erf(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1,
        lambda z: mpmath.sqrt(z) / mpmath.erf(mpmath.sqrt(z)),
        mpf(0),
        mpf(inner) ** 2 * mpf("1.001"),
        (7, 7, 13),
    )
    add(
        "atan",
        "(atan(t) / t - 1) / z, z = t^2, for |t| <= tan(pi / 8)",
        lambda z: (mpmath.atan(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z,
        lambda z: z,
        mpf(0),
        mpf("0.1717"),
        (5, 9, 11),
    )
    quarter = mpf("0.618")  # (pi / 4)^2
    add(
        "sin",
        "(sin(r) / r - 1) / z, z = r^2, for |r| <= pi / 4",
        lambda z: (mpmath.sin(mpmath.sqrt(z)) / mpmath.sqrt(z) - 1) / z,
        lambda z: z,
        mpf(0),
        quarter,
        (3, 6, 7),
    )
    add(
        "cos",
        "(cos(r) - 1 + z / 2) / z^2, z = r^2, for |r| <= pi / 4",
        lambda z: (mpmath.cos(mpmath.sqrt(z)) - 1 + z / 2) / z**2,
        lambda z: z**2,
        mpf(0),
        quarter,
        (3, 6, 7),
    )
    return fits


MILLS_SHIFT = {"float": "3", "brief": "3", "double": "3"}
ERF_INNER = {"float": "1", "brief": "0.25", "double": "1"}  # |x| up to which erf is a polynomial
MILLS_CAP = {"float": "14.5", "brief": "39", "double": "39"}  # normcdf and normpdf are zero beyond


def split(x: mpf, kind: str, *bits: int) -> list[mpf]:
    """x as a sum of parts of so many bits each, the last rounded to the type."""
    parts = []
    for width in bits:
        parts.append(truncated(x, width))
        x -= parts[-1]
    return [*parts, rounded(x, kind)]


def constants(kind: str) -> dict[str, tuple[list[mpf], str]]:
    """Name -> (the number or its parts, what it is)."""
    single = kind == "float"
    ln2 = split(mpmath.log(2), kind, 15 if single else 41)
    third = rounded(mpf(2) / 3, kind)
    density = rounded(1 / mpmath.sqrt(2 * mpmath.pi), kind)
    half_pi = rounded(mpmath.pi / 2, kind)
    width = 11 if single else 33
    return {
        "ln2": (ln2, "in two parts; n times the first is exact for every exponent n"),
        "log2e": ([1 / mpmath.log(2)], ""),
        "sqrt_half": ([mpmath.sqrt(mpf(1) / 2)], ""),
        "two_thirds": ([third, mpf(2) / 3 - third], "hi + lo"),
        "normal_density": ([density, 1 / mpmath.sqrt(2 * mpmath.pi) - density], "1 / sqrt(2 pi), hi + lo"),
        "sqrt2": ([mpmath.sqrt(2)], ""),
        "half_pi": ([half_pi, mpmath.pi / 2 - half_pi], "hi + lo"),
        "half_pi_parts": (split(mpmath.pi / 2, kind, width, width, width), "n times each of the first three is exact"),
        "two_over_pi": ([2 / mpmath.pi], ""),
        "tan_eighth": ([mpmath.sqrt(2) - 1], "tan(pi / 8)"),
        "mills_shift": ([mpf(MILLS_SHIFT[kind])], "k of the Mills ratio's variable t"),
        "erf_inner": ([mpf(ERF_INNER[kind])], "erf is a polynomial below"),
        "mills_cap": ([mpf(MILLS_CAP[kind])], "normcdf(-x) and normpdf(x) are zero from here on"),
    }


def of_training() -> dict[str, tuple[list[mpf], str]]:
    """What only the float functions of training have: name -> (numbers, what they are)."""
    sixteenths = [mpf(2) ** (mpf(j) / 16) for j in range(16)]
    density = 1 / mpmath.sqrt(2 * mpmath.pi)
    # mills(0) / sqrt(2 pi) is 1 / 2, in floats too.
    at_zero = rounded(mills(mpf(0)), "float")
    top, bottom, error, in_float = quotient(
        mills, mpf(0), mpf(MILLS_CAP["float"]), [at_zero, *4 * [None]], [mpf(1), *5 * [None]]
    )
    what = f"mills(a) for 0 <= a <= mills_cap: {mpmath.nstr(error, 2)}, in floats {mpmath.nstr(in_float, 2)}"
    return {
        "ln2_of_sixteenths": (split(mpmath.log(2), "float", 12), "in two parts; n / 16 times the first is exact"),
        "tanh_nodes": ([mpmath.tanh(j) if j < 9 else mpf(1) for j in range(16)], "tanh(j)"),
        "exp_nodes": (sixteenths, "2^(j / 16)"),
        "density_nodes": ([s * density for s in sixteenths], "2^(j / 16) / sqrt(2 pi)"),
        "mills_top": (top, what),
        "mills_bottom": (bottom, ""),
    }


def two_over_pi_words() -> list[int]:
    """One zero word, then the first 1,216 bits of 2 / pi."""
    with mp.workprec(1500):
        bits = int(mpmath.floor(mpmath.ldexp(2 / mpmath.pi, 64 * 19)))
    return [0] + [bits >> 64 * (18 - i) & (2**64 - 1) for i in range(19)]


def array(kind: str, name: str, values: list[mpf], what: str) -> list[str]:
    """The lines that declare an array."""
    lines = [f"  // {what}"] if what else []
    lines.append(f"  static constexpr {TYPE[kind]} {name}[] = {{")
    row = "     "
    for v in values:
        item = f" {literal(v, kind)},"
        if len(row) + len(item) > 118:
            lines.append(row)
            row = "     "
        row += item
    return [*lines, row, "  };"]


def header() -> str:
    """The text of core/isa/coefficients.h."""
    lines = [
        "// Written by core/tools/coefficients.py; do not edit. Polynomials are ascending minimax fits; the number",
        "// at each is the largest relative error of the function built on it, before its coefficients are rounded.",
        "#pragma once",
        '#include "simd.h"',
        "",
        "namespace actlab::ACTLAB_ISA {",
        "",
        "template <class T> struct coefficients;",
    ]
    for kind in ("float", "double", "brief"):
        base = " : coefficients<double>" if kind == "brief" else ""
        lines.append(f"template <> struct coefficients<{kind}>{base} {{")
        own = constants(kind)
        for name, (values, what) in ({"erf_inner": own["erf_inner"]} if base else own).items():
            body = ", ".join(literal(v, kind) for v in values)
            declared = f"{name} = {body}" if len(values) == 1 else f"{name}[] = {{{body}}}"
            lines += [f"  // {what}"] if what else []
            line = f"  static constexpr {TYPE[kind]} {declared};"
            lines += line.replace("{", "{\n      ").split("\n") if len(line) > 120 else [line]
        for name, (values, error, what) in polynomials(kind).items():
            lines += array(kind, name, values, f"{what}: {mpmath.nstr(error, 2)}")
        for name, (values, what) in (of_training() if kind == "float" else {}).items():
            lines += array(kind, name, values, what)
        lines.append("};")
    lines += [
        "",
        "// 64 zero bits, then 2 / pi = 0.b1 b2 b3 ..., for the reduction of large arguments of sin and cos.",
        "static constexpr uint64_t two_over_pi_bits[] = {",
    ]
    words = two_over_pi_words()
    for i in range(0, len(words), 4):
        lines.append("    " + " ".join(f"0x{w:016x}u," for w in words[i : i + 4]))
    lines += ["};", "", "}  // namespace actlab", ""]
    return "\n".join(lines)


def main() -> int:
    """Write or check the header; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    text = header()
    if check:
        return 0 if HEADER.exists() and HEADER.read_text() == text else 1
    HEADER.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
