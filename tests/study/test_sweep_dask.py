"""Sweeps on a Dask cluster of processes on this machine: the same bits, whoever is killed."""

import os
import signal
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
        deadline = time.monotonic() + 120
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


def test_a_sentence_made_on_a_worker_arrives_as_that_sentence(cluster):
    with pytest.raises(StudyError, match="disk"):
        cluster.client.submit(_complain).result()


def test_a_wrong_address(monkeypatch):
    monkeypatch.setattr(cluster_module, "TIMEOUT", 1)
    with pytest.raises(UserError, match=r"tcp://127\.0\.0\.1:9"), Cluster("tcp://127.0.0.1:9"):
        pass


def _complain():
    raise StudyError("sweep.not_written", path="x", reason="the disk is full")
