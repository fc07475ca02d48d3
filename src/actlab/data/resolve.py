"""From what a user writes to a `Source`."""

from typing import Any

from actlab.data._planar import Planar
from actlab.data.arrays import Arrays
from actlab.data.article import Article
from actlab.data.circles import Circles
from actlab.data.moons import Moons
from actlab.data.source import Source
from actlab.data.spiral import Spiral
from actlab.data.xor import Xor
from actlab.text import UserError, nearest

__all__ = ["GENERATORS", "NAMES", "resolve"]

GENERATORS: dict[str, type[Planar]] = {kind.name: kind for kind in (Moons, Circles, Xor, Spiral)}
NAMES: tuple[str, ...] = (*GENERATORS, Article.name)


def resolve(
    data: Any,
    *,
    noise: float | None = None,
    n_train: int | None = None,
    n_validation: int | None = None,
    n_test: int | None = None,
) -> Source:
    """The source that `data` means.

    Parameters
    ----------
    data
        One of `NAMES`, a pair ``(X, y)``, or a `Source` (generators take over the numbers given here).
    noise, n_train, n_validation, n_test
        For a generator; None is its default: 300 training, 1,000 validation and 20,000 test points.

    Raises
    ------
    UserError
        An unknown name, unfit arrays, a number outside its range, or a number for data that are fixed.
    """
    given = {"noise": noise, "n_train": n_train, "n_validation": n_validation, "n_test": n_test}
    wanted: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if isinstance(data, Planar):
        return type(data)(**{key: getattr(data, key) for key in given} | wanted)
    source = _named(data, wanted) if isinstance(data, str) else _brought(data)
    if wanted and source.conditional:
        raise UserError("data.fixed", name=source.name, what=", ".join(wanted))
    return source


def _named(text: str, wanted: dict[str, Any]) -> Source:
    name = text.strip().lower()
    if name in GENERATORS:
        return GENERATORS[name](**wanted)
    if name == Article.name:
        return Article()
    near = nearest(name, NAMES)
    values = {"name": text[:60], "known": ", ".join(NAMES)}
    raise UserError("data.unknown_near", near=near, **values) if near else UserError("data.unknown", **values)


def _brought(data: Any) -> Source:
    if isinstance(data, tuple | list) and len(data) == 2:
        return Arrays(*data)
    if isinstance(data, (Arrays, Article, Source)):  # in this order: the protocol is slow to check
        return data
    raise UserError("data.not_data", kind=type(data).__name__, known=", ".join(NAMES))
