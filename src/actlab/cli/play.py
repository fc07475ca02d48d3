"""``actlab play``: two nets side by side, live, in the browser."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from actlab.cli.speaking import say
from actlab.text import UserError, tr

if TYPE_CHECKING:
    import argparse
    from typing import Any


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    play = commands.add_parser(
        "play", help=tr("play.help.play"), description=tr("play.help.play_long"), epilog=tr("play.help.examples"),
        formatter_class=formatter,
    )  # fmt: skip
    play.add_argument("--port", metavar="N", help=tr("play.help.port"))
    play.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help=tr("play.help.host"))
    play.add_argument("--no-browser", action="store_true", help=tr("play.help.no_browser"))
    play.add_argument("--lesson", metavar="N", help=tr("play.help.lesson"))
    play.add_argument("--notebooks", metavar="DIR", help=tr("play.help.notebooks"))
    play.set_defaults(command=run_play, names=[])


def run_play(options: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C; or write the lessons as notebooks."""
    if options.names:
        raise UserError("cli.unreadable", message=" ".join(options.names)[:60])
    if options.notebooks is not None:
        from actlab.play.lessons import notebooks

        paths = notebooks.write(options.notebooks, options.page_language)
        say(tr("play.notebook.written", count=len(paths), path=options.notebooks), sys.stdout)
        return 0
    from actlab.play import server

    port = server.PORT if options.port is None else _port(options.port)
    lesson = None if options.lesson is None else _lesson(options.lesson.strip())
    server.serve(
        options.host, port, browser=not options.no_browser, say=_say, lang=options.page_language, lesson=lesson
    )
    return 0


def _say(text: str) -> None:
    """At once: whoever starts it from a program waits for the address."""
    say(text, sys.stdout)
    sys.stdout.flush()


def _lesson(text: str) -> str:
    """The name of a lesson given by its number, or by its name."""
    from actlab.play import lessons

    numbered = {str(number): name for number, name in enumerate(lessons.names(), 1)}
    return lessons.lesson(numbered.get(text, text)).name


def _port(text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise UserError("play.bad_port", value=text[:20])
    return int(text)
