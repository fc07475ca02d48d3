"""Under which conditions does it hold? The shortest description that fits all decided conditions."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from actlab.study.claims.claim import Value, Where

    Terms = tuple[tuple[str, tuple[Value, ...]], ...]

#: Factors with more values are not split into arbitrary sets, only at a number.
_MOST_VALUES = 6


def describe(told: Sequence[tuple[Where, str]]) -> Terms:
    """The fewest factors, then the most values, that hold wherever the answer is yes and nowhere where it is no.

    ``(factor, its values)``, all of which must be met; none where no description of at most two factors fits. Open
    conditions may fall on either side: of two descriptions that fit alike, the one with fewer of them is taken.
    """
    factors = {name: _values(told, name) for where, _ in told for name in where}
    factors = {name: values for name, values in factors.items() if len(values) > 1}
    for count in (1, 2):
        fitting: list[tuple[int, int, int, Terms]] = []
        for names in itertools.combinations(factors, count):
            for chosen in itertools.product(*(list(_subsets(factors[name])) for name in names)):
                terms = tuple(zip(names, chosen, strict=True))
                if _fits(terms, told):
                    unsure = sum(answer == "open" and inside(terms, where) for where, answer in told)
                    fitting.append((unsure, -sum(len(values) for values in chosen), len(fitting), terms))
        if fitting:
            return min(fitting)[3]
    return ()


def _values(told: Sequence[tuple[Where, str]], name: str) -> tuple[Value, ...]:
    return tuple(dict.fromkeys(where[name] for where, _ in told if name in where))


def _subsets(values: tuple[Value, ...]) -> Iterator[tuple[Value, ...]]:
    """Proper subsets; of many numbers only those up to one of them, or from it on."""
    if len(values) <= _MOST_VALUES:
        for size in range(1, len(values)):
            yield from itertools.combinations(values, size)
    else:
        for k in range(1, len(values)):
            yield values[:k]
            yield values[k:]


def inside(terms: Terms, where: Where) -> bool:
    """Whether a condition meets `terms`; a factor that it does not have says nothing against it."""
    return all(name not in where or where[name] in values for name, values in terms)


def _fits(terms: Terms, told: Sequence[tuple[Where, str]]) -> bool:
    return all(answer == "open" or inside(terms, where) == (answer == "yes") for where, answer in told)
