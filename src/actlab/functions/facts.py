"""What can be known about an activation, derived from its expression: nothing here is typed by hand."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from actlab._arrays import Array
from actlab.functions.build import sub
from actlab.functions.derivative import derivative
from actlab.functions.expression import Call, Expression, Number, nodes
from actlab.functions.interpret import evaluate_numpy
from actlab.functions.limits import ends
from actlab.functions.moments import gaussian_mean

REACH: Final = 50.0  # kinks and extrema are looked for in [−50, 50]
_POINTS: Final = 20_001


@dataclass(frozen=True)
class Facts:
    """Facts about φ. Numbers are NaN where they do not exist.

    Attributes:
        switch_points: where an argument of where, min, max, abs or sign changes sides, ascending, in [−50, 50].
        kinks: the switch points at which the slope (or the value) jumps.
        range: infimum and supremum of φ; ±inf where unbounded.
        limits: of φ at −∞ and +∞; `derivative_limits` those of φ′.
        mean, second_moment: E[φ(z)] and E[φ(z)²] for z ~ N(0, 1).
        derivative_mean, derivative_second_moment: E[φ′(z)] and E[φ′(z)²].
        gain: 1/√E[φ(z)²], the factor on weights that keeps the second moment of a signal.
        zero_centred: whether E[φ(z)] = 0.
        max_derivative: the supremum of |φ′|; `max_derivative_at` is where it is met (±inf: only in the limit).
        monotone: "increasing", "decreasing" or None.
        finite: whether φ and φ′ are finite numbers everywhere in [−50, 50] (log(x), 1/x and exp(x**2) are not).

    References:
        Gaussian moments and the gain: Poole et al. (2016); Klambauer et al. (2017); He et al. (2015) for the rectifier.
    """

    switch_points: tuple[float, ...]
    kinks: tuple[float, ...]
    range: tuple[float, float]
    limits: tuple[float, float]
    derivative_limits: tuple[float, float]
    mean: float
    second_moment: float
    derivative_mean: float
    derivative_second_moment: float
    gain: float
    zero_centred: bool
    max_derivative: float
    max_derivative_at: float
    monotone: str | None
    finite: bool


def switch_points(expression: Expression) -> tuple[float, ...]:
    """Where the expression changes its branch: zeros of the differences it compares, ascending, in [−50, 50]."""
    grid = np.linspace(-REACH, REACH, _POINTS)
    found: set[float] = set()
    for node in nodes(expression):
        if not isinstance(node, Call):
            continue
        if node.op in ("abs", "sign"):
            found.update(_zeros(node.arguments[0], grid))
        elif node.op in ("lt", "le", "eq", "ne", "min", "max"):
            found.update(_zeros(sub(*node.arguments), grid))
    merged: list[float] = []
    for root in sorted(found):  # one kink reached by two routes is one kink
        if not merged or root - merged[-1] > 1e-9 * max(1.0, abs(root)):
            merged.append(root)
    return tuple(merged)


def _zeros(u: Expression, grid: Array) -> list[float]:
    if not u.has_x:
        return []
    slope = derivative(u)
    if isinstance(slope, Number) and slope.value != 0:  # linear: exact
        at_zero = float(evaluate_numpy(u, np.zeros(1))[0])
        root = -at_zero / slope.value + 0.0
        return [root] if abs(root) <= REACH else []
    values = evaluate_numpy(u, grid)
    roots = [float(x) for x in grid[values == 0]] if np.count_nonzero(values == 0) < 1000 else []
    signs = np.sign(values)
    crossing = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    if len(crossing):
        roots.extend(_bisect(u, grid[crossing], grid[crossing + 1]).tolist())
    return roots


def _bisect(u: Expression, low: Array, high: Array) -> Array:
    sign_low = np.sign(evaluate_numpy(u, low))
    for _ in range(60):
        middle = 0.5 * (low + high)
        same = np.sign(evaluate_numpy(u, middle)) == sign_low
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return high


def facts(expression: Expression) -> Facts:
    """Everything in `Facts`, for a bound expression."""
    slope = derivative(expression)
    switches = switch_points(expression)
    value_ends, slope_ends = ends(expression), ends(slope)
    mean, second, slope_mean, slope_second = _moments(expression, slope, switches)
    low, _ = _extreme(expression, switches, -1.0, (value_ends.low, value_ends.high))
    high, _ = _extreme(expression, switches, 1.0, (value_ends.low, value_ends.high))
    largest, at = _steepest(slope, switches, (slope_ends.low, slope_ends.high))
    root = math.sqrt(second) if second >= 0 else math.nan
    return Facts(
        switch_points=switches,
        kinks=tuple(s for s in switches if _jumps(slope, s) or _jumps(expression, s)),
        range=(-low + 0.0, high + 0.0),
        limits=(value_ends.low, value_ends.high),
        derivative_limits=(slope_ends.low, slope_ends.high),
        mean=mean,
        second_moment=second,
        derivative_mean=slope_mean,
        derivative_second_moment=slope_second,
        gain=1 / root if root > 0 else math.nan,
        zero_centred=bool(abs(mean) <= 1e-9 * root) if root > 0 else False,
        max_derivative=largest,
        max_derivative_at=at,
        monotone=_monotone(slope, switches),
        finite=_finite(expression, switches) and _finite(slope, switches),
    )


def _moments(value: Expression, slope: Expression, breaks: tuple[float, ...]) -> tuple[float, float, float, float]:
    def functions(z: Array) -> Array:
        f, g = evaluate_numpy(value, z), evaluate_numpy(slope, z)
        return np.stack([f, f * f, g, g * g])

    mean, second, slope_mean, slope_second = gaussian_mean(functions, breaks).tolist()
    return mean, second, slope_mean, slope_second


def _jumps(u: Expression, at: float) -> bool:
    """Whether `u` has different limits on the two sides of `at`: the gap does not shrink with the distance."""
    step = 1e-6 * max(1.0, abs(at))
    left, right = evaluate_numpy(u, np.array([at - step, at + step]))
    near_left, near_right = evaluate_numpy(u, np.array([at - step / 16, at + step / 16]))
    with np.errstate(invalid="ignore"):
        gap, near = abs(right - left), abs(near_right - near_left)
    return bool(near > 1e-9 * (abs(left) + abs(right)) and near > 0.5 * gap)


def _sample(switches: tuple[float, ...]) -> Array:
    """Where to look: a grid, finer near 0, and both sides of every switch point."""
    near = [s + d for s in switches for d in (-1e-9, 0.0, 1e-9)]
    return np.unique(np.concatenate([np.linspace(-REACH, REACH, _POINTS), np.linspace(-4, 4, 8001), near]))


def _extreme(
    u: Expression, switches: tuple[float, ...], sign: float, limits: tuple[float, float]
) -> tuple[float, float]:
    """The supremum of sign·u and where it is met: the best sample, sharpened, against the limits at the ends.

    Of a plateau the point nearest to 0 is named; a point within 1e-9 of a switch point stands for that point.
    """
    grid = _sample(switches)
    values = _ranked(u, grid, sign)
    top = float(np.max(values))
    if top == -math.inf:  # no sample has a value
        return math.nan, math.nan
    tied = np.flatnonzero(values >= top - 1e-12 * abs(top)) if math.isfinite(top) else np.array([np.argmax(values)])
    best = int(tied[np.argmin(np.abs(grid[tied]))])
    at, value = float(grid[best]), float(values[best])
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, len(grid) - 1)])
    for _ in range(12):
        fine = np.linspace(low, high, 33)
        inner = _ranked(u, fine, sign)
        k = int(np.argmax(inner))
        if inner[k] > value + 1e-13 * abs(value):
            at, value = float(fine[k]), float(inner[k])
        low, high = float(fine[max(k - 1, 0)]), float(fine[min(k + 1, 32)])
    for end, limit in zip((-math.inf, math.inf), limits, strict=True):
        towards = sign * limit  # far out in the sample a bound may be met by rounding alone
        if towards > value or (towards >= value - 1e-12 * abs(value) and abs(at) > 0.3 * REACH):
            at, value = end, towards
    near = [s for s in switches if abs(s - at) < 2e-9]
    return value, near[0] if near else at


def _ranked(u: Expression, x: Array, sign: float) -> Array:
    values = sign * evaluate_numpy(u, x)
    return np.where(np.isnan(values), -math.inf, values)


def _steepest(slope: Expression, switches: tuple[float, ...], limits: tuple[float, float]) -> tuple[float, float]:
    up, up_at = _extreme(slope, switches, 1.0, limits)
    down, down_at = _extreme(slope, switches, -1.0, limits)
    return (up, up_at) if up >= down else (down, down_at)


def _monotone(slope: Expression, switches: tuple[float, ...]) -> str | None:
    values = evaluate_numpy(slope, _sample(switches))
    values = values[~np.isnan(values)]
    if np.all(values >= 0) and np.any(values > 0):
        return "increasing"
    return "decreasing" if np.all(values <= 0) and np.any(values < 0) else None


def _finite(u: Expression, switches: tuple[float, ...]) -> bool:
    return bool(np.isfinite(evaluate_numpy(u, _sample(switches))).all())
