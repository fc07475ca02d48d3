"""Sweeps on a Dask cluster of processes on this machine: the same bits, whoever is killed."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from sweep_factory import SMALL, done, files

from actlab.study.sweep import StudyError
from actlab.text import UserError

distributed = pytest.importorskip("distributed")

from actlab.study.sweep import cluster as cluster_module  # noqa: E402 - distributed is an extra
from actlab.study.sweep.cluster import Cluster  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")  # those of distributed when its workers are killed

#: Long enough to be killed in the middle.
LONG = SMALL.replace("epochs = 8", "epochs = 200").replace("seeds = 16", "seeds = 32")


@pytest.fixture(scope="module")
def cluster():
    with Cluster("local", 2) as found:
        yield found


def test_two_workers_and_one_killed(cluster, tmp_path):
    """The nanny starts another worker; what the lost one was training is trained again. Bits as in-process."""
    done(LONG, tmp_path / "alone")
    (tmp_path / "shared" / "nets").mkdir(parents=True)
    killed = []

    def kill():
        deadline = time.monotonic() + 300
        while not killed and time.monotonic() < deadline:
            if len(list((tmp_path / "shared" / "nets").glob("*"))) >= 2:
                victim = next(iter(cluster.client.run(os.getpid).values()))
                os.kill(victim, signal.SIGKILL)
                killed.append(victim)
            time.sleep(0.02)

    thread = threading.Thread(target=kill)
    thread.start()
    outcome = done(LONG, tmp_path / "shared", engine=cluster)
    thread.join()
    assert killed
    assert outcome.nets == 384
    assert files(tmp_path / "shared") == files(tmp_path / "alone")
    assert list((tmp_path / "shared" / "claims").iterdir()) == []


#: A scheduler and a worker of its own that outlives it.
SCHEDULER = """
import sys, time
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1")
    print(cluster.scheduler_address, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_the_scheduler_dies(tmp_path, monkeypatch, sign):
    """Killed, or hanging: one sentence, what was finished is there, and the same command goes on without it."""
    (tmp_path / "scheduler.py").write_text(SCHEDULER)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    scheduler = subprocess.Popen(
        [sys.executable, tmp_path / "scheduler.py"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=environment,
    )  # fmt: skip
    where, address = tmp_path / "out", scheduler.stdout.readline().strip()
    try:

        def end(there, _):
            if there >= 32 and scheduler.poll() is None:
                scheduler.send_signal(sign)
                monkeypatch.setattr(cluster_module, "PATIENCE", 2.0)

        with pytest.raises(StudyError) as caught, Cluster(address) as engine:
            done(LONG, where, engine=engine, tell=end)
        assert address in caught.value.message("en")
        assert "goes on from there" in caught.value.message("en")
    finally:
        scheduler.kill()
        scheduler.communicate()
    kept = files(where)
    assert kept
    assert list((where / "claims").iterdir()) == []
    outcome = done(LONG, where)
    assert outcome.nets == 384
    assert outcome.found >= 32 * len(kept)  # the worker may have finished what it had
    done(LONG, tmp_path / "alone")
    assert files(where) == files(tmp_path / "alone")


def test_a_sentence_made_on_a_worker_arrives_as_that_sentence(cluster):
    with pytest.raises(StudyError, match="disk"):
        cluster.client.submit(_complain).result()


def test_a_wrong_address(monkeypatch):
    monkeypatch.setattr(cluster_module, "TIMEOUT", 1)
    with pytest.raises(UserError, match=r"tcp://127\.0\.0\.1:9"), Cluster("tcp://127.0.0.1:9"):
        pass


def _complain():
    raise StudyError("sweep.not_written", path="x", reason="the disk is full")
