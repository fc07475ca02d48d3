"""The tables of a comparison: their columns, a row for every net, and means that follow from the rows."""

import numpy as np
import polars as pl
import pytest
from study_factory import ARTICLE, GRID

import actlab
from actlab.nets import checkpoint_steps

# As documented in `actlab.study.result`.
FRAME = [
    "data", "role", "arm", "activation", "learning_rate", "seed", "status", "train_loss", "train_accuracy",
    "validation_loss", "validation_accuracy", "test_loss", "test_accuracy",
]  # fmt: skip
PAIRED = [
    "difference", "difference_low", "difference_high", "p_value", "sign_flip_p", "superiority", "superiority_low",
    "superiority_high", "detectable",
]  # fmt: skip
SUMMARY = [
    "view", "data", "regime", "arm", "learning_rate", "nets", "estimate", "low", "high", *PAIRED, "seeds_needed",
    "median_test_loss", "collapsed", "diverged",
]  # fmt: skip
BY_RATE = [
    "data", "arm", "learning_rate", "nets", "estimate", "low", "high", "validation_estimate", "collapsed", "diverged",
]  # fmt: skip
CURVES = ["data", "arm", "learning_rate", "seed", "step", "epoch", "train_loss", "validation_loss"]
TRACES = [
    "data", "arm", "learning_rate", "seed", "step", "epoch", "layer", "units", "mean_abs_z", "mean_abs_a", "mean_z",
    "var_z", "dead", "saturated", "linear", "gradient_norm", "gradient_norm_per_weight", "weight_norm",
    "update_ratio", "sign_agreement", "path_efficiency",
]  # fmt: skip
GEOMETRY = [
    "view", "arm", "learning_rate", "seed", "step", "epoch", "layer", "margin_retention", "distance_retention",
    "far_contrast", "effective_rank", "regions",
]  # fmt: skip
NET = ["data", "role", "arm", "learning_rate", "seed"]


def nets_of(result, view, arm):
    """The rows of the frame that a view speaks of, in the order of the seeds."""
    row = result.summary.filter(view=view, arm=arm).row(0, named=True)
    rows = result.frame.filter(data=row["data"], role="result", arm=arm).sort("seed", "learning_rate")
    chosen = rates_of_view(result, view, arm)
    return rows.filter(pl.Series([rate == chosen[seed] for seed, rate in rows["seed", "learning_rate"].iter_rows()]))


def rates_of_view(result, view, arm):
    """The learning rate of every seed, chosen again from the frame, in plain words:

    each half of the seeds takes the rate with the best mean validation accuracy over the other half; among equals the
    one with the smallest (lower) median of the validation loss; then the smallest rate.
    """
    seen = result.views[view]
    if seen.regime == "same":
        return dict.fromkeys(range(result.seeds), result.common_rate)
    role = "tuning" if seen.conditional and not seen.resplits else "result"
    rows = result.frame.filter(data=seen.data, role=role, arm=arm)
    chosen = {}
    for half in (0, 1):
        voters = rows.filter(pl.col("seed") % 2 != half)
        best = None
        for rate in sorted(voters["learning_rate"].unique()):
            votes = voters.filter(learning_rate=rate)
            losses = sorted(votes["validation_loss"].fill_nan(np.inf).to_list())
            key = (-round(votes["validation_accuracy"].mean(), 12), losses[(len(losses) - 1) // 2])
            if best is None or key < best[0]:
                best = (key, rate)
        chosen |= dict.fromkeys(range(half, result.seeds, 2), best[1])
    return chosen


def test_columns(study):
    assert study.frame.columns == FRAME
    assert study.summary.columns == SUMMARY
    assert study.by_rate.columns == BY_RATE
    assert study.curves.columns == CURVES
    assert study.traces.columns == TRACES
    assert study.geometry.columns == GEOMETRY


def test_a_row_for_every_net_and_no_net_twice(study):
    frame = study.frame
    assert frame.height == study.provenance.nets
    assert not frame.select(NET).is_duplicated().any()
    for _, rows in frame.group_by("data", "role", "arm", "learning_rate"):
        assert rows["seed"].to_list() == list(range(study.seeds))
    assert set(frame["status"]) <= {"trained", "collapsed", "diverged"}
    for column in ("train_accuracy", "test_accuracy"):
        assert frame[column].is_between(0, 1).all()


def test_a_row_per_view_and_arm(study):
    want = [(view, seen.data, seen.regime, arm) for view, seen in enumerate(study.views) for arm in study.arms]
    assert study.summary.select("view", "data", "regime", "arm").rows() == want
    assert (study.summary["nets"] == study.seeds).all()


@pytest.mark.parametrize(("name", "settings"), [("grid", GRID), ("article", ARTICLE)])
def test_rows_of_curves_and_traces(name, settings, request):
    result = request.getfixturevalue(name)
    layers = len(settings["hidden"]) + 1
    for data, points in result.sizes.items():
        if data == "test":
            continue
        nets = result.frame.filter(data=data, role="result").height
        per_epoch = -(-points // result.batch_size)
        steps = checkpoint_steps(result.epochs * per_epoch)
        curves, traces = result.curves.filter(data=data), result.traces.filter(data=data)
        assert curves.height == nets * len(steps)
        assert traces.height == nets * len(steps) * layers
        assert sorted(curves["step"].unique()) == sorted(traces["step"].unique()) == steps.tolist()
        assert np.allclose(curves["epoch"], curves["step"] / per_epoch)
        assert sorted(traces["layer"].unique()) == list(range(1, layers + 1))
    units = dict(result.traces.select("layer", "units").unique().rows())
    assert units == dict(enumerate((*settings["hidden"], 1), start=1))


def test_curves_end_where_the_frame_says(study):
    """The last checkpoint is the end of the training."""
    frame = study.frame.filter(role="result").sort(NET)
    last = study.curves.filter(pl.col("step") == pl.col("step").max().over("data"))
    last = last.sort("data", "arm", "learning_rate", "seed")
    assert last["train_loss"].equals(frame["train_loss"])
    assert last["validation_loss"].equals(frame["validation_loss"])


def test_unit_shares_belong_to_hidden_layers(study):
    output = study.traces["layer"] == study.traces["layer"].max()
    for name in ("dead", "saturated", "linear"):
        assert study.traces.filter(output)[name].is_null().all()
        hidden = study.traces.filter(~output & (pl.Series(study.traces["step"]) == 0))[name]
        assert hidden.is_between(0, 1).all()
        assert not hidden.is_null().any()


def test_gradient_norm_per_weight(grid):
    """In layer 1 of a 2-6-4-1 net there are 12 weights."""
    first = grid.traces.filter(layer=1)
    assert np.allclose(first["gradient_norm_per_weight"] * np.sqrt(12), first["gradient_norm"])


def test_means_follow_from_the_frame(study):
    for row in study.summary.iter_rows(named=True):
        nets = nets_of(study, row["view"], row["arm"])
        assert nets["seed"].to_list() == list(range(study.seeds))
        assert row["estimate"] == pytest.approx(nets["test_accuracy"].mean(), abs=1e-12)
        assert row["low"] <= row["estimate"] <= row["high"]
        assert row["collapsed"] == (nets["status"] == "collapsed").sum()
        assert row["diverged"] == (nets["status"] == "diverged").sum()
        assert row["median_test_loss"] == pytest.approx(float(np.median(nets["test_loss"])))


def test_views_name_their_rates(study):
    for index, view in enumerate(study.views):
        for arm in study.arms:
            rates = tuple(sorted(set(rates_of_view(study, index, arm).values())))
            assert view.rates[arm] == rates
            shown = study.summary.filter(view=index, arm=arm)["learning_rate"].item()
            assert shown == (rates[0] if len(rates) == 1 else None)
        if view.regime == "same":
            assert set(view.rates.values()) == {(study.common_rate,)}


def test_differences_are_paired_by_seed(study):
    first = study.arms[0]
    for row in study.summary.iter_rows(named=True):
        if row["arm"] == first:
            assert all(row[name] is None for name in PAIRED)
            continue
        a = nets_of(study, row["view"], row["arm"])["test_accuracy"].to_numpy()
        b = nets_of(study, row["view"], first)["test_accuracy"].to_numpy()
        assert row["difference"] == pytest.approx((a - b).mean(), abs=1e-12)
        assert row["superiority"] == pytest.approx(np.mean((a > b) + 0.5 * (a == b)))
        assert row["difference_low"] <= row["difference"] <= row["difference_high"]
        assert (row["p_value"] <= 0.05) == (not row["difference_low"] <= 0 <= row["difference_high"])
        assert 0 < row["sign_flip_p"] <= 1
        assert 0 < row["detectable"] <= 2


def test_by_rate_follows_from_the_frame(study):
    tuned = study.frame.filter((pl.col("role") == "tuning") | ~pl.col("data").is_in(conditional_with_grid(study)))
    groups = tuned.group_by("data", "arm", "learning_rate", maintain_order=True)
    assert study.by_rate.height == len(list(groups))
    for row in study.by_rate.iter_rows(named=True):
        nets = tuned.filter(data=row["data"], arm=row["arm"], learning_rate=row["learning_rate"])
        assert row["nets"] == nets.height == study.seeds
        assert row["estimate"] == pytest.approx(nets["test_accuracy"].mean(), abs=1e-12)
        assert row["validation_estimate"] == pytest.approx(nets["validation_accuracy"].mean(), abs=1e-12)
        assert row["collapsed"] == (nets["status"] == "collapsed").sum()
        assert row["diverged"] == (nets["status"] == "diverged").sum()


def conditional_with_grid(study):
    """Fixed data whose learning rate was looked for on nets of their own."""
    return [v.data for v in study.views if v.conditional and not v.resplits and v.regime == "best"]


def test_fixed_data_without_validation_have_no_validation_estimate():
    result = actlab.compare("relu", data="moons:article", hidden=(3,), seeds=2, learning_rates=0.1, epochs=2)
    fixed = result.by_rate.filter(data="moons:article")
    assert fixed["validation_estimate"].is_null().all()
    assert result.frame.filter(data="moons:article")["validation_loss"].is_nan().all()


def test_same_view_is_at_the_first_rate_and_single_rates_are_not_tuned(grid):
    assert [view.regime for view in grid.views] == ["same", "best"]
    assert grid.common_rate == GRID["learning_rates"][0] != min(GRID["learning_rates"])
    single = actlab.compare(["relu", "tanh"], hidden=(3,), seeds=2, learning_rates=0.05, epochs=1, test_points=100)
    assert [view.regime for view in single.views] == ["same"]
    assert single.learning_rates == (0.05,)
    assert single.frame.height == 2 * 2
    assert set(single.frame["role"]) == {"result"}


def test_one_arm_and_one_seed():
    """Nothing to compare, and one seed: the mean and its (wide) interval are there all the same."""
    result = actlab.compare("gelu", hidden=3, seeds=1, learning_rates=0.1, epochs=1, test_points=100)
    row = result.summary.row(0, named=True)
    assert result.summary.columns == SUMMARY
    assert row["difference"] is None
    assert row["low"] <= row["estimate"] <= row["high"]
    assert row["high"] - row["low"] > 0.3
    assert result.gap is None
    assert "gelu" in str(result)


def test_conditional_views_are_labelled(article, arrays, grid):
    assert [(v.data, v.regime, v.conditional) for v in article.views] == [
        ("moons:article", "same", True),
        ("moons:article", "best", True),
        ("moons", "same", False),
        ("moons", "best", False),
    ]
    assert all(v.conditional for v in arrays.views)
    assert not any(v.conditional for v in grid.views)


def test_sizes(article, grid, arrays):
    # The generator beside the article's split gives as many training points as the refit: 300.
    assert article.sizes == {"moons:article": 300, "moons": 300, "test": 100}
    assert article.test_points == {"moons:article": 100, "moons": 20_000}
    assert grid.sizes == {"moons": 300, "test": 400}
    assert grid.test_points == {"moons": 400}
    assert arrays.sizes == {"arrays": 68, "test": 30}
    assert all(len(x) == n for x, n in zip(grid.example, (300, 300, 400, 400), strict=True))


def test_counts_of_nets_and_steps(study):
    """Every net counts, those too that only chose a rate; its steps are epochs × batches, fewer where it was lost."""
    steps = 0
    for row in study.frame.iter_rows(named=True):
        points = study.sizes[row["data"]]
        if row["role"] == "tuning":  # three quarters learn, the rest validate
            points = {300: 225, 90: 68}[points]
        steps += study.epochs * -(-points // study.batch_size)
    assert study.provenance.net_steps <= steps
    assert (study.provenance.net_steps == steps) == ("diverged" not in study.frame["status"])
    assert study.provenance.nets == study.frame.height
    assert study.provenance.seconds > 0
