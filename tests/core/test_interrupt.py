"""Ctrl-C in the middle of a training: the core stops at once and says what is done."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import actlab
from actlab import nets

PROGRAM = """
import sys, time
import numpy as np
import actlab
from actlab import nets

spec = nets.NetSpec(2, (8, 8), actlab.get("tanh"), "lecun")
rng = np.random.default_rng(0)
X = rng.normal(size=(1, 64, 2)).astype(np.float32)
sets = nets.PointSets(X, (X[..., 0] > 0).astype(np.float32))
count = 4000
shares, said = [], []

def progress(share):
    shares.append(share)
    if len(shares) >= 3 and share >= float(sys.argv[2]) and not said:
        said.append(True)
        print("training", flush=True)

result = nets.train(spec, nets.TrainSpec(int(sys.argv[1]), 32), seeds=range(count), learning_rates=[0.1] * count,
                    train_sets=sets, threads=2, progress=progress)
print(result.interrupted, int(result.completed.sum()), count, shares == sorted(shares), flush=True)
started = nets.initial_weights(spec, range(count))
untouched = (result.weights == started).all(axis=1)
print(bool(untouched[~result.completed].all()), bool((~untouched[result.completed]).all()))
again = nets.train(spec, nets.TrainSpec(1, 32), seeds=[1], learning_rates=[0.1], train_sets=sets)
print(again.interrupted, bool(again.completed.all()))
"""


# Not a measure of speed: what was asked for takes longer, and a busy machine may stop for a while.
SOON = 30


def test_ctrl_c_while_the_callback_runs():
    """What an interrupt in the callback raises is taken as one in the core."""
    spec = nets.NetSpec(2, (4,), actlab.get("tanh"), "lecun")
    X = np.random.default_rng(0).normal(size=(1, 64, 2)).astype(np.float32)
    sets = nets.PointSets(X, (X[..., 0] > 0).astype(np.float32))

    def progress(share):
        raise KeyboardInterrupt

    result = nets.train(
        spec, nets.TrainSpec(1_000_000, 32), seeds=range(64), learning_rates=[0.1] * 64, train_sets=sets,
        progress=progress,
    )  # fmt: skip
    assert result.interrupted
    assert not result.completed.any()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
@pytest.mark.parametrize(("epochs", "share"), [(10_000_000, 0), (20_000, 0.02)])
def test_ctrl_c(epochs, share):
    """The first nets would take minutes; or 80 nets' work is done, which is more than train at a time."""
    child = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM, str(epochs), str(share)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    try:
        assert child.stdout.readline() == "training\n", child.stderr.read()
        sent = time.monotonic()
        child.send_signal(signal.SIGINT)
        interrupted, done, count, ascending = child.stdout.readline().split()
        waited = time.monotonic() - sent
        rest, errors = child.communicate(timeout=200)
    finally:
        child.kill()
        child.communicate()
    assert child.returncode == 0, errors
    assert interrupted == "True"
    assert waited < SOON
    assert ascending == "True"
    assert int(done) < int(count)
    assert (int(done) > 0) == (share > 0)
    assert rest.split() == ["True", "True", "False", "True"]
