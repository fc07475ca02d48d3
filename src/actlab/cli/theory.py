"""``actlab theory NAME``: what wide nets are expected to do."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from actlab.cli.flags import number
from actlab.cli.speaking import say, say_beside, say_json
from actlab.text import UserError, tr, use_language

if TYPE_CHECKING:
    import argparse
    from typing import Any


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    theory = commands.add_parser(
        "theory", help=tr("theory.help.theory"), description=tr("theory.help.theory_long"),
        epilog=tr("theory.help.examples"), formatter_class=formatter,
    )  # fmt: skip
    theory._positionals.title = tr("show.help.positionals")
    theory.add_argument("names", nargs="*", metavar="NAME", help=tr("theory.help.names"))
    theory.add_argument("--sigma-w2", metavar="2", help=tr("theory.help.sigma_w2"))
    theory.add_argument("--sigma-b2", metavar="0", help=tr("theory.help.sigma_b2"))
    theory.add_argument("--out", metavar="FILE", help=tr("theory.help.out"))
    theory.add_argument("--json", action="store_true", help=tr("theory.help.json"))
    theory.set_defaults(command=run_theory)


def run_theory(options: argparse.Namespace) -> int:
    """Print, and draw where asked to."""
    from actlab.report import outlook
    from actlab.theory import theory

    if len(options.names) != 1:
        raise UserError("theory.one_name")
    sigma_w2, sigma_b2 = (
        number(flag, text, float) for flag, text in (("--sigma-w2", options.sigma_w2), ("--sigma-b2", options.sigma_b2))
    )
    if options.out is not None:
        outlook.check(options.out)  # now, not after everything is said
    found = outlook.outlook(theory(options.names[0]), sigma_w2, sigma_b2)
    if options.json:
        say_json(outlook.to_json(found))
    else:
        outlook.print_outlook(found)
    if options.out is not None:
        with use_language(options.page_language):
            path, notices = outlook.write(found, options.out)
        for notice in notices:
            say(f"actlab: {notice}", sys.stderr)
        say_beside(tr("theory.written", path=path), options)
    return 0
