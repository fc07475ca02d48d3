"""``actlab cost NAME…``: the smallest net with which each function reaches a target, and what it costs to run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from actlab.cli.cost_model import add_options, refuse, run_cost_model
from actlab.cli.flags import REPORT, Flag, asked, real, reals, teach, whole, wholes
from actlab.cli.speaking import INTERRUPTED, say, say_beside, say_json
from actlab.text import UserError, tr

if TYPE_CHECKING:
    import argparse
    from typing import Any

#: What is said of nets of every size; what `actlab compare` calls by the same name.
_SEARCH: Final = (
    Flag("--target", "0.95", real),
    Flag("--widths", "2,3,4,6", wholes),
    Flag("--depths", "1,2,3", wholes),
    Flag("--most-parameters", "1500", whole),
    Flag("--pilots", "16", whole),
    Flag("--seeds", "64", whole),
    Flag("--learning-rates", "0.05,0.5", reals),
    Flag("--epochs", "400", whole),
    Flag("--batch-size", "32", whole),
    Flag("--test-points", "10000", whole),
)
_SHARED: Final = (
    Flag("--data", "NAME|FILE"),
    Flag("--init", "SCHEME"),
    Flag("--optimiser", "RULE"),
    Flag("--noise", "0.18", real),
    Flag("--threads", "0", whole),
)


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    cost = commands.add_parser(
        "cost", help=tr("cost.help.cost"), description=tr("cost.help.cost_long"), epilog=tr("cost.help.examples"),
        formatter_class=formatter,
    )  # fmt: skip
    cost.add_argument("names", nargs="*", metavar="NAME", help=tr("cli.help.names"))
    teach(cost, "cost.help", _SEARCH)
    teach(cost, "cli.help", (*_SHARED, REPORT))
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
    given = asked(options, (*_SEARCH, *_SHARED))
    if options.report is not None:
        report.check_page(options.report)  # now, not after minutes of training
    names = [name.strip() for name in options.names]
    with bar(tr("cli.training")) as tell:
        found = cost(names, progress=tell, **given)
    if options.json:
        say_json(found.to_json())
    else:
        costs.print_cost(found)
    if options.report is not None:
        path = shown_cost(found).report(options.report, options.page_language)
        say_beside(tr("cli.report_at", path=path), options)
    if found.interrupted:
        say(f"actlab: {tr('cost.interrupted')}", sys.stderr)
        return INTERRUPTED
    return 0
