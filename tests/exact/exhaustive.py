"""All 2^32 float32 inputs of every built-in, value and derivative, judged one by one.

    python tests/exact/exhaustive.py                      (make exhaustive)
    python tests/exact/exhaustive.py --only gelu silu --every 101

What is done is kept in out/exhaustive/, a file for each function: run it again after a break and it goes on.

A verdict is on bits. With each part of 2^22 inputs the file keeps what was found, and the SHA-256 of the results that
were judged, value and derivative. Where the core or the functions were changed since (`code_mark`), a run first
computes the results again: a part with the same digest keeps its verdict, every other one is judged again. Where the
judge, or a tree that it judges by, was changed (`judge_mark`), all verdicts on that function are void. The file says
in `judged` with which code a part was judged, and in `seen` with which code its bits were last found to be the same.

At the end the table is printed and written to out/exhaustive/table.md; `--docs` puts it into docs/. The exit
status is 1 where a function misses the bar of 1 ULP.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import json
import math
import os
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
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
from actlab.functions import interpret
from actlab.functions.catalogue import names

OUT = HERE.parent.parent / "out" / "exhaustive"
DOCS = HERE.parent.parent / "docs"
CHUNK = 1 << 22
ALL = 1 << 32
WIDE = 50_000  # float64 inputs
FUNCTIONS = Path(actlab.__file__).parent / "functions"
#: Besides the trees, a verdict depends on these; of `interpret` on what has the last word only.
JUDGE = tuple(HERE / name for name in (*SOURCES, "judge.py", "shapes.py"))
LAST_WORD = (interpret.evaluate_mpmath, interpret._mpmath_table, interpret._number)


def _digest(parts: Iterable[bytes | memoryview]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()[:32]


def code_mark() -> str:
    """Of everything that results can depend on: the built core, the functions, the instruction set."""
    files = (Path(_core.__file__), *sorted(FUNCTIONS.rglob("*.py")))
    return _digest([*(path.read_bytes() for path in files), _core.instruction_sets()[-1].encode()])


def judge_mark(judge: Judge) -> str:
    """Of everything that a verdict on given bits depends on: the judge's sources and its trees."""
    files = [path.read_bytes() for path in JUDGE]
    words = [inspect.getsource(function).encode() for function in LAST_WORD]
    return _digest([*files, *words, repr(judge.trees).encode(), bytes(judge.nodes)])


@dataclass
class Part:
    """Verdicts on some inputs."""

    digest: str  # of the results that were judged
    judged: str  # code_mark() of the code that made them
    seen: str  # code_mark() of the code that last made the same ones
    found: tuple[Finding, Finding]

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Part:
        return cls(
            kept["digest"], kept["judged"], kept["seen"], (Finding(**kept["found"][0]), Finding(**kept["found"][1]))
        )


class Record:
    """What is known of one function so far, and its file."""

    def __init__(self, name: str, every: int, mark: str) -> None:
        self.name, self.every, self.mark = name, every, mark
        self.path = OUT / (f"{name}.json" if every == 1 else f"{name}-{every}.json")
        self.function = actlab.get(name)
        self.judge = Judge(self.function.expression, self.function.derivative_expression)
        self.judge_mark = judge_mark(self.judge)
        self.parts: dict[int, Part] = {}  # by their first input's place among 0, every, 2 every …
        self.wide: Part | None = None  # on float64 inputs
        self.judged = self.same = 0  # inputs that this run judged, and those whose verdict stood
        if self.path.exists():
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            if kept.get("judge") == self.judge_mark and kept["chunk"] == CHUNK:
                self.parts = {int(place): Part.read(part) for place, part in kept["parts"].items()}
                self.wide = Part.read(kept["wide"]) if kept["wide"] else None

    @property
    def total(self) -> int:
        return -(-ALL // self.every)

    def size(self, place: int) -> int:
        return min(CHUNK, self.total - place)

    @property
    def done(self) -> int:
        """Inputs on which there is a verdict that is known to hold for today's code."""
        return sum(self.size(place) for place, part in self.parts.items() if part.seen == self.mark)

    @property
    def complete(self) -> bool:
        return self.done == self.total and self.wide is not None and self.wide.seen == self.mark

    @property
    def found(self) -> tuple[Finding, Finding]:
        """Of all inputs that are done."""
        whole = Finding(), Finding()
        for _, part in sorted(self.parts.items()):
            if part.seen == self.mark:
                for mine, new in zip(whole, part.found, strict=True):
                    mine.add(new)
        return whole

    def save(self) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        kept = {
            "judge": self.judge_mark, "chunk": CHUNK, "parts": {place: asdict(p) for place, p in self.parts.items()},
            "wide": asdict(self.wide) if self.wide else None,
        }  # fmt: skip
        aside = self.path.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(kept), encoding="utf-8")
        aside.replace(self.path)


def verdict(record: Record, old: Part | None, x: np.ndarray) -> tuple[Part, bool]:
    """The part on the inputs x, and whether it had to be judged."""
    results = record.function.value_and_derivative(x)
    with ThreadPoolExecutor(2) as two:
        digest = "".join(two.map(lambda result: _digest([result.data]), results))
    if x.dtype == np.float64:  # these inputs are chosen by facts on the function, which may change too
        digest += _digest([x.data])
    if old is not None and old.digest == digest:
        return replace(old, seen=record.mark), False
    return Part(digest, record.mark, record.mark, record.judge(x, *results)), True


def work(record: Record) -> Iterator[int]:
    """Does what is left of a function; yields the number of inputs after every part; a break loses none."""
    saved = time.monotonic()
    try:
        for place in range(0, record.total, CHUNK):
            old = record.parts.get(place)
            if old is not None and old.seen == record.mark:
                continue
            count = record.size(place)
            bits = np.arange(count, dtype=np.uint32)
            bits *= np.uint32(record.every)
            bits += np.uint32(place * record.every)
            part, judged = verdict(record, old, bits.view(np.float32))
            record.parts[place] = part
            record.judged += count if judged else 0
            record.same += 0 if judged else count
            if time.monotonic() > saved + 2:
                record.save()
                saved = time.monotonic()
            yield count
        if record.wide is None or record.wide.seen != record.mark:
            x = sample(record.function, np.float64, 12, 40)
            assert x.size >= WIDE
            record.wide, _ = verdict(record, record.wide, x)
    finally:
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
        found = r.found
        inputs = "all 2³²" if r.complete and r.every == 1 else f"{r.done:,}"
        worst = [f"{f.worst:.5g} ({f.worst_x:.9g})" for f in found]
        wrong = sum(f.not_nan for f in found) + found[0].wrong_sign
        beyond = [f"{sum(f.decided[1:]):,}" for f in found]
        wide = ", ".join(f"{f.worst:.3g}" for f in r.wide.found) if r.wide else ""
        ends = special(r.function, r.name) if wrong == 0 else f"{wrong:,} wrong"
        lines.append(f"| {r.name} | {inputs} | {worst[0]} | {worst[1]} | {ends} | {', '.join(beyond)} | {wide} |")
    return "\n".join(lines) + "\n"


def publish(records: list[Record]) -> None:
    """Puts what is complete into the first table of docs/*/accuracy.md."""
    for lang, everything in (("en", "all 2^32"), ("ko", "2^32개 전부")):
        page = DOCS / lang / "accuracy.md"
        lines = page.read_text(encoding="utf-8").split("\n")
        for r in records:
            row = next(k for k, line in enumerate(lines) if line.startswith(f"| {r.name} |"))  # the second comes later
            if r.complete and r.every == 1 and r.wide is not None:
                beyond = sum(sum(f.decided[1:]) for f in r.found)
                cells = [f"{f.worst:.3f}" for f in r.found] + [f"{beyond:,}"] + [f"{f.worst:.3g}" for f in r.wide.found]
                lines[row] = f"| {r.name} | {everything} | {' | '.join(cells)} |"
        page.write_text("\n".join(lines), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names(), default=names(), help="these functions")
    parser.add_argument("--every", type=int, default=1, metavar="K", help="every K-th input, for a quick look")
    parser.add_argument("--docs", action="store_true", help="judge nothing: put what is complete into docs/")
    asked = parser.parse_args()
    if asked.every < 1:
        parser.error("--every takes a number from 1 on")
    mark = code_mark()
    records = [Record(name, asked.every, mark) for name in asked.only]
    if asked.docs:
        publish(records)
        return 0
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
                    console.print(f"{record.judged:,} judged, {record.same:,} as they were judged before")
        except KeyboardInterrupt:
            stopped = True
    text = table(records)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "table.md").write_text(text, encoding="utf-8")
    print(text)  # noqa: T201
    if stopped:
        console.print("Stopped; the same command goes on from here.")
        return 130
    missed = any(f.worst > 1 for r in records for f in r.found)
    return int(missed or any(special(r.function, r.name) != "right" for r in records))


if __name__ == "__main__":
    sys.exit(main())
