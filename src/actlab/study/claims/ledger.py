"""The ledger: what became of all claims, as plain JSON values; made, read, and shipped with the package."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actlab.statistics import Interval
from actlab.study.claims.decide import LEVEL, Finding, Verdict, run
from actlab.study.claims.lab import SEEDS, Lab
from actlab.study.claims.records import Records, as_json
from actlab.text import UserError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from actlab.study.claims.claim import Claim

_SHIPPED = "shipped.json"


@dataclass(frozen=True)
class Ledger:
    """Verdicts, and how they were made.

    Parameters
    ----------
    verdicts
        By the name of the claim, in the order of the ledger.
    about
        Date, versions and machine.
    seconds
        Of each claim, where it was timed; a claim that shares nets with an earlier one is the quicker for it.
    shipped
        True where this came with the package, and was not made here.
    """

    verdicts: dict[str, Verdict]
    about: dict[str, Any]
    seconds: dict[str, float]
    shipped: bool = False


def make(
    claims: Sequence[Claim],
    where: str | os.PathLike[str] | None = None,
    seeds: int = SEEDS,
    tell: Callable[[Claim, float, int], None] | None = None,
    said: Callable[[Claim, Verdict], None] | None = None,
    threads: int = 0,
) -> Ledger:
    """The verdicts on `claims`; in the directory `where` nothing is trained twice, and nothing that is done is lost.

    Parameters
    ----------
    tell
        Called with the claim and how many of how many conditions are measured.
    said
        Called with each verdict when it is there.
    """
    records = Records(where)
    verdicts: dict[str, Verdict] = {}
    seconds: dict[str, float] = {}
    for claim in claims:
        started = time.perf_counter()
        heard = None if tell is None else (lambda done, planned, claim=claim: tell(claim, done, planned))
        verdict = run(claim, Lab(seeds, records, threads=threads), heard)
        verdicts[claim.name] = verdict
        seconds[claim.name] = records.spent(claim.name, time.perf_counter() - started)
        records.write(claim.name, to_json(verdict))
        if said is not None:
            said(claim, verdict)
    found = Ledger(verdicts, records.about(), seconds)
    if where is not None:
        records.write("ledger", {name: to_json(one) for name, one in _read_all(Path(where)).items()})
    return found


def read(where: str | os.PathLike[str]) -> Ledger:
    """The ledger of a directory that `make` has filled; nothing is trained."""
    path = Path(where)
    verdicts = _read_all(path)
    if not verdicts:
        raise UserError("claims.no_ledger", path=str(path)[-60:])
    records = Records(path)
    return Ledger(verdicts, records.about(), {name: records.spent(name, 0.0) for name in verdicts})


def shipped() -> Ledger:
    """The ledger that comes with the package: made by `actlab claims --all`, on the day that `about` says."""
    value = json.loads((files(__package__) / _SHIPPED).read_text(encoding="utf-8"))
    verdicts = {name: from_json(one) for name, one in value["verdicts"].items()}
    return Ledger(_ordered(verdicts), value["about"], value["seconds"], shipped=True)


def ship(ledger: Ledger) -> bytes:
    """The content of the file that comes with the package."""
    verdicts = {name: to_json(verdict) for name, verdict in ledger.verdicts.items()}
    seconds = {name: round(value, 1) for name, value in ledger.seconds.items()}
    return as_json({"verdicts": verdicts, "about": ledger.about, "seconds": seconds})


def to_json(verdict: Verdict) -> dict[str, Any]:
    """Plain JSON values; infinite numbers as ``"inf"`` and ``"-inf"``, what is not a number as null."""
    return {
        "claim": verdict.claim,
        "verdict": verdict.kind,
        "seeds": verdict.seeds,
        "seeds_needed": verdict.seeds_needed if verdict.kind == "open" else None,
        "parts": [
            {
                "effect": part.effect,
                "verdict": part.kind,
                "when": {factor: list(values) for factor, values in part.when},
            }
            for part in verdict.parts
        ],
        "findings": [
            {
                "effect": found.effect,
                "where": found.where,
                "estimate": _out(found.interval.estimate),
                "low": _out(found.interval.low),
                "high": _out(found.interval.high),
                "answer": found.answer,
                "nets": found.nets,
                "seeds_needed": found.seeds_needed,
            }
            for found in verdict.findings
        ],
    }


def from_json(value: dict[str, Any]) -> Verdict:
    """The inverse of `to_json`; what follows from the findings is not read but follows from them anew."""
    return Verdict(
        value["claim"],
        tuple(
            Finding(
                one["effect"],
                one["where"],
                Interval(_in(one["estimate"]), _in(one["low"]), _in(one["high"]), LEVEL),
                one["answer"],
                one["nets"],
                one["seeds_needed"],
            )
            for one in value["findings"]
        ),
        value["seeds"],
    )


def _read_all(path: Path) -> dict[str, Verdict]:
    found = {}
    for file in sorted((path / "verdicts").glob("K*.json")):
        try:
            found[file.stem] = from_json(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):  # not ours: verdicts are made anew from the records
            continue
    return _ordered(found)


def _ordered(verdicts: dict[str, Verdict]) -> dict[str, Verdict]:
    return dict(sorted(verdicts.items(), key=lambda item: int(item[0][1:])))


def _out(x: float) -> float | str | None:
    if math.isnan(x):
        return None
    return x if math.isfinite(x) else "inf" if x > 0 else "-inf"


def _in(x: float | str | None) -> float:
    return math.nan if x is None else float(x)
