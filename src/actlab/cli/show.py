"""``actlab show NAME…``: what a function is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from actlab.cli.speaking import say, say_beside, say_json
from actlab.text import UserError, tr, use_language

if TYPE_CHECKING:
    import argparse
    from typing import Any


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    show = commands.add_parser(
        "show", help=tr("show.help.show"), description=tr("show.help.show_long"), epilog=tr("show.help.examples"),
        formatter_class=formatter,
    )  # fmt: skip
    show._positionals.title = tr("show.help.positionals")
    show.add_argument("names", nargs="*", metavar="NAME", help=tr("show.help.names"))
    show.add_argument("--all", action="store_true", help=tr("show.help.all"))
    show.add_argument("--out", metavar="FILE", help=tr("show.help.out"))
    show.add_argument("--range", metavar="-6,6", help=tr("show.help.range"))
    show.add_argument("--json", action="store_true", help=tr("show.help.json"))
    show.set_defaults(command=run_show)


def run_show(options: argparse.Namespace) -> int:
    """Print the cards, or write them."""
    from actlab.functions import get, names
    from actlab.report import cards

    if options.all and options.names:
        raise UserError("show.all_or_names")
    if not options.all and not options.names:
        raise UserError("show.nothing_named")
    inputs = cards.window(options.range)
    # What is named twice is shown once; the atlas has every name, two of which may mean one function (celu is elu).
    found = [get(name) for name in names()] if options.all else list(dict.fromkeys(map(get, options.names)))
    if options.json:
        say_json(cards.to_json(found))
    elif not options.all and options.out is None:
        cards.print_cards(found, inputs)
    if options.out is not None or (options.all and not options.json):
        with use_language(options.page_language):
            path, notices = (cards.write_atlas if options.all else cards.write)(found, options.out, inputs)
        for notice in notices:
            say(f"actlab: {notice}", sys.stderr)
        say_beside(tr("show.written", path=path), options)
    return 0
