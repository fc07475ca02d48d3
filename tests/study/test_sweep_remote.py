"""Studies behind a URL: object stores, where a single PUT takes the place of the rename."""

import os
import signal
import subprocess
import sys
import time

import pytest
from sweep_factory import SMALL, done, files

from actlab.study.sweep import Store, StudyError, read_plan
from actlab.study.sweep.analysis import analyse
from actlab.text import UserError

fsspec = pytest.importorskip("fsspec")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    where = tmp_path_factory.mktemp("remote") / "whole"
    done(SMALL, where)
    return where


@pytest.fixture(scope="module")
def s3():
    """The environment under which ``s3://`` is a server of this machine; it has one bucket."""
    pytest.importorskip("s3fs", reason="s3fs is not installed")
    server = pytest.importorskip("moto.server", reason='moto is not installed: pip install "moto[server]" s3fs')
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    known = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in known.items():
            patch.setenv(name, value)
        fsspec.filesystem("s3").mkdir("bucket")
        yield known
    running.stop()


@pytest.fixture(params=["memory", "s3"])
def url(request):
    if request.param == "memory":
        return f"memory://sweep-{os.getpid()}"
    request.getfixturevalue("s3")
    return "s3://bucket/some/folder"


def kept(url):
    """Name → content of the nets behind `url`."""
    there, root = fsspec.core.url_to_fs(url)
    there.invalidate_cache()
    return {path.rpartition("/")[2]: there.cat_file(path) for path in there.find(f"{root}/nets")}


def test_a_study_on_an_object_store(finished, url):
    """Begun, gone on with, looked at, damaged and mended: what lies there in the end is what lies in a directory."""
    assert done(SMALL.replace("seeds = 16", "seeds = 8"), url).nets == 96
    outcome = done(SMALL, url)
    assert (outcome.nets, outcome.found) == (192, 96)
    there, here = (analyse(store, store.plan()) for store in (Store(url), Store(finished)))
    assert there.summary.equals(here.summary, null_equal=True)
    store = Store(url)
    name = store.place.names("nets")[0]
    whole = kept(url)
    store.place.write("nets", name, whole[name][:-9])
    store.place.write("nets", "notes.txt", b"mine")
    found = []
    assert done(SMALL, url, begun=found.append).nets == 192
    assert (found[0].damaged, found[0].foreign) == ((name,), ("notes.txt",))
    assert kept(url) == whole | {"notes.txt": b"mine"}
    assert [one[: len(name)] for one in store.place.names("damaged")] == [name]
    assert [run["plan"] for run in store.runs()] == [SMALL.replace("seeds = 16", "seeds = 8"), SMALL]
    assert not store.place.write_new("runs", "000001.json", b"{}")
    assert done(SMALL, url).found == 192


def test_an_object_is_there_as_a_whole_or_not_at_all(finished, s3):
    """A process is killed again and again while it writes; no object is ever cut short, and the rest is trained."""
    program = (
        "import sys; from actlab.study.sweep import Local, read_plan, sweep\n"
        "plan = read_plan(open(sys.argv[1]).read()); print('ready', flush=True)\n"
        "sweep(plan, sys.argv[2], Local(1))"
    )
    plan = finished.parent / "plan.toml"
    plan.write_text(SMALL)
    url = "s3://bucket/killed"
    environment = os.environ | s3 | {"PYTHONPATH": os.pathsep.join(sys.path)}
    for wait in (0.15, 0.4):
        with subprocess.Popen(
            [sys.executable, "-c", program, plan, url], stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            assert process.stdout.readline() == "ready\n"
            time.sleep(wait)
            process.send_signal(signal.SIGKILL)
        assert Store(url).contents().damaged == ()
        assert kept(url).items() <= files(finished).items()
    assert done(SMALL, url).nets == 192
    assert kept(url) == files(finished)


def test_two_at_once_share_an_object_store(finished, s3, monkeypatch):
    """Nothing can be claimed there: each goes its own way, so that few chunks are trained by both."""
    trained = []
    put = Store.put
    monkeypatch.setattr(Store, "put", lambda self, chunk, rows: (trained.append(chunk.name), put(self, chunk, rows)))
    orders = []
    for k in range(4):
        trained.clear()
        done(SMALL, f"s3://bucket/order-{k}")
        orders.append(tuple(trained))
    assert len(set(orders)) > 1
    assert {frozenset(order) for order in orders} == {frozenset(files(finished))}


def test_a_bucket_that_is_not_there_is_not_made(s3):
    with pytest.raises(UserError, match="s3://buckett/x") as caught:
        done(SMALL, "s3://buckett/x")
    assert not isinstance(caught.value, StudyError)
    assert fsspec.filesystem("s3").ls("") == ["bucket"]


def test_a_server_that_is_gone(s3, monkeypatch):
    """In the middle of a study, and before one: one sentence, and what was finished is there afterwards."""
    url = "s3://bucket/gone"
    done(SMALL.replace("seeds = 16", "seeds = 8"), url)
    before = kept(url)
    store = Store(url)

    def refused(*_, **__):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(store.place._files, "cat_file", refused)  # fsspec has one of these for all of us
    with pytest.raises(StudyError, match="Nothing there has been changed"):
        store.contents()
    with pytest.raises(StudyError):
        done(SMALL, url)
    monkeypatch.undo()
    assert kept(url) == before
    assert done(SMALL, url).found == 96


@pytest.mark.parametrize("scheme", ["file://", "local://"])
def test_urls_of_directories_are_directories(finished, tmp_path, scheme):
    url = f"{scheme}{tmp_path / 'as url'}"
    assert done(SMALL, url).nets == 192
    assert files(tmp_path / "as url") == files(finished)
    assert (tmp_path / "as url" / "claims").exists()  # and may be shared


def test_unreachable_places(tmp_path):
    with pytest.raises(UserError, match="nosuch://"):
        Store("nosuch://x")
    with pytest.raises(UserError, match="holds no sweep"):
        Store(tmp_path).plan()
    assert read_plan(SMALL).grid
