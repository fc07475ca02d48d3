"""Minimax fits by Remez's exchange, of polynomials and of quotients, on a fixed Chebyshev grid: deterministic."""

from __future__ import annotations

from collections.abc import Callable

import mpmath
from literals import rounded
from mpmath import mpf

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
