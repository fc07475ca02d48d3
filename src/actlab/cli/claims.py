"""``actlab claims``: the ledger of claims, or some of them put to the test."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from actlab.cli.flags import number
from actlab.cli.speaking import say, say_beside, say_json
from actlab.text import UserError, tr, use_language

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import Any

    from actlab.study.claims.claim import Claim
    from actlab.study.claims.decide import Verdict
    from actlab.study.claims.ledger import Ledger

_CLAIM = re.compile(r"[Kk]\d{1,3}")


def add_command(commands: Any, formatter: type[argparse.HelpFormatter]) -> None:
    """Teach the parser the command."""
    claims = commands.add_parser(
        "claims", help=tr("claims.help.claims"), description=tr("claims.help.claims_long"),
        epilog=tr("claims.help.examples"), formatter_class=formatter,
    )  # fmt: skip
    claims._positionals.title = tr("show.help.positionals")
    claims.add_argument("names", nargs="*", metavar="K14|DIR", help=tr("claims.help.names"))
    claims.add_argument("--all", action="store_true", help=tr("claims.help.all"))
    claims.add_argument("--seeds", metavar="256", help=tr("claims.help.seeds"))
    claims.add_argument("--threads", metavar="0", help=tr("cli.help.threads"))
    claims.add_argument("--out", metavar="FILE.svg", help=tr("claims.help.out"))
    claims.add_argument("--pages", metavar="DOCS", help=tr("claims.help.pages"))
    claims.add_argument("--json", action="store_true", help=tr("claims.help.json"))
    claims.set_defaults(command=run_claims)


def run_claims(options: argparse.Namespace) -> int:
    """List the ledger; or test claims, and print what became of them."""
    from actlab.report import check_writable
    from actlab.report import ledger as report
    from actlab.study import claims
    from actlab.study.claims import ledger

    names = [name for name in options.names if _CLAIM.fullmatch(name.strip())]
    places = [name for name in options.names if name not in names]
    if len(places) > 1:
        raise UserError("claims.two_places", first=places[0][-40:], second=places[1][-40:])
    if options.all and names:
        raise UserError("claims.all_or_names")
    if options.all and not places:
        raise UserError("claims.all_needs_place")
    if options.out is not None and (len(names) != 1 or Path(options.out).suffix.lower() != ".svg"):
        raise UserError("claims.one_picture")
    if options.out is not None:
        check_writable(options.out)  # now, not after minutes of training
    seeds = _seeds(options.seeds, names or options.all)
    chosen = claims.all_claims() if options.all else claims.chosen(names)
    if not chosen:
        found = ledger.read(places[0]) if places else ledger.shipped()
    else:
        found = _test(chosen, places[0] if places else None, seeds, options)
    if options.json:
        say_json({"about": found.about, "shipped": found.shipped,
                  "claims": [ledger.to_json(verdict) for verdict in found.verdicts.values()]})  # fmt: skip
    elif not names:
        report.print_ledger(claims.all_claims(), found)
    if options.out is not None:
        from actlab.report._write import write_text

        with use_language(options.page_language):
            text = report.picture(chosen[0], found.verdicts[chosen[0].name], options.page_language)
            path = write_text(options.out, text)
        say_beside(tr("claims.written", path=path), options)
    if options.pages is not None:
        from actlab.play import lessons

        paths = report.write_pages(claims.all_claims(), found, options.pages, lessons.of_claim)
        say(tr("claims.pages_written", count=len(paths), path=options.pages), sys.stderr)
    return 0


def _seeds(text: str | None, testing: object) -> int:
    from actlab.study.arm import whole
    from actlab.study.claims import SEEDS

    if text is None:
        return SEEDS
    if not testing:
        raise UserError("claims.seeds_of_nothing")
    return whole("--seeds", number("--seeds", text, int), 16, 100_000)


def _test(chosen: Sequence[Claim], place: str | None, seeds: int, options: argparse.Namespace) -> Ledger:
    from actlab.play import lessons
    from actlab.progress import bar
    from actlab.report import ledger as report
    from actlab.study.claims import ledger

    several = len(chosen) > 1
    planned = sum(claim.comparisons for claim in chosen)
    before = {claim.name: sum(one.comparisons for one in chosen[:k]) for k, claim in enumerate(chosen)}

    def said(claim: Claim, verdict: Verdict) -> None:
        if several and options.all:
            text = f"{claim.name}: {report.sentence(claim, verdict)}"
            say(text, sys.stderr)
        elif not options.json:
            report.print_verdict(claim, verdict)
            titles = lessons.of_claim(claim.name)
            if titles:
                say(tr("claims.lessons", titles="; ".join(titles)), sys.stdout)
            say("", sys.stdout)

    with bar(tr("claims.testing")) as tell:
        heard = None if tell is None else (
            lambda claim, done, _: tell(before[claim.name] + done, planned)
        )  # fmt: skip
        threads = int(number("--threads", options.threads, int) or 0)
        return ledger.make(chosen, place, seeds, heard, said, threads)
