"""What the advice rests on: the study that ships with the package, read and weighed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from actlab.advise.trials import CANDIDATES, EVIDENCE

if TYPE_CHECKING:
    import polars as pl

    from actlab._arrays import Array

#: How far a case of the study speaks for another: e-fold less weight at these factors of depth and of width.
_DEPTH_FOLD, _WIDTH_FOLD = 1.6, 4.0
#: The weight of a case with another task, beside one with the same.
_OTHER_TASK = 0.1


@lru_cache(maxsize=1)
def study() -> pl.DataFrame:
    """The rows of the study, a row a case and function: see `actlab.advise.trials.try_case`."""
    import polars as pl

    return pl.read_parquet(EVIDENCE).with_row_index("row")


@dataclass(frozen=True)
class Expectation:
    """What the study lets one expect of a function in a case.

    Attributes:
        gap: expected score less that of the best candidate, at most 0.
        error: standard error of that mean between the cases that it is made of.
        dead: expected share of dead units at a learning rate one step too large.
        cases: how many cases speak for it, as if they all had the same weight.
        nearest: rows (of `study`) of the four cases with the most weight.
    """

    function: str
    gap: float
    error: float
    dead: float
    cases: float
    nearest: tuple[int, ...]


def expectations(depth: int, width: int, task: str | None, recurrent: bool) -> list[Expectation]:
    """For every candidate what is to be expected; the cases of the study are weighed by how near they are."""
    rows = study().filter(recurrent=recurrent)
    found = []
    for name in CANDIDATES:
        own = rows.filter(function=name)
        weight = _weights(own, depth, width, task, recurrent)
        total = float(weight.sum())
        gap, dead = own["gap"].to_numpy(), own["dead_fast"].to_numpy()
        mean = float((weight * gap).sum() / total)
        cases = total**2 / float((weight**2).sum())
        spread = math.sqrt(float((weight * (gap - mean) ** 2).sum() / total) / max(cases, 1.0))
        order = np.argsort(-weight)[:4]
        found.append(
            Expectation(
                name, mean, spread, float((weight * dead).sum() / total), cases,
                tuple(int(row) for row in own["row"].to_numpy()[order]),
            )
        )  # fmt: skip
    return found


def _weights(own: pl.DataFrame, depth: int, width: int, task: str | None, recurrent: bool) -> Array:
    """How far each case speaks for the one asked about."""
    away = np.abs(np.log(own["depth"].to_numpy() / depth)) / math.log(_DEPTH_FOLD)
    if not recurrent:
        away = away + np.abs(np.log(own["width"].to_numpy() / width)) / math.log(_WIDTH_FOLD)
    weight = np.exp(-away)
    if task is not None:
        weight = weight * np.where(own["task"].to_numpy() == task, 1.0, _OTHER_TASK)
    return np.asarray(weight)


def cases_of(rows: tuple[int, ...]) -> list[dict[str, Any]]:
    """Rows of the study by their numbers."""
    frame = study()
    return [frame.row(row, named=True) for row in rows]


def reach() -> dict[str, Any]:
    """What the study covers: its cases, and the ranges of what it varied."""
    frame = study()
    return {
        "cases": len(frame) // len(CANDIDATES), "functions": len(CANDIDATES),
        "depth": (int(frame["depth"].min()), int(frame["depth"].max())),  # type: ignore[arg-type]
        "width": (int(frame["width"].min()), int(frame["width"].max())),  # type: ignore[arg-type]
        "data": sorted(frame["data"].unique().to_list()),
    }  # fmt: skip
