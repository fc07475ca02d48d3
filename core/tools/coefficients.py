"""Fit the polynomials and quotients of core/isa/vmath_*.h and write core/isa/coefficients.h.

    python core/tools/coefficients.py            write the header
    python core/tools/coefficients.py --check    exit 1 unless the committed header is what would be written

Every polynomial is a minimax fit (`remez.py`) in 60-digit arithmetic, weighted so that the relative error of the
*function* is level, not that of the polynomial. The result is deterministic.
"""

from __future__ import annotations

import sys
from pathlib import Path

import mpmath
from literals import TYPE, array, literal, rounded, split, write_or_check
from mpmath import mp, mpf
from remez import Function, minimax, quotient

mp.dps = 60

HEADER = Path(__file__).parent.parent / "isa" / "coefficients.h"


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
            lines += array(kind, name, values, f"{what}: {mpmath.nstr(error, 2)}", "  ")
        for name, (values, what) in (of_training() if kind == "float" else {}).items():
            lines += array(kind, name, values, what, "  ")
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


if __name__ == "__main__":
    sys.exit(write_or_check(HEADER, header(), __doc__))
