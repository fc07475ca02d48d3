"""Identities between functions: looked for and checked numerically, never asserted.

Three patterns: f(x) = a·g(bx) + c + dx, f(x) = x·g(bx), and f′(x) = g(x), for g among the built-ins. The few
coefficients are fitted at some points; the identity then stands as a formula of its own, and the two are compared at
many others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from actlab.functions import get
from actlab.functions.interpret import evaluate_numpy
from actlab.report.cards.curves import tree, values
from actlab.text import UserError

if TYPE_CHECKING:
    from actlab._arrays import Array
    from actlab.functions import Activation

_SCALES: Final = (1.0, -1.0, 2.0, 0.5, 1.702)
_FIT: Final = np.linspace(-4.9, 5.1, 41)
_CHECK: Final = np.linspace(-30.0, 30.0, 20_001)
_TOLERANCE: Final = 1e-12
_MOST: Final = 4
_CLUMSIEST: Final = 5.0


@dataclass(frozen=True)
class Identity:
    """An identity that holds at every point of the check.

    Attributes:
        left: ``"tanh(x)"``, or ``"softplus′(x)"``.
        right: what it equals, for people: ``"2·sigmoid(2x) − 1"``.
        formula: the right-hand side as `actlab.get` reads it.
        error: the largest difference at the points of the check, relative to max(1, |f|).
        partner: the built-in that stands in it; a card names each once.
    """

    left: str
    right: str
    formula: str
    error: float
    partner: str


def identities(activation: Activation, among: Iterable[str], most: int = _MOST) -> tuple[Identity, ...]:
    """What links `activation` to the built-ins named in `among`, and to its own mirror image; the simplest first."""
    others = [get(name) for name in dict.fromkeys(among)]
    if activation not in others:
        others.insert(0, activation)
    name = activation.name if activation.name.isidentifier() else "φ"
    found: list[tuple[float, Identity]] = []
    f, slope = _tree_at(activation, 0, _FIT), _tree_at(activation, 1, _FIT)
    if not (np.isfinite(f).all() and np.isfinite(slope).all()):
        return ()
    if _straight(f):  # a straight line is a combination of anything
        return ()
    for g in others:
        own = g == activation
        if not g.name.isidentifier() or (own and name == "φ"):
            continue
        for scale in _SCALES:
            if own != (scale == -1.0):  # a function is set beside its own mirror image only, others as they are
                continue
            basis = _tree_at(g, 0, scale * _FIT)
            if not np.isfinite(basis).all() or _straight(basis):
                continue
            found += [
                (weight, identity)
                for weight, identity in _combination(activation, name, f, g.name, basis, scale)
                if weight < 4 or g.builtin is None or not g.builtin.parameters  # one default of many proves little
            ]
            if scale != -1.0 and not own and np.allclose(_FIT * basis, f, rtol=1e-12, atol=1e-13):
                right = f"x·{g.name}({_times(scale)})"
                found += _stated(activation, g.name, 0, f"{name}(x)", right, f"x*{_call(g, scale)}", 1)
        if np.allclose(_tree_at(g, 0, _FIT), slope, rtol=1e-12, atol=1e-13):
            found += _stated(activation, g.name, 1, f"{name}′(x)", f"{g.name}(x)", _call(g, 1.0), 0)
    kept: dict[str, tuple[float, Identity]] = {}
    for weight, identity in sorted(found, key=lambda pair: pair[0]):
        kept.setdefault(identity.partner, (weight, identity))
    return tuple(identity for _, identity in list(kept.values())[:most])


def _tree_at(activation: Activation, order: int, x: Array) -> Array:
    """φ or φ′ at `x`, as the tree stands: rounding does no harm here, and certifying 40 built-ins takes its time."""
    expression = tree(activation, order)
    assert expression is not None  # of φ″ alone there may be none
    return evaluate_numpy(expression, x)


def _straight(y: Array) -> bool:
    """Whether `y` is a straight line over the points of the fit."""
    line = np.stack([np.ones_like(_FIT), _FIT])
    rest = y - np.linalg.lstsq(line.T, y, rcond=None)[0] @ line
    return bool(np.all(np.abs(rest) <= 1e-10 * (1 + np.abs(y))))


def _combination(
    activation: Activation, name: str, f: Array, other: str, basis: Array, scale: float
) -> list[tuple[float, Identity]]:
    """f = a·g(bx) + c + dx with short coefficients, if there is such a thing."""
    columns = np.stack([basis, np.ones_like(_FIT), _FIT])
    weights = np.linalg.lstsq(columns.T, f, rcond=None)[0]
    a, c, d = (round(float(w), 9) + 0.0 for w in weights)
    if a == 0 or not all(_short(w) for w in (a, c, d)):
        return []
    if not np.allclose(np.array([a, c, d]) @ columns, f, rtol=1e-11, atol=1e-11):
        return []
    if c == d == 0 and scale == -1:  # odd or even: the card has a line of its own for that
        return []
    call = f"{other}({_times(scale)})"
    terms = [(a, call), (d, "x"), (c, "")]
    right = _sum(sorted((t for t in terms if t[0]), key=lambda t: t[0] < 0))  # a sum begins with what is positive
    formula = f"{a!r}*{other}({scale!r}*x) + {d!r}*x + {c!r}"
    weight = (a not in (1, -1)) + (scale != 1) + (c != 0) + 3 * (d != 0) + 0.0
    if weight > _CLUMSIEST:
        return []
    return _stated(activation, other, 0, f"{name}(x)", right, formula, weight)


def _stated(
    activation: Activation, partner: str, order: int, left: str, right: str, formula: str, weight: float
) -> list[tuple[float, Identity]]:
    """The identity if it holds at every point of the check."""
    try:
        other = get(formula)
    except UserError:
        return []
    # The right-hand side as it stands: its cancellation (x + gelu(−x)) costs the core seconds, and here a few 1e-15.
    f, g = values(activation, order, _CHECK), evaluate_numpy(other.expression, _CHECK)
    error = np.abs(f - g) / np.maximum(1.0, np.abs(f))
    if order == 1:  # at a kink the slope is a convention
        for kink in activation.facts.kinks:
            error[kink == _CHECK] = 0.0
    largest = float(np.max(error))  # NaN, which is no identity, where one of the two is no number
    return [(weight, Identity(left, right, formula, largest, partner))] if largest <= _TOLERANCE else []


def _call(g: Activation, scale: float) -> str:
    return f"{g.name}({scale!r}*x)"


def _short(weight: float) -> bool:
    """A coefficient that a person would write: up to three decimals, not large."""
    return weight == 0 or (abs(weight) <= 100 and abs(weight * 1000 - round(weight * 1000)) < 1e-9)


def _plain(weight: float) -> str:
    return repr(round(weight, 4)).removesuffix(".0").replace("-", "−")


def _sum(terms: list[tuple[float, str]]) -> str:
    """“2·sigmoid(2x) − 1” of coefficients and what they multiply."""
    text = ""
    for weight, body in terms:
        size = "" if body and abs(weight) == 1 else _plain(abs(weight))
        joint = ("− " if weight < 0 else "+ ") if text else ("−" if weight < 0 else "")
        text += f"{' ' if text else ''}{joint}{size}{'·' if size and body else ''}{body}"
    return text


def _times(scale: float) -> str:
    if scale == 1:
        return "x"
    return "−x" if scale == -1 else f"{_plain(scale)}x"
