"""Facts to a card: what is known about one function, put together; no language yet."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from actlab.functions import names as builtin_names
from actlab.report.cards.identities import Identity, identities
from actlab.report.cards.price import Cost, costs
from actlab.report.cards.shape import Shape, shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from actlab.functions import Activation

_SHORT: Final = 28  # characters of a name in tables and legends


@dataclass(frozen=True)
class Card:
    """One function with everything that is shown about it. `cost` is None where it was not measured."""

    activation: Activation
    shape: Shape
    identities: tuple[Identity, ...]
    cost: Cost | None

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.activation.name

    @property
    def short(self) -> str:
        """The name where room is short: a long formula is cut."""
        return self.name if len(self.name) <= _SHORT else f"{self.name[: _SHORT - 1]}…"

    @property
    def formula(self) -> str:
        """The formula for people."""
        return _readable(self.activation.text)

    @property
    def slope(self) -> str:
        """The formula of φ′ for people."""
        from actlab.functions import to_unicode

        return _readable(to_unicode(self.activation.derivative_expression))

    @property
    def typed(self) -> bool:
        """Whether the user typed a formula, so that the name is the formula."""
        return self.activation.builtin is None


def _readable(text: str) -> str:
    """`text` with long decimals cut: 1.0507…"""
    return re.sub(r"(\d\.\d{4})\d{4,}(?![\de])", r"\1…", text)


def cards(
    activations: Sequence[Activation], measured: bool = True, among: Iterable[str] | None = None, linked: bool = True
) -> list[Card]:
    """A card for each. `among`: the built-ins that identities are looked for with; by default all."""
    for f in activations:
        _ = f.facts  # a formula that has too many branches for facts is told before anything is measured
    priced: list[Cost | None] = [*costs(activations)] if measured else [None] * len(activations)
    partners = tuple(builtin_names() if among is None else among)
    return [
        Card(f, shape(f), identities(f, partners) if linked else (), cost)
        for f, cost in zip(activations, priced, strict=True)
    ]


def to_json(card: Card) -> dict[str, Any]:
    """The card as plain JSON values; what is not a finite number is ``None``, except ±∞ in words."""
    f = card.activation
    builtin = f.builtin
    default = builtin is not None and builtin.name == f.name
    plain: dict[str, Any] = as_json(
        {
            "name": f.name,
            "formula": f.formula,
            "unicode": card.formula,
            "latex": f.latex,
            "derivative": card.slope,
            "aliases": builtin.aliases if builtin is not None and default else (),
            "parameters": {
                p.name: {"default": p.default, "low": p.low, "high": p.high}
                for p in (builtin.parameters if builtin is not None else ())
            },
            "learned": dict(f.learned),
            "init": f.default_init,
            "reference": builtin.reference if builtin is not None else None,
            "facts": {field.name: getattr(f.facts, field.name) for field in fields(f.facts)},
            "shape": {field.name: getattr(card.shape, field.name) for field in fields(card.shape)},
            "losses": [{field.name: getattr(loss, field.name) for field in fields(loss)} for loss in f.losses],
            "identities": [
                {"left": i.left, "right": i.right, "formula": i.formula, "error": i.error} for i in card.identities
            ],
            "nanoseconds_per_element": None
            if card.cost is None
            else {"value_and_derivative": card.cost.nanoseconds, "relu": card.cost.relu},
        }
    )
    return plain


def as_json(value: Any) -> Any:
    """`value` with JSON's types only: a number that does not exist is None, an infinite one "inf" or "-inf"."""
    if isinstance(value, dict):
        return {str(key): as_json(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(entry) for entry in value]
    if hasattr(value, "item"):  # a NumPy scalar
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return str(value)  # a kind of fact that is younger than this function
