"""The exhaustive run: broken off and taken up again it finds what one run finds; what has changed is run again."""

import exhaustive
import numpy as np
import pytest
from judge import COMPILER

pytestmark = pytest.mark.skipif(COMPILER is None, reason="the judge is built with g++")
EVERY = 100_003


@pytest.fixture(autouse=True)
def small(tmp_path, monkeypatch):
    monkeypatch.setattr(exhaustive, "OUT", tmp_path)
    monkeypatch.setattr(exhaustive, "CHUNK", 10_000)


def record(mark="a"):
    return exhaustive.Record("gelu", EVERY, mark)


def test_goes_on_after_a_break():
    work = exhaustive.work(record())
    first = next(work) + next(work)
    work.close()  # as a kill between two chunks
    again = record()
    assert again.done == first == 20_000
    rest = sum(exhaustive.work(again))
    assert first + rest == again.total == -(-(2**32) // EVERY)
    whole = record("b")
    assert whole.done == 0
    assert sum(exhaustive.work(whole)) == whole.total
    assert repr(again.found) == repr(whole.found)  # NaN is not equal to itself
    assert again.complete
    assert record("b").complete
    finite = sum(np.isfinite((np.arange(whole.total) * EVERY).astype(np.uint32).view(np.float32)).tolist())
    assert sum(whole.found[0].decided) == finite


def test_what_has_changed_is_run_again():
    sum(exhaustive.work(record("a")))
    assert record("a").complete
    assert record("b").done == 0


def test_the_table_tells_a_miss(monkeypatch, capsys):
    honest = exhaustive.Judge.__call__

    def off(self, x, value, slope, **more):  # values two numbers too high
        top = np.array(np.inf, value.dtype)
        with np.errstate(all="ignore"):
            return honest(self, x, np.nextafter(np.nextafter(value, top), top), slope, **more)

    arguments = ["exhaustive.py", "--only", "tanh", "--every", str(EVERY)]
    monkeypatch.setattr("sys.argv", arguments)
    assert exhaustive.main() == 0
    assert "| tanh | 42,949 | 0.4" in capsys.readouterr().out
    monkeypatch.setattr(exhaustive.Judge, "__call__", off)
    monkeypatch.setattr(exhaustive, "fingerprint", lambda: "changed")
    assert exhaustive.main() == 1
