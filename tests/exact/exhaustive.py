"""All 2^32 float32 inputs of every built-in, value and derivative, judged one by one.

    python tests/exact/exhaustive.py                      (make exhaustive)
    python tests/exact/exhaustive.py --only gelu silu --every 101

What is done is kept in out/exhaustive/, a file for each function: run it again after a break and it goes on. It starts
a function again when the built core or the functions have changed. At the end the table is printed and written to
out/exhaustive/table.md. The exit status is 1 where a function misses the bar of 1 ULP.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from conventions import ENDS
from judge import HERE, SOURCES, Finding, Judge
from points import sample
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import actlab
from actlab import _core
from actlab.functions.catalogue import names

OUT = HERE.parent.parent / "out" / "exhaustive"
CHUNK = 1 << 22
ALL = 1 << 32
WIDE = 50_000  # float64 inputs


def fingerprint() -> str:
    """Of everything that results and verdicts depend on."""
    digest = hashlib.blake2b(digest_size=8)
    package = Path(actlab.__file__).parent / "functions"
    for path in (
        Path(_core.__file__),
        *sorted(package.rglob("*.py")),
        *(HERE / name for name in SOURCES),
        HERE / "judge.py",
    ):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Record:
    """What is known of one function so far, and its file."""

    def __init__(self, name: str, every: int, mark: str) -> None:
        self.name, self.every, self.mark = name, every, mark
        self.path = OUT / (f"{name}.json" if every == 1 else f"{name}-{every}.json")
        self.done = 0  # inputs judged: 0, every, 2 every …
        self.found = (Finding(), Finding())
        self.wide: tuple[Finding, Finding] | None = None
        self.special = ""
        self.seconds = 0.0
        if self.path.exists():
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            if kept["mark"] == mark:
                self.done, self.seconds, self.special = kept["done"], kept["seconds"], kept["special"]
                self.found = (Finding(**kept["found"][0]), Finding(**kept["found"][1]))
                self.wide = (Finding(**kept["wide"][0]), Finding(**kept["wide"][1])) if kept["wide"] else None

    @property
    def total(self) -> int:
        return -(-ALL // self.every)

    @property
    def complete(self) -> bool:
        return self.done >= self.total and self.wide is not None

    def save(self) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        kept = {
            "mark": self.mark, "done": self.done, "seconds": self.seconds, "special": self.special,
            "found": [asdict(f) for f in self.found], "wide": [asdict(f) for f in self.wide] if self.wide else None,
        }  # fmt: skip
        aside = self.path.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(kept), encoding="utf-8")
        aside.replace(self.path)


def work(record: Record) -> Iterator[int]:
    """Judges what is left of a function; yields the number of inputs after every chunk, when all is kept."""
    f = actlab.get(record.name)
    judge = Judge(f.expression, f.derivative_expression)
    while record.done < record.total:
        begun = time.monotonic()
        count = min(CHUNK, record.total - record.done)
        bits = np.arange(record.done, record.done + count, dtype=np.uint64) * np.uint64(record.every)
        x = bits.astype(np.uint32).view(np.float32)
        for mine, new in zip(record.found, judge(x, *f.value_and_derivative(x)), strict=True):
            mine.add(new)
        record.done += count
        record.seconds += time.monotonic() - begun
        record.save()
        yield count
    if record.wide is None:
        x = sample(f, np.float64, 12, 40)
        assert x.size >= WIDE
        record.wide = judge(x, *f.value_and_derivative(x))
        record.special = special(f, record.name)
        record.save()


def special(f: Any, name: str) -> str:
    """``"right"``, or where a limit at ±∞ is not the published one. NaN in and zeros' signs are counted on the way."""
    found = f.value_and_derivative(np.array([-np.inf, np.inf], np.float32))
    for got, want, x in zip(np.concatenate(found), ENDS[name], ("−∞", "+∞", "−∞ (f′)", "+∞ (f′)"), strict=True):
        nearest = np.float32(want)
        if not (np.isclose(got, nearest, rtol=1.2e-7, atol=0, equal_nan=True)):
            return f"{got} at {x}"
    if np.signbit(found[0]).tolist() != [math.copysign(1, v) < 0 for v in ENDS[name][:2]] and not np.isnan(found[0][0]):
        return "a zero's sign"
    return "right"


def table(records: list[Record]) -> str:
    """The table of what is done, Markdown."""
    lines = [
        "| function | inputs | f: worst ULP (at x) | f′: worst ULP (at x) | special values "
        "| beyond double: f, f′ | float64: f, f′ |",
        "|---|---|---|---|---|---|---|",
    ]
    for r in records:
        if r.done == 0:
            continue
        inputs = "all 2³²" if r.complete and r.every == 1 else f"{r.done:,}"
        worst = [f"{f.worst:.5g} ({f.worst_x:.9g})" for f in r.found]
        wrong = sum(f.not_nan for f in r.found) + r.found[0].wrong_sign
        beyond = [f"{sum(f.decided[1:]):,}" for f in r.found]
        wide = ", ".join(f"{f.worst:.3g}" for f in r.wide) if r.wide else ""
        ends = (r.special or "–") if wrong == 0 else f"{wrong:,} wrong"
        lines.append(f"| {r.name} | {inputs} | {worst[0]} | {worst[1]} | {ends} | {', '.join(beyond)} | {wide} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names(), default=names(), help="these functions")
    parser.add_argument("--every", type=int, default=1, metavar="K", help="every K-th input, for a quick look")
    asked = parser.parse_args()
    if asked.every < 1:
        parser.error("--every takes a number from 1 on")
    mark = fingerprint()
    records = [Record(name, asked.every, mark) for name in asked.only]
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    stopped = False
    with Progress(*columns, console=console) as progress:
        task = progress.add_task(
            "", total=sum(r.total for r in records), completed=sum(r.done for r in records), rate=""
        )
        try:
            for record in records:
                for count in work(record):
                    speed = progress.tasks[task].speed or 0.0
                    progress.update(task, advance=count, description=record.name, rate=f"{speed / 1e6:.0f} M/s")
                if not sys.stderr.isatty():
                    console.print(table([record]).splitlines()[-1], soft_wrap=True)
        except KeyboardInterrupt:
            stopped = True
    text = table(records)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "table.md").write_text(text, encoding="utf-8")
    print(text)  # noqa: T201
    if stopped:
        console.print("Stopped; the same command goes on from here.")
        return 130
    return int(any(f.worst > 1 for r in records for f in r.found) or any(r.special != "right" for r in records))


if __name__ == "__main__":
    sys.exit(main())
