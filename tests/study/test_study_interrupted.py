"""Ctrl-C at any moment: whole seeds are kept, with the very numbers of the whole study; or a sentence says: none.

The core turns Ctrl-C into a flag; so the flag is raised here at every single call of the core in turn, and then Ctrl-C
as Python knows it, which is what comes between those calls.
"""

from dataclasses import replace

import pytest

from actlab import nets
from actlab.data import resolve
from actlab.results import shown
from actlab.study import make_plan, run_plan
from actlab.text import UserError

STUDIES = {
    "grid": {"activations": ["sigmoid", "relu"], "learning_rates": (0.5, 0.05, 5), "test_points": 50},
    "single": {"activations": ["sigmoid", "relu"], "learning_rates": 0.5, "test_points": 50},
    "article": {"activations": ["sigmoid", "relu"], "data": "moons:article", "learning_rates": (0.05, 0.5)},
}
AUTO = {"seeds": "auto", "until": 0.001}  # of the first look's 4 seeds, 2 choose the rates
STUDIES |= {f"{name}, auto": STUDIES[name] | AUTO | {"most": most} for name, most in (("grid", 6), ("article", 4))}


def plan_of(name):
    settings = {"seeds": 3} | STUDIES[name]
    return make_plan(settings.pop("activations"), **settings, hidden=(3,), epochs=2)


class Interrupting:
    """`nets.train`, interrupted at its call number `at`."""

    def __init__(self, at=None, kind="flag"):
        self.at, self.kind, self.calls, self.train = at, kind, 0, nets.train

    def __call__(self, *arguments, **settings):
        self.calls += 1
        if self.calls != self.at:
            return self.train(*arguments, **settings)
        if self.kind == "exception":
            raise KeyboardInterrupt
        trained = self.train(*arguments, **settings)
        # What the core leaves of nets that it did not finish is of no use: spoil it, so that using it would show.
        trained.curves.fill(0.123)
        return replace(trained, interrupted=True, weights=trained.weights * 0)


def outcome(name):
    """The interrupted study, None where nothing could be kept and it said so."""
    try:
        return shown(run_plan(plan_of(name)))
    except UserError as error:
        if error.key != "study.nothing_kept":
            raise
        return None


def rows(table):
    return list(map(repr, table.iter_rows()))


@pytest.fixture(autouse=True, scope="module")
def small():
    """Few test points in the generator beside the article's split, and a grid that grows once at most."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("actlab.study.Plan.parent", property(_parent))
        patch.setattr("actlab.study.tune.MOST_EXTENSIONS", 1)
        patch.setattr("actlab.study.auto.FIRST", 4)
        patch.setattr("actlab.study.plan.PILOT", 2)
        yield


def _parent(plan):
    return resolve("moons", n_train=300, n_test=50) if plan.source.parent else None


@pytest.fixture(scope="module", params=STUDIES)
def whole(request):
    """The study without interruption, in chunks of two seeds, and how often it calls the core."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("actlab.study.run.CHUNK", 2)
        counting = Interrupting()
        patch.setattr(nets, "train", counting)
        result = run_plan(plan_of(request.param))
    return request.param, result, counting.calls


@pytest.mark.parametrize("kind", ["flag", "exception"])
def test_whatever_the_moment(whole, kind, monkeypatch):
    name, complete, calls = whole
    known = {table: set(rows(getattr(complete, table))) for table in ("frame", "curves", "traces")}
    monkeypatch.setattr("actlab.study.run.CHUNK", 2)
    kept, lost = [], 0
    for at in range(1, calls + 1):
        monkeypatch.setattr(nets, "train", train := Interrupting(at, kind))
        result = outcome(name)
        if result is None:
            assert not kept  # once there is something, there always is
            lost += 1
            continue
        assert train.calls == at  # nothing is trained after Ctrl-C
        assert result.interrupted
        assert result.portraits == ()
        assert result.geometry.columns == complete.geometry.columns
        for table, all_rows in known.items():
            found = rows(getattr(result, table))
            assert len(found) == len(set(found))
            assert set(found) <= all_rows
        for table in ("frame", "summary", "by_rate", "curves", "traces"):
            assert getattr(result, table).schema == getattr(complete, table).schema
        assert result.summary["nets"].is_between(1, complete.seeds).all()
        assert result.summary.height == len(result.views) * 2
        assert str(result)
        result.to_json()
        kept.append(result)
    # The first call of each arm comes before there is a seed that all arms have; at the end all is there.
    assert lost >= 2
    assert [view.regime for view in kept[-1].views] == [view.regime for view in complete.views]
    assert kept[-1].summary.equals(complete.summary)
    assert kept[0].summary["nets"].min() == 2


def test_the_page_of_an_interrupted_study(whole, monkeypatch, tmp_path):
    """At a quarter, half and three quarters of the way."""
    name, _, calls = whole
    monkeypatch.setattr("actlab.study.run.CHUNK", 2)
    for at in sorted({max(3, calls * k // 4) for k in (1, 2, 3)}):
        monkeypatch.setattr(nets, "train", Interrupting(at))
        page = shown(run_plan(plan_of(name))).report(tmp_path / f"{at}.html", "ko")
        assert page.stat().st_size > 10_000


def test_progress_counts_nets():
    """(nets done, nets planned so far): never backwards, never more than planned."""
    told = []
    plan = make_plan(["sigmoid", "relu"], seeds=100, learning_rates=(0.5, 0.05), epochs=150, test_points=50)
    result = run_plan(plan, lambda done, planned: told.append((done, planned)))
    assert len(told) >= 2 * 2  # at least once an arm and chunk of 64 seeds, however fast they are
    done = [d for d, _ in told]
    assert done == sorted(done)
    assert all(0 <= d <= planned <= result.provenance.nets for d, planned in told)
    assert told[-1] == (result.provenance.nets, result.provenance.nets)
