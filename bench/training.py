"""How fast nets train: our engine beside what a user would write in NumPy, PyTorch and JAX, in turn.

`make bench` runs this; `bench/README.md` says how to read it.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from dataclasses import dataclass, field

THREADS = 2
# Products of 8 × 8 matrices are too small to share. NumPy reads this once, when it is imported.
os.environ["OPENBLAS_NUM_THREADS"] = "1"


import cost  # noqa: E402
import programs  # noqa: E402
from actlab import _core  # noqa: E402
from built import Peak, build  # noqa: E402
from ours import NumpyLoop, Ours  # noqa: E402
from peers.jax_child import JaxNets, JaxProcess  # noqa: E402
from same import same_mathematics  # noqa: E402
from turns import Engine, Measured, in_turn  # noqa: E402
from work import Work  # noqa: E402
from works import deep, middle, small  # noqa: E402

OURS, PEAK = "actlab", "peak"
ROWS = ("small", "one", "middle", "deep", "growth", "measurements", "programs")


@dataclass(frozen=True)
class Goal:
    """At least so many times an engine whose name begins so; shares of the peak count six operations a weight."""

    numpy: float = 0
    jax: float = 0
    jax_shared: float = 0
    torch: float = 0
    best_peer: float = 0
    peak: float = 0


SMALL_GOALS = {
    "tanh": Goal(numpy=300, jax=40, jax_shared=12, torch=15, peak=0.35),
    "relu": Goal(numpy=420, jax=40, jax_shared=12, torch=15, peak=0.45),
    "sigmoid": Goal(numpy=300, jax=40, jax_shared=12, torch=15),
    # the form with tanh, whose cube costs NumPy more than all the rest; then the one with the normal distribution
    "gelu_tanh": Goal(numpy=500, jax=40, jax_shared=12, torch=15),
    "gelu": Goal(jax=40, jax_shared=12, torch=15),
}
MIDDLE_GOALS = {64: Goal(jax=2.5, peak=0.65), 8: Goal(best_peer=1.5), 1: Goal(best_peer=1.0)}


@dataclass
class Bench:
    """What is there to measure with, and what came out."""

    rounds: int
    seconds: float
    jax: JaxProcess | None
    torch: bool
    missed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        library = build("peak.cpp", "-ffp-contract=fast")
        self.peak = Peak(library, THREADS) if library else None

    def row(self, work: Work, goal: Goal, numpy: bool = True, shared: bool = True) -> None:
        """Measure a work with all engines, print what comes out."""
        engines: list[Engine] = [Ours(work, THREADS)]
        if numpy:
            engines.append(NumpyLoop(work))
        if self.torch:
            from peers.torch_nets import TorchNets

            engines.append(faster([TorchNets(work, THREADS, by_hand) for by_hand in (True, False)], self.seconds))
        if self.jax is not None:
            engines.append(JaxNets(self.jax, work, shared=False, seconds=self.seconds))
            if shared:
                engines.append(JaxNets(self.jax, work, shared=True, seconds=self.seconds))
        if self.peak is not None:
            engines.append(self.peak)
        found = in_turn(engines, self.rounds, self.seconds)
        if self.jax is not None:
            self.jax.ask(do="forget")
        self._say(work, goal, found)

    def _say(self, work: Work, goal: Goal, found: Measured) -> None:
        print(f"\n{work.name}: {work.points} points, batch {work.batch}, {work.flops_per_step:,.0f} flop a net-step")
        peers = [name for name in found.speeds if name not in (OURS, PEAK)]
        for name in (OURS, *peers):
            share = work.flops_per_step * found.ratio(name, PEAK) if PEAK in found.speeds else None
            cells = [f"  {name:28}{found.median(name):14,.0f} net-steps/s"]
            cells.append(f"{share:8.1%} of peak" if share is not None else "")
            asked = wanted(goal, name)
            if name == OURS:
                if share is not None and goal.peak:
                    common = share * work.six_a_weight
                    cells.append(f", {common:.1%} by six operations a weight   goal {goal.peak:.0%}")
                    missed = f"{work.name}: {common:.1%} of the peak; the goal is {goal.peak:.0%}."
                    self._judge(common, goal.peak, missed)
            else:
                ratio = found.ratio(OURS, name)
                cells.append(f"   actlab {ratio:7.2f} ×" + (f"   goal {asked:g}" if asked else ""))
                self._judge(ratio, asked, f"{work.name}: {ratio:.2f} times {name}; the goal is {asked:g}.")
            print("".join(cells), flush=True)
        if goal.best_peer and peers:
            best = found.best(peers)
            ratio = found.ratio(OURS, best)
            self._judge(
                ratio, goal.best_peer, f"{work.name}: {ratio:.2f} times {best}; the goal is {goal.best_peer:g}."
            )
        if PEAK in found.speeds:
            print(f"  {'fp32 FMA peak':28}{found.median(PEAK) / 1e9:14,.1f} GFLOP/s, {THREADS} threads", flush=True)

    def _judge(self, found: float, goal: float, sentence: str) -> None:
        if goal and found < goal:
            self.missed.append(sentence)


def wanted(goal: Goal, engine: str) -> float:
    """What is asked of us against an engine."""
    if engine.startswith("JAX"):
        return goal.jax_shared if engine.endswith("one shuffle") else goal.jax
    return goal.numpy if engine.startswith("NumPy") else goal.torch


def faster(candidates: list[Engine], seconds: float) -> Engine:
    """The faster one of a few ways to do the same in one framework."""
    found = in_turn(candidates, 3, seconds / 2)
    best = found.best([candidate.name for candidate in candidates])
    return next(candidate for candidate in candidates if candidate.name == best)


def jax_process(python: str) -> JaxProcess | None:
    try:
        return JaxProcess(python)
    except (OSError, RuntimeError) as error:
        print(f"JAX is not measured: {error}. `--jax-python` names a Python that has it.")
        return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="turns of every engine (5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a turn (1)")
    parser.add_argument("--rows", default=",".join(ROWS), help=f"what to measure ({','.join(ROWS)})")
    parser.add_argument("--jax-python", default=os.environ.get("JAX_PYTHON", sys.executable),
                        help="a Python that has JAX (the environment's JAX_PYTHON, or this one)")  # fmt: skip
    parser.add_argument("--no-peers", action="store_true", help="ours, the loop and the peak alone")
    arguments = parser.parse_args()
    rows = arguments.rows.split(",")
    if unknown := set(rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")

    if hasattr(os, "sched_setaffinity"):  # also for the child with JAX, which takes a thread a processor
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])
    print(
        f"{platform.machine()}, {os.cpu_count()} processors of which all engines share {THREADS}, "
        f"load {os.getloadavg()[0]:.1f}; actlab: float32, {_core.instruction_sets()[-1]}\n"
        f"{arguments.rounds} rounds of {arguments.seconds:g} s an engine, in turn; medians, ratios within rounds"
    )
    peers = not arguments.no_peers and bool({"small", "one", "middle", "deep"} & set(rows))
    jax = jax_process(arguments.jax_python) if peers else None
    bench = Bench(arguments.rounds, arguments.seconds, jax, peers and torch_is_there())
    if "small" in rows:
        for activation, goal in SMALL_GOALS.items():
            same_mathematics(small(activation, 3), THREADS, bench.torch, jax)
            bench.row(small(activation, 1024), goal)
    if "one" in rows:
        bench.row(small("tanh", 1), Goal(numpy=8, jax=2), shared=False)
    if "middle" in rows:
        same_mathematics(middle(2), THREADS, bench.torch, jax)
        for count, goal in MIDDLE_GOALS.items():
            bench.row(middle(count), goal, numpy=False, shared=False)
    if "deep" in rows:
        bench.row(deep(), Goal(best_peer=1.5), numpy=False, shared=False)
    if "growth" in rows:
        bench.missed += cost.growth(lambda n: small("tanh", n), THREADS, bench.rounds, bench.seconds)
        bench.missed += cost.memory()
    if "measurements" in rows:
        bench.missed += cost.measurements(small("tanh", 1024), THREADS, bench.rounds, bench.seconds)
    if "programs" in rows and (library := build("functions.cpp", *programs.flags())) is not None:
        bench.missed += programs.measure(library, bench.rounds)
    if jax is not None:
        jax.close()
    if bench.missed:
        print("\n" + "\n".join(bench.missed))
        print("A loaded machine gives two threads less than two processors: look at its load.")
    return 1 if bench.missed else 0


def torch_is_there() -> bool:
    try:
        import torch  # noqa: F401
    except ImportError as error:
        print(f"PyTorch is not measured: {error}.")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
