"""The ledger of claims: every causal sentence of the sources put to the test (`actlab claims`).

One file a claim; what they share: `claim.py` (what a claim says), `lab.py` (where its nets come from), `job.py`,
`work.py` and `measures.py` (what is trained and measured), `records.py` (where that is kept), `decide.py` (the rule),
`when.py` (the conditions in words).
"""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module
from typing import TYPE_CHECKING

from actlab.study.claims.claim import Claim, Effect
from actlab.study.claims.decide import Finding, Part, Verdict, decide, run
from actlab.study.claims.lab import SEEDS, Lab
from actlab.study.claims.records import Records
from actlab.text import UserError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "SEEDS", "Claim", "Effect", "Finding", "Lab", "Part", "Records", "Verdict", "all_claims", "chosen", "claim",
    "decide", "run",
]  # fmt: skip

_FILE = re.compile(r"k\d\d_\w+")


def all_claims() -> tuple[Claim, ...]:
    """Every claim, K1 … K27."""
    names = sorted(entry.name for entry in pkgutil.iter_modules(__path__) if _FILE.fullmatch(entry.name))
    return tuple(import_module(f"{__name__}.{name}").CLAIM for name in names)


def claim(name: str) -> Claim:
    """The claim of that name, ``"K14"`` or ``"k14"``; `UserError` where there is none."""
    known = {one.name: one for one in all_claims()}
    found = known.get(name.strip().upper())
    if found is None:
        near = nearest(name.strip().upper(), known)
        last = list(known)[-1]
        if near:
            raise UserError("claims.unknown_near", name=name[:40], near=near, last=last)
        raise UserError("claims.unknown", name=name[:40], last=last)
    return found


def chosen(names: Iterable[str]) -> tuple[Claim, ...]:
    """The claims of those names, in the order given, each once."""
    return tuple({one.name: one for one in map(claim, names)}.values())
