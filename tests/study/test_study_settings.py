"""What arms may differ in beside the activation: it reaches the nets, and it is told."""

import numpy as np
import polars as pl
import pytest
from study_factory import own_arrays

import actlab
from actlab import nets
from actlab.data import resolve
from actlab.report.figures._words import Words
from actlab.report.method import method
from actlab.study import make_plan
from actlab.study.run import arrivals
from actlab.study.tune import speed
from actlab.text import UserError

COMMON = {"hidden": (6, 6), "seeds": 5, "learning_rates": 0.1, "epochs": 12, "batch_size": 50, "test_points": 300}
ARMS = {
    "relu": ({}, {}),
    "relu [norm=batch]": ({"norm": "batch"}, {}),
    "relu [norm=layer, residual=1]": ({"norm": "layer", "residual": 1}, {}),
    "relu [init=gain 0.7]": ({"init": "gain 0.7"}, {}),
    "relu [optimiser=momentum(0.8), schedule=cosine, warm_up=3]": (
        {},
        {"optimiser": nets.Momentum(0.8), "schedule": "cosine", "warm_up": 3},
    ),
    "relu [optimiser=adamw(beta1=0.8), weight_decay=0.01, clip=0.5]": (
        {},
        {"optimiser": nets.AdamW(0.8), "weight_decay": 0.01, "clip": 0.5},
    ),
}


@pytest.fixture(scope="module")
def remedies():
    return actlab.compare(list(ARMS), geometry_seeds=2, **COMMON)


@pytest.mark.parametrize("name", ARMS)
def test_settings_reach_the_nets(remedies, name):
    """The nets of the tables are those that the settings mean, trained here by hand."""
    layout, training = ARMS[name]
    draws = [resolve("moons", n_test=300).draw(seed) for seed in range(5)]
    spec = nets.NetSpec(2, (6, 6), actlab.get("relu"), **{"init": "he"} | layout)
    trained = nets.train(
        spec,
        nets.TrainSpec(12, 50, **training),
        seeds=range(5),
        learning_rates=[0.1] * 5,
        train_sets=nets.PointSets.stack([draw.train for draw in draws]),
        set_of_net=range(5),
    )
    scores = nets.score(spec, trained.weights, nets.PointSets.stack([draw.test for draw in draws]), range(5))
    got = remedies.frame.filter(arm=name).sort("seed")
    assert got["test_loss"].to_list() == scores.loss.tolist()
    assert got["activation"].unique().to_list() == [actlab.get("relu").formula]


def test_arms_are_told_apart(remedies):
    assert remedies.arms == tuple(ARMS)
    assert len(set(remedies.frame.group_by("arm").agg(pl.col("test_loss").mean())["test_loss"])) == len(ARMS)
    told = remedies.to_json()["settings"]["arms"]
    assert told["relu"] == {
        "init": "he", "norm": "none", "residual": 0, "optimiser": "sgd", "schedule": "constant", "warm_up": 0,
        "weight_decay": 0.0, "clip": None,
    }  # fmt: skip
    assert told["relu [optimiser=adamw(beta1=0.8), weight_decay=0.01, clip=0.5]"]["optimiser"] == "adamw(beta1=0.8)"
    assert remedies.init["relu [init=gain 0.7]"] == "gain 0.7"
    assert remedies.geometry["seed"].unique().sort().to_list() == [0, 1]
    assert remedies.provenance.geometry_seconds > 0
    assert "--geometry-seeds 2" in remedies.provenance.command
    assert "'relu [norm=layer, residual=1]'" in remedies.provenance.command


def test_settings_stand_in_the_method(remedies):
    rows = dict(method(remedies, Words("en")).settings)
    assert "relu [norm=batch]: batch, relu [norm=layer, residual=1]: layer" in rows["norm"]
    assert "momentum(0.8)" in rows["optimiser"]
    assert rows["greatest gradient norm"].endswith(
        "relu [optimiser=adamw(beta1=0.8), weight_decay=0.01, clip=0.5]: 0.5"
    )
    assert "2 seeds" in dict(method(remedies, Words("en")).machine)["geometry"]


def test_arms_as_objects_are_the_same_plan():
    objects = ["relu", actlab.Arm("relu", norm="batch"), actlab.Arm(actlab.get("tanh"), optimiser=nets.Adam(0.8))]
    texts = ["relu", "relu [norm=batch]", "tanh [optimiser=adam(0.8)]"]
    assert make_plan(objects) == make_plan(texts)
    assert [arm.name for arm in make_plan(objects).arms] == [
        "relu",
        "relu [norm=batch]",
        "tanh [optimiser=adam(beta1=0.8)]",
    ]
    assert make_plan(actlab.Arm("relu", clip=1)).labels == ("relu [clip=1]",)


def test_an_arm_says_what_is_wrong_at_once():
    with pytest.raises(UserError, match="batch"):
        actlab.Arm("relu", norm="bach")


@pytest.mark.parametrize(
    ("arm", "key", "right"),
    [
        ("relu [norm=batch", "unclosed_arm", "“relu [norm=batch]”"),
        ("x*tanh(x) [optimiser=adam(0.8)", "unclosed_arm", "“x*tanh(x) [optimiser=adam(0.8)]”"),
        ("relu [norm=batch, residual", "unclosed_arm", "“relu [norm=batch, clip=1]”"),
        ("relu norm=batch]", "arm_form", "“relu [norm=batch, clip=1]”"),
        ("relu [norm=batch] + 1", "arm_form", "“relu [norm=batch, clip=1]”"),
        ("[norm=batch]", "arm_lacks", '"relu [norm=batch]"'),  # the shell took it for a word of its own
        ("relu []", "arm_lacks", '"relu [norm=batch]"'),
    ],
)
def test_brackets_that_do_not_fit_are_shown_as_they_should_be(arm, key, right):
    with pytest.raises(UserError) as error:
        make_plan(["relu", arm])
    assert error.value.key == f"study.{key}"
    assert right in str(error.value)
    quoted = right.strip('“”"')
    assert make_plan(["tanh", quoted]).labels[1].startswith(quoted.split()[0])  # what is shown can be read


def test_common_settings_and_default_rates():
    plan = make_plan(["relu", "tanh [norm=none]"], norm="batch", optimiser="Adam", weight_decay=0)
    assert [plan.spec(arm).norm for arm in plan.arms] == ["batch", "none"]
    assert all(plan.training(arm).optimiser == nets.Adam() for arm in plan.arms)
    assert plan.common_rate == 0.001
    assert make_plan("relu", optimiser="momentum").common_rate == 0.005


def test_the_call_of_own_arrays_repeats_the_settings():
    X, y = own_arrays()
    settings = {"optimiser": "adam", "norm": "layer", "weight_decay": 0.001, "target_loss": 0.5, "geometry_seeds": 0}
    first = actlab.compare("relu", data=(X, y), hidden=(4,), seeds=3, learning_rates=0.01, epochs=5, **settings)
    again = eval(first.provenance.command, {"actlab": actlab, "X": X, "y": y})
    assert again.frame.equals(first.frame)
    assert first.geometry.is_empty()


@pytest.fixture(scope="module")
def aimed():
    return actlab.compare(["relu", "sigmoid"], target_loss=0.3, **COMMON | {"epochs": 60, "seeds": 9})


def test_steps_to_target(aimed):
    """Against the curves, which are interpolated here by NumPy."""
    found = {}
    for arm in aimed.arms:
        for seed in range(9):
            rows = aimed.curves.filter(arm=arm, seed=seed).sort("step")
            loss, step = rows["validation_loss"].to_numpy(), rows["step"].to_numpy()
            below = np.flatnonzero(loss <= 0.3)
            if len(below) == 0:
                found[arm, seed] = None
                continue
            k = below[0]
            found[arm, seed] = float(np.exp(np.interp(-0.3, -loss[k - 1 : k + 1], np.log(step[k - 1 : k + 1]))))
            assert (loss[k:] == loss[k]).all()  # done: nothing moves any more
    for row in aimed.frame.iter_rows(named=True):
        want = found[row["arm"], row["seed"]]
        assert row["steps_to_target"] == (None if want is None else pytest.approx(want))
    relu, sigmoid = aimed.summary.iter_rows(named=True)
    steps = np.array([found["relu", seed] for seed in range(9)])
    assert relu["target_share"] == 1
    assert relu["target_steps"] == pytest.approx(np.median(steps))
    assert [relu["target_low"], relu["target_high"]] == pytest.approx(np.sort(steps)[[1, 7]].tolist())
    assert relu["target_ratio"] is None
    assert sigmoid["target_share"] < 0.5
    assert sigmoid["target_steps"] is None
    assert sigmoid["target_ratio"] is None  # ∞: relu's nets arrive


def test_the_target_is_told(aimed, tmp_path):
    for lang, word in (("en", "Steps until the validation loss is at most 0.3"), ("ko", "걸음 수")):
        assert word in actlab.report.table(aimed, lang, 200)
        page = aimed.report(tmp_path / "page.html", lang).read_text(encoding="utf-8")
        assert word in page
    assert "목표 손실" in page
    assert aimed.to_json()["settings"]["target_loss"] == 0.3


def test_a_target_chooses_the_rate_that_gets_there_soonest():
    result = actlab.compare("tanh", target_loss=0.25, **COMMON | {"epochs": 60, "learning_rates": (0.05, 0.5, 2.0)})
    speeds = {
        rate: np.mean([0 if s is None else 1 - np.log(s) / np.log(360) for s in rows["steps_to_target"]])
        for (rate,), rows in result.frame.group_by("learning_rate")
    }
    best = max(speeds, key=speeds.__getitem__)
    assert best in result.views[1].rates["tanh"]
    assert best > 0.05


def test_arrivals_and_speed():
    loss = np.array([[0.9, 0.5, 0.1], [0.2, 0.1, 0.1], [0.9, np.nan, 0.3], [0.9, np.inf, 0.1], [0.9, 0.4, 0.2]])
    steps = np.array([0, 10, 1000])
    got = arrivals(loss, steps, 0.3)
    assert got.tolist() == [pytest.approx(100), 0, 1000, 1000, pytest.approx(10**2)]
    assert arrivals(loss, steps, 0.05).tolist() == [np.inf] * 5
    assert speed(np.array([0.0, 1.0, 1000.0, np.inf]), 1000).tolist() == [1, 1, 0, 0]
    assert speed(np.array([0.0, np.inf]), 1).tolist() == [1, 0]
