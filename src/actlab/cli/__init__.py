"""The command line: words to calls. Exit 0 done, 1 findings of a check, 2 bad usage, 130 interrupted.

A command is a file of this room: it teaches the parser its words, and calls what lies below.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import TYPE_CHECKING

from actlab.cli.speaking import INTERRUPTED, say, speakable
from actlab.text import UserError, current_language, set_language, tr, use_language

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. The language of whoever calls is what it was before."""
    with use_language(None):
        return _main(list(sys.argv[1:] if arguments is None else arguments))


def _main(words: list[str]) -> int:
    try:
        set_language(_language(words))
        wanted = current_language()
        if not speakable():
            set_language("en")
        from actlab.cli.parser import run

        code = run(words, wanted)
        sys.stdout.flush()  # now, or a reader that has left would be noticed when nobody can catch it any more
        return code
    except UserError as error:
        say(f"actlab: {error}", sys.stderr)
        return INTERRUPTED if error.key == "study.nothing_kept" else 2
    except BrokenPipeError:  # the reader of a pipe has left: nothing to say, and nobody to hear it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk behind the standard output, say
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        say(f"actlab: {tr('cli.not_written', reason=os.strerror(error.errno))}", sys.stderr)
        return 2
    except KeyboardInterrupt:
        say(f"\nactlab: {tr('cli.interrupted_early')}", sys.stderr)
        return INTERRUPTED


def _language(words: Sequence[str]) -> str | None:
    """``--lang`` is read before all else: every sentence, the help too, is in that language."""
    for k, word in enumerate(words):
        if word == "--lang" and k + 1 < len(words):
            return words[k + 1]
        if word.startswith("--lang="):
            return word.partition("=")[2]
    return None
