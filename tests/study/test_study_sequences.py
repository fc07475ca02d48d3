"""Studies of recurrent nets: sequences, and the gradient at every step of them."""

import json

import numpy as np
import polars as pl
import pytest

import actlab
from actlab import measure, nets, report
from actlab.cli import main
from actlab.data import resolve
from actlab.nets import reference
from actlab.report.page import page

LENGTH = 9


@pytest.fixture(scope="module")
def adding():
    return actlab.compare(
        ["tanh", "sigmoid"], data=f"adding:{LENGTH}", hidden=(6, 5), seeds=4, epochs=3, test_points=60,
        learning_rates=[0.1], clip=1.0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def recall():
    return actlab.compare(
        ["tanh", "relu"], data="recall:5", seeds=6, epochs=4, test_points=200, learning_rates=[0.1, 0.3]
    )


def spec_of(name):
    return nets.NetSpec(2, (6, 5), actlab.get(name), actlab.get(name).default_init, loss="squares", steps=LENGTH)


def test_gradient_through_time_is_that_of_the_nets(adding):
    """Against the reference in NumPy and the definition in `measure`, at the first weights."""
    table = adding.through_time
    assert set(table["time"]) == set(range(1, LENGTH + 1))
    assert set(table["layer"]) == {1, 2}
    assert table["step"].n_unique() == 3
    for arm in adding.arms:
        spec = spec_of(arm)
        for seed in (0, 3):
            train = resolve(f"adding:{LENGTH}").draw(seed).train
            row = nets.initial_weights(spec, [seed], np.float64)[0]
            _, states = reference.through_time(spec, spec.unpack(row), train.X[:64], train.y[:64])
            for layer, state in enumerate(states, start=1):
                mine = table.filter(arm=arm, seed=seed, layer=layer, step=0).sort("time")["gradient_norm"]
                np.testing.assert_allclose(mine, measure.gradient_through_time(state), rtol=2e-4)


def test_the_nets_are_those_that_train_gives(adding):
    spec = spec_of("tanh")
    draw = resolve(f"adding:{LENGTH}", n_test=60).draw(2)
    trained = nets.train(
        spec,
        nets.TrainSpec(3, 64, clip=1.0),
        seeds=[2],
        learning_rates=[0.1],
        train_sets=nets.PointSets.stack([draw.train]),
    )
    loss = nets.score(spec, trained.weights, nets.PointSets.stack([draw.test])).loss[0]
    assert adding.frame.filter(arm="tanh", seed=2)["test_loss"][0] == loss
    inside = nets.look_inside(spec, trained.weights[0], draw.test.X)
    assert np.mean((inside.a[-1][:, 0] - draw.test.y) ** 2) == pytest.approx(loss, rel=1e-5)
    assert [a.shape for a in inside.a] == [(60, 6), (60, 5), (60, 1)]


def test_per_weight_counts_the_weights_through_time(adding):
    mine = adding.traces.filter(arm="tanh", seed=0, step=0).sort("layer")
    ratio = (mine["gradient_norm"] / mine["gradient_norm_per_weight"]).to_numpy() ** 2
    np.testing.assert_allclose(ratio, [(2 + 6) * 6, (6 + 5) * 5, 5], rtol=1e-9)


def test_the_gradient_of_sigmoid_vanishes_through_time(adding):
    def factor(arm):
        mine = adding.through_time.filter(arm=arm, step=0, layer=2).sort("seed", "time")["gradient_norm"]
        return np.median([np.exp(-measure.log_norm_slope(norms)) for norms in mine.to_numpy().reshape(4, LENGTH)])

    assert factor("sigmoid") < 0.35 < 0.6 < factor("tanh")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_pages_and_tables(adding, recall, lang):
    for result in (adding, recall):
        html = page(result, lang)
        assert 'id="geometry"' not in html  # a chapter with nothing in it
        assert html.count("through-time-0-") >= 2
        for arm in result.arms:
            assert arm in html
        assert "nan" not in html.partition("through_time")[2].partition("</section>")[0]
        assert report.table(result, lang)


def test_recall_is_learned_over_few_steps(recall):
    assert recall.task == "multiclass"
    assert recall.hidden == (16,)
    assert recall.summary["estimate"].max() > 0.5  # chance is a quarter
    assert recall.provenance.command.startswith("actlab compare tanh relu --data recall:5 --hidden 16")


def test_json_has_the_course(adding):
    found = json.loads(json.dumps(adding.to_json()))["through_time"]
    assert len(found) == 2 * 2 * 2  # arms, before and after, layers
    assert all(len(entry["gradient_norm"]) == LENGTH for entry in found)


def test_plain_tables_have_no_time():
    result = actlab.compare(["relu"], seeds=2, epochs=1, test_points=50, learning_rates=[0.1])
    assert result.through_time.is_empty()
    assert result.to_json()["through_time"] == []
    assert "through-time" not in page(result, "en")
    assert result.hidden == (8, 8)


def test_from_the_command_line(capsys, tmp_path):
    words = ["compare", "tanh", "relu", "--data", "adding:6", "--hidden", "4", "--seeds", "2", "--epochs", "2"]
    path = tmp_path / "page.html"
    assert main([*words, "--learning-rates", "0.1", "--test-points", "50", "--report", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["settings"]["data"] == "adding:6"
    assert told["settings"]["hidden"] == [4]
    assert path.exists()
    assert main([*words, "--norm", "batch"]) == 2
    assert "norm" in capsys.readouterr().err


def test_a_net_that_is_lost_leaves_the_others(tmp_path):
    result = actlab.compare(
        ["x*x", "tanh"], data="adding:12", hidden=(6,), seeds=3, epochs=2, test_points=50, learning_rates=[5.0]
    )
    assert (result.frame.filter(arm="x*x")["status"] == "diverged").any()
    assert result.through_time.filter(pl.col("gradient_norm").is_nan())["arm"].unique().to_list() in ([], ["x*x"])
    assert result.report(tmp_path / "page.html").exists()
