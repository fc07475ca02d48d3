"""Sweeps as users hold them: `actlab.sweep` trains what a plan asks for, `actlab.read_sweep` reads what is there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actlab.progress import bar
from actlab.study import sweep as studies
from actlab.study.arm import whole
from actlab.study.sweep.analysis import Analysis, analyse
from actlab.study.sweep.written import plan_text
from actlab.text import UserError, current_language, tr, use_language

if TYPE_CHECKING:
    from actlab.report.papers import Figures

__all__ = ["Sweep", "read_sweep", "sweep"]


@dataclass(frozen=True, repr=False)
class Sweep(Analysis):
    """What a sweep has found by now: see `actlab.study.sweep.analysis.Analysis` for its tables.

    Parameters
    ----------
    plan, store
        What was asked for, and where the nets are.
    interrupted
        Whether Ctrl-C ended the training; what was finished is kept, and the same call goes on.
    """

    plan: studies.SweepPlan
    store: studies.Store
    interrupted: bool = False

    @property
    def figures(self) -> Figures:
        """The figures of the page for papers: ``s.figures.score(width="page").savefig("score.pdf")``."""
        from actlab.report.papers import of_sweep

        return of_sweep(self)

    def report(self, folder: str | os.PathLike[str] | None = None, lang: str | None = None) -> Path:
        """Write the pages, CSV and LaTeX tables into `folder`; the path of the page in `lang`.

        By default into the folder ``report`` of the sweep's directory, and the current language.

        Raises:
            UserError: where nothing can be written there, or the nets are at a URL and no `folder` is named.
        """
        from actlab.report.sweeps import write_report

        if folder is None:
            if "://" in str(self.store.where):
                raise UserError("sweep.out_needed", url=str(self.store.where))
            folder = Path(self.store.where) / "report"
        lang = lang or current_language()
        with use_language(lang):  # which knows whether it is one
            return write_report(self, self.plan, self.store, Path(folder)).pages[lang]

    def to_json(self) -> dict[str, Any]:
        """The tables as plain JSON values; what is not a number is None."""
        from actlab.report.sweeps import to_json

        return to_json(self)

    def __str__(self) -> str:
        from actlab.report.sweeps.sentences import lede

        return "\n".join(lede(self, current_language()))

    def __repr__(self) -> str:
        return str(self)


def sweep(
    plan: str | os.PathLike[str] | Mapping[str, Any],
    where: str | os.PathLike[str],
    *,
    dask: str | None = None,
    threads: int = 0,
) -> Sweep:
    """Train what `plan` asks for and `where` does not hold yet, and return what all of it says.

    Parameters
    ----------
    plan
        A TOML file as `actlab sweep` takes it, or its keys as a mapping:
        ``{"activations": ["relu", "tanh"], "depth": [2, 4, 8]}``.
    where
        A directory, or a URL that fsspec knows. What is there is kept; the same call goes on after any interruption.
    dask
        The address of a scheduler, or ``"local"``; None: this process trains.
    threads
        0: one a processor. The results do not depend on it.

    Raises
    ------
    UserError
        Before anything is trained: the plan cannot be, or the place cannot be written; in the middle: the disk is
        full, the cluster gone. What was finished is kept.
    """
    threads = whole("threads", threads, 0, 4096)
    if not isinstance(plan, str | os.PathLike | Mapping):
        raise UserError("sweep.not_a_plan", kind=type(plan).__name__)
    made = studies.read_plan(plan_text(plan)) if isinstance(plan, Mapping) else studies.load_plan(Path(plan))
    with bar(tr("cli.training")) as tell:
        if dask is None:
            outcome = studies.sweep(made, where, studies.Local(threads), tell)
        else:
            from actlab.study.sweep.cluster import Cluster

            with Cluster(dask, threads) as engine:
                outcome = studies.sweep(made, where, engine, tell)
    return _found(studies.Store(where), made, outcome.interrupted)


def read_sweep(where: str | os.PathLike[str]) -> Sweep:
    """What the nets in `where` say by now, of the plan that was last trained there; also while it is being trained.

    Raises
    ------
    UserError
        Where there is no sweep.
    """
    store = studies.Store(where)
    return _found(store, store.plan())


def _found(store: studies.Store, plan: studies.SweepPlan, interrupted: bool = False) -> Sweep:
    return Sweep(**vars(analyse(store, plan)), plan=plan, store=store, interrupted=interrupted)
