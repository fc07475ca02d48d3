"""``actlab check MODULE:MODEL``: is the activation hurting this model? Exit 1: there are findings."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from actlab.cli.flags import REPORT, Flag, asked, teach, whole
from actlab.cli.speaking import say, say_beside, say_json
from actlab.text import tr

if TYPE_CHECKING:
    import argparse
    from typing import Any

_SETTINGS: Final = (
    Flag("--data", "MODULE:BATCHES"),
    Flag("--loss", "NAME|MODULE:LOSS"),
    Flag("--weights", "FILE"),
    Flag("--batches", "8", whole),
    Flag("--fail-on", "error|warning|info|never"),
    Flag("--baseline", "FILE"),
    Flag("--write-baseline", "FILE"),
    Flag("--sarif", "FILE"),
)


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    check = commands.add_parser(
        "check", help=tr("check.help.check"), description=tr("check.help.check_long"), epilog=tr("check.help.examples"),
        formatter_class=formatter,
    )  # fmt: skip
    check._positionals.title = tr("check.help.positionals")
    check.add_argument("names", nargs="*", metavar="MODULE:MODEL", help=tr("check.help.model"))
    teach(check, "check.help", (*_SETTINGS, REPORT))
    check.add_argument("--json", action="store_true", help=tr("check.help.json"))
    check.set_defaults(command=run_check)


def run_check(options: argparse.Namespace) -> int:
    """Diagnose, and say what was found."""
    from actlab import report
    from actlab.doctor import command
    from actlab.report.paragraphs import print_paragraphs

    if options.report is not None:
        report.check_page(options.report)
    result = command.run(options.names, **asked(options, _SETTINGS))
    if options.json:
        say_json(result.diagnosis.to_json())
    elif sys.stdout.isatty():
        print_paragraphs(str(result.diagnosis))
    else:  # a line a place, for whoever searches a log
        say(str(result.diagnosis), sys.stdout)
    for path in result.written:
        say_beside(tr("check.written", path=path), options)
    if options.report is not None:
        path = report.write_diagnosis(result.diagnosis, options.report, options.page_language)
        say_beside(tr("cli.report_at", path=path), options)
    return 1 if result.failed else 0
