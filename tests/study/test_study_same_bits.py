"""A net is what its own specification says: the same bits in any company, on any number of threads, at any time."""

import numpy as np
import polars as pl
import pytest
from study_factory import GRID

import actlab
from actlab import nets
from actlab.study import make_plan

SPIRAL = {
    "data": "spiral", "hidden": (16, 16), "seeds": 5, "learning_rates": 0.3, "epochs": 30, "test_points": 300,
}  # fmt: skip


def same(a, b, *names):
    """Whether the named tables (by default all) are equal to the last bit."""
    names = names or ("frame", "summary", "by_rate", "curves", "traces", "geometry")
    return all(getattr(a, name).equals(getattr(b, name)) for name in names)


@pytest.fixture(scope="module")
def spiral():
    return actlab.compare(["mish", "x*tanh(softplus(x))"], **SPIRAL)


def test_a_formula_and_its_name_give_the_same_bits(spiral):
    """On the 2-16-16-1 spiral: every number of every net, checkpoint and layer."""
    for table in (spiral.frame, spiral.curves, spiral.traces, spiral.geometry):
        numbers = table.drop("arm", "activation", strict=False)
        mish, formula = (numbers.filter(table["arm"] == arm) for arm in spiral.arms)
        assert mish.height > 0
        assert mish.equals(formula)
    row = spiral.summary.row(1, named=True)
    assert (row["difference"], row["superiority"], row["p_value"]) == (0, 0.5, 1)


def test_nor_does_the_company_matter(spiral):
    alone = actlab.compare("x*tanh(softplus(x))", **SPIRAL)
    assert alone.frame.equals(spiral.frame.filter(arm="x*tanh(softplus(x))"))


def test_twice_and_on_other_threads(grid):
    assert same(actlab.compare(["sigmoid", "relu", "tanh"], **GRID, threads=1), grid)
    assert same(actlab.compare(["sigmoid", "relu", "tanh"], **GRID, threads=3), grid)


def test_another_arm_changes_no_other(grid):
    """The new arm extends its own grid where it wants to."""
    more = actlab.compare(["elu", "sigmoid", "relu", "tanh"], **GRID)
    for name in ("frame", "curves", "traces", "by_rate"):
        assert getattr(more, name).filter(pl.col("arm") != "elu").equals(getattr(grid, name))


def test_another_rate_changes_no_other(grid):
    settings = GRID | {"learning_rates": (0.5, 0.05, 0.11)}
    more = actlab.compare(["sigmoid", "relu", "tanh"], **settings)
    rates = GRID["learning_rates"]
    for name in ("frame", "curves", "traces"):
        a, b = (getattr(r, name).filter(pl.col("learning_rate").is_in(rates)) for r in (more, grid))
        assert a.height > 0
        assert a.equals(b)


def test_more_seeds_keep_the_first(grid, monkeypatch):
    """Neither the number of seeds nor the chunks in which they are trained matter."""
    monkeypatch.setattr("actlab.study.run.CHUNK", 4)
    more = actlab.compare(["sigmoid", "relu", "tanh"], **GRID | {"seeds": 9, "learning_rates": 0.5})
    first = more.frame.filter(pl.col("seed") < GRID["seeds"])
    assert first.equals(grid.frame.filter(learning_rate=0.5))


def test_a_row_of_the_frame_is_a_net_trained_alone(grid):
    """Draw the points, train one net, score it: what the frame says, without the study."""
    plan = make_plan(["sigmoid", "relu", "tanh"], **GRID)
    for arm, seed, rate in ((0, 0, 0.5), (1, 3, 0.05), (2, 6, 0.5)):
        spec, draw = plan.spec(plan.arms[arm]), plan.source.draw(seed)
        train, test = (nets.PointSets.stack([sample]) for sample in (draw.train, draw.test))
        trained = nets.train(spec, plan.training(plan.arms[arm]), seeds=[seed], learning_rates=[rate], train_sets=train)
        scores = nets.score(spec, trained.weights, test)
        row = grid.frame.filter(arm=plan.labels[arm], seed=seed, learning_rate=rate).row(0, named=True)
        assert row["test_accuracy"] == scores.accuracy[0]
        assert row["test_loss"] == scores.loss[0]


def test_arms_with_the_same_seed_share_points_and_draws():
    """With one scheme the arms start from the same weights on the same points: z of the first layer is the same."""
    result = actlab.compare(
        ["relu", "tanh", "sigmoid"], hidden=(6,), seeds=5, learning_rates=0.1, epochs=1, init="xavier", test_points=100
    )
    start = result.traces.filter(step=0, layer=1).select("arm", "seed", "mean_abs_z", "mean_z", "weight_norm")
    tables = [start.filter(arm=arm).drop("arm") for arm in result.arms]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])
    assert tables[0]["mean_abs_z"].n_unique() == 5  # another seed, other points


def test_schemes_scale_the_same_draws():
    """He is √2 times LeCun, draw by draw."""
    start = {}
    for init in ("he", "lecun"):
        result = actlab.compare("relu", hidden=(6,), seeds=3, learning_rates=0.1, epochs=1, init=init, test_points=100)
        start[init] = result.traces.filter(step=0, layer=1)["mean_abs_z"].to_numpy()
        assert result.init == {"relu": init}
    assert np.allclose(start["he"], np.sqrt(2) * start["lecun"], rtol=1e-6)


def test_fresh_points_for_every_seed_and_fixed_ones_for_the_split(grid, article):
    first = grid.curves.filter(step=0, arm="relu", learning_rate=0.5)
    assert first["train_loss"].n_unique() == grid.seeds
    sources = make_plan("relu", data="moons:article")
    assert np.array_equal(sources.source.draw(0).test.X, sources.source.draw(1).test.X)
    assert np.array_equal(article.example[2], sources.source.refit().test.X)
