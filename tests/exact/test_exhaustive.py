"""The exhaustive run: broken off and taken up again it finds what one run finds; a verdict holds for its bits."""

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


def run(mark):
    done = record(mark)
    sum(exhaustive.work(done))
    assert done.complete
    return done


def test_goes_on_after_a_break():
    work = exhaustive.work(record())
    first = next(work) + next(work)
    work.close()  # as Ctrl-C between two parts
    again = record()
    assert again.done == first == 20_000
    rest = sum(exhaustive.work(again))
    assert first + rest == again.total == -(-(2**32) // EVERY)
    assert again.complete
    assert again.judged == rest
    again.path.unlink()
    whole = run("b")
    assert whole.judged == whole.total
    assert repr(again.found) == repr(whole.found)  # NaN is not equal to itself
    assert record("b").complete
    finite = sum(np.isfinite((np.arange(whole.total) * EVERY).astype(np.uint32).view(np.float32)).tolist())
    assert sum(whole.found[0].decided) == finite


def test_a_verdict_holds_for_other_code_with_the_same_bits():
    first = run("a")
    assert record("b").done == 0  # nothing is known of the new code before it has run
    second = run("b")
    assert (second.judged, second.same) == (0, second.total)
    assert repr(second.found) == repr(first.found)
    assert {part.judged for part in second.parts.values()} == {"a"}
    assert second.wide.judged == "a"


def test_a_part_with_one_other_bit_is_judged_again(monkeypatch):
    run("a")
    honest = type(record().function).value_and_derivative

    def other(self, x, out=None):  # the slope at one input of the third part, and at one in float64, is the next number
        value, slope = honest(self, x, out)
        at = (x == other.at) if x.dtype == np.float32 else slice(0, 1)
        slope[at] = np.nextafter(slope[at], np.inf, dtype=slope.dtype)
        return value, slope

    other.at = np.uint32(25_000 * EVERY).view(np.float32)
    monkeypatch.setattr(type(record().function), "value_and_derivative", other)
    again = run("b")
    assert again.judged == 10_000
    assert {place for place, part in again.parts.items() if part.judged == "b"} == {20_000}
    assert again.wide.judged == "b"
    assert again.found[1].worst >= 0.5


def test_another_judge_begins_anew(monkeypatch):
    run("a")
    monkeypatch.setattr(exhaustive, "JUDGE", exhaustive.JUDGE[1:])
    assert record("a").parts == {}
    assert record("a").wide is None


def test_what_is_complete_is_published(tmp_path, monkeypatch):
    for lang in ("en", "ko"):
        (tmp_path / lang).mkdir()
        before = "| gelu | old |\n| tanh | old |\n\n| gelu | second table |\n"
        (tmp_path / lang / "accuracy.md").write_text(before, "utf-8")
    monkeypatch.setattr(exhaustive, "DOCS", tmp_path)
    monkeypatch.setattr(exhaustive, "ALL", 20_000)
    gelu, tanh = exhaustive.Record("gelu", 1, "a"), exhaustive.Record("tanh", 1, "a")
    assert sum(exhaustive.work(gelu)) == 20_000
    exhaustive.publish([gelu, tanh])
    lines = (tmp_path / "en" / "accuracy.md").read_text("utf-8").split("\n")
    assert lines[0].startswith("| gelu | all 2^32 | 0.")
    assert lines[1:] == ["| tanh | old |", "", "| gelu | second table |", ""]
    assert "| gelu | 2^32개 전부 | 0." in (tmp_path / "ko" / "accuracy.md").read_text("utf-8")


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
    monkeypatch.setattr(exhaustive, "judge_mark", lambda _: "another judge")
    assert exhaustive.main() == 1
