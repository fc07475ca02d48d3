"""What a sweep's nets say, as tables: each arm in each setting at its best, intervals, comparisons, ranks, depth.

A *setting* is what the plan shows (data, depth, width …); within it the arms are compared, paired by seed, each with
its own best of what the plan chooses (`best_over`, usually the learning rate): chosen on validation points,
cross-fitted over two halves of the seeds, and judged on test points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from actlab.statistics import many_means, mean_ranks, sequence_means
from actlab.study.sweep.along import interaction, reach
from actlab.study.sweep.asked import asked
from actlab.study.sweep.grow import without_unfinished
from actlab.study.sweep.judge import Setting, judge
from actlab.study.sweep.read import counts
from actlab.study.sweep.summary import summary
from actlab.text import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from actlab.statistics import Means
    from actlab.study.sweep.grid import Grid
    from actlab.study.sweep.plan import SweepPlan
    from actlab.study.sweep.read import CellNets
    from actlab.study.sweep.store import Contents, Store

#: Numeric settings along which an arm can be followed, the most telling first.
FOLLOWED = (
    "depth", "width", "train_points", "noise", "noise_columns", "residual", "epochs", "batch_size", "weight_decay",
    "clip", "warm_up", "learning_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Analysis:
    """The tables of a sweep.

    Parameters
    ----------
    arms
        Labels; the first is the one compared to.
    summary
        A row per setting and arm: the shown settings, ``arm``, ``chosen``, ``seeds``, ``estimate, low, high`` (mean
        test score, 95 %), ``verdict`` (``"learns"``, ``"fails"``, ``"open"``), ``difference…`` to the first arm
        (simultaneous 95 % within the setting), ``p_value`` that agrees with it, ``sign_flip_p`` (Holm-corrected within
        the setting; none where seeds were added), ``superiority…`` (ties half), ``effect`` (`standardised_difference`),
        ``detectable``, ``constant`` (the score of a constant answer), ``collapsed, diverged``, ``median_test_loss``,
        ``gradient_ratio`` (median; first layer over last, at the start), ``added`` (learning rates beyond the plan's
        among which it chose), ``edge`` (whether its best is still the smallest or largest tried).
    candidates
        A row per setting, arm and value of `best_over`: mean scores and failures of all its seeds.
    ranks
        A row per arm: mean rank over the settings in which all arms stand.
    reach
        A row per arm and line of settings that differ in `axis` only: ``learns_to``, the largest value up to which it
        learns everywhere; ``fails_from``, the smallest from which it fails everywhere. Null where there is none.
    interaction
        A row per arm and such line: how the difference to the first arm changes from its smallest to its largest value.
    axis
        The numeric setting that is followed; None where none varies.
    settings, cells
        Of the plan; cells that extend its learning rates too.
    nets, asked
        Nets that are there, and those that the plan asks for by now.
    others
        Nets in the store that this plan does not ask for: of another plan, or of an engine with other last bits.
    """

    arms: tuple[str, ...]
    shown: tuple[str, ...]
    best_over: tuple[str, ...]
    summary: pl.DataFrame
    candidates: pl.DataFrame
    ranks: pl.DataFrame
    reach: pl.DataFrame
    interaction: pl.DataFrame
    axis: str | None
    settings: int
    cells: int
    nets: int
    asked: int
    sequential: bool
    damaged: tuple[str, ...]
    foreign: tuple[str, ...]
    others: int


def analyse(store: Store, plan: SweepPlan, contents: Contents | None = None) -> Analysis:
    """The tables of what `store` holds of `plan`.

    Chunks are named by the rows that they were trained on: `UserError` where a file of data of the plan is gone.
    """
    contents = contents or store.contents()
    try:
        known = asked(plan, store, contents, read=True)
    except UserError as error:
        if error.key != "data.file_missing":
            raise
        raise UserError("sweep.data_gone", path=store.place.shown, name=error.values["name"]) from error
    # An earlier plan may have left more seeds than this one asks for; its tables are the same without them.
    nets = {name: own.first(len(known.seeds[name])) for name, own in known.nets.items()}
    wanted = sum(map(len, known.seeds.values()))
    return tables(plan, without_unfinished(plan, known.grid, nets), nets, wanted, contents)


def tables(
    plan: SweepPlan,
    grid: Grid,
    nets: Mapping[str, CellNets],
    wanted: int = 0,
    contents: Contents | None = None,
) -> Analysis:
    """The tables of `nets`, wherever they come from.

    Parameters
    ----------
    grid
        That of `plan`, with the learning rates added to it.
    nets
        Cell → its nets, of the seeds asked for.
    wanted
        How many nets were asked for.
    """
    groups = grid.settings()
    settings = [found for group in groups if (found := judge(plan, group, nets)) is not None]
    shown = tuple(column for column, _ in grid.places[0].shown)
    means: Callable[..., Means] = many_means if plan.seeds.until is None else sequence_means
    axis = next((name for name in FOLLOWED if name in shown), None)
    rows = summary(grid.labels, settings, means)
    if plan.seeds.until is not None:  # the test knows nothing of a number of seeds that depends on what they gave
        rows = rows.with_columns(sign_flip_p=pl.lit(None, pl.Float64))
    return Analysis(
        arms=grid.labels,
        shown=shown,
        best_over=tuple(column for column, _ in grid.places[0].chosen),
        summary=_with_settings(rows, settings, shown),
        candidates=_candidates(grid, nets, shown),
        ranks=ranks(grid.labels, settings),
        reach=reach(grid.labels, settings, rows, shown, axis),
        interaction=interaction(grid.labels, settings, shown, axis, means),
        axis=axis,
        settings=len(groups),
        cells=len(grid.cells()),
        nets=sum(len(own) for own in nets.values()),
        asked=wanted,
        sequential=plan.seeds.until is not None,
        damaged=contents.damaged if contents else (),
        foreign=contents.foreign if contents else (),
        others=_others(grid, contents) if contents else 0,
    )


def _others(grid: Grid, contents: Contents) -> int:
    own = {cell.name for cell in grid.cells()}
    return sum(
        chunk.stop - chunk.first for cell, chunks in contents.chunks.items() if cell not in own for chunk in chunks
    )


def _with_settings(table: pl.DataFrame, settings: list[Setting], shown: tuple[str, ...]) -> pl.DataFrame:
    """`table` with the settings' columns in the place of their index."""
    columns = [
        pl.Series(name, [settings[k].shown[name] for k in table["setting"].to_list()], strict=False) for name in shown
    ]
    return pl.DataFrame(columns).hstack(table.drop("setting")) if len(table) else table.drop("setting")


def _candidates(grid: Grid, nets: Mapping[str, CellNets], shown: tuple[str, ...]) -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for group in grid.settings():
        for arm, places in sorted(group.items()):
            for place in places:
                own = nets.get(place.cell.name)
                if own is None:
                    continue
                collapsed, diverged = counts(own.status)
                row = {**dict(place.shown), "arm": grid.labels[arm], **dict(place.chosen), "seeds": len(own)}
                row |= {"test_score": float(own.test_score.mean())}
                row |= {"validation_score": float(own.validation_score.mean())}
                rows.append(row | {"collapsed": collapsed, "diverged": diverged})
    return (
        pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame(schema=dict.fromkeys(shown, pl.String))
    )


def ranks(labels: tuple[str, ...], settings: list[Setting]) -> pl.DataFrame:
    """Over the settings in which all arms stand; each counts the same, on the seeds that all of them have."""
    whole = [setting for setting in settings if len(setting.arms) == len(labels)]
    if not whole or len(labels) < 2:
        return pl.DataFrame(schema=_RANKS)
    seeds = min(setting.seeds for setting in whole)
    scores = np.stack([np.stack([judged.score[:seeds] for judged in setting.arms], axis=1) for setting in whole])
    found = mean_ranks(scores)
    return pl.DataFrame(
        {
            "arm": labels, "rank": found.estimate, "low": found.low, "high": found.high,
            "settings": [len(whole)] * len(labels), "seeds": [seeds] * len(labels),
        },
        schema=_RANKS,
    ).sort("rank", maintain_order=True)  # fmt: skip


_RANKS = {
    "arm": pl.String, "rank": pl.Float64, "low": pl.Float64, "high": pl.Float64, "settings": pl.Int64,
    "seeds": pl.Int64,
}  # fmt: skip
