"""The progress bar of long work: nets done, rate and time left; nothing where nobody watches."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def bar(title: str) -> Iterator[Callable[[float, int], None] | None]:
    """A bar on the standard error stream, moved by ``tell(nets done, nets planned)``; None without a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from actlab.text import integer, tr

    console = Console(stderr=True)
    columns = (TextColumn(title), BarColumn(), TextColumn("{task.fields[counts]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(title, total=None, counts="")

        def tell(done: float, planned: int) -> None:
            speed = progress.tasks[task].finished_speed or progress.tasks[task].speed or 0.0
            counts = tr("cli.counts", done=integer(int(done)), planned=integer(planned), rate=integer(int(speed)))
            progress.update(task, completed=done, total=planned, counts=counts)

        yield tell
