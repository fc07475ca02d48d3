"""``actlab advise``: which function for which layer, with reasons and evidence."""

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
    advise = commands.add_parser(
        "advise", help=tr("advise.help.advise"), description=tr("advise.help.advise_long"),
        epilog=tr("advise.help.examples"), formatter_class=formatter,
    )  # fmt: skip
    advise.add_argument("names", nargs="*", metavar="NAME", help=tr("advise.help.names"))
    for flag, metavar in (
        ("--layer", "hidden|output"),
        ("--depth", "2"),
        ("--width", "16"),
        ("--task", "KIND"),
        ("--symptom", "SYMPTOM"),
        ("--guide", "PAGE.html"),
    ):
        advise.add_argument(flag, metavar=metavar, help=tr(f"advise.help.{flag[2:]}"))
    advise.add_argument("--recurrent", action="store_true", help=tr("advise.help.recurrent"))
    advise.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    advise.set_defaults(command=run_advise)


def run_advise(options: argparse.Namespace) -> int:
    """Rank, and tell why; or write the guide."""
    from actlab.advise import advise
    from actlab.guidance import write_guide

    given = {
        "layer": options.layer,
        "depth": number("--depth", options.depth, int),
        "width": number("--width", options.width, int),
        "task": options.task,
        "symptom": options.symptom,
        "candidates": [name.strip() for name in options.names] or None,
    }
    asked = {name: value for name, value in given.items() if value is not None}
    found = advise(recurrent=options.recurrent, **asked)
    if options.json:
        say_json(found.to_json())
    elif options.guide is None or asked or options.recurrent:
        from actlab.report.paragraphs import print_paragraphs

        print_paragraphs(str(found))
    if options.guide is not None:
        path = write_guide(options.guide, options.page_language)
        say(tr("cli.report_at", path=path), sys.stderr if options.json else sys.stdout)
    return 0
