"""Learning rates are added while the best lies at the edge: as `compare` does it, whatever came before."""

import polars as pl
import pytest
from sweep_factory import done, files

import actlab
from actlab.report.sweeps import sentences
from actlab.study.sweep import Local, Store, read_plan
from actlab.study.sweep.analysis import analyse
from actlab.study.sweep.asked import asked
from actlab.study.sweep.estimate import estimate
from actlab.study.tune import beyond

#: Far too small for these nets: all optima lie beyond.
PLAN = """
data = "moons"
activations = ["relu", "tanh"]
depth = [1, 2]
width = 4
learning_rates = [0.002, 0.008]
seeds = 16
epochs = 20
test_points = 200
validation_points = 200
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    where = tmp_path_factory.mktemp("grow")
    done(PLAN, where)
    return where


def analysed(where, text=PLAN):
    store = Store(where)
    return analyse(store, read_plan(text))


def tables(found):
    return [getattr(found, name).write_csv() for name in ("summary", "candidates", "ranks", "reach", "interaction")]


@pytest.mark.parametrize("depth", [1, 2])
def test_the_rates_are_those_of_compare(whole, depth):
    """The same nets, and the same choice: `compare` has loops of its own, and no files."""
    other = actlab.compare(
        ["relu", "tanh"], hidden=(4,) * depth, seeds=16, learning_rates=[0.002, 0.008], epochs=20, test_points=200
    )
    mine = analysed(whole, PLAN.replace("validation_points = 200", ""))
    assert mine.nets == 0  # compare has 1,000 validation points: other nets
    where = whole.parent / f"as-compare-{depth}"
    done(PLAN.replace("validation_points = 200", "").replace("[1, 2]", str(depth)), where)
    mine = analysed(where, PLAN.replace("validation_points = 200", "").replace("[1, 2]", str(depth)))
    for arm in ("relu", "tanh"):
        rates = sorted(other.by_rate.filter(arm=arm)["learning_rate"])
        assert mine.candidates.filter(arm=arm)["learning_rate"].to_list() == rates
        assert len(rates) > 3
        own = other.summary.filter(arm=arm, regime="best")["estimate"].item()
        assert mine.summary.filter(arm=arm)["estimate"].item() == pytest.approx(own)


def test_a_new_rate_lies_beyond():
    """Two digits where they do; a finer grid gets as many as it takes."""
    assert beyond([0.1, 0.3, 0.9], [0, 2]) == [0.033, 2.7]
    assert beyond([0.1, 0.3, 0.9], [1]) == []
    assert beyond([1.01, 1.02], [0, 1]) == [1.0, 1.03]
    assert beyond([1.001, 1.002], [1]) == [1.003]
    assert beyond([1e-6, 1e-5], [0]) == []
    assert beyond([1e3, 9e3], [1]) == []


def test_no_optimum_is_left_at_an_edge(whole):
    found = analysed(whole)
    assert not found.summary["edge"].any()
    assert (found.summary["added"] >= 2).all()
    assert found.nets == found.asked == 16 * found.cells
    said = " ".join(sentences.lede(found, "en"))
    assert "In 4 of 4 cases the best learning rate lay at the edge of the plan's" in said
    assert "smallest or largest" not in said


def test_again_nothing_is_trained(whole):
    before = files(whole)
    outcome = done(PLAN, whole)
    assert outcome.found == outcome.nets == 16 * len(before)
    assert files(whole) == before


def test_no_history_shows(whole, tmp_path):
    """More seeds from another plan, other rates, a stop after every few files: the same tables and the same nets."""
    done(PLAN.replace("seeds = 16", "seeds = 21").replace("[0.002, 0.008]", "[0.002, 0.13]"), tmp_path)
    heard = []

    def stop(there, _):
        heard.append(there)
        if len(heard) % 7 == 0:
            raise KeyboardInterrupt

    while done(PLAN, tmp_path, tell=stop, engine=Local(1)).interrupted:
        store = Store(tmp_path)
        early = analyse(store, read_plan(PLAN))  # while rates are being added too
        assert early.nets <= early.asked
        assert len(early.summary) in (2, 4)
    assert tables(analysed(tmp_path)) == tables(analysed(whole))


def test_an_early_look_judges_without_unfinished_rates(whole, tmp_path):
    """The files of the plan's own rates, and half of those of the first that was added."""
    frame = pl.read_parquet(whole / "nets" / "*.parquet")
    own = set(frame.filter(pl.col("learning_rate") <= 0.008)["cell"])
    (tmp_path / "nets").mkdir()
    for name, content in files(whole).items():
        if name.partition(".")[0] in own:
            (tmp_path / "nets" / name).write_bytes(content)
    store = Store(tmp_path)
    known = asked(read_plan(PLAN), store, store.contents())
    assert [place.cell.rate for place in known.grid.places if place.added] == [0.032] * 4
    early = analyse(store, read_plan(PLAN))
    fixed = analyse(store, read_plan(PLAN + "grow_rates = false"))
    assert early.summary["estimate"].to_list() == fixed.summary["estimate"].to_list()
    assert (early.nets, early.asked, fixed.asked) == (128, 192, 128)
    assert early.summary["edge"].all()


def test_a_plan_may_forbid_it(whole, tmp_path):
    done(PLAN + "grow_rates = false", tmp_path)
    found = analysed(tmp_path, PLAN + "grow_rates = false")
    assert found.cells == 8
    assert found.summary["edge"].all()
    assert files(tmp_path).items() <= files(whole).items()
    assert "In 4 of 4 cases the best learning rate is the smallest or largest" in " ".join(sentences.lede(found, "en"))


def test_constraints_bind_what_is_added_too(tmp_path):
    text = PLAN + 'constraints = "learning_rate * depth <= 0.07"'
    done(text, tmp_path)
    found = analysed(tmp_path, text)
    tried = found.candidates.group_by("depth").agg(pl.col("learning_rate").max()).sort("depth").rows()
    assert tried == [(1, 0.032), (2, 0.032)]


def test_it_ends(tmp_path):
    """A function that learns nothing has no best rate: eight more at most on a side, between 1e-6 and 1e4."""
    text = PLAN.replace('["relu", "tanh"]', '"1e-9*x"').replace("[1, 2]", "1").replace("[0.002, 0.008]", "[1, 1.001]")
    done(text, tmp_path)
    assert 2 < analysed(tmp_path, text).cells <= 18


def test_the_pilot_says_where_with_automatic_seeds(tmp_path):
    """Its 16 seeds choose; the rates that are added have no more than these, but for the best."""
    text = PLAN.replace("seeds = 16", "seeds = { until = 0.3, most = 90 }")
    done(text, tmp_path)
    found = analysed(tmp_path, text)
    assert found.nets == found.asked
    assert not found.summary["edge"].any()
    for _, own in found.candidates.group_by("depth", "arm"):
        assert sorted(own["seeds"])[:-1] == [16] * (len(own) - 1)
        assert len(own) > 3


def test_other_settings_of_which_the_best_is_taken(tmp_path):
    """The rates of the best width grow, those of the other stay as they are, unless a half of the seeds likes it."""
    text = PLAN.replace("width = 4", "width = [1, 6]").replace("[1, 2]", "1")
    text += 'best_over = ["learning_rates", "width"]'
    done(text, tmp_path)
    found = analysed(tmp_path, text)
    assert found.shown == ("data",)
    assert not found.summary["edge"].any()
    widths = found.candidates.group_by("arm", "width").len().sort("arm", "width").rows()
    assert all(count >= 2 for *_, count in widths)
    assert max(count for *_, count in widths) > 3


def test_the_dry_run_says_so(whole):
    fresh = estimate(read_plan(PLAN), whole / "nowhere", threads=1)
    assert (fresh.cells, fresh.added, fresh.there) == (8, 0, 0)
    full = estimate(read_plan(PLAN), whole, threads=1)
    assert full.cells == 8 + full.added == full.there / 16
    assert full.seconds == 0
