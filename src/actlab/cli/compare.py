"""``actlab compare NAME…``: which one learns better, measured."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from actlab.cli.flags import REPORT, Flag, asked, real, reals, seeds, teach, whole, wholes
from actlab.cli.speaking import INTERRUPTED, say, say_beside, say_json, seen_together
from actlab.text import UserError, tr

if TYPE_CHECKING:
    import argparse
    from typing import Any

    from actlab.study import Comparison

_SETTINGS: Final = (
    Flag("--data", "NAME|FILE"),
    Flag("--target", "COLUMN"),
    Flag("--task", "KIND"),
    Flag("--missing", "drop|mean"),
    Flag("--hidden", "8,8", wholes),
    Flag("--seeds", "256|auto", seeds),
    Flag("--until", "0.05", real),
    Flag("--most", "1024", whole),
    Flag("--learning-rates", "0.05,0.5", reals),
    Flag("--epochs", "800", whole),
    Flag("--batch-size", "64", whole),
    Flag("--init", "SCHEME"),
    Flag("--norm", "none|batch|layer"),
    Flag("--residual", "0", whole),
    Flag("--optimiser", "RULE"),
    Flag("--schedule", "constant|cosine"),
    Flag("--warm-up", "0", whole),
    Flag("--weight-decay", "0", real),
    Flag("--clip", "NORM", real),
    Flag("--target-loss", "LOSS", real),
    Flag("--checkpoints", "14", whole),
    Flag("--geometry-seeds", "8", whole),
    Flag("--test-points", "20000", whole),
    Flag("--noise", "0.18", real),
    Flag("--noise-columns", "0", whole),
    Flag("--threads", "0", whole),
)


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    compare = commands.add_parser(
        "compare", help=tr("cli.help.compare"), description=tr("cli.help.compare_long"), epilog=tr("cli.help.examples"),
        formatter_class=formatter,
    )  # fmt: skip
    compare.add_argument("names", nargs="*", metavar="NAME", help=tr("cli.help.names"))
    teach(compare, "cli.help", (*_SETTINGS, REPORT))
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
    given = asked(options, _SETTINGS)
    if options.encode:
        given["encode"] = True
    names = [name.strip() for name in options.names]
    plan = make_plan(names, **given)
    if options.report is not None:
        report.check_page(options.report)  # now, not after minutes of training
    notes = getattr(plan.source, "notes", ())
    for note in notes:  # what was inferred can be put right now, before the minutes pass
        say(str(note), sys.stderr)
    with bar(tr("cli.training")) as tell:
        result = shown(run_plan(plan, tell))
    if options.json:
        say_json(result.to_json())
    else:
        report.print_comparison(result, told=notes if seen_together() else ())
    if options.report is not None:
        path = result.report(options.report, options.page_language)
        say_beside(tr("cli.report_at", path=path), options)
    if result.interrupted:
        say(f"actlab: {_kept(result)}", sys.stderr)
        return INTERRUPTED
    return 0


def _kept(result: Comparison) -> str:
    """What Ctrl-C has left."""
    if result.stopping is not None:
        return tr("cli.interrupted_auto", kept=result.seeds)
    return tr("cli.interrupted", kept=min(map(int, result.summary["nets"])), seeds=result.seeds)
