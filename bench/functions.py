"""How fast value and derivative are: actlab beside NumPy, SciPy, PyTorch and JAX, in turn, in one process.

`make bench` runs this; `bench/README.md` says how to read it.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

THREADS = 2
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = str(THREADS)  # before NumPy and PyTorch are imported: they read them once

import numpy as np  # noqa: E402

import actlab  # noqa: E402
from actlab import _core  # noqa: E402
from peers import numpy_functions  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTIONS = (
    "relu", "leaky_relu", "relu6", "hard_tanh", "hard_sigmoid", "hard_swish", "softshrink", "softsign", "squareplus",
    "sigmoid", "tanh", "tanhshrink", "silu", "gelu", "gelu_tanh", "mish", "softplus", "logsigmoid", "elu", "selu",
    "celu", "erf", "sin", "arctan", "exponential", "gaussian",
)  # fmt: skip
PAUSE = 0.01  # between turns: threads of PyTorch spin for a while after their work
OURS, OURS_OUT, COPY = "actlab", "actlab out=", "memcpy"
BLOCKS = ("NumPy in blocks", "SciPy in blocks")  # by hand: shown, but no library works so by itself
GOAL, GOAL_OF = 2.0, {"tanh": 1.2, "sigmoid": 1.2}  # the fastest library's time over ours; NumPy has SIMD for these
COPIES = 3.0  # ours with out= over the memcpy of two arrays, at most


def room(x: Any) -> Any:
    found = _core.room_like(x)
    return np.empty_like(x) if found is None else found


def ours(name: str, x: Any, out: tuple[Any, Any] | None) -> Callable[[], Any]:
    """Value and derivative by actlab: into new arrays, or into those of `out`."""
    f = actlab.get(name)
    program = f.program("both")
    if os.cpu_count() == THREADS:  # the public call, which takes a thread a processor
        return lambda: f.value_and_derivative(x, out=out)

    def call() -> Any:
        value, slope = out if out is not None else (room(x), room(x))
        _core.evaluate(program.code, program.constants, program.n_registers, x, value, slope, threads=THREADS)
        return value, slope

    return call


def load_peers() -> tuple[dict[str, Any], list[str]]:
    """The engines that are installed, and a line about each that is not."""
    engines: dict[str, Any] = {
        "NumPy": numpy_functions.Whole(numpy_functions.NUMPY),
        "SciPy": numpy_functions.Whole(numpy_functions.SCIPY),
    }
    missing = []
    try:
        from peers.torch_functions import Torch

        engines["PyTorch"] = Torch(THREADS)
    except ImportError as error:
        missing.append(f"PyTorch is not measured: {error}.")
    if os.cpu_count() == THREADS:
        try:
            from peers.jax_functions import Jax

            engines["JAX"] = Jax()
        except ImportError as error:
            missing.append(f"JAX is not measured: {error}.")
    else:
        missing.append(f"JAX is not measured: it takes a thread a processor, and this machine has {os.cpu_count()}.")
    engines[BLOCKS[0]] = numpy_functions.Shared(numpy_functions.NUMPY, THREADS)
    engines[BLOCKS[1]] = numpy_functions.Shared(numpy_functions.SCIPY, THREADS)
    return engines, missing


@dataclass(frozen=True)
class Row:
    """A function: ns per element of each engine (the median), and ratios taken within rounds (their medians)."""

    name: str
    nanoseconds: dict[str, float]
    fastest: str  # of the libraries
    ratio: float  # the fastest library's time over ours, both with new arrays
    ratio_out: float  # over ours with out=
    ratio_processor: float  # the same as `ratio` in processor time of all threads, of the one that needs the least
    blocks: float | None  # the faster one of BLOCKS over ours; None: neither has it
    copies: float  # ours with out= over the memcpy of two arrays


def check_same_mathematics(name: str, engines: dict[str, Any], x: Any) -> None:
    """Engines that computed something else could not be compared. Loosely, as several lose digits."""
    wanted = actlab.get(name).value_and_derivative(x)
    for engine in engines.values():
        call = engine.prepare(name, x)
        if call is not None:
            for found, exact in zip(engine.arrays(call()), wanted, strict=True):
                np.testing.assert_allclose(found, exact, rtol=2e-3, atol=2e-5, err_msg=f"{name}, {engine}")


def measure(name: str, engines: dict[str, Any], x: Any, rounds: int) -> Row:
    buffers = np.full_like(x, 0), np.full_like(x, 0)

    def copy(part: tuple[Any, Any, Any]) -> None:
        np.copyto(part[1], part[0])
        np.copyto(part[2], part[0])

    pool = engines[BLOCKS[0]].pool
    parts = list(zip(*(np.array_split(array, THREADS) for array in (x, *buffers)), strict=True))
    calls: dict[str, Callable[[], Any]] = {
        OURS: ours(name, x, None),
        OURS_OUT: ours(name, x, buffers),
        COPY: lambda: list(pool.map(copy, parts)),
    }
    for title, engine in engines.items():
        call = engine.prepare(name, x)
        if call is not None:
            calls[title] = call
    for call in calls.values():
        call()  # compiled, and its pages touched
    times: dict[str, list[float]] = {title: [] for title in calls}
    processor: dict[str, list[float]] = {title: [] for title in calls}
    order = list(calls)
    for turn in range(rounds):
        for title in order[turn % len(order) :] + order[: turn % len(order)]:
            time.sleep(PAUSE)
            start, started = time.perf_counter(), time.process_time()
            result = calls[title]()
            times[title].append((time.perf_counter() - start) / x.size * 1e9)
            processor[title].append((time.process_time() - started) / x.size * 1e9)
            del result  # after the clock was read: whoever frees, frees here
    medians = {title: statistics.median(found) for title, found in times.items()}
    peers = [title for title in calls if title in engines and title not in BLOCKS]
    blocks = [title for title in BLOCKS if title in calls]
    fastest = min(peers, key=medians.__getitem__)
    thrifty = min(peers, key=lambda title: statistics.median(processor[title]))

    def ratio(over: str, under: str, of: dict[str, list[float]] = times) -> float:
        return statistics.median(a / b for a, b in zip(of[over], of[under], strict=True))

    return Row(
        name,
        medians,
        fastest,
        ratio(fastest, OURS),
        ratio(fastest, OURS_OUT),
        ratio(thrifty, OURS, processor),
        ratio(min(blocks, key=medians.__getitem__), OURS) if blocks else None,
        ratio(OURS_OUT, COPY),
    )


def table(rows: list[Row], titles: list[str]) -> str:
    """The rows as a Markdown table, ns per element."""
    heads = ["function", OURS, OURS_OUT, *titles, "fastest ÷ actlab", "÷ out=", "÷ actlab, processor"]
    heads += ["in blocks ÷ actlab", "out= ÷ memcpy"]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for row in rows:
        cells = [row.name, f"{row.nanoseconds[OURS]:.2f}", f"{row.nanoseconds[OURS_OUT]:.2f}"]
        cells += [f"{row.nanoseconds[t]:.2f}" if t in row.nanoseconds else "–" for t in titles]
        cells += [
            f"{row.ratio:.1f} ({row.fastest})",
            f"{row.ratio_out:.1f}",
            f"{row.ratio_processor:.1f}",
            "–" if row.blocks is None else f"{row.blocks:.1f}",
            f"{row.copies:.1f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="which ones (all that a peer has)")
    parser.add_argument("--rounds", type=int, default=9, help="turns for each engine (9)")
    parser.add_argument("--elements", type=int, default=10_000_000, help="numbers in the array (10,000,000)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write the table there, as Markdown")
    arguments = parser.parse_args()

    engines, missing = load_peers()
    x = (np.random.default_rng(0).normal(size=arguments.elements) * 3).astype(np.float32)
    head = (
        f"Value and derivative of {x.size:,} float32 numbers, 3·N(0, 1); ns per element, {THREADS} threads each, "
        f"median of {arguments.rounds} rounds in turn.\nactlab: {_core.instruction_sets()[-1]}; {platform.machine()}, "
        f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}.\n" + "".join(f"{line}\n" for line in missing)
    )
    print(head, flush=True)
    rows = []
    for name in arguments.functions or FUNCTIONS:
        check_same_mathematics(name, engines, x[:100_000])
        rows.append(measure(name, engines, x, arguments.rounds))
        print(rows[-1].name, *(f"{title} {ns:.2f}" for title, ns in rows[-1].nanoseconds.items()), flush=True)
    copies = statistics.median(row.nanoseconds[COPY] for row in rows)
    text = (
        f"{table(rows, list(engines))}\n\nmemcpy of two arrays to existing memory, {THREADS} threads: {copies:.2f}.\n"
    )
    print(text)
    if arguments.out is not None:
        arguments.out.write_text(f"{head}\n{text}", encoding="utf-8")
    slower = [row.name for row in rows if row.ratio < 1]
    if slower:
        print(f"Slower than a library: {', '.join(slower)}.")
    short = [row.name for row in rows if row.ratio < GOAL_OF.get(row.name, GOAL) or row.copies > COPIES]
    if short:
        print(f"Short of the goal ({GOAL:g} times the fastest library, {COPIES:g} times memcpy): {', '.join(short)}.")
    return 1 if slower else 0


if __name__ == "__main__":
    raise SystemExit(main())
