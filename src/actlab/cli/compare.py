"""``actlab compare NAME…``: which one learns better, measured."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from actlab.cli.speaking import INTERRUPTED, number, numbers, say, say_json
from actlab.text import UserError, tr

if TYPE_CHECKING:
    import argparse
    from typing import Any


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    compare = commands.add_parser(
        "compare", help=tr("cli.help.compare"), description=tr("cli.help.compare_long"), epilog=tr("cli.help.examples"),
        formatter_class=formatter,
    )  # fmt: skip
    compare.add_argument("names", nargs="*", metavar="NAME", help=tr("cli.help.names"))
    for flag, metavar in (
        ("--data", "NAME|FILE"),
        ("--target", "COLUMN"),
        ("--task", "KIND"),
        ("--missing", "drop|mean"),
        ("--hidden", "8,8"),
        ("--seeds", "256"),
        ("--learning-rates", "0.05,0.5"),
        ("--epochs", "800"),
        ("--batch-size", "64"),
        ("--init", "SCHEME"),
        ("--norm", "none|batch|layer"),
        ("--residual", "0"),
        ("--optimiser", "RULE"),
        ("--schedule", "constant|cosine"),
        ("--warm-up", "0"),
        ("--weight-decay", "0"),
        ("--clip", "NORM"),
        ("--target-loss", "LOSS"),
        ("--checkpoints", "14"),
        ("--geometry-seeds", "8"),
        ("--test-points", "20000"),
        ("--noise", "0.18"),
        ("--noise-columns", "0"),
        ("--threads", "0"),
        ("--report", "PAGE.html"),
    ):
        compare.add_argument(flag, metavar=metavar, help=tr(f"cli.help.{flag[2:].replace('-', '_')}"))
    compare.add_argument("--encode", action="store_true", help=tr("cli.help.encode"))
    compare.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    compare.set_defaults(command=run_compare)


def run_compare(options: argparse.Namespace) -> int:
    """Train the arms and say what came of it."""
    from actlab import report
    from actlab.progress import bar
    from actlab.results import shown
    from actlab.study import make_plan, run_plan

    if not options.names:
        raise UserError("cli.no_names", command="compare")
    given = {
        "data": options.data,
        "hidden": None if options.hidden is None else numbers("--hidden", options.hidden, int),
        "seeds": number("--seeds", options.seeds, int),
        "learning_rates": None
        if options.learning_rates is None
        else numbers("--learning-rates", options.learning_rates, float),
        "epochs": number("--epochs", options.epochs, int),
        "batch_size": number("--batch-size", options.batch_size, int),
        "init": options.init,
        "norm": options.norm,
        "residual": number("--residual", options.residual, int),
        "optimiser": options.optimiser,
        "schedule": options.schedule,
        "warm_up": number("--warm-up", options.warm_up, int),
        "weight_decay": number("--weight-decay", options.weight_decay, float),
        "clip": number("--clip", options.clip, float),
        "target_loss": number("--target-loss", options.target_loss, float),
        "checkpoints": number("--checkpoints", options.checkpoints, int),
        "geometry_seeds": number("--geometry-seeds", options.geometry_seeds, int),
        "test_points": number("--test-points", options.test_points, int),
        "noise": number("--noise", options.noise, float),
        "noise_columns": number("--noise-columns", options.noise_columns, int),
        "target": options.target,
        "task": options.task,
        "encode": options.encode or None,
        "missing": options.missing,
        "threads": number("--threads", options.threads, int),
    }
    names = [name.strip() for name in options.names]
    plan = make_plan(names, **{name: value for name, value in given.items() if value is not None})
    if options.report is not None:
        report.check_page(options.report)  # now, not after minutes of training
    for note in getattr(plan.source, "notes", ()):  # what was inferred can be put right now, before the minutes pass
        say(str(note), sys.stderr)
    with bar(tr("cli.training")) as tell:
        result = shown(run_plan(plan, tell))
    if options.json:
        say_json(result.to_json())
    else:
        report.print_comparison(result)
    if options.report is not None:
        path = result.report(options.report, options.page_language)
        say(tr("cli.report_at", path=path), sys.stderr if options.json else sys.stdout)
    if result.interrupted:
        kept = min(int(nets) for nets in result.summary["nets"])
        say(f"actlab: {tr('cli.interrupted', kept=kept, seeds=result.seeds)}", sys.stderr)
        return INTERRUPTED
    return 0
