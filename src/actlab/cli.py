"""The command line: words to calls. Exit 0 done, 1 findings of a check, 2 bad usage, 130 interrupted."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from typing import TYPE_CHECKING, NoReturn, TextIO

from actlab import __version__, cli_theory
from actlab.cli_sweep import add_commands
from actlab.text import LANGUAGES, UserError, current_language, nearest, set_language, tr, use_language

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

COMMANDS = ("check", "compare", "show", "sweep", "report", "theory")
INTERRUPTED = 130  # 128 + SIGINT, as shells count it
#: A formula or a number that begins with a minus sign, which argparse would take for an option: ``-x*tanh(x)``.
_MINUS = re.compile(r"-(?!-).*x|-[\d.]")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. The language of whoever calls is what it was before."""
    with use_language(None):
        return _main(list(sys.argv[1:] if arguments is None else arguments))


def _main(words: list[str]) -> int:
    try:
        set_language(_language(words))
        wanted = current_language()
        if not _speakable():
            set_language("en")
        code = _run(words, wanted)
        sys.stdout.flush()  # now, or a reader that has left would be noticed when nobody can catch it any more
        return code
    except UserError as error:
        say(f"actlab: {error}", sys.stderr)
        return INTERRUPTED if error.key == "study.nothing_kept" else 2
    except BrokenPipeError:  # the reader of a pipe has left: nothing to say, and nobody to hear it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        say(f"\nactlab: {tr('cli.interrupted_early')}", sys.stderr)
        return INTERRUPTED


def _unicode(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").lower().startswith("utf")


def say(text: str, stream: TextIO, end: str = "\n") -> None:
    """Write `text` to `stream` in characters that it has."""
    if not _unicode(stream):
        from actlab.report.terminal import legible

        text = legible(text, stream.encoding)
    print(text, end=end, file=stream)


def say_json(value: Any) -> None:
    """Write `value` to the standard output as JSON, in characters that it has."""
    say(json.dumps(value, ensure_ascii=not _unicode(sys.stdout), indent=2), sys.stdout)


def _speakable() -> bool:
    """Whether the console has the letters of the language; a screen of question marks would help nobody."""
    try:
        tr("cli.help.usage").encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _language(words: Sequence[str]) -> str | None:
    """``--lang`` is read before all else: every sentence, the help too, is in that language."""
    for k, word in enumerate(words):
        if word == "--lang" and k + 1 < len(words):
            return words[k + 1]
        if word.startswith("--lang="):
            return word.partition("=")[2]
    return None


def _run(words: list[str], page_language: str) -> int:
    parser = _parser()
    if not words:
        parser.print_help()
        return 2
    if not words[0].startswith("-") and words[0] not in COMMANDS:
        near = nearest(words[0], COMMANDS)
        known = ", ".join(COMMANDS)
        if near:
            raise UserError("cli.unknown_command_near", name=words[0][:40], near=near, known=known)
        raise UserError("cli.unknown_command", name=words[0][:40], known=known)
    try:
        options, rest = parser.parse_known_args([f" {word}" if _MINUS.match(word) else word for word in words])
    except SystemExit:  # --help and --version have said what they say
        return 0
    unknown = [word for word in rest if word.startswith("-")]
    if unknown:
        flags = [flag for action in _actions(parser, words[0]) for flag in action.option_strings]
        near = nearest(unknown[0].partition("=")[0], flags)
        if near:
            raise UserError("cli.unknown_option_near", name=unknown[0][:40], near=near)
        if words[0] in ("sweep", "report"):
            raise UserError("sweep.unknown_option", name=unknown[0][:40], command=words[0])
        room = words[0] if words[0] in COMMANDS and words[0] != "compare" else "cli"
        raise UserError(f"{room}.unknown_option", name=unknown[0][:40])
    if not hasattr(options, "command"):
        parser.print_help()
        return 2
    options.page_language = page_language  # a page is UTF-8, whatever the console
    options.names += rest  # names that stand behind an option: argparse takes the first group only
    command: Callable[[argparse.Namespace], int] = options.command
    return command(options)


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


def _parser() -> _Parser:
    parser = _Parser(prog="actlab", description=tr("cli.help.actlab"))
    parser.add_argument("--version", action="version", version=f"actlab {__version__}", help=tr("cli.help.version"))
    commands = parser.add_subparsers(title=tr("cli.help.commands"), metavar="COMMAND", parser_class=_Parser)
    compare = commands.add_parser(
        "compare", help=tr("cli.help.compare"), description=tr("cli.help.compare_long"), epilog=tr("cli.help.examples"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    compare.add_argument("names", nargs="*", metavar="NAME", help=tr("cli.help.names"))
    for flag, metavar in (
        ("--data", "NAME|FILE"),
        ("--target", "COLUMN"),
        ("--task", "KIND"),
        ("--missing", "drop|mean"),
        ("--hidden", "8,8"),
        ("--seeds", "256"),
        ("--learning-rates", "0.05,0.5"),
        ("--epochs", "800"),
        ("--batch-size", "64"),
        ("--init", "SCHEME"),
        ("--norm", "none|batch|layer"),
        ("--residual", "0"),
        ("--optimiser", "RULE"),
        ("--schedule", "constant|cosine"),
        ("--warm-up", "0"),
        ("--weight-decay", "0"),
        ("--clip", "NORM"),
        ("--target-loss", "LOSS"),
        ("--checkpoints", "14"),
        ("--geometry-seeds", "8"),
        ("--test-points", "20000"),
        ("--noise", "0.18"),
        ("--noise-columns", "0"),
        ("--threads", "0"),
        ("--report", "PAGE.html"),
    ):
        compare.add_argument(flag, metavar=metavar, help=tr(f"cli.help.{flag[2:].replace('-', '_')}"))
    compare.add_argument("--encode", action="store_true", help=tr("cli.help.encode"))
    compare.add_argument("--json", action="store_true", help=tr("cli.help.json"))
    compare.set_defaults(command=_compare)
    _add_show(commands)
    add_commands(commands, argparse.RawDescriptionHelpFormatter)
    _add_check(commands)
    cli_theory.add_command(commands, argparse.RawDescriptionHelpFormatter)
    return parser


def _add_show(commands: argparse._SubParsersAction[_Parser]) -> None:
    show = commands.add_parser(
        "show", help=tr("show.help.show"), description=tr("show.help.show_long"), epilog=tr("show.help.examples"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    show._positionals.title = tr("show.help.positionals")
    show.add_argument("names", nargs="*", metavar="NAME", help=tr("show.help.names"))
    show.add_argument("--all", action="store_true", help=tr("show.help.all"))
    show.add_argument("--out", metavar="FILE", help=tr("show.help.out"))
    show.add_argument("--range", metavar="-6,6", help=tr("show.help.range"))
    show.add_argument("--json", action="store_true", help=tr("show.help.json"))
    show.set_defaults(command=_show)


def _add_check(commands: argparse._SubParsersAction[_Parser]) -> None:
    check = commands.add_parser(
        "check", help=tr("check.help.check"), description=tr("check.help.check_long"), epilog=tr("check.help.examples"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    ):
        check.add_argument(flag, metavar=metavar, help=tr(f"check.help.{flag[2:].replace('-', '_')}"))
    check.add_argument("--json", action="store_true", help=tr("check.help.json"))
    check.set_defaults(command=_check)


def _actions(parser: argparse.ArgumentParser, command: str) -> list[argparse.Action]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) and command in action.choices:
            return list(action.choices[command]._actions)
    return parser._actions


def _compare(options: argparse.Namespace) -> int:
    from actlab import report
    from actlab.progress import bar
    from actlab.results import shown
    from actlab.study import make_plan, run_plan

    if not options.names:
        raise UserError("cli.no_names")
    given = {
        "data": options.data,
        "hidden": None if options.hidden is None else _numbers("--hidden", options.hidden, int),
        "seeds": _number("--seeds", options.seeds, int),
        "learning_rates": None
        if options.learning_rates is None
        else _numbers("--learning-rates", options.learning_rates, float),
        "epochs": _number("--epochs", options.epochs, int),
        "batch_size": _number("--batch-size", options.batch_size, int),
        "init": options.init,
        "norm": options.norm,
        "residual": _number("--residual", options.residual, int),
        "optimiser": options.optimiser,
        "schedule": options.schedule,
        "warm_up": _number("--warm-up", options.warm_up, int),
        "weight_decay": _number("--weight-decay", options.weight_decay, float),
        "clip": _number("--clip", options.clip, float),
        "target_loss": _number("--target-loss", options.target_loss, float),
        "checkpoints": _number("--checkpoints", options.checkpoints, int),
        "geometry_seeds": _number("--geometry-seeds", options.geometry_seeds, int),
        "test_points": _number("--test-points", options.test_points, int),
        "noise": _number("--noise", options.noise, float),
        "noise_columns": _number("--noise-columns", options.noise_columns, int),
        "target": options.target,
        "task": options.task,
        "encode": options.encode or None,
        "missing": options.missing,
        "threads": _number("--threads", options.threads, int),
    }
    names = [name.strip() for name in options.names]
    plan = make_plan(names, **{name: value for name, value in given.items() if value is not None})
    if options.report is not None:
        report.check_writable(options.report)  # now, not after minutes of training
    for note in getattr(plan.source, "notes", ()):  # what was inferred can be put right now, before the minutes pass
        say(str(note), sys.stderr)
    with bar(tr("cli.training")) as tell:
        result = shown(run_plan(plan, tell))
    if options.json:
        say_json(result.to_json())
    else:
        report.print_comparison(result)
    if options.report is not None:
        path = result.report(options.report, options.page_language)
        say(tr("cli.report_at", path=path), sys.stderr if options.json else sys.stdout)
    if result.interrupted:
        kept = min(int(nets) for nets in result.summary["nets"])
        say(f"actlab: {tr('cli.interrupted', kept=kept, seeds=result.seeds)}", sys.stderr)
        return INTERRUPTED
    return 0


def _show(options: argparse.Namespace) -> int:
    from actlab.functions import get, names
    from actlab.report import cards

    if options.all and options.names:
        raise UserError("show.all_or_names")
    if not options.all and not options.names:
        raise UserError("show.nothing_named")
    inputs = cards.window(options.range)
    found = list(dict.fromkeys(get(name) for name in (names() if options.all else options.names)))
    if options.json:
        say_json(cards.to_json(found))
    elif not options.all and options.out is None:
        cards.print_cards(found, inputs)
    if options.out is not None or (options.all and not options.json):
        with use_language(options.page_language):
            path, notices = (cards.write_atlas if options.all else cards.write)(found, options.out, inputs)
        for notice in notices:
            say(f"actlab: {notice}", sys.stderr)
        say(tr("show.written", path=path), sys.stderr if options.json else sys.stdout)
    return 0


def _check(options: argparse.Namespace) -> int:
    from actlab.doctor import command

    result = command.run(
        options.names,
        data=options.data,
        loss=options.loss,
        weights=options.weights,
        batches=_number("--batches", options.batches, int),
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
    return 1 if result.failed else 0


def _number(flag: str, text: str | None, kind: type[int] | type[float]) -> float | None:
    """`text` as a number; None stays None. Ranges are checked where they belong, by the plan."""
    if text is None:
        return None
    try:
        return kind(text.strip())
    except (ValueError, OverflowError):
        raise UserError("cli.not_a_number" if kind is float else "cli.not_whole", name=flag, value=text[:40]) from None


def _numbers(flag: str, text: str, kind: type[int] | type[float]) -> list[float]:
    found = [_number(flag, part, kind) for part in text.split(",")]
    return [number for number in found if number is not None]


if __name__ == "__main__":
    sys.exit(main())
