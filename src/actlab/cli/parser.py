"""From words to a call: argparse, whose own words come from the locale too."""

from __future__ import annotations

import argparse
import re
import sys
from typing import TYPE_CHECKING, NoReturn

from actlab import __version__
from actlab.cli import advise, check, claims, compare, cost, play, show, sweep, theory
from actlab.cli.speaking import say
from actlab.text import LANGUAGES, UserError, nearest, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: In the order in which the help lists them.
ROOMS = (compare, show, sweep, check, theory, claims, cost, advise, play)
#: A formula or a number that begins with a minus sign, which argparse would take for an option: ``-x*tanh(x)``.
_MINUS = re.compile(r"-(?!-).*x|-[\d.]")
#: Sentences about a setting, which Python calls by the name of its argument: where that stands in them, and flags whose
#: names are not the argument's.
_OF_SETTINGS = {
    "study.whole_number": "name", "study.positive": "name", "nets.at_least": "name", "nets.positive": "name",
    "nets.below_one": "name", "nets.unknown_choice": "name", "nets.unknown_choice_near": "name", "advise.whole": "name",
    "advise.unknown_choice": "name", "advise.unknown_choice_near": "name", "cost.none_small_enough": "name",
    "doctor.steps": "name", "theory.bad_number": "name", "study.residual_nowhere": "name", "data.size": "what",
    "data.noise": "what", "data.noise_columns": "what", "data.fixed": "what", "data.not_your_own": "what",
    "data.not_a_file": "what", "study.seeds": "name", "study.width": "name", "study.only_auto": "name",
}  # fmt: skip
_FLAGS = {"n_test": "--test-points", "max_batches": "--batches"}


def run(words: list[str], page_language: str) -> int:
    """Do what `words` ask for; returns the exit code."""
    parser = build()
    known = tuple(_choices(parser))
    if not words:
        parser.print_help()
        return 2
    if not words[0].startswith("-") and words[0] not in known:
        near = nearest(words[0], known)
        listed = ", ".join(known)
        if near:
            raise UserError("cli.unknown_command_near", name=words[0][:40], near=near, known=listed)
        raise UserError("cli.unknown_command", name=words[0][:40], known=listed)
    try:
        options, rest = parser.parse_known_args([f" {word}" if _MINUS.match(word) else word for word in words])
    except SystemExit:  # --help and --version have said what they say
        return 0
    unknown = [word for word in rest if word.startswith("-")]
    if unknown:
        near = nearest(unknown[0].partition("=")[0], _flags(parser, words[0]))
        if near:
            raise UserError("cli.unknown_option_near", name=unknown[0][:40], near=near)
        raise UserError(
            "cli.unknown_option", name=unknown[0][:40], command=f"actlab {words[0]}" if words[0] in known else "actlab"
        )
    if not hasattr(options, "command"):
        parser.print_help()
        return 2
    options.page_language = page_language  # a page is UTF-8, whatever the console
    options.names += rest  # names that stand behind an option: argparse takes the first group only
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except UserError as error:
        raise _as_typed(error, _flags(parser, words[0])) from error


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Examples stand as they are written; what is a paragraph fills the width of the console."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if "\n  " in text:
            return super()._fill_text(text, width, indent)
        return argparse.HelpFormatter._fill_text(self, text, width, indent)


class _Parser(argparse.ArgumentParser):
    """argparse whose own words, too, come from the locale."""

    def __init__(self, *arguments: object, **settings: object) -> None:
        settings |= {"add_help": False, "allow_abbrev": False}
        super().__init__(*arguments, **settings)  # type: ignore[arg-type]
        self._positionals.title = tr("cli.help.positionals")
        self._optionals.title = tr("cli.help.options")
        self.add_argument("-h", "--help", action="help", help=tr("cli.help.help"))
        self.add_argument("--lang", choices=LANGUAGES, metavar="en|ko", help=tr("cli.help.lang"))

    def format_usage(self) -> str:
        return super().format_usage().replace("usage: ", tr("cli.help.usage") + " ", 1)

    def format_help(self) -> str:
        return super().format_help().replace("usage: ", tr("cli.help.usage") + " ", 1)

    def _print_message(self, message: str, file: Any = None) -> None:
        say(message, file or sys.stdout, end="")

    def error(self, message: str) -> NoReturn:
        missing = re.match(r"argument ([^:]+): expected", message)
        if missing:
            raise UserError("cli.value_missing", name=missing[1].split("/")[-1])
        choice = re.match(r"argument ([^:]+): invalid choice: (.+?) \(", message)
        if choice:
            raise UserError("cli.bad_choice", name=choice[1], value=choice[2][:40])
        raise UserError("cli.unreadable", message=message)


def build() -> argparse.ArgumentParser:
    """The parser of the whole command line, in the language of now."""
    parser = _Parser(prog="actlab", description=tr("cli.help.actlab"))
    parser.add_argument("--version", action="version", version=f"actlab {__version__}", help=tr("cli.help.version"))
    commands = parser.add_subparsers(title=tr("cli.help.commands"), metavar="COMMAND", parser_class=_Parser)
    for room in ROOMS:
        room.add_command(commands, _Formatter)
    return parser


def _flags(parser: argparse.ArgumentParser, command: str) -> list[str]:
    return [flag for action in _actions(parser, command) for flag in action.option_strings]


def _as_typed(error: UserError, flags: list[str]) -> UserError:
    """The error with the flag that was typed in the place of the argument's name."""
    place = _OF_SETTINGS.get(error.key)
    if place is None:
        return error
    names = str(error.values[place]).split(", ")
    typed = [_FLAGS.get(name, f"--{name.replace('_', '-')}") for name in names]
    return UserError(error.key, **{**error.values, place: ", ".join(typed)}) if {*typed} <= {*flags} else error


def _choices(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _actions(parser: argparse.ArgumentParser, command: str) -> list[argparse.Action]:
    return _choices(parser).get(command, parser)._actions
