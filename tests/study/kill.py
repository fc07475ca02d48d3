"""Kills a sweep with SIGKILL at random moments, again and again, and compares what it leaves with an uninterrupted one.

    python tests/study/kill.py 200 [SEED] [FOLDER]

Every child is forked from this process, which has imported all it needs, so that the moments fall into the work and not
into the imports. When a sweep is complete before it is killed, it is compared and a new one is begun. What is printed
is JSON: kills, sweeps completed, files found half written; the exit code is 1 where anything differed.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

from actlab.report.sweeps import write_report
from actlab.study.sweep import Store, read_plan, sweep
from actlab.study.sweep.analysis import analyse

#: How many files a sweep has: enough that some kill falls into every state; a test takes fewer.
DATA = os.environ.get("KILL_DATA", "moons,xor").split(",")
PLAN = f"""
data = {DATA}
activations = ["relu", "tanh", "sigmoid"]
depth = [1, 2, 3]
width = 4
learning_rates = [0.1, 1]
seeds = 48
epochs = 6
test_points = 200
validation_points = 200
"""


def forked(task) -> int:
    """The process number of a child that does `task` and leaves with 0, or with 3 and a traceback."""
    child = os.fork()
    if child:
        return child
    code = 3
    try:
        task()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def finished(child: int) -> None:
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "a child failed"


def trained(where: Path) -> int:
    return forked(lambda: sweep(read_plan(PLAN), where))


def reported(where: Path) -> int:
    def write() -> None:
        store = Store(where)
        write_report(analyse(store, store.plan()), store.plan(), store, where / "report")

    return forked(write)


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def killed_after(child: int, seconds: float) -> bool:
    """Wait, then kill; False where the child had finished by itself."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert os.waitstatus_to_exitcode(status) == 0, "a child failed"
            return False
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main(kills: int, seed: int, folder: Path) -> int:
    chance = random.Random(seed)
    whole = folder / "whole"
    begun = time.monotonic()
    finished(trained(whole))
    once = time.monotonic() - begun
    finished(reported(whole))
    nets, tables = content(whole / "nets"), content(whole / "report")
    done = rounds = left_behind = 0
    there: list[int] = []
    differing: list[str] = []
    while done < kills:
        where = folder / f"killed-{rounds}"
        rounds += 1
        while done < kills:
            if not killed_after(trained(where), chance.uniform(0.0, 0.8 * once)):
                break
            done += 1
            there.append(len(list((where / "nets").glob("*"))))
            left_behind += len(content(where / ".aside")) if (where / ".aside").exists() else 0
            if done % 8 == 0:  # an early look must never fail, whatever state the kill has left
                store = Store(where)
                if store.runs():
                    finished(reported(where))
        finished(trained(where))
        finished(reported(where))
        for name, mine, theirs in (
            ("nets", content(where / "nets"), nets),
            ("report", content(where / "report"), tables),
        ):
            differing += [f"{rounds}: {name}/{k}" for k in sorted(mine.keys() | theirs) if mine.get(k) != theirs.get(k)]
        rest = [path for part in (".aside", "claims", "damaged") for path in (where / part).glob("*")]
        differing += [f"{rounds}: left behind {path.relative_to(where)}" for path in rest]
        shutil.rmtree(where)
    told = {
        "kills": done,
        "sweeps": rounds,
        "seconds_whole": round(once, 3),
        "half_written": left_behind,
        "files_at_kill": [min(there), max(there)],
    }
    sys.stdout.write(json.dumps(told | {"files": len(nets), "differing": differing[:10]}) + "\n")
    return 1 if differing else 0


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    dice = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory(dir=sys.argv[3] if len(sys.argv) > 3 else None) as place:
        sys.exit(main(count, dice, Path(place)))
