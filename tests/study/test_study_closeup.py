"""Nets looked at closely are the nets of the tables: trained again, they have the same bits."""

import numpy as np
import polars as pl
import pytest
from study_factory import own_arrays
from test_study_tables import nets_of

import actlab
from actlab import nets
from actlab.statistics import Choice
from actlab.study import closeup, views

SETTINGS = {
    "data": "moons:article", "hidden": (6, 4), "seeds": 3, "learning_rates": (0.05, 0.5), "epochs": 10,
}  # fmt: skip


@pytest.fixture(scope="module")
def retrained():
    """A study, and every (seen, arm, seeds, rates, snapshots) that its close look trained."""
    calls, real = [], closeup.retrained

    def noted(plan, seen, arm, seeds, rates):
        result = real(plan, seen, arm, seeds, rates)
        calls.append((plan, seen, arm, seeds, rates, result[0]))
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(closeup, "retrained", noted)
        result = actlab.compare(["sigmoid", "relu"], **SETTINGS)
    return result, calls


def test_retrained_nets_score_what_the_frame_says(retrained):
    result, calls = retrained
    assert len(calls) == 2 * 4 * 2  # a portrait and the geometry, for four views of two arms
    for plan, seen, arm, seeds, rates, snapshots in calls:
        test = nets.PointSets.stack([seen.task.draw(seed).test for seed in seeds])
        scores = nets.score(plan.spec(plan.arms[arm]), snapshots[:, -1], test, range(len(seeds)))
        for k, (seed, rate) in enumerate(zip(seeds, rates, strict=True)):
            row = result.frame.filter(
                data=seen.view.data, role="result", arm=plan.labels[arm], seed=seed, learning_rate=rate
            ).row(0, named=True)
            assert scores.accuracy[k] == row["test_accuracy"]
            assert scores.loss[k] == row["test_loss"]


def test_a_portrait_is_of_the_median_net(study):
    """One a view and arm; with an even number of seeds the lower of the two in the middle."""
    pairs = [(view, arm) for view in range(len(study.views)) for arm in study.arms]
    assert [(portrait.view, portrait.arm) for portrait in study.portraits] == pairs
    for portrait in study.portraits:
        rows = nets_of(study, portrait.view, portrait.arm)
        own = rows.filter(seed=portrait.seed).row(0, named=True)
        assert portrait.test_accuracy == own["test_accuracy"] == sorted(rows["test_accuracy"])[(rows.height - 1) // 2]
        assert portrait.learning_rate == own["learning_rate"]
        assert portrait.status == own["status"]


def test_the_picture_of_the_boundary_is_the_nets(retrained):
    """Rows are the second coordinate: each corner and a middle cell, computed by hand from the net's weights."""
    result, calls = retrained
    portraits = [call for call in calls if len(call[3]) == 1 and call[5].shape[0] == 1]
    for portrait, (plan, _, arm, _, _, snapshots) in zip(
        result.portraits, portraits[: len(result.portraits)], strict=True
    ):
        x, y = portrait.axes
        assert portrait.probability.shape == (len(y), len(x))
        for i, j in ((0, 0), (0, -1), (-1, 0), (-1, -1), (len(y) // 3, len(x) // 2)):
            a = np.array([x[j], y[i]])
            layers = plan.spec(plan.arms[arm]).unpack(snapshots[0, -1].astype(np.float64))
            for layer in layers[:-1]:
                a = plan.arms[arm].activation(a @ layer.weights + layer.biases)
            logit = float((a @ layers[-1].weights + layers[-1].biases).item())
            assert portrait.probability[i, j] == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-5)
        assert x[0] < portrait.points[:, 0].min() < portrait.points[:, 0].max() < x[-1]
        assert y[0] < portrait.points[:, 1].min() < portrait.points[:, 1].max() < y[-1]


def test_points_near_and_far(study):
    layers = len(study.hidden) + 1
    for portrait in study.portraits:
        near, far = portrait.near, portrait.far
        assert abs(near.distance) < abs(far.distance)
        for point in (near, far):
            assert (portrait.points == point.x).all(axis=1).any()
            assert point.mean_abs_z.shape == point.mean_abs_a.shape == (layers,)
            if portrait.status != "diverged":
                assert 0 <= point.mean_abs_a[-1] <= 1  # the output's a is a probability
                assert (point.mean_abs_z >= 0).all()


def test_hidden_representations(study):
    for portrait in study.portraits:
        assert len(portrait.hidden) == len(portrait.hidden_share) == len(study.hidden)
        assert all(scores.shape == (len(portrait.points), 2) for scores in portrait.hidden)
        if portrait.status == "trained":
            assert all(0 < share <= 1 + 1e-12 for share in portrait.hidden_share)
        assert len(portrait.points) == len(portrait.labels)
        assert set(np.unique(portrait.labels)) == {0.0, 1.0}


def test_geometry_has_a_row_per_net_step_and_layer(study):
    rows = study.geometry
    seeds = min(8, study.seeds)
    assert rows.height == len(study.views) * len(study.arms) * seeds * 3 * (len(study.hidden) + 1)
    assert not rows.select("view", "arm", "seed", "step", "layer").is_duplicated().any()
    for view, arm in {(p.view, p.arm) for p in study.portraits}:
        steps = rows.filter(view=view, arm=arm)["step"].unique().sort()
        assert steps[0] == 0
        assert steps[-1] == study.curves.filter(data=study.views[view].data)["step"].max()


def test_geometry_of_the_input_is_that_of_the_points(study):
    """Layer 0 is the input: distances are kept exactly, its rank is at most its columns, and no arm changes it."""
    rows = study.geometry.filter(layer=0)
    assert np.allclose(rows["distance_retention"], 1)
    columns = study.example[0].shape[1]
    assert rows["effective_rank"].is_between(1, columns + 1e-9).all()
    inputs = rows.select("view", "seed", "step", "margin_retention", "distance_retention", "effective_rank")
    tables = [inputs.filter(rows["arm"] == arm) for arm in study.arms]
    assert all(table.equals(tables[0]) for table in tables)


def test_geometry_lies_in_its_bounds(study):
    rows = study.geometry
    for name, low, high in (
        ("margin_retention", -np.inf, 1),
        ("distance_retention", -1, 1),
        ("far_contrast", 0, np.inf),
    ):
        finite = rows.filter(pl.col(name).is_not_nan())[name]
        assert finite.is_between(low - 1e-9, high + 1e-9).all()
    known = rows.filter(pl.col("far_contrast").is_not_nan())
    assert (known.height == 0) == (study.data == "arrays")  # without a known boundary there is no normal to follow


def test_arrays_of_five_columns_with_words_for_labels(arrays):
    assert all(portrait.axes is None and portrait.probability is None for portrait in arrays.portraits)
    assert all(portrait.points.shape[1] == 5 for portrait in arrays.portraits)
    assert arrays.data == "arrays"
    assert arrays.gap is None
    assert [view.regime for view in arrays.views] == ["same", "best"]
    X, y = own_arrays()
    lists = actlab.compare(
        ["relu", "tanh"], data=[X.tolist(), y.tolist()], hidden=(4, 3), seeds=4, learning_rates=(0.1, 1), epochs=10,
        batch_size=16,
    )  # fmt: skip
    assert lists.frame.equals(arrays.frame)


def test_one_unit_and_one_column():
    """The narrowest net on the narrowest data still has a portrait."""
    X = np.linspace(-1, 1, 40)[:, None]
    result = actlab.compare("relu", data=(X, X[:, 0] > 0.1), hidden=(1,), seeds=2, learning_rates=0.1, epochs=3)
    assert result.portraits[0].hidden[0].shape[1] == 2
    assert result.portraits[0].axes is None


def test_halves_with_two_rates(monkeypatch):
    """Where the halves of the seeds choose two rates, every portrait and row has its own seed's."""
    real = views.choose

    def alternating(*arguments):
        choice = real(*arguments)
        return Choice(np.arange(len(choice.rate)) % 2, (0, 1))

    monkeypatch.setattr(views, "choose", alternating)
    arms = ["relu", "tanh", "elu", "gelu", "silu", "mish", "softplus"]
    result = actlab.compare(arms, hidden=(4,), seeds=7, learning_rates=(0.1, 0.3), epochs=8, test_points=500)
    best = [portrait for portrait in result.portraits if portrait.view == 1]
    assert {portrait.seed % 2 for portrait in best} == {0, 1}  # else this test would see nothing
    for portrait in best:
        rate = result.views[1].rates[portrait.arm][portrait.seed % 2]
        assert portrait.learning_rate == rate
        row = result.frame.filter(arm=portrait.arm, seed=portrait.seed, learning_rate=rate)
        assert portrait.test_accuracy == row["test_accuracy"].item()
    rows = result.geometry.filter(view=1)
    for arm, seed, rate in rows.select("arm", "seed", "learning_rate").unique().iter_rows():
        assert rate == result.views[1].rates[arm][seed % 2]
    assert all(len(rates) == 2 for rates in result.views[1].rates.values())
    assert result.summary.filter(view=1)["learning_rate"].is_null().all()
