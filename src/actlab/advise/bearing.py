"""Which claims of the ledger bear on a line of advice, and what became of them (`actlab claims`)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from actlab.text import tr

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from actlab.study.claims import Verdict

#: Sentence → claims that speak of every function, or (of a sentence on one function) of that one.
_OF_ALL: Final[Mapping[str, tuple[str, ...]]] = {
    "reason.both_signs": ("K8",),
    "reason.one_sign": ("K8",),
    "reason.price": ("K12",),
    "beside.dying": ("K15", "K16"),
    "beside.zig-zag": ("K11",),
    "output.binary": ("K25",),
}
_OF_ONE: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("reason.expected", "relu"): ("K2", "K14"),
    ("reason.expected", "sigmoid"): ("K2", "K20"),
    ("reason.expected", "tanh"): ("K10",),
    ("reason.expected", "elu"): ("K21",),
    ("reason.expected", "leaky_relu"): ("K22",),
    ("reason.expected_recurrent", "tanh"): ("K19",),
    ("reason.expected_recurrent", "relu"): ("K19",),
    ("reason.vanishes", "sigmoid"): ("K9",),
    ("reason.dead", "relu"): ("K15",),
    ("reason.dead", "leaky_relu"): ("K16",),
    ("reason.dead", "elu"): ("K16",),
    ("reason.dead", "softplus"): ("K27",),
    ("reason.bounded", "sigmoid"): ("K1",),
    ("reason.bounded", "tanh"): ("K10",),
}


def bearing(key: str, function: str, recurrent: bool = False) -> tuple[str, ...]:
    """The names of the claims that bear on the sentence `key` about `function`, in the order of the ledger."""
    asked = f"{key}_recurrent" if recurrent and key == "reason.expected" else key
    found = {*_OF_ALL.get(asked, ()), *_OF_ONE.get((asked, function), ())}
    return tuple(sorted(found, key=lambda name: int(name[1:])))


@lru_cache(maxsize=1)
def verdicts() -> Mapping[str, Verdict]:
    """What became of each claim: the ledger that ships with the package."""
    from actlab.study.claims import ledger

    return ledger.shipped().verdicts


def verdict(name: str, lang: str | None = None) -> str:
    """“holds”, “holds when …”, “does not hold”, “not decided”."""
    return tr(f"claims.kind.{verdicts()[name].kind}", lang)


def is_refuted(name: str) -> bool:
    """Whether the claim does not hold: nothing rests on it, but who has heard it should know."""
    return verdicts()[name].kind == "not"


def said(name: str, lang: str | None = None) -> str:
    """What is said, by the sources."""
    return tr(f"claims.{name.lower()}.says", lang)


def in_brackets(names: Iterable[str], lang: str | None = None) -> str:
    """“K2: holds when …, K14: holds when …”."""
    return ", ".join(f"{name}: {verdict(name, lang)}" for name in names)


def as_json(name: str) -> dict[str, Any]:
    """Plain JSON values."""
    return {"name": name, "verdict": verdicts()[name].kind, "says": said(name), "command": f"actlab claims {name}"}
