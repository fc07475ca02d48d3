"""``actlab advise``: which function for which layer, with reasons and evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from actlab.cli.flags import Flag, asked, teach, whole
from actlab.cli.speaking import say_beside, say_json
from actlab.text import tr

if TYPE_CHECKING:
    import argparse
    from typing import Any

_CASE: Final = (
    Flag("--layer", "hidden|output"),
    Flag("--depth", "2", whole),
    Flag("--width", "16", whole),
    Flag("--task", "KIND"),
    Flag("--symptom", "SYMPTOM"),
)


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    advise = commands.add_parser(
        "advise", help=tr("advise.help.advise"), description=tr("advise.help.advise_long"),
        epilog=tr("advise.help.examples"), formatter_class=formatter,
    )  # fmt: skip
    advise.add_argument("names", nargs="*", metavar="NAME", help=tr("advise.help.names"))
    teach(advise, "advise.help", (*_CASE, Flag("--guide", "PAGE.html")))
    advise.add_argument("--recurrent", action="store_true", help=tr("advise.help.recurrent"))
    advise.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    advise.set_defaults(command=run_advise)


def run_advise(options: argparse.Namespace) -> int:
    """Rank, and tell why; or write the guide."""
    from actlab.advise import advise
    from actlab.guidance import write_guide

    given = asked(options, _CASE)
    if options.names:
        given["candidates"] = [name.strip() for name in options.names]
    found = advise(recurrent=options.recurrent, **given)
    if options.json:
        say_json(found.to_json())
    elif options.guide is None or given or options.recurrent:
        from actlab.report.paragraphs import print_paragraphs

        print_paragraphs(str(found))
    if options.guide is not None:
        path = write_guide(options.guide, options.page_language)
        say_beside(tr("cli.report_at", path=path), options)
    return 0
