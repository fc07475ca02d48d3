"""What was trained stays: records are read again, whole or not at all, and verdicts come out the same."""

import json

import numpy as np
import pytest

from actlab.study.claims import Lab, Records, claim, ledger
from actlab.study.claims import work as trainer
from actlab.study.claims.claim import Claim, Effect, conditions
from actlab.study.claims.decide import answers, interval_of
from actlab.study.claims.job import Job
from actlab.text import UserError

SMALL = 16


def small_sample(lab, where):
    job = Job(str(where["data"]), "relu", hidden=(3,), epochs=int(where["epochs"]), rate=0.5)
    return lab.accuracy(job) - lab.accuracy(job.but(activation="sigmoid"))


TINY = Claim(
    "K2",
    ("article",),
    (Effect("learns", small_sample, conditions(data=("moons", "xor"), epochs=(1, 2)), 0.05, 0.0, 0.2),),
)


class Killed(BaseException):
    """Stands for SIGKILL: nobody catches it."""


def test_a_killed_ledger_goes_on_and_says_the_same(tmp_path, monkeypatch):
    """Killed after each number of jobs, and taken up again, the directory ends with the same bytes."""
    whole = tmp_path / "whole"
    ledger.make([TINY], whole, SMALL)
    real, jobs = trainer.train, []

    def counted(job, *arguments):
        jobs.append(job)
        if len(jobs) % 3 == 0:
            raise Killed
        return real(job, *arguments)

    monkeypatch.setattr(trainer, "train", counted)
    broken = tmp_path / "broken"
    for _ in range(20):
        try:
            ledger.make([TINY], broken, SMALL)
            break
        except Killed:
            continue
    assert 8 < len(jobs) < 20  # each kill cost the one job that was in training
    for part in ("nets", "verdicts"):
        files = {path.name: path.read_bytes() for path in (whole / part).iterdir()}
        assert files == {path.name: path.read_bytes() for path in (broken / part).iterdir()}
        assert files
    assert (whole / "ledger.json").read_bytes() == (broken / "ledger.json").read_bytes()


def test_a_second_run_trains_nothing(tmp_path, monkeypatch):
    ledger.make([TINY], tmp_path, SMALL)
    before = (tmp_path / "ledger.json").read_bytes()
    monkeypatch.setattr(trainer, "train", lambda *_: pytest.fail("trained again"))
    ledger.make([TINY], tmp_path, SMALL)
    assert (tmp_path / "ledger.json").read_bytes() == before


def test_a_damaged_record_is_put_aside_and_made_again(tmp_path):
    ledger.make([TINY], tmp_path, SMALL)
    victim = sorted((tmp_path / "nets").iterdir())[0]
    content = victim.read_bytes()
    victim.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    ledger.make([TINY], tmp_path, SMALL)
    assert victim.read_bytes() == content
    assert len(list((tmp_path / "damaged").iterdir())) == 1


def test_the_name_is_that_of_the_specification():
    job = Job("moons", "relu")
    assert job.name(64) == Job("moons", "max(x, 0)").name(64)  # a formula and the name that it equals
    changes = [
        {"rate": 0.2},
        {"data": "xor"},
        {"hidden": (8,)},
        {"shift": 1.0},
        {"flips": 0.1},
        {"measures": ("flat",)},
    ]
    names = {job.but(**change).name(64) for change in changes} | {job.name(64), job.name(65)}
    assert len(names) == len(changes) + 2


def test_transformed_points_are_what_they_say():
    plain = Job("moons", "relu").draw(3)
    shifted = Job("moons", "relu", shift=2.0).draw(3)
    np.testing.assert_allclose(shifted.test.X, plain.test.X + 2.0)
    flipped = Job("digits", "relu", flips=0.25).draw(3)
    changed = flipped.train.y != Job("digits", "relu").draw(3).train.y
    assert 0.2 < changed.mean() < 0.3
    assert set(np.unique(flipped.train.y)) == set(range(10))


def test_the_best_rate_is_chosen_by_the_other_half():
    """Each half's nets are those of a rate that the other half's validation points chose, bit for bit."""
    lab = Lab(seeds=SMALL)
    job = Job("moons", "sigmoid", hidden=(4,), epochs=20)
    best = lab.best(job)
    for half in (0, 1):
        (rate,) = set(best["rate"][half::2].tolist())
        np.testing.assert_array_equal(
            best["test_accuracy"][half::2], lab.nets(job.but(rate=rate))["test_accuracy"][half::2]
        )
        others = [lab.nets(job.but(rate=r))["validation_accuracy"][1 - half :: 2].mean() for r in (0.05, 0.5, 5.0)]
        assert lab.nets(job.but(rate=rate))["validation_accuracy"][1 - half :: 2].mean() >= max(others)


def test_a_timing_is_taken_once(tmp_path):
    calls = []
    for _ in range(2):
        Lab(seeds=SMALL, records=Records(tmp_path)).price("nothing", lambda: calls.append(1), lambda: None)
    first = len(calls)
    note = next((tmp_path / "prices").iterdir())
    value = json.loads(note.read_text())
    assert first == 21 * 8
    assert len(value["seconds"]) == 21
    note.write_text(note.read_text().replace('"seconds"', '"Seconds"'))  # not whole any more
    Lab(seeds=SMALL, records=Records(tmp_path)).price("nothing", lambda: calls.append(1), lambda: None)
    assert len(calls) == 2 * first


def test_json_keeps_everything():
    found = ledger.shipped().verdicts["K14"]
    again = ledger.from_json(json.loads(json.dumps(ledger.to_json(found))))
    assert again == found


def test_what_is_shipped_is_what_a_fresh_run_finds():
    """One condition of K24, whose nets are hardly trained: the same interval and answer, trained anew."""
    one = claim("K24")
    effect = one.effects[1]
    where = effect.conditions[0]
    fresh = effect.sample(Lab(), where)
    interval = interval_of(effect, fresh, one.comparisons)
    old = ledger.shipped().verdicts["K24"].of(effect.name)[0]
    assert old.where == where
    assert answers(effect, fresh[None], one.comparisons) == [old.answer]
    for end in ("estimate", "low", "high"):
        assert getattr(interval, end) == pytest.approx(getattr(old.interval, end), rel=1e-6)


def test_no_such_claim():
    with pytest.raises(UserError, match="K27"):
        claim("K99")
