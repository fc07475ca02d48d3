"""Gaussian moments: E[g(z)] for z ~ N(0, 1), by Gauss–Legendre panels that end at the kinks and halve where needed.

Gauss–Hermite is poor at kinks; here every panel is smooth, and a panel is halved until its two halves agree with it.
Beside a kink the slope may be infinite, as that of √|x| is: there nodes are drawn together towards the panel's ends.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

import numpy as np

from actlab._arrays import Array

_END: Final = 39.0  # beyond it the density is 0 in float64
_ORDER: Final = 24
_ROUNDS: Final = 40  # halvings at most
_MOST: Final = 50_000  # panels in all
_FEWEST: Final = 1_000
_WORK: Final = 1_000_000  # panels times operations
_CHUNK: Final = 512  # panels at a time: their values lie in the cache, and need no fresh memory from the system
_PLACES: Final = 48
_NARROW: Final = 0.3  # of a first width of 0.5
_MANY: Final = 2_000  # panels: a function that took so many is content with eleven digits


@cache
def legendre(order: int = _ORDER) -> tuple[Array, Array]:
    """Nodes and weights of Gauss and Legendre on [−1, 1], each of shape (order,)."""
    nodes, weights = np.polynomial.legendre.leggauss(order)
    return nodes, weights


@cache
def drawn_together(order: int = _ORDER) -> tuple[Array, Array]:
    """The same, each node moved by t ↦ ∫(1 − t²)³: for integrands like √x or log(x) at an end.

    In the new variable they have several derivatives where they had none (Sidi 1993, a sin^m-transformation's kin).
    """
    t, weights = legendre(order)
    return (35 * t - 35 * t**3 + 21 * t**5 - 5 * t**7) / 16, weights * 35 / 16 * (1 - t * t) ** 3


def gaussian_mean(functions: Callable[[Array], Array], breaks: tuple[float, ...] = (), parts: int = 1) -> Array:
    """E[functions(z)] under N(0, 1), for several functions at once.

    `functions` maps points of shape (n,) to values of shape (k, n); `breaks` are the points at which one of them is
    not smooth; `parts` is how many operations a value takes: of long formulas fewer values are asked for.
    Returns shape (k,); NaN where a moment does not exist or does not converge. Ten digits or better.
    """

    def integrand(z: Array, root: Array) -> Array:
        density = root * root
        product = functions(z) * density
        # 0·∞ far out: the density underflows, and with it whatever a function of at most exponential growth adds
        product[:, density == 0] = 0
        return np.asarray(product)

    return scaled_mean(integrand, breaks, parts)


def scaled_mean(integrand: Callable[[Array, Array], Array], breaks: tuple[float, ...] = (), parts: int = 1) -> Array:
    """`gaussian_mean` for products that would overflow before the density makes them small: exp(x²/5) squared.

    `integrand` takes points z and √(e^(−z²/2)), each of shape (n,), and gives values·e^(−z²/2), of shape (k, n): every
    factor of a product is multiplied by the root of its own. NaN too where the tails beyond ±39 would still count.
    """
    with np.errstate(all="ignore"):  # a moment that does not exist may overflow on the way to NaN
        return _adaptive(integrand, breaks, max(_FEWEST, min(_MOST, _WORK // parts)))


def narrow_places(integrand: Callable[[Array, Array], Array], breaks: tuple[float, ...] = ()) -> tuple[float, ...]:
    """The ends of the narrow panels that `scaled_mean` needs: where a function bends at once, as tanh(1000·x).

    Empty where they are so many that it does not bend at a place but turns throughout, as sin(50·x).
    """
    ends: list[Array] = []
    with np.errstate(all="ignore"):
        _adaptive(integrand, breaks, _FEWEST, ends)
    found = {float(x) for left, right in ends for x in (*left[right - left < _NARROW], *right[right - left < _NARROW])}
    return tuple(sorted(found)) if len(found) <= _PLACES else ()


class Panels(NamedTuple):
    """A quadrature: Σ weights·values·e^(−z²/2)/√(2π) is an integral.

    Attributes:
        points, weights: shape (n,).
        integrals: those that it was made for, shape (k,); NaN for one that cannot be had.
        settled: whether the two halves of every panel agree with it.
    """

    points: Array
    weights: Array
    integrals: Array
    settled: bool


def panels_for(
    integrand: Callable[[Array, Array], Array], breaks: tuple[float, ...], most: int
) -> Panels:  # fmt: skip
    """The quadrature that `scaled_mean` comes to, of `most` panels or a few more."""
    ends: list[Array] = []
    rest: list[Array] = []
    with np.errstate(all="ignore"):
        found = _adaptive(integrand, breaks, most, ends, rest)
    left, right = np.concatenate([*ends, *rest], axis=1) if ends or rest else np.zeros((2, 0))
    points, weights = _nodes(left, right, np.array(breaks))
    return Panels(points.ravel(), weights.ravel(), found, not rest and bool(np.isfinite(found).all()))


def _adaptive(
    integrand: Callable[[Array, Array], Array],
    breaks: tuple[float, ...],
    most: int,
    ends: list[Array] | None = None,
    rest: list[Array] | None = None,
) -> Array:
    """The integrals, shape (k,).

    Appends to `ends` those of the panels in the end, shape (2, panels), and to `rest` those of panels that never agree.
    """
    inner = np.array([b for b in breaks if -_END < b < _END])
    edges = np.unique(np.concatenate([np.linspace(-_END, _END, 157), inner]))
    left, right = edges[:-1], edges[1:]
    whole = _panels(integrand, left, right, inner)
    total = np.zeros(len(whole))
    scale = np.nansum(np.abs(whole), axis=1)
    # What overflows or still counts at the ends has no moment: no halving is spent on it.
    endless = ~np.isfinite(whole).all(axis=1) | ~(np.abs(whole[:, [0, -1]]).max(axis=1) <= 1e-13 * scale)
    spent = 0
    for _ in range(_ROUNDS):
        if endless.all():
            return np.full(len(whole), math.nan)
        middle = 0.5 * (left + right)
        first, second = _panels(integrand, left, middle, inner), _panels(integrand, middle, right, inner)
        error = np.abs(first + second - whole)
        scale = np.maximum(scale, np.abs(total))
        settled = np.all((error <= 1e-14 * scale[:, None] + 1e-300) | endless[:, None], axis=0)
        if spent > _MANY and np.all((np.sum(error, axis=1) <= 1e-11 * scale) | endless):
            settled[:] = True
        total = total + np.sum((first + second)[:, settled], axis=1)
        if ends is not None:
            ends.append(np.stack([left, right])[:, settled])
        if settled.all():
            return np.where(np.isfinite(total) & ~endless, total, math.nan)
        left, right, whole = (
            np.concatenate([left[~settled], middle[~settled]]),
            np.concatenate([middle[~settled], right[~settled]]),
            np.concatenate([first[:, ~settled], second[:, ~settled]], axis=1),
        )
        spent += 2 * len(settled)
        if spent + 2 * len(left) > most:
            break
    # What is left are panels that never agree: next to a jump that no break names, or at a pole.
    if rest is not None:
        rest.append(np.stack([left, right]))
    doubtful = ~(np.sum(error[:, ~settled], axis=1) <= 1e-9 * scale) | endless
    return np.where(doubtful, math.nan, total + np.sum(whole, axis=1))


def _panels(integrand: Callable[[Array, Array], Array], left: Array, right: Array, breaks: Array) -> Array:
    """The integral over each panel, shape (k, panels)."""
    found = []
    for start in range(0, len(left), _CHUNK):
        part = slice(start, start + _CHUNK)
        points, weights = _nodes(left[part], right[part], breaks)
        z = points.ravel()
        values = integrand(z, np.exp(-0.25 * z * z))
        found.append(np.sum(values.reshape(len(values), *points.shape) * weights, axis=2))
    return np.concatenate(found, axis=1) / math.sqrt(2 * math.pi)


def _nodes(left: Array, right: Array, breaks: Array) -> tuple[Array, Array]:
    """Points and weights on each panel, both of shape (panels, order)."""
    beside = np.isin(left, breaks) | np.isin(right, breaks)
    half, centre = 0.5 * (right - left), 0.5 * (left + right)
    points = centre[:, None] + half[:, None] * legendre()[0]
    weights = half[:, None] * legendre()[1]
    if beside.any():
        points[beside], weights[beside] = (
            centre[beside, None] + half[beside, None] * drawn_together()[0], half[beside, None] * drawn_together()[1],
        )  # fmt: skip
    return points, weights
