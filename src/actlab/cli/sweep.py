"""The commands of long studies: ``actlab sweep PLAN DIR``, ``actlab report DIR``. Exit 1: a study could not go on."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from actlab.cli.flags import number
from actlab.cli.speaking import INTERRUPTED, say, say_beside
from actlab.text import UserError, integer, tr

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import Any

    from actlab.study.sweep import Outcome, SweepPlan
    from actlab.study.sweep.store import Contents

FAILED = 1


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser both commands."""
    sweep = commands.add_parser(
        "sweep", help=tr("sweep.help.sweep"), description=tr("sweep.help.sweep_long"), epilog=tr("sweep.help.examples"),
        formatter_class=formatter,
    )  # fmt: skip
    sweep._positionals.title = tr("sweep.help.positionals")
    sweep.add_argument("names", nargs="*", metavar="PLAN.toml DIR", help=tr("sweep.help.names"))
    sweep.add_argument("--dry-run", action="store_true", help=tr("sweep.help.dry_run"))
    sweep.add_argument("--dask", metavar="ADDRESS|local", help=tr("sweep.help.dask"))
    sweep.add_argument("--threads", metavar="0", help=tr("cli.help.threads"))
    sweep.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    sweep.set_defaults(command=_guarded(run_sweep))
    report = commands.add_parser(
        "report", help=tr("sweep.help.report"), description=tr("sweep.help.report_long"), formatter_class=formatter
    )
    report._positionals.title = tr("sweep.help.positionals")
    report.add_argument("names", nargs="*", metavar="DIR", help=tr("sweep.help.report_names"))
    report.add_argument("--out", metavar="FOLDER", help=tr("sweep.help.out"))
    report.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    report.set_defaults(command=_guarded(run_report))


def _guarded(command: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """`command`, with exit code 1 where the study failed though nothing was wrong with what was asked for."""

    def run(options: argparse.Namespace) -> int:
        from actlab.study.sweep import StudyError

        try:
            return command(options)
        except StudyError as error:
            say(f"actlab: {error}", sys.stderr)
            return FAILED

    return run


def run_sweep(options: argparse.Namespace) -> int:
    """Train what is missing, or say what that would cost."""
    from actlab.progress import bar
    from actlab.study.sweep import Local, load_plan, sweep

    if len(options.names) != 2:
        raise UserError("sweep.two_names")
    plan, where = load_plan(Path(options.names[0])), options.names[1]
    threads = _threads(options.threads)
    for note in plan.grid.notes:  # what was inferred of a user's data can be put right now, before the hours pass
        say(str(note), sys.stderr)
    if options.dry_run:
        return _dry_run(plan, where, threads, options.json)
    if options.dask is not None:
        from actlab.study.sweep.cluster import Cluster

        with Cluster(options.dask, threads) as engine, bar(tr("cli.training")) as tell:
            outcome = sweep(plan, where, engine, tell, _begun)
    else:
        with bar(tr("cli.training")) as tell:
            outcome = sweep(plan, where, Local(threads), tell, _begun)
    return _ended(outcome, where, options.json)


def _threads(text: str | None) -> int:
    threads = int(number("--threads", text or "0", int) or 0)
    if not 0 <= threads <= 4096:
        raise UserError("sweep.whole", name="--threads", value=str(threads), low="0", high=integer(4096))
    return threads


def _begun(found: Contents) -> None:
    """Say what was found that is not as it should be."""
    if found.damaged:
        say(tr("sweep.damaged", count=integer(len(found.damaged)), name=found.damaged[0]), sys.stderr)
    if found.foreign:
        say(tr("sweep.foreign", count=integer(len(found.foreign)), name=found.foreign[0]), sys.stderr)


def _ended(outcome: Outcome, where: str, as_json: bool) -> int:
    if as_json:
        say(json.dumps(vars(outcome)), sys.stdout)
    key = "sweep.stopped" if outcome.interrupted else "sweep.done"
    command = shlex.join(["actlab", "report", where])
    new = integer(max(outcome.nets - outcome.found, 0))
    text = tr(key, nets=integer(outcome.nets), new=new, where=where, command=command)
    say(text, sys.stderr if as_json or outcome.interrupted else sys.stdout)
    return INTERRUPTED if outcome.interrupted else 0


def _dry_run(plan: SweepPlan, where: str, threads: int, as_json: bool) -> int:
    from actlab.study.sweep.estimate import estimate

    found = estimate(plan, where, threads)
    if as_json:
        say(json.dumps(vars(found)), sys.stdout)
        return 0
    values: dict[str, Any] = {
        "nets": integer(found.nets), "cells": integer(found.cells), "chunks": integer(found.chunks),
        "there": integer(found.there), "operations": f"{found.operations:.2g}", "memory": _bytes(found.memory),
        "disk": _bytes(found.disk), "time": _duration(found.seconds), "threads": found.threads, "timed": found.timed,
        "left_out": integer(found.left_out), "added": integer(found.added),
    }  # fmt: skip
    say(tr("sweep.estimate.nets", **values), sys.stdout)
    if found.left_out:
        say(tr("sweep.estimate.left_out" if plan.random is None else "sweep.estimate.replaced", **values), sys.stdout)
    if plan.grows:
        say(tr("sweep.estimate.grows", **values), sys.stdout)
    if plan.seeds.until is not None:
        say(tr("sweep.estimate.auto", most=integer(plan.seeds.most)), sys.stdout)
    say(tr("sweep.estimate.cost", **values), sys.stdout)
    say(tr("sweep.estimate.time" if found.there < found.nets else "sweep.estimate.nothing", **values), sys.stdout)
    return 0


def _bytes(count: float) -> str:
    for unit, size in (("GiB", 2**30), ("MiB", 2**20)):
        if count >= size:
            return f"{count / size:.2g} {unit}" if count / size < 10 else f"{count / size:,.0f} {unit}"
    return f"{max(count / 1024, 1):,.0f} KiB"


def _duration(seconds: float) -> str:
    """Two digits at most: an estimate has no more."""
    if seconds < 90:
        return tr("sweep.seconds", count=integer(max(1, round(seconds))))
    if seconds < 5400:
        return tr("sweep.minutes", count=integer(round(seconds / 60)))
    return tr("sweep.hours", count=f"{seconds / 3600:.1f}" if seconds < 36_000 else integer(round(seconds / 3600)))


def run_report(options: argparse.Namespace) -> int:
    """Write the page and the tables of what is there by now."""
    from actlab.report.sweeps import to_json, write_report
    from actlab.study.sweep import Store
    from actlab.study.sweep.analysis import analyse

    if len(options.names) != 1:
        raise UserError("sweep.one_name")
    where = options.names[0]
    if "://" in where and options.out is None and not options.json:
        raise UserError("sweep.out_needed", url=where)
    store = Store(where)
    plan = store.plan()
    contents = store.contents()
    _begun(contents)
    found = analyse(store, plan, contents)
    if options.json:
        say(json.dumps(to_json(found), indent=2), sys.stdout)
        if options.out is None:
            return 0
    paths = write_report(found, plan, store, Path(options.out if options.out is not None else where) / (
        "" if options.out is not None else "report"
    ))  # fmt: skip
    for sentence in paths.said[options.page_language]:
        say_beside(sentence, options)
    say_beside(tr("cli.report_at", path=paths.pages[options.page_language]), options)
    return 0
