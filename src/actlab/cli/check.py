"""``actlab check MODULE:MODEL``: is the activation hurting this model? Exit 1: there are findings."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from actlab.cli.speaking import number, say, say_json
from actlab.text import tr

if TYPE_CHECKING:
    import argparse
    from typing import Any


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    check = commands.add_parser(
        "check", help=tr("check.help.check"), description=tr("check.help.check_long"), epilog=tr("check.help.examples"),
        formatter_class=formatter,
    )  # fmt: skip
    check._positionals.title = tr("check.help.positionals")
    check.add_argument("names", nargs="*", metavar="MODULE:MODEL", help=tr("check.help.model"))
    for flag, metavar in (
        ("--data", "MODULE:BATCHES"),
        ("--loss", "NAME|MODULE:LOSS"),
        ("--weights", "FILE"),
        ("--batches", "8"),
        ("--fail-on", "error|warning|info|never"),
        ("--baseline", "FILE"),
        ("--write-baseline", "FILE"),
        ("--sarif", "FILE"),
        ("--report", "PAGE.html"),
    ):
        check.add_argument(flag, metavar=metavar, help=tr(f"check.help.{flag[2:].replace('-', '_')}"))
    check.add_argument("--json", action="store_true", help=tr("check.help.json"))
    check.set_defaults(command=run_check)


def run_check(options: argparse.Namespace) -> int:
    """Diagnose, and say what was found."""
    from actlab import report
    from actlab.doctor import command

    if options.report is not None:
        report.check_page(options.report)
    result = command.run(
        options.names,
        data=options.data,
        loss=options.loss,
        weights=options.weights,
        batches=number("--batches", options.batches, int),
        fail_on=options.fail_on,
        baseline=options.baseline,
        write_baseline=options.write_baseline,
        sarif=options.sarif,
    )
    if options.json:
        say_json(result.diagnosis.to_json())
    else:
        say(str(result.diagnosis), sys.stdout)
    for path in result.written:
        say(tr("check.written", path=path), sys.stderr if options.json else sys.stdout)
    if options.report is not None:
        path = report.write_diagnosis(result.diagnosis, options.report, options.page_language)
        say(tr("cli.report_at", path=path), sys.stderr if options.json else sys.stdout)
    return 1 if result.failed else 0
