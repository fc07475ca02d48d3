"""The store: complete or absent, trained once, the same bytes however they came about."""

import os
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from sweep_factory import SMALL, done, files

from actlab.report.sweeps.sentences import lede
from actlab.study.sweep import Local, Store, StudyError, read_plan
from actlab.study.sweep import directory as directory_module
from actlab.study.sweep.analysis import analyse
from actlab.study.sweep.cell import Chunk, missing
from actlab.study.sweep.claims import Claims
from actlab.study.sweep.parquet import is_whole
from actlab.study.sweep.work import batches, train
from actlab.text import UserError


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    where = tmp_path_factory.mktemp("sweep") / "whole"
    outcome = done(SMALL, where)
    assert (outcome.nets, outcome.found, outcome.interrupted) == (192, 0, False)
    return where


def test_plain_parquet_with_every_net_once(finished):
    """What DuckDB and pandas see: no help from us."""
    frame = pl.read_parquet(finished / "nets" / "*.parquet")
    assert len(frame) == 192
    assert frame.select("cell", "seed").n_unique() == 192
    assert set(frame["activation"]) == {"max(x, 0)", "tanh(x)", "sigmoid(x)"}
    assert frame.group_by("data", "activation", "depth").len()["len"].to_list() == [16] * 12
    assert frame["test_score"].is_between(0, 1).all()
    assert frame["status"].is_in(["trained", "collapsed", "diverged"]).all()


def test_the_nets_are_those_of_compare(finished):
    """The same seeds, the same settings: what `actlab compare` gives, number by number."""
    import actlab

    other = actlab.compare(
        ["relu", "tanh"], data="xor", hidden=(4, 4, 4), seeds=16, learning_rates=0.1, epochs=8, test_points=300
    ).frame
    frame = pl.read_parquet(finished / "nets" / "*.parquet")
    for arm, formula in (("relu", "max(x, 0)"), ("tanh", "tanh(x)")):
        own = frame.filter(data="xor", depth=3, activation=formula).sort("seed")
        theirs = other.filter(arm=arm).sort("seed")
        assert own["test_score"].to_list() == theirs["test_accuracy"].to_list()
        assert own["train_loss"].to_list() == theirs["train_loss"].to_list()


def test_resuming_trains_nothing_twice(finished):
    before = {path: path.stat().st_mtime_ns for path in (finished / "nets").iterdir()}
    assert done(SMALL, finished).found == 192
    assert {path: path.stat().st_mtime_ns for path in (finished / "nets").iterdir()} == before
    assert len(list((finished / "runs").iterdir())) == 1


def test_nets_of_another_engine_are_not_mixed_in_and_are_told(finished, monkeypatch):
    monkeypatch.setattr("actlab.study.sweep.cell.NUMERICS", -1)
    store = Store(finished)
    found = analyse(store, store.plan())
    assert (found.nets, found.others) == (0, 192)
    for lang in ("en", "ko"):
        (sentence,) = lede(found, lang)
        assert "192" in sentence


def test_a_changed_plan_trains_only_what_is_new(finished, tmp_path):
    where = tmp_path / "grown"
    done(SMALL, where)
    before = {path.name: path.stat().st_mtime_ns for path in (where / "nets").iterdir()}
    larger = SMALL.replace("seeds = 16", "seeds = 24").replace('"sigmoid"', '"sigmoid", "elu"').replace("[1, 3]", "[3]")
    outcome = done(larger, where)
    assert (outcome.nets, outcome.found) == (24 * 8, 16 * 6)
    after = {path.name: path.stat().st_mtime_ns for path in (where / "nets").iterdir()}
    assert {name: after[name] for name in before} == before
    assert len(list((where / "runs").iterdir())) == 2
    assert Store(where).plan().text == larger


def test_bits_do_not_depend_on_company(finished):
    """A chunk alone, in another order, with other threads, cut differently: the same rows."""
    chunks = [Chunk(cell, 0, 16) for cell in read_plan(SMALL).grid.cells()]
    kept = files(finished)
    for chunk in chunks[::5]:
        rows = train([chunk], threads=1)[0]
        whole = pl.read_parquet(kept[chunk.name])
        assert rows.equals(whole, null_equal=True)
        part = train([Chunk(chunk.cell, 5, 9)], threads=2)[0]
        assert part.equals(whole.slice(5, 4), null_equal=True)


def test_batches_differ_in_their_rate_only():
    cells = read_plan('activations = ["relu", "tanh"]\nlearning_rates = [1, 2, 3]').grid.cells()
    found = batches([Chunk(cell, 0, 16) for cell in cells])
    assert [len(batch) for batch in found] == [3, 3]
    assert all(len({chunk.cell.arm for chunk in batch}) == 1 for batch in found)


def test_runs_of_seeds_are_aligned_and_complete():
    cell = read_plan('activations = "relu"\nlearning_rates = 1\nepochs = 2000').grid.cells()[0]
    run = cell.run
    assert run & (run - 1) == 0
    found = missing(cell, range(3 * run + 5), [(run, run + 3), (2 * run - 1, 2 * run + 1)])
    assert [(c.first, c.stop) for c in found] == [
        (0, run), (run + 3, 2 * run - 1), (2 * run + 1, 3 * run), (3 * run, 3 * run + 5),
    ]  # fmt: skip
    assert missing(cell, range(10), [(0, 6), (4, 10)]) == []


# --- what may go wrong


@pytest.mark.parametrize("harm", ["truncated", "emptied", "one bit", "other file", "two halves"])
def test_a_damaged_chunk_is_told_kept_aside_and_trained_again(finished, tmp_path, harm):
    where = tmp_path / "damaged"
    done(SMALL, where)
    whole = files(where)
    assert whole == files(finished)
    victim, other = sorted(whole)[3:5]
    content = whole[victim]
    bad = {
        "truncated": content[:-700],
        "emptied": b"",
        "one bit": content[:200] + bytes([content[200] ^ 1]) + content[201:],
        "other file": b"PAR1 this is no chunk PAR1",
        "two halves": content[:5000] + whole[other][5000:],
    }[harm]
    (where / "nets" / victim).write_bytes(bad)
    found = []
    outcome = done(SMALL, where, begun=found.append)
    assert found[0].damaged == (victim,)
    assert (outcome.nets, outcome.found) == (192, 176)
    assert files(where) == whole
    assert [path.read_bytes() for path in (where / "damaged").iterdir()] == [bad]


def test_strangers_in_the_directory_are_left_alone(finished, tmp_path):
    where = tmp_path / "strangers"
    for name, content in files(finished).items():
        (where / "nets").mkdir(parents=True, exist_ok=True)
        (where / "nets" / name).write_bytes(content)
    (where / "nets" / "notes.txt").write_text("mine")
    (where / "nets" / "other.parquet").write_bytes(b"\0" * 1000)
    (where / "runs").mkdir()
    (where / "runs" / "000001.json").write_text("{half")
    found = []
    assert done(SMALL, where, begun=found.append).found == 192
    assert found[0].foreign == ("notes.txt", "other.parquet")
    assert (where / "nets" / "notes.txt").read_text() == "mine"
    assert (where / "runs" / "000001.json").read_text() == "{half"
    assert Store(where).plan().text == SMALL


def test_a_full_disk_ends_with_one_sentence_and_loses_nothing(finished, tmp_path, monkeypatch):
    where = tmp_path / "full"
    written = []

    def fsync(handle, real=os.fsync):
        written.append(handle)
        if len(written) > 9:
            raise OSError(28, os.strerror(28))
        real(handle)

    monkeypatch.setattr(directory_module.os, "fsync", fsync)
    with pytest.raises(StudyError) as caught:
        done(SMALL, where)
    assert "No space left on device" in caught.value.message("en")
    monkeypatch.undo()
    kept = files(where)
    assert 0 < len(kept) < 12
    assert kept.items() <= files(finished).items()
    assert list((where / ".aside").iterdir()) == []
    assert done(SMALL, where).found == 16 * len(kept)
    assert files(where) == files(finished)


def test_a_read_only_directory(finished, tmp_path, monkeypatch):
    """As the system answers on a disk that is mounted so; root may write whatever the permissions say."""

    def refused(*_, **__):
        raise OSError(30, os.strerror(30))

    monkeypatch.setattr(Path, "write_bytes", refused)
    with pytest.raises(UserError) as caught:
        done(SMALL, finished)
    assert not isinstance(caught.value, StudyError)
    assert "Read-only file system" in caught.value.message("en")
    monkeypatch.undo()
    assert len(files(finished)) == 12


def test_a_file_in_the_place_of_the_directory(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="file"):
        done(SMALL, tmp_path / "file" / "below")


def test_ctrl_c_keeps_what_is_finished(tmp_path):
    """Between two chunks; that the core stops within one is tested in tests/core."""
    heard = []

    def tell(there, asked):
        heard.append((there, asked))
        if there >= 48:
            raise KeyboardInterrupt

    outcome = done(SMALL, tmp_path, tell=tell, engine=Local(1))
    assert outcome.interrupted
    assert 48 <= outcome.nets <= 192
    assert 16 * len(files(tmp_path)) == outcome.nets
    assert list((tmp_path / "claims").iterdir()) == []
    assert done(SMALL, tmp_path).nets == 192


def test_no_clock_decides(finished, tmp_path, monkeypatch):
    """A clock set back, or forward by years, between two runs and within one."""
    monkeypatch.setattr(time, "time", lambda: -1e9)
    where = tmp_path / "clock"
    done(SMALL.replace("seeds = 16", "seeds = 8"), where)
    for path in where.rglob("*"):
        os.utime(path, (4e9, 4e9))
    done(SMALL, where)
    runs = Store(where).runs()
    assert [("seeds = 16" in run["plan"]) for run in runs] == [False, True]
    rows = pl.read_parquet(where / "nets" / "*.parquet").sort("cell", "seed")
    assert rows.equals(pl.read_parquet(finished / "nets" / "*.parquet").sort("cell", "seed"), null_equal=True)


# --- together


def test_two_processes_share_the_work(finished, tmp_path):
    """Each chunk is written once: what the second finds done or claimed it leaves alone."""
    program = (
        "import sys; from actlab.study.sweep import Local, read_plan, sweep, store as s\n"
        "put = s.Store.put\n"
        "def told(self, chunk, rows): print(chunk.name, flush=True); put(self, chunk, rows)\n"
        "s.Store.put = told\n"
        "plan = read_plan(open(sys.argv[1]).read()); print('ready', flush=True); sys.stdin.readline()\n"
        "assert sweep(plan, sys.argv[2], Local(1)).nets == 192\n"
    )
    plan = tmp_path / "plan.toml"
    plan.write_text(SMALL)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program, plan, tmp_path / "shared"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env=environment,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=240)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(said[0] + said[1]) == sorted(files(finished))
    assert files(tmp_path / "shared") == files(finished)


def test_claims(tmp_path):
    with Claims(tmp_path) as mine, Claims(tmp_path) as other:
        assert mine.take("a")
        assert not other.take("a")
        assert other.take("b")
        mine.release("a")
        assert other.take("a")
    assert list(tmp_path.iterdir()) == []


def test_the_claim_of_a_killed_process_is_free_at_once(tmp_path):
    program = (
        "import os, sys; from pathlib import Path; from actlab.study.sweep.claims import Claims\n"
        "claims = Claims(Path(sys.argv[1])).__enter__(); claims.take('a'); os.kill(os.getpid(), 9)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with Claims(tmp_path) as mine:
        subprocess.run([sys.executable, "-c", program, tmp_path], env=environment, check=False, timeout=120)
        assert (tmp_path / "a.claim").exists()
        assert mine.take("a")
    assert [path.suffix for path in tmp_path.iterdir()] == [".pulse"]
    with Claims(tmp_path):  # the next one tidies up
        assert len(list(tmp_path.iterdir())) == 1


def test_a_holder_on_another_machine_is_believed_dead_when_its_pulse_stops(tmp_path):
    (tmp_path / "a.claim").write_text('{"token": "far", "machine": "another", "process": 1, "start": "1"}')
    pulse = tmp_path / "far.pulse"
    pulse.write_bytes(b".")
    with Claims(tmp_path, silence=0.2) as mine:
        for _ in range(5):
            assert not mine.take("a")
            with pulse.open("ab") as file:
                file.write(b".")
            os.utime(pulse, (0, 0))  # whatever the clocks say
            time.sleep(0.1)
        assert not mine.take("a")
        time.sleep(0.3)
        assert mine.take("a")


def test_an_unfinished_claim_is_given_time(tmp_path):
    (tmp_path / "a.claim").write_text("")
    with Claims(tmp_path, silence=0.2) as mine:
        assert not mine.take("a")
        time.sleep(0.3)
        assert mine.take("a")


def test_a_checksum_is_not_fooled():
    assert not is_whole(b"")
    assert not is_whole(b"PAR1" + b"actlab.checksum\x18\x40" + b"0" * 64 + b"PAR1")


def test_killed_again_and_again(tmp_path):
    """SIGKILL at ten random moments; `kill.py` makes two hundred of them."""
    if not hasattr(os, "fork") or sys.platform == "darwin":
        pytest.skip("forks of a process with threads")
    script = Path(__file__).with_name("kill.py")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "KILL_DATA": "moons"}
    found = subprocess.run(
        [sys.executable, script, "10", "5", tmp_path],
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert '"kills": 10' in found.stdout
