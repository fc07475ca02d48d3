# ruff: noqa: ARG001, ARG005 (every bound is given both ends)
"""The elementary functions on enclosures: their range over an interval, and what they do to an error.

For each function: its range between two end points; a bound on |u·g′(u)/g(u)|, by which a relative error of the
argument becomes one of the result; a bound on |g′|, by which an absolute one does. All three may be generous, never
too small. What the core's own functions add is `units`, measured against mpmath in tests/core/test_vmath.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from actlab._arrays import Array
from actlab.functions.enclosure import TINY, UNIT, Enclosure, settle, times, unit, widened

_HALF_PI: Final = np.pi / 2
_SQRT_2: Final = np.sqrt(2.0)
_FINITE: Final = (-float(np.finfo(np.float64).max), float(np.finfo(np.float64).max))  # sin(∞) is NaN
_FAR: Final = 2.0**20  # beyond, the period of sin and cos is not followed

Range = Callable[[Array, Array], tuple[Array, Array]]
Bound = Callable[[Array, Array], Array]


@dataclass(frozen=True)
class Primitive:
    """What `apply` has to know of a function; `defined` is the interval outside of which it gives NaN."""

    values: Range
    condition: Bound
    slope: Bound
    defined: tuple[float, float] = (-np.inf, np.inf)


def apply(name: str, u: Enclosure, units: float) -> Enclosure:
    """The function `name` of `u`, computed with an error of at most `units` in the last place."""
    g = PRIMITIVES[name]
    with np.errstate(all="ignore"):
        true, computed = _clipped(g, u.lo, u.hi), _clipped(g, u.clo, u.chi)
        nan = u.nan | (u.clo < g.defined[0]) | (u.chi > g.defined[1])
        outside = (u.lo < g.defined[0]) | (u.hi > g.defined[1])
        true = np.where(outside, -np.inf, true[0]), np.where(outside, np.inf, true[1])
        lo, hi = u.hull
        own = units * unit(*true)
        size = np.maximum(np.abs(true[0]), np.abs(true[1]))
        passed, steep = g.condition(lo, hi), g.slope(lo, hi)
        off = u.rel + np.where(u.abs == 0, 0.0, u.abs / np.maximum(u.smallest, TINY))
        choices = [
            (own + times(passed, u.rel), times(steep, u.abs)),
            (own, times(steep, u.total)),
            (own + times(passed, off), np.zeros(own.shape)),
        ]
        rel, abs_ = choices[0]
        best = times(rel, size) + abs_
        for other_rel, other_abs in choices[1:]:
            total = times(other_rel, size) + other_abs
            better = total < best
            rel, abs_, best = np.where(better, other_rel, rel), np.where(better, other_abs, abs_), np.fmin(total, best)
        return settle(true, computed, rel, abs_, nan)


def power(a: Enclosure, b: Enclosure, units: float) -> Enclosure:
    """a to the power b. Only where a > 0, or b is a constant."""
    with np.errstate(all="ignore"):
        constant = (b.lo == b.hi) & (b.rel == 0) & (b.abs == 0)
        true, computed = _powers(a.lo, a.hi, b.lo, b.hi), _powers(a.clo, a.chi, b.clo, b.chi)
        known = (a.lo > 0) & (a.clo > 0)
        whole = constant & (b.lo == np.rint(b.lo))
        positive_root = constant & ~whole & (b.lo > 0) & (a.lo >= 0) & (a.clo >= 0)
        unknown = ~(known | (whole & (a.smallest > 0) & ((a.clo > 0) | (a.chi < 0))) | positive_root)
        unknown &= ~(whole & (b.lo > 0))
        logarithm = np.maximum(np.abs(np.log(np.maximum(a.smallest, TINY))), np.abs(np.log(a.largest)))
        off_a = a.rel + np.where(a.abs == 0, 0.0, a.abs / a.smallest)
        rel = units * unit(*true) + times(b.largest, off_a) + times(b.total, logarithm)
        rel = np.where(unknown, np.inf, rel)
        true = np.where(unknown, -np.inf, true[0]), np.where(unknown, np.inf, true[1])
        computed = np.where(unknown, -np.inf, computed[0]), np.where(unknown, np.inf, computed[1])
        return settle(true, computed, rel, np.zeros(rel.shape), a.nan | b.nan | (unknown & ~whole))


def _powers(alo: Array, ahi: Array, blo: Array, bhi: Array) -> tuple[Array, Array]:
    corners: list[Array] = [np.power(u, v) for u in (alo, ahi) for v in (blo, bhi)]
    through_zero = (alo < 0) & (ahi > 0)
    low, high = np.asarray(np.fmin.reduce(corners)), np.asarray(np.fmax.reduce(corners))
    return widened(np.where(through_zero, np.minimum(low, 0.0), low), high)


def _clipped(g: Primitive, lo: Array, hi: Array) -> tuple[Array, Array]:
    return g.values(np.clip(lo, *g.defined), np.clip(hi, *g.defined))


def _rising(f: Callable[[Array], Array], low: float = -np.inf, high: float = np.inf) -> Range:
    def values(lo: Array, hi: Array) -> tuple[Array, Array]:
        at_lo, at_hi = f(lo), f(hi)
        first, last = widened(at_lo, at_hi)
        # What rounds to the limit is next to it.
        first = np.where((at_lo == high) & np.isfinite(high), high * (1 - UNIT), first)
        last = np.where((at_hi == low) & np.isfinite(low) & (low != 0), low * (1 - UNIT), last)
        return np.clip(first, low, high), np.clip(last, low, high)

    return values


def _sigmoid(u: Array) -> Array:
    t = np.exp(-np.abs(u))
    return np.asarray(np.where(u < 0, t, 1.0) / (1 + t))


def _erf(u: Array) -> Array:
    from scipy import special  # only where it is needed: it takes its time to load

    return np.asarray(special.erf(u))


def _normcdf(lo: Array, hi: Array) -> tuple[Array, Array]:
    from scipy import special

    low, high = 0.5 * special.erfc(-lo / _SQRT_2), 0.5 * special.erfc(-hi / _SQRT_2)
    room = 2.0**-40  # in the tail SciPy's erfc is off by 2^-41
    low, high = widened(np.where(lo < -1, low * (1 - room), low), np.where(hi < -1, high * (1 + room), high))
    low, high = np.where(lo < -37, 0.0, low), np.where(hi < -37, 6e-300, high)  # and from −37.5 on it is 0
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def _bell(f: Callable[[Array], Array]) -> Range:
    """Even, falling from 0 outwards."""

    def values(lo: Array, hi: Array) -> tuple[Array, Array]:
        far = np.maximum(np.abs(lo), np.abs(hi))
        near = np.where((lo <= 0) & (hi >= 0), 0.0, np.minimum(np.abs(lo), np.abs(hi)))
        return widened(f(far), f(near))

    return values


def _normpdf(lo: Array, hi: Array) -> tuple[Array, Array]:
    low, high = _bell(lambda u: np.exp(-0.5 * u * u) / np.sqrt(2 * np.pi))(lo, hi)
    room = 2.0**-40  # the rounding of u²/2, which may be 745
    return low * (1 - room), high * (1 + room)


def _wave(f: Callable[[Array], Array], peak: float) -> Range:
    """Of period 2π, 1 at `peak` and −1 half a period on."""

    def values(lo: Array, hi: Array) -> tuple[Array, Array]:
        near = np.maximum(np.abs(lo), np.abs(hi)) < _FAR
        a, b = np.where(near, lo, 0.0), np.where(near, hi, 0.0)
        low, high = widened(np.minimum(f(a), f(b)), np.maximum(f(a), f(b)))
        margin = 1e-9  # of a period: an extremum this close counts
        turns_a, turns_b = (a - peak) / (2 * np.pi), (b - peak) / (2 * np.pi)
        top = np.floor(turns_b + margin) > np.floor(turns_a - margin)
        bottom = np.floor(turns_b + 0.5 + margin) > np.floor(turns_a + 0.5 - margin)
        return (
            np.where(~near | bottom, -1.0, np.clip(low, -1.0, 1.0)),
            np.where(~near | top, 1.0, np.clip(high, -1.0, 1.0)),
        )

    return values


def _size(lo: Array, hi: Array) -> Array:
    return np.maximum(np.abs(lo), np.abs(hi))


def _near(lo: Array, hi: Array) -> Array:
    """The smallest magnitude in [lo, hi]."""
    return np.where((lo <= 0) & (hi >= 0), 0.0, np.minimum(np.abs(lo), np.abs(hi)))


def _constant(value: float) -> Bound:
    return lambda lo, hi: np.full(np.shape(lo), value)


def _log_condition(lo: Array, hi: Array) -> Array:
    return 1 / _near(np.log(lo), np.log(hi))


def _log1p_condition(lo: Array, hi: Array) -> Array:
    at = np.minimum(lo, -1e-3)  # falling: 1 at 0, less beyond
    return np.where(lo > -1, at / ((1 + at) * np.log1p(at)), np.inf)


def _sine_condition(lo: Array, hi: Array) -> Array:
    return np.where(_size(lo, hi) < _HALF_PI, 1.0, np.inf)


PRIMITIVES: Final[dict[str, Primitive]] = {
    "exp": Primitive(_rising(np.exp, low=0), _size, lambda lo, hi: np.exp(hi)),
    # u·e^u/(e^u − 1) is below 1 for u < 0 and below 1 + u beyond
    "expm1": Primitive(_rising(np.expm1, low=-1), lambda lo, hi: 1 + np.maximum(hi, 0), lambda lo, hi: np.exp(hi)),
    "log": Primitive(_rising(np.log), _log_condition, lambda lo, hi: 1 / np.maximum(lo, TINY), (0.0, np.inf)),
    "log1p": Primitive(
        _rising(np.log1p), _log1p_condition, lambda lo, hi: 1 / np.maximum(1 + lo, TINY), (-1.0, np.inf)
    ),
    "sqrt": Primitive(
        _rising(np.sqrt, low=0), _constant(0.5), lambda lo, hi: 0.5 / np.sqrt(np.maximum(lo, TINY)), (0.0, np.inf)
    ),
    "sigmoid": Primitive(  # u·σ(−u), at most 0.28 for u > 0
        _rising(_sigmoid, 0, 1), lambda lo, hi: np.maximum(-lo, 0.3), lambda lo, hi: np.exp(-_near(lo, hi))
    ),
    "tanh": Primitive(
        _rising(np.tanh, -1, 1), _constant(1), lambda lo, hi: np.minimum(4 * np.exp(-2 * _near(lo, hi)), 1)
    ),
    "sech2": Primitive(
        _bell(lambda u: np.where(u > 360, 4 * np.exp(-2 * u), 1 / np.square(np.cosh(np.minimum(u, 360))))),
        lambda lo, hi: 2 * _size(lo, hi) * np.minimum(1, _size(lo, hi)),
        lambda lo, hi: np.minimum(8 * np.exp(-2 * _near(lo, hi)), 0.8),
    ),
    "softplus": Primitive(
        _rising(lambda u: np.maximum(u, 0) + np.log1p(np.exp(-np.abs(u))), low=0),
        lambda lo, hi: np.maximum(-lo, 1),
        lambda lo, hi: np.minimum(np.exp(hi), 1),
    ),
    "erf": Primitive(_rising(_erf, -1, 1), _constant(1), lambda lo, hi: 1.13 * np.exp(-np.square(_near(lo, hi)))),
    "normcdf": Primitive(
        _normcdf,
        lambda lo, hi: 1 + np.square(np.minimum(lo, 0)),
        lambda lo, hi: 0.4 * np.exp(-np.square(_near(lo, hi)) / 2),
    ),
    "normpdf": Primitive(
        _normpdf,
        lambda lo, hi: np.square(_size(lo, hi)),
        lambda lo, hi: 0.4 * np.minimum(1, _size(lo, hi)) * np.exp(-np.square(np.maximum(_near(lo, hi), 1) - 1) / 2),
    ),
    "atan": Primitive(
        _rising(np.arctan, -_HALF_PI - 1e-15, _HALF_PI + 1e-15),
        _constant(1),
        lambda lo, hi: 1 / (1 + np.square(_near(lo, hi))),
    ),
    "sin": Primitive(_wave(np.sin, _HALF_PI), _sine_condition, _constant(1), _FINITE),
    "cos": Primitive(  # u·tan u
        _wave(np.cos, 0.0),
        lambda lo, hi: np.where(_size(lo, hi) < 1, 1.6, np.inf),
        lambda lo, hi: np.minimum(_size(lo, hi), 1.0),
        _FINITE,
    ),
}
