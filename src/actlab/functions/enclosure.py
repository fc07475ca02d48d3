"""Intervals of values with a bound on the rounding error inside them: the arithmetic of `certify`.

An enclosure describes one register of a program over many intervals of x at once. A computed number c and the true
number t it stands for obey |c − t| ≤ rel·|t| + abs. Both parts are needed: a product keeps a relative error, a
difference of nearly equal numbers leaves an absolute one. The bounds follow from the standard model of floating-point
arithmetic (Higham, Accuracy and Stability of Numerical Algorithms, 2002, chapters 2 and 3) to first order, with the
first-order sums inflated by 2^-10 for what that leaves out.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from actlab._arrays import Array, Mask

UNIT: Final = 2.0**-52
TINY: Final = 2.0**-1074
_WIDEN: Final = 2.0**-49  # more than any rounding of an end point by NumPy's and SciPy's functions
_SECOND_ORDER: Final = 1 + 2.0**-10
_LARGEST_RELATIVE: Final = 2.0**-12  # beyond it the first order says nothing
_SMALLEST_NORMAL: Final = 2.0**-1022
_LARGEST: Final = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Enclosure:
    """True values in [lo, hi], computed ones in [clo, chi]; `rel` and `abs` bound the error; `nan`: may be NaN.

    All arrays have shape (intervals,). Infinite bounds mean "beyond float64", not the number infinity.
    """

    lo: Array
    hi: Array
    clo: Array
    chi: Array
    rel: Array
    abs: Array
    nan: Mask

    @property
    def largest(self) -> Array:
        """The largest true magnitude."""
        return np.maximum(np.abs(self.lo), np.abs(self.hi))

    @property
    def smallest(self) -> Array:
        """The smallest true magnitude."""
        return np.where((self.lo <= 0) & (self.hi >= 0), 0.0, np.minimum(np.abs(self.lo), np.abs(self.hi)))

    @property
    def total(self) -> Array:
        """A bound on the absolute error."""
        return times(self.rel, self.largest) + self.abs

    @property
    def hull(self) -> tuple[Array, Array]:
        """True and computed values together."""
        return np.minimum(self.lo, self.clo), np.maximum(self.hi, self.chi)


def exact(lo: Array, hi: Array) -> Enclosure:
    """Numbers of float64 without error."""
    nothing = np.zeros(np.shape(lo))
    return Enclosure(lo, hi, lo, hi, nothing, nothing, np.zeros(np.shape(lo), dtype=bool))


def times(u: Array, v: Array) -> Array:
    """u·v for bounds: nothing times infinity is nothing."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where((u == 0) | (v == 0), 0.0, u * v)


def widened(lo: Array, hi: Array) -> tuple[Array, Array]:
    """[lo, hi] with room for the rounding of both ends; a sign that is certain stays certain.

    A zero may be what an underflow has left; its sign says from which side. An infinity at the inner end is an
    overflow: all that is known is that the value is beyond the largest number.
    """
    low, high = lo - np.abs(lo) * _WIDEN - TINY, hi + np.abs(hi) * _WIDEN + TINY
    low = np.where(lo == np.inf, _LARGEST, np.where(lo == -np.inf, lo, low))
    high = np.where(hi == -np.inf, -_LARGEST, np.where(hi == np.inf, hi, high))
    return np.where(np.signbit(lo), low, np.maximum(low, 0.0)), np.where(np.signbit(hi), np.minimum(high, -0.0), high)


def unit(lo: Array, hi: Array) -> Array:
    """The largest ulp(t)/|t| of the numbers t in [lo, hi]: 2^-52 at worst, less where no power of two is inside.

    One at the very end does not count: [lo, hi] has been widened, and there the unit of the result doubles as well.
    """
    small, large = np.minimum(np.abs(lo), np.abs(hi)), np.maximum(np.abs(lo), np.abs(hi))
    small, large = small * (1 + 2 * _WIDEN), large * (1 - 2 * _WIDEN)
    fraction, exponent = np.frexp(small)
    same = (np.sign(lo) == np.sign(hi)) & (exponent == np.frexp(large)[1]) & (small > 0) & (small <= large)
    same &= np.isfinite(large)
    return np.where(same, UNIT / (2 * np.where(same, fraction, 0.5)), UNIT)


def ulp(size: Array, mantissa: int, lowest: int) -> Array:
    """The distance of neighbouring numbers with `mantissa` bits and 2^lowest as the smallest, at |t| = `size`."""
    exponent = np.frexp(size)[1] - mantissa
    spacing = np.ldexp(1.0, np.maximum(np.where(size > 0, exponent, lowest), lowest))
    return np.where(np.isfinite(size), spacing, np.inf)


def settle(
    true: tuple[Array, Array], computed: tuple[Array, Array], rel: Array, abs_: Array, nan: Mask, rounds: bool = True
) -> Enclosure:
    """The enclosure with these bounds, no worse than the distance between the true and the computed interval.

    `rounds`: a result below the normal range loses up to two of its smallest units.
    """
    lo, hi = true
    clo, chi = computed
    nan = nan | np.isnan(clo) | np.isnan(chi)
    unknown = np.isnan(lo) | np.isnan(hi)
    lo, hi = np.where(unknown, -np.inf, lo), np.where(unknown, np.inf, hi)
    clo, chi = np.where(nan, -np.inf, clo), np.where(nan, np.inf, chi)
    rel, abs_ = rel * _SECOND_ORDER, abs_ * _SECOND_ORDER
    if rounds:
        smallest = np.where((lo <= 0) & (hi >= 0), 0.0, np.minimum(np.abs(lo), np.abs(hi)))
        exact_zero = (lo == 0) & (hi == 0) & (clo == 0) & (chi == 0)
        abs_ = abs_ + np.where((smallest < _SMALLEST_NORMAL) & ~exact_zero, 2 * TINY, 0.0)
    largest = np.maximum(np.abs(lo), np.abs(hi))
    total = times(rel, largest) + abs_
    # x is finite: an infinity is an overflow, and nobody knows how far off
    lost = ~(rel <= _LARGEST_RELATIVE) | np.isnan(total) | np.isinf(clo) | np.isinf(chi)
    most = np.maximum(hi, chi) - np.minimum(lo, clo)
    most = np.where(np.isnan(most), np.inf, most)
    capped = lost | (total > most)
    return Enclosure(lo, hi, clo, chi, np.where(capped, 0.0, rel), np.where(capped, most, abs_), nan)


# --- sums, products, quotients ---


def _rounding(true: tuple[Array, Array]) -> Array:
    return 0.5 * unit(*true)


def add(a: Enclosure, b: Enclosure) -> Enclosure:
    """a + b."""
    true = widened(a.lo + b.lo, a.hi + b.hi)
    computed = widened(a.clo + b.clo, a.chi + b.chi)
    nan = a.nan | b.nan | ((a.chi == np.inf) & (b.clo == -np.inf)) | ((a.clo == -np.inf) & (b.chi == np.inf))
    same = ((a.lo >= 0) & (b.lo >= 0)) | ((a.hi <= 0) & (b.hi <= 0))
    share_a, share_b = _share(a, b), _share(b, a)
    kept = np.minimum(np.maximum(a.rel, b.rel), a.rel * share_a + b.rel * share_b)
    apart = times(a.rel, a.largest) + times(b.rel, b.largest)
    rel = _rounding(true) + np.where(same, kept, 0.0)
    abs_ = (a.abs + b.abs) * (1 + UNIT) + np.where(same, 0.0, apart)
    return settle(true, computed, rel, abs_, nan, rounds=False)


def _share(a: Enclosure, b: Enclosure) -> Array:
    """The largest a/(a + b), both of one sign."""
    rest = b.smallest
    return np.where(
        np.isfinite(a.largest) & (a.largest + rest > 0), a.largest / np.maximum(a.largest + rest, TINY), 1.0
    )


def negative(a: Enclosure) -> Enclosure:
    """−a."""
    return Enclosure(-a.hi, -a.lo, -a.chi, -a.clo, a.rel, a.abs, a.nan)


def _products(a: tuple[Array, Array], b: tuple[Array, Array]) -> tuple[Array, Array]:
    return widened(*_extremes([_nothing_for_nan(u * v, u, v) for u in a for v in b]))


def _nothing_for_nan(result: Array, u: Array, v: Array) -> Array:
    """0·∞ and ∞/∞ say nothing about the extremes; the zero keeps the sign that the two operands give it."""
    return np.where(np.isnan(result), np.copysign(0.0, np.copysign(1.0, u) * np.copysign(1.0, v)), result)


def _extremes(corners: list[Array]) -> tuple[Array, Array]:
    """The least and the largest, −0 below +0: `widened` reads the sign of a zero."""
    low, high = np.minimum.reduce(corners), np.maximum.reduce(corners)
    negative_zero = np.any([np.signbit(corner) for corner in corners], axis=0)
    positive_zero = np.any([~np.signbit(corner) for corner in corners], axis=0)
    return np.where((low == 0) & negative_zero, -0.0, low), np.where((high == 0) & positive_zero, 0.0, high)


def multiply(a: Enclosure, b: Enclosure, square: bool = False) -> Enclosure:
    """a·b; `square` where the two are the same register."""
    if square:
        size = absolute(a)
        true, computed = widened(size.lo * size.lo, size.hi * size.hi), widened(size.clo**2, size.chi**2)
        nan = a.nan
    else:
        true, computed = _products((a.lo, a.hi), (b.lo, b.hi)), _products((a.clo, a.chi), (b.clo, b.chi))
        nan = a.nan | b.nan | (_has_zero(a) & _has_infinity(b)) | (_has_infinity(a) & _has_zero(b))
    rel = _rounding(true) + a.rel + b.rel
    abs_ = times(a.largest, b.abs) + times(b.largest, a.abs) + times(a.abs, b.abs)
    return settle(true, computed, rel, abs_, nan)


def _has_zero(a: Enclosure) -> Mask:
    return (a.clo <= 0) & (a.chi >= 0)


def _has_infinity(a: Enclosure) -> Mask:
    return np.isinf(a.clo) | np.isinf(a.chi)


def divide(a: Enclosure, b: Enclosure) -> Enclosure:
    """a/b."""
    true, computed = _quotients((a.lo, a.hi), (b.lo, b.hi)), _quotients((a.clo, a.chi), (b.clo, b.chi))
    nan = a.nan | b.nan | (_has_zero(a) & _has_zero(b)) | (_has_infinity(a) & _has_infinity(b))
    off = b.rel + b.abs / b.smallest
    off = np.where(np.isnan(off), np.where(b.abs == 0, b.rel, np.inf), off)
    lost = ~(off <= _LARGEST_RELATIVE)
    rel = _rounding(true) + a.rel + np.where(lost, np.inf, off)
    abs_ = np.where(a.abs == 0, 0.0, a.abs / np.maximum(b.smallest, TINY) * _SECOND_ORDER)
    return settle(true, computed, rel, abs_, nan)


def _quotients(a: tuple[Array, Array], b: tuple[Array, Array]) -> tuple[Array, Array]:
    through_zero = (b[0] <= 0) & (b[1] >= 0)
    low, high = widened(*_extremes([_nothing_for_nan(u / v, u, v) for u in a for v in b]))
    one_sided = through_zero & ((b[0] == 0) ^ (b[1] == 0)) & (a[0] >= 0)  # 1/[0, 2] is [0.5, ∞]
    upper = np.where(b[1] == 0, b[0], b[1])
    least = np.where(one_sided, a[0] / np.where(upper == 0, 1.0, upper), 0.0)
    low = np.where(through_zero, np.where(one_sided & (b[0] == 0), least, -np.inf), low)
    high = np.where(through_zero, np.where(one_sided & (b[1] == 0), least, np.inf), high)
    return low, high


def absolute(a: Enclosure) -> Enclosure:
    """|a|."""
    low, high = _absolute(a.lo, a.hi)
    clow, chigh = _absolute(a.clo, a.chi)
    return Enclosure(low, high, clow, chigh, a.rel, a.abs, a.nan)


def _absolute(lo: Array, hi: Array) -> tuple[Array, Array]:
    return np.where((lo <= 0) & (hi >= 0), 0.0, np.minimum(np.abs(lo), np.abs(hi))), np.maximum(np.abs(lo), np.abs(hi))


# --- choices ---


def maximum(a: Enclosure, b: Enclosure) -> Enclosure:
    """max(a, b)."""
    low, high = np.maximum(a.lo, b.lo), np.maximum(a.hi, b.hi)
    clow, chigh = np.maximum(a.clo, b.clo), np.maximum(a.chi, b.chi)
    # Where the computed ones do not overlap either, the choice is certain and so is whose error counts.
    first, second = a.clo >= b.chi, b.clo >= a.chi
    first, second = first & (a.lo >= b.hi), second & (b.lo >= a.hi)
    same = ((a.lo >= 0) & (b.lo >= 0)) | ((a.hi <= 0) & (b.hi <= 0))
    rel = np.where(same, np.maximum(a.rel, b.rel), 0.0)
    abs_ = np.where(same, np.maximum(a.abs, b.abs), np.maximum(a.total, b.total))
    rel = np.where(first, a.rel, np.where(second, b.rel, rel))
    abs_ = np.where(first, a.abs, np.where(second, b.abs, abs_))
    return settle((low, high), (clow, chigh), rel, abs_, a.nan | b.nan, rounds=False)


def minimum(a: Enclosure, b: Enclosure) -> Enclosure:
    """min(a, b)."""
    return negative(maximum(negative(a), negative(b)))


def compare(op: str, a: Enclosure, b: Enclosure) -> Enclosure:
    """1 or 0, as a comparison says; an error of 1 where rounding may have turned it."""
    lo, hi = _truth(op, a.lo, a.hi, b.lo, b.hi)
    clo, chi = _truth(op, a.clo, a.chi, b.clo, b.chi)
    sound = (a.rel == 0) & (a.abs == 0) & (b.rel == 0) & (b.abs == 0)
    wrong = np.where(sound, 0.0, 1.0)
    return settle((lo, hi), (clo, chi), np.zeros(wrong.shape), wrong, a.nan | b.nan, rounds=False)


def _truth(op: str, alo: Array, ahi: Array, blo: Array, bhi: Array) -> tuple[Array, Array]:
    match op:
        case "lt":
            yes, no = ahi < blo, alo >= bhi
        case "le":
            yes, no = ahi <= blo, alo > bhi
        case _:
            same, apart = (alo == ahi) & (blo == bhi) & (alo == blo), (ahi < blo) | (alo > bhi)
            yes, no = (same, apart) if op == "eq" else (apart, same)
    return np.where(yes, 1.0, 0.0), np.where(no, 0.0, 1.0)


def choose(condition: Enclosure, yes: Enclosure, no: Enclosure) -> Enclosure:
    """`yes` where `condition` is not 0, else `no`."""
    # A condition is 0, or it is not: what counts is whether it can be 0 and whether it can be anything else.
    always = (condition.lo > 0) | (condition.hi < 0)
    never = (condition.lo == 0) & (condition.hi == 0)
    computed_always = (condition.clo > 0) | (condition.chi < 0)
    computed_never = (condition.clo == 0) & (condition.chi == 0)

    def pick(a: Array, b: Array, hull: Array, one: Mask, other: Mask) -> Array:
        return np.where(one, a, np.where(other, b, hull))

    lo = pick(yes.lo, no.lo, np.minimum(yes.lo, no.lo), always, never)
    hi = pick(yes.hi, no.hi, np.maximum(yes.hi, no.hi), always, never)
    clo = pick(yes.clo, no.clo, np.minimum(yes.clo, no.clo), computed_always, computed_never)
    chi = pick(yes.chi, no.chi, np.maximum(yes.chi, no.chi), computed_always, computed_never)
    rel = pick(yes.rel, no.rel, np.maximum(yes.rel, no.rel), always & computed_always, never & computed_never)
    abs_ = pick(yes.abs, no.abs, np.maximum(yes.abs, no.abs), always & computed_always, never & computed_never)
    doubtful = ((condition.rel > 0) | (condition.abs > 0)) & ~(always & computed_always) & ~(never & computed_never)
    abs_ = np.where(doubtful, np.inf, abs_)
    nan = condition.nan | (yes.nan & ~computed_never) | (no.nan & ~computed_always)
    return settle((lo, hi), (clo, chi), rel, abs_, nan, rounds=False)


def sign(a: Enclosure) -> Enclosure:
    """−1, 0 or 1."""
    sound = (a.rel == 0) & (a.abs == 0)
    certain = (np.sign(a.lo) == np.sign(a.hi)) & (np.sign(a.clo) == np.sign(a.lo)) & (np.sign(a.chi) == np.sign(a.lo))
    wrong = np.where(sound | certain, 0.0, 2.0)
    true, computed = (np.sign(a.lo), np.sign(a.hi)), (np.sign(a.clo), np.sign(a.chi))
    return settle(true, computed, np.zeros(wrong.shape), wrong, a.nan, rounds=False)
