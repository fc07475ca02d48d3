"""What a sweep's nets say: against NumPy on the files themselves, and on made-up scores whose answer is known."""

import numpy as np
import polars as pl
import pytest
from sweep_factory import done

from actlab.statistics import (
    holm,
    many_means,
    mean_interval,
    sign_flip_test,
    simultaneous_pairs,
    smallest_detectable_difference,
    superiority,
)
from actlab.study.sweep import Store, read_plan
from actlab.study.sweep.along import interaction, reach
from actlab.study.sweep.analysis import analyse, ranks
from actlab.study.sweep.judge import Judged, Setting
from actlab.study.sweep.summary import summary

PLAN = """
data = ["moons", "xor"]
activations = ["relu", "tanh", "sigmoid"]
depth = [1, 3]
width = 4
learning_rates = [0.03, 0.3, 3]
seeds = 18
epochs = 10
test_points = 300
validation_points = 100
"""
FORMULAS = {"relu": "max(x, 0)", "tanh": "tanh(x)", "sigmoid": "sigmoid(x)"}


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    folder = tmp_path_factory.mktemp("analysis")
    done(PLAN, folder)
    return folder


def analysed(folder, plan=None):
    store = Store(folder)
    return analyse(store, store.plan() if plan is None else read_plan(plan))


def by_hand(frame, data, depth, arm):
    """Each seed's score at the rate that the other half of the seeds likes best on validation points.

    Of all rates that there are: those of the plan, and those beyond its edges (`test_sweep_grow.py`).
    """
    own = frame.filter(data=data, depth=depth, activation=FORMULAS[arm]).sort("learning_rate", "seed")
    valid, loss, test = (
        own[name].to_numpy().reshape(-1, 18) for name in ("validation_score", "validation_loss", "test_score")
    )
    chosen = np.empty(18)
    for half in (0, 1):
        others = slice(1 - half, None, 2)
        best = min(range(len(valid)), key=lambda k: (-round(valid[k, others].mean(), 12), np.median(loss[k, others])))
        chosen[half::2] = test[best, half::2]
    return chosen


def test_every_row_by_hand(where):
    frame = pl.read_parquet(where / "nets" / "*.parquet")
    summary = analysed(where).summary
    assert len(summary) == 12
    for data in ("moons", "xor"):
        for depth in (1, 3):
            columns = np.stack([by_hand(frame, data, depth, arm) for arm in FORMULAS], axis=1)
            rows = summary.filter(data=data, depth=depth).to_dicts()
            assert [row["arm"] for row in rows] == list(FORMULAS)
            for k, row in enumerate(rows):
                interval = mean_interval(columns[:, k])
                assert (row["estimate"], row["low"], row["high"]) == (interval.estimate, interval.low, interval.high)
            flips = holm([sign_flip_test(columns[:, k] - columns[:, 0]) for k in (1, 2)])
            for pair, flip in zip(simultaneous_pairs(columns), flips, strict=True):
                row = rows[pair.arm]
                assert (row["difference_low"], row["difference_high"]) == (pair.interval.low, pair.interval.high)
                assert row["p_value"] == pair.p_value
                assert row["sign_flip_p"] == pytest.approx(flip, abs=0.02)  # zeros change the draw of the signs
                own = columns[:, pair.arm] - columns[:, 0]
                assert row["detectable"] == pytest.approx(smallest_detectable_difference(own, comparisons=2))
                assert row["superiority"] == superiority(columns[:, pair.arm], columns[:, 0]).estimate
            assert rows[0]["difference"] is None


def test_ranks_and_candidates(where):
    found = analysed(where)
    assert found.ranks["rank"].sum() == pytest.approx(6)
    assert found.ranks["settings"].to_list() == [4, 4, 4]
    frame = pl.read_parquet(where / "nets" / "*.parquet")
    assert len(found.candidates) == found.cells == frame["cell"].n_unique() > 36
    mean = frame.filter(data="xor", depth=3, activation="tanh(x)", learning_rate=0.3)["test_score"].mean()
    row = found.candidates.filter(data="xor", depth=3, arm="tanh", learning_rate=0.3)
    assert row["test_score"].item() == pytest.approx(mean)


def test_an_early_look(where, tmp_path):
    """Some files only: arms are compared on the seeds that all have; nothing there is no error."""
    fixed = PLAN + "grow_rates = false"
    assert analysed(tmp_path, fixed).summary.is_empty()
    done(fixed.replace("seeds = 18", "seeds = 10").replace('"tanh", "sigmoid"', '"elu"'), tmp_path)
    for path in (where / "nets").iterdir():
        frame = pl.read_parquet(path)
        if frame["depth"][0] == 1 and frame["activation"][0] == "tanh(x)":
            (tmp_path / "nets" / path.name).write_bytes(path.read_bytes())
    early = analysed(tmp_path, fixed)
    assert early.summary.select("depth", "arm", "seeds").rows() == [
        (1, "relu", 10), (1, "tanh", 10), (3, "relu", 10),
    ] * 2  # fmt: skip
    assert early.ranks.is_empty()
    assert (early.nets, early.asked) == (10 * 12 + 18 * 6, 18 * 36)
    assert early.summary.filter(arm="tanh")["difference"].null_count() == 0


def test_the_plan_decides_what_is_shown(where):
    """The same files under another plan: fewer seeds, fewer arms, the rate shown and the depth chosen."""
    other = PLAN.replace("seeds = 18", 'seeds = 16\nbest_over = "depth"').replace('"relu", "tanh", "sigmoid"', '"tanh"')
    found = analysed(where, other)
    assert found.shown == ("data", "learning_rate")
    assert found.best_over == ("depth",)
    assert len(found.summary) == 6
    assert set(found.summary["seeds"]) == {16}
    assert found.axis == "learning_rate"


# --- made-up scores


def made(shown, scores, constant=0.5):
    """A setting whose arms have these scores."""
    arms = tuple(
        Judged(k, (), np.asarray(own, dtype=float), np.zeros(len(own)), constant, (0, 0), 1.0)
        for k, own in enumerate(scores)
    )
    return Setting(shown, len(scores[0]), arms, False)


def line(*columns):
    """Settings along the depths 2, 4, 8 with constant scores of two arms."""
    return [
        made({"data": "d", "depth": depth}, [np.full(200, a), np.full(200, b)])
        for depth, (a, b) in zip((2, 4, 8), columns, strict=True)
    ]


def reached(settings):
    rows = summary(("a", "b"), settings, many_means)
    rows = reach(("a", "b"), settings, rows, ("data", "depth"), "depth").to_dicts()
    return {row["arm"]: (row["learns_to"], row["fails_from"]) for row in rows}


def test_reach():
    assert reached(line((0.95, 0.95), (0.95, 0.5), (0.95, 0.5))) == {"a": (8, None), "b": (2, 4)}
    assert reached(line((0.95, 0.5), (0.95, 0.95), (0.5, 0.5))) == {"a": (4, 8), "b": (None, 8)}
    assert reached(line((0.95, 0.725), (0.95, 0.725), (0.95, 0.725))) == {"a": (8, None), "b": (None, None)}
    assert reached(line((0.5, 0.5), (0.5, 0.5), (0.5, 0.5))) == {"a": (None, None), "b": (None, None)}  # nobody learns


def test_interaction_is_paired_over_depths():
    """The noise of a seed is the same at both depths; what is left is the change of the difference."""
    rng = np.random.default_rng(3)
    noise = rng.uniform(-0.2, 0.2, 100)
    settings = [
        made({"data": "d", "depth": 2}, [0.6 + noise, 0.6 + noise]),
        made({"data": "d", "depth": 8}, [0.6 + noise, 0.3 + noise]),
    ]
    (row,) = interaction(("a", "b"), settings, ("data", "depth"), "depth", many_means).to_dicts()
    assert row["change"] == pytest.approx(-0.3)
    assert row["low"] < -0.3 < row["high"] < 0
    assert row["p_value"] < 0.05


def test_ranks_need_all_arms():
    rng = np.random.default_rng(3)
    settings = [made({"data": str(k)}, rng.random((2, 50))) for k in range(3)]
    settings.append(made({"data": "half"}, rng.random((1, 50))))
    assert ranks(("a", "b"), settings)["settings"].to_list() == [3, 3]


# --- seeds = "auto"

AUTO = """
activations = ["relu", "sigmoid"]
width = 4
depth = [1, 2]
learning_rates = [0.1, 1]
epochs = 10
test_points = 300
validation_points = 100
seeds = { until = 0.12, most = 300 }
"""


def test_seeds_are_added_until_the_intervals_are_narrow(tmp_path):
    done(AUTO, tmp_path)
    found = analysed(tmp_path)
    assert found.nets == found.asked
    assert found.sequential
    assert found.summary["sign_flip_p"].null_count() == len(found.summary)  # it holds for a fixed number of seeds
    compared = found.summary.drop_nulls("difference")
    assert (compared["detectable"] > (compared["difference_high"] - compared["difference_low"]) / 2).all()
    sizes = set(found.summary["seeds"])
    assert all(32 <= size <= 284 for size in sizes)
    for row in found.summary.to_dicts():
        assert row["high"] - row["low"] <= 0.12 or row["seeds"] == 284
    assert any(row["high"] - row["low"] <= 0.12 for row in found.summary.to_dicts())
    # Only the chosen rate is trained beyond the pilot.
    counts = found.candidates.group_by("depth", "arm").agg(pl.col("seeds").sort())["seeds"].to_list()
    assert all(set(few) == {16} and many > 16 for *few, many in counts)


def test_auto_does_not_depend_on_history(tmp_path):
    """Begun with another plan that left more seeds than are needed, or in one go: the same tables."""
    done(AUTO, tmp_path / "once")
    done(AUTO.replace("{ until = 0.12, most = 300 }", "120"), tmp_path / "later")
    done(AUTO, tmp_path / "later")
    once, later = analysed(tmp_path / "once"), analysed(tmp_path / "later")
    assert once.summary.equals(later.summary, null_equal=True)
    assert once.candidates.equals(later.candidates, null_equal=True)
