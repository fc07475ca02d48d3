"""How cost grows: time with the number of nets, memory with the number of epochs, and what measurements add."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ours import Ours
from turns import in_turn

if TYPE_CHECKING:
    from collections.abc import Callable

    from work import Work

MANY, FEW = 102_400, 1_024
STUDY = 800  # epochs of a study
LINEAR, MEASURED = 1.05, 1.10  # the goals: at most so many times


def growth(work_of: Callable[[int], Work], threads: int, rounds: int, seconds: float) -> list[str]:
    """Nets by the thousand against nets by the hundred thousand."""
    few, many = (Ours(work_of(n), threads, name=f"{n:,} nets", epochs=20) for n in (FEW, MANY))
    found = in_turn([few, many], rounds, seconds)
    ratio = found.ratio(few.name, many.name)
    print(
        f"\ntime a net-step, {MANY:,} nets ÷ {FEW:,} nets: {ratio:.3f}"
        f"   ({found.median(few.name) / 1e6:.2f} and {found.median(many.name) / 1e6:.2f} million net-steps/s)",
        flush=True,
    )
    if ratio > LINEAR:
        return [f"{MANY:,} nets take {ratio:.3f} times as long a net as {FEW:,}; the goal is {LINEAR}."]
    return []


def measurements(work: Work, threads: int, rounds: int, seconds: float) -> list[str]:
    """20 checkpoints against none, in trainings of a study's length."""
    off = Ours(work, threads, name="off", epochs=STUDY)
    on = Ours(work, threads, checkpoints=20, name="on", epochs=STUDY)
    found = in_turn([off, on], rounds, seconds)
    ratio = found.ratio("off", "on")
    print(f"time with measurements at 20 checkpoints ÷ without, {STUDY} epochs: {ratio:.3f}", flush=True)
    return [f"Measurements cost {ratio:.3f} times the training; the goal is {MEASURED}."] if ratio > MEASURED else []


def memory() -> list[str]:
    """Peak memory of processes that train for few and for many epochs."""
    if not Path("/proc/self/status").exists():
        print("memory is not measured: this system has no /proc.")
        return []
    few, many = (
        int(subprocess.run([sys.executable, __file__, str(epochs)], check=True, capture_output=True, text=True).stdout)
        for epochs in (20, 400)
    )
    print(f"peak memory of a process, 400 epochs ÷ 20 epochs: {many / few:.3f}   ({many / 1024:.0f} MiB)", flush=True)
    return [f"Memory grows with the epochs: {many / few:.3f} times."] if many > few * 1.02 else []


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    from works import small

    Ours(small("tanh", FEW), 2).train(int(sys.argv[1]))
    # not getrusage: on Linux a child inherits the peak of the process that started it
    print(
        next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    )
