"""``actlab cost NAME…``: the smallest net with which each function reaches a target, and what it costs to run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from actlab.cli.cost_model import add_options, refuse, run_cost_model
from actlab.cli.speaking import INTERRUPTED, number, numbers, say, say_json
from actlab.text import UserError, tr

if TYPE_CHECKING:
    import argparse
    from typing import Any


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    cost = commands.add_parser(
        "cost", help=tr("cost.help.cost"), description=tr("cost.help.cost_long"), epilog=tr("cost.help.examples"),
        formatter_class=formatter,
    )  # fmt: skip
    cost.add_argument("names", nargs="*", metavar="NAME", help=tr("cli.help.names"))
    for flag, metavar in (
        ("--target", "0.95"),
        ("--widths", "2,3,4,6"),
        ("--depths", "1,2,3"),
        ("--most-parameters", "1500"),
        ("--pilots", "16"),
        ("--seeds", "64"),
        ("--learning-rates", "0.05,0.5"),
        ("--epochs", "400"),
        ("--batch-size", "32"),
        ("--test-points", "10000"),
    ):
        cost.add_argument(flag, metavar=metavar, help=tr(f"cost.help.{flag[2:].replace('-', '_')}"))
    for flag, metavar in (
        ("--data", "NAME|FILE"),
        ("--init", "SCHEME"),
        ("--optimiser", "RULE"),
        ("--noise", "0.18"),
        ("--threads", "0"),
        ("--report", "PAGE.html"),
    ):
        cost.add_argument(flag, metavar=metavar, help=tr(f"cli.help.{flag[2:].replace('-', '_')}"))
    add_options(cost)
    cost.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    cost.set_defaults(command=run_cost)


def run_cost(options: argparse.Namespace) -> int:
    """Train, fit, measure, and say what came of it; or do so with the user's own model."""
    refuse(options)
    if options.model is not None:
        return run_cost_model(options)
    from actlab import report
    from actlab.cost import cost
    from actlab.progress import bar
    from actlab.report import costs
    from actlab.results import shown_cost

    if not options.names:
        raise UserError("cli.no_names", command="cost")
    whole, real = int, float
    given = {
        "data": options.data,
        "target": number("--target", options.target, real),
        "widths": None if options.widths is None else numbers("--widths", options.widths, whole),
        "depths": None if options.depths is None else numbers("--depths", options.depths, whole),
        "most_parameters": number("--most-parameters", options.most_parameters, whole),
        "seeds": number("--seeds", options.seeds, whole),
        "pilots": number("--pilots", options.pilots, whole),
        "learning_rates": None
        if options.learning_rates is None
        else numbers("--learning-rates", options.learning_rates, real),
        "epochs": number("--epochs", options.epochs, whole),
        "batch_size": number("--batch-size", options.batch_size, whole),
        "init": options.init,
        "optimiser": options.optimiser,
        "noise": number("--noise", options.noise, real),
        "test_points": number("--test-points", options.test_points, whole),
        "threads": number("--threads", options.threads, whole),
    }
    if options.report is not None:
        report.check_page(options.report)  # now, not after minutes of training
    names = [name.strip() for name in options.names]
    with bar(tr("cli.training")) as tell:
        found = cost(names, progress=tell, **{k: v for k, v in given.items() if v is not None})
    if options.json:
        say_json(found.to_json())
    else:
        costs.print_cost(found)
    if options.report is not None:
        path = shown_cost(found).report(options.report, options.page_language)
        say(tr("cli.report_at", path=path), sys.stderr if options.json else sys.stdout)
    if found.interrupted:
        say(f"actlab: {tr('cost.interrupted')}", sys.stderr)
        return INTERRUPTED
    return 0
