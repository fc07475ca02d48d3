"""The progress bar of long work: nets done, rate and time left; nothing where nobody watches."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from actlab.text import integer, tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

_COUNTS: Final = 40  # columns that the words of `cli.counts` take, with five-digit numbers
_REST: Final = 20  # … and the time left, the gaps, and a bar that is still one
_WIDEST: Final = 100


@contextmanager
def bar(title: str) -> Iterator[Callable[[float, int], None] | None]:
    """A bar on the standard error stream, moved by ``tell(nets done, nets planned)``; None without a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    console = Console(stderr=True)
    console.width = min(console.width, _WIDEST)
    with bar_on(console, title) as tell:
        yield tell


@contextmanager
def bar_on(console: Console, title: str) -> Iterator[Callable[[float, int], None]]:
    """The bar, as wide as `console`; where that has no room for words, numbers alone stand before it."""
    from rich.cells import cell_len
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    narrow = console.width < cell_len(title) + _COUNTS + _REST
    counts = TextColumn("{task.fields[counts]}")
    wide = BarColumn(bar_width=None)
    columns = (counts, wide) if narrow else (TextColumn(title), wide, counts)
    with Progress(
        *columns, TimeRemainingColumn(compact=True), console=console, transient=True, expand=True
    ) as progress:
        task = progress.add_task(title, total=None, counts="")

        def tell(done: float, planned: int) -> None:
            speed = progress.tasks[task].finished_speed or progress.tasks[task].speed or 0.0
            values = {"done": integer(int(done)), "planned": integer(planned), "rate": integer(int(speed))}
            counts = tr("cli.counts_short" if narrow else "cli.counts", None, **values)
            progress.update(task, completed=done, total=planned, counts=counts)

        yield tell
