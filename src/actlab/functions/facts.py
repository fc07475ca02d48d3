"""What can be known about an activation, derived from its expression: nothing here is typed by hand."""

import math
from dataclasses import dataclass

import numpy as np

from actlab._arrays import Array
from actlab.functions.expression import Expression, size
from actlab.functions.extremes import supremum
from actlab.functions.interpret import evaluate_numpy
from actlab.functions.moments import gaussian_mean
from actlab.functions.patches import Both, patched
from actlab.functions.shape import Course, bends, breaks, rises, symmetry
from actlab.functions.switches import REACH, degrees, switch_points

__all__ = ["Facts", "facts", "switch_points"]


@dataclass(frozen=True)
class Facts:
    """Facts about φ. Numbers are NaN where they do not exist.

    What is exact: for a piecewise-linear φ everything but the moments, over the whole line; limits where the
    expression has a value at ±∞; that an interval is one on which φ or φ′ is 0. What is found by numbers: zeros and
    extrema, in [−50, 50] to 1e-12 relative (1e-7 where a zero is touched and not crossed), of a function that turns
    without end (sin(1/x), sin(exp(x))) those zeros that points 0.005 apart tell from each other; suprema beside a hole,
    as that of (1 − cos(x))/x², to the last digit or two; and signs, which monotone, convex, concave, odd and even rest
    on: 28,000 points in [−50, 50], and farther out as far as 8e8 on a side on which φ has a limit, each sign believed
    only beyond its rounding error.

    Attributes:
        switch_points: where an argument of where, min, max, abs or sign changes sides, ascending; all of them where
            those are piecewise linear, else those in [−50, 50].
        kinks: the switch points at which the slope (or the value) jumps.
        jumps: where the value jumps from one number to another: switch points, and 0 for tanh(1/x).
        poles: where φ runs off to infinity at a finite x, on one side or on both, ascending: 0 for 1/x and for log(x);
            in [−50, 50], and elsewhere where a linear part is 0.
        singular_points: single places at which φ has no value, ascending: its poles, and 0 for sin(x)/x and tanh(1/x).
        undefined: closed intervals on which φ has no real value (±inf at the ends): (−inf, 0) for log(x).
        range: infimum and supremum of φ where it is defined; ±inf where unbounded.
        bounded: whether both are finite.
        limits: of φ at −∞ and +∞ (NaN: none); `derivative_limits` those of φ′.
        saturates: whether φ′ tends to 0 at −∞ and at +∞.
        zeros: single points at which φ = 0, ascending; `zero_intervals` the closed intervals on which it is.
        critical_points: single points at which φ′ = 0; `flat_intervals` the closed intervals on which φ is constant.
        mean, second_moment: E[φ(z)] and E[φ(z)²] for z ~ N(0, 1); ten digits or better, as all moments.
        derivative_mean, derivative_second_moment: E[φ′(z)] and E[φ′(z)²], φ′ being 0 at a jump.
        curvature_mean: E[φ″(z)], what kinks and jumps add to it included: by Stein's identity E[(z² − 1)φ(z)].
        value_curvature_mean: E[φ(z)φ″(z)], kinks included: E[zφφ′] − E[φ′²]; NaN where φ jumps.
        gain: 1/√E[φ(z)²], the factor on weights that keeps the second moment of a signal.
        zero_centred: whether E[φ(z)] = 0, to 1e-9 of √E[φ(z)²].
        max_derivative: the supremum of |φ′|; `max_derivative_at` is where it is met (±inf: only in the limit).
        lipschitz: the Lipschitz constant of φ: `max_derivative`, or inf where φ jumps.
        monotone: "increasing", "decreasing" or None; neither is strict, and jumps count.
        convex, concave: both for a straight line; neither where φ jumps or is not finite.
        symmetry: "odd" (φ(−x) = −φ(x)), "even" (φ(−x) = φ(x)) or None.
        smoothness: "discontinuous", "C0", "C1", … (the highest k for which the k-th derivative is continuous) or "C∞",
            by comparing the first six derivatives at switch points; None where φ or φ′ is not finite.
        piecewise_linear: whether the expression is linear between its switch points.
        finite: whether φ and φ′ are finite numbers everywhere in [−50, 50] (log(x), 1/x and exp(x**2) are not).

    References:
        Gaussian moments and the gain: Poole et al. (2016); Klambauer et al. (2017); He et al. (2015) for the rectifier.
        Stein's identity: Stein (1981).
    """

    switch_points: tuple[float, ...]
    kinks: tuple[float, ...]
    jumps: tuple[float, ...]
    poles: tuple[float, ...]
    singular_points: tuple[float, ...]
    undefined: tuple[tuple[float, float], ...]
    range: tuple[float, float]
    bounded: bool
    limits: tuple[float, float]
    derivative_limits: tuple[float, float]
    saturates: tuple[bool, bool]
    zeros: tuple[float, ...]
    zero_intervals: tuple[tuple[float, float], ...]
    critical_points: tuple[float, ...]
    flat_intervals: tuple[tuple[float, float], ...]
    mean: float
    second_moment: float
    derivative_mean: float
    derivative_second_moment: float
    curvature_mean: float
    value_curvature_mean: float
    gain: float
    zero_centred: bool
    max_derivative: float
    max_derivative_at: float
    lipschitz: float
    monotone: str | None
    convex: bool
    concave: bool
    symmetry: str | None
    smoothness: str | None
    piecewise_linear: bool
    finite: bool


def facts(expression: Expression) -> Facts:
    """Everything in `Facts`, for a bound expression."""
    with np.errstate(all="ignore"):  # a function that has no value somewhere has no fact there, and no warning
        return _facts(expression)


def _facts(expression: Expression) -> Facts:
    switches = switch_points(expression)
    course = Course(expression, switches)
    slope = course.slope
    orders = breaks(course)
    edges = course.domain.edges
    leaps = {edge.at for edge in edges if edge.leap and not edge.pole}
    jumps = tuple(sorted({s for s, order in zip(switches, orders, strict=True) if order == 0} | leaps))
    turning = slope.turns
    low, high = supremum(course, -1.0, turning)[0], supremum(course, 1.0, turning)[0]
    largest, at = _steepest(course)
    holes = tuple(edge.at for edge in edges if not (edge.pole or edge.leap))
    both = patched(
        lambda z: (evaluate_numpy(expression, z), evaluate_numpy(slope.tree, z)),
        expression,
        holes,
        not course.domain.undefined,
    )
    parts = size(expression, slope.tree)
    mean, second, slope_mean, slope_second = _moments(both, switches, parts)
    curvature, mixed = _curvatures(both, switches, parts)
    root = math.sqrt(second) if second >= 0 else math.nan
    whole = not (edges or course.domain.undefined)
    finite = whole and _finite(expression, switches) and _finite(slope.tree, switches)
    convex, concave = bends(course, jumps) if finite else (False, False)
    return Facts(
        switch_points=switches,
        kinks=tuple(s for s, order in zip(switches, orders, strict=True) if order in (0, 1)),
        jumps=jumps,
        poles=tuple(edge.at for edge in edges if edge.pole),
        singular_points=tuple(edge.at for edge in edges),
        undefined=course.domain.undefined,
        range=(-low + 0.0, high + 0.0),
        bounded=math.isfinite(low) and math.isfinite(high),
        limits=(course.ends.low, course.ends.high),
        derivative_limits=(slope.ends.low, slope.ends.high),
        saturates=(slope.ends.low == 0, slope.ends.high == 0),
        zeros=tuple(z for z in _zeros_with_jumps(course, jumps) if not any(_close(z, leap) for leap in leaps)),
        zero_intervals=course.zeros.intervals,
        critical_points=slope.zeros.points,
        flat_intervals=_flat(slope, jumps),
        mean=mean,
        second_moment=second,
        derivative_mean=slope_mean,
        derivative_second_moment=slope_second,
        curvature_mean=curvature,
        value_curvature_mean=mixed - slope_second if not jumps else math.nan,
        gain=1 / root if root > 0 else math.nan,
        zero_centred=bool(abs(mean) <= 1e-9 * root) if root > 0 else False,
        max_derivative=largest,
        max_derivative_at=at,
        lipschitz=math.inf if jumps or any(edge.leap for edge in edges) else largest,
        monotone=rises(course),
        convex=convex,
        concave=concave,
        symmetry=symmetry(course),
        smoothness=_smoothness(orders) if finite else None,
        piecewise_linear=degrees(expression)[expression] <= 1,
        finite=finite,
    )


def _moments(both: Both, breaks: tuple[float, ...], parts: int) -> tuple[float, float, float, float]:
    def functions(z: Array) -> Array:
        f, g = both(z)
        return np.stack([f, f * f, g, g * g])

    mean, second, slope_mean, slope_second = gaussian_mean(functions, breaks, parts).tolist()
    return mean, second, slope_mean, slope_second


def _curvatures(both: Both, breaks: tuple[float, ...], parts: int) -> tuple[float, float]:
    """E[(z² − 1)φ] and E[zφφ′]."""

    def functions(z: Array) -> Array:
        f, g = both(z)
        return np.stack([(z * z - 1) * f, z * f * g])

    curvature, mixed = gaussian_mean(functions, breaks, parts).tolist()
    return curvature, mixed


def _steepest(course: Course) -> tuple[float, float]:
    poles = [edge.at for edge in course.domain.edges if edge.pole]
    if poles:  # beside a pole the slope knows no bounds, though float64 may
        return math.inf, min(poles, key=abs)
    turning = course.slope.slope.turns
    up, up_at = supremum(course.slope, 1.0, turning)
    down, down_at = supremum(course.slope, -1.0, turning)
    return (up, up_at) if up >= down else (down, down_at)


def _zeros_with_jumps(course: Course, jumps: tuple[float, ...]) -> tuple[float, ...]:
    """Zeros, with those of a value that stands alone at a jump: sign(0) = 0."""
    alone = {s for s in jumps if evaluate_numpy(course.tree, np.array([s]))[0] == 0}
    alone = {s for s in alone if not any(low <= s <= high for low, high in course.zeros.intervals)}
    return tuple(sorted({*course.zeros.points, *alone}))


def _close(x: float, place: float) -> bool:
    """Whether the sign that changes at `x` changes by the jump at `place`."""
    return abs(x - place) <= 1e-9 * max(1.0, abs(place))


def _flat(slope: Course, jumps: tuple[float, ...]) -> tuple[tuple[float, float], ...]:
    """Where φ is constant: where φ′ is 0, cut at the jumps of φ."""
    cut: list[tuple[float, float]] = []
    for low, high in slope.zeros.intervals:
        inner = [s for s in jumps if low < s < high]
        cut.extend(zip([low, *inner], [*inner, high], strict=True))
    return tuple(cut)


def _smoothness(orders: list[int]) -> str:
    lowest = min((order for order in orders if order >= 0), default=None)
    if lowest is None:
        return "C∞"
    return "discontinuous" if lowest == 0 else f"C{lowest - 1}"


def _finite(u: Expression, switches: tuple[float, ...]) -> bool:
    near = [s + d for s in switches for d in (-1e-9, 0.0, 1e-9)]
    x = np.unique(np.concatenate([np.linspace(-REACH, REACH, 20_001), np.linspace(-4, 4, 8001), near]))
    return bool(np.isfinite(evaluate_numpy(u, x)).all())
