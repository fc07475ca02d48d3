"""Studies of regressions: the score is the share of the variance explained."""

import re

import numpy as np
import polars as pl
import pytest

import actlab
from actlab import nets
from actlab.data import near_and_far, resolve
from actlab.nets import PointSets, TrainSpec
from actlab.report import readings
from actlab.report.sentences import told_of, worded
from actlab.text import keys, tr

SMALL = {"hidden": (8, 6), "seeds": 6, "learning_rates": (0.02, 0.1), "epochs": 40, "batch_size": 32}


@pytest.fixture(scope="module")
def curve():
    return actlab.compare(["relu", "tanh"], data="abs", test_points=400, **SMALL)


@pytest.fixture(scope="module")
def surface():
    return actlab.compare(["relu", "tanh"], data="surface", test_points=400, **SMALL | {"epochs": 10})


@pytest.fixture(scope="module")
def diabetes():
    return actlab.compare(["relu", "tanh"], data="diabetes", **SMALL | {"epochs": 10})


@pytest.mark.parametrize("name", ["abs", "diabetes"])
def test_the_scores_are_those_of_the_nets(name, curve, diabetes):
    result = curve if name == "abs" else diabetes
    source = resolve(name, n_test=400) if name == "abs" else resolve(name)
    row = result.frame.filter(arm="tanh", learning_rate=0.02, seed=2).row(0, named=True)
    draw = source.draw(2)
    spec = nets.NetSpec(source.dimension, (8, 6), actlab.get("tanh"), result.init["tanh"], 1, "squares")
    training = TrainSpec(result.epochs, 32)
    trained = nets.train(spec, training, seeds=[2], learning_rates=[0.02], train_sets=PointSets.stack([draw.train]))
    for part, sample in (("train", draw.train), ("validation", draw.validation), ("test", draw.test)):
        answer = nets.look_inside(spec, trained.weights[0], sample.X.astype(np.float32)).a[-1][:, 0]
        error = ((answer - sample.y) ** 2).mean()
        assert row[f"{part}_loss"] == pytest.approx(error, rel=1e-4)
        assert row[f"{part}_r2"] == pytest.approx(1 - error / sample.y.var(), rel=1e-4, abs=1e-5)


def test_two_units_are_enough_for_the_absolute_value(curve):
    best = curve.summary.filter(arm="relu", regime="best")
    assert best["estimate"].item() > 0.9
    assert curve.task == "regression"
    assert curve.classes == ()
    assert "test_accuracy" not in curve.frame.columns


def test_where_r2_is_negative_the_table_keeps_it_and_the_mean_counts_nothing():
    result = actlab.compare(
        "sigmoid", data="surface", hidden=(2,), seeds=12, learning_rates=0.01, epochs=1, test_points=300
    )
    raw = result.frame["test_r2"]
    assert (raw < 0).any()
    assert result.summary["estimate"].item() == pytest.approx(np.clip(raw.to_numpy(), 0, 1).mean(), abs=1e-12)
    assert result.summary["collapsed"].item() == (raw <= 0).sum()
    assert ((raw <= 0) == (result.frame["status"] == "collapsed")).all()


def test_a_diverged_net_counts_as_nothing():
    result = actlab.compare(
        "x*x*x", data="surface", seeds=6, learning_rates=3.0, epochs=5, test_points=100, hidden=(8,)
    )
    assert (result.frame["status"] == "diverged").all()
    assert result.summary["estimate"].item() == 0
    assert np.isneginf(result.frame["test_r2"].to_numpy()).all()
    assert "0.0 %" in str(result)


def test_no_answer_explains_more_than_the_noise_leaves():
    result = actlab.compare("relu", data="sine", noise=1.0, test_points=2_000, **SMALL | {"learning_rates": 0.05})
    ceiling = 1 - resolve("sine", noise=1.0).bayes_error
    assert ceiling == 0.5
    assert result.frame["test_r2"].max() < ceiling + 4 * np.sqrt(2 / 2_000)


def test_near_and_far_by_the_target():
    source = resolve("sine")
    train = source.draw(1).train
    pair = near_and_far(source, train)
    assert abs(train.y[pair.near]) == np.abs(train.y).min()
    assert abs(train.y[pair.far]) == np.abs(train.y).max()
    assert pair.far_distance == train.y[pair.far]


def test_maps(curve, surface, diabetes):
    assert all(p.regression for p in (*curve.portraits, *surface.portraits, *diabetes.portraits))
    p = curve.portraits[0]
    assert p.probability.shape == p.axes[0].shape
    assert len(p.axes[1]) == 0
    p = surface.portraits[0]
    assert p.probability.shape == (len(p.axes[1]), len(p.axes[0]))
    assert all(p.axes is None for p in diabetes.portraits)


def test_geometry_is_of_the_target(curve):
    rows = curve.geometry
    assert rows["far_contrast"].is_nan().all()
    start = rows.filter(pl.col("layer") == 0)["margin_retention"]
    assert start.is_finite().all()
    assert start.max() < 0.5  # |x| cannot be read off x
    last = rows.filter((pl.col("layer") == 1) & (pl.col("step") == pl.col("step").max()) & (pl.col("arm") == "relu"))
    assert last["margin_retention"].median() > 0.9


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_speaks_of_variance_and_not_of_classes(curve, surface, diabetes, tmp_path, lang):
    wrong = r"accurac|class |classes|boundar" if lang == "en" else r"정확도|클래스|경계"
    for result in (curve, surface, diabetes):
        page = result.report(tmp_path / "page.html", lang=lang).read_text(encoding="utf-8")
        told = re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
        assert not re.search(wrong, told)
        with_terms = "explain" if lang == "en" else "설명"
        assert with_terms in told
        from actlab.report.terminal import table

        assert not re.search(wrong, table(result, lang))


def test_a_task_has_words_of_its_own_and_only_inside():
    inside = tr("report.regression.column.accuracy", "en")
    with told_of("regression"):
        assert worded("column.accuracy", "en") == inside
        assert worded("column.rate", "en") == tr("report.column.rate", "en")
    with told_of("binary"):
        assert worded("column.accuracy", "en") == tr("report.column.accuracy", "en") != inside
    assert worded("column.accuracy", "en") == tr("report.column.accuracy", "en")


def test_words_of_a_regression_stand_for_words_that_there_are():
    known = keys("en")
    own = {key for key in known if key.startswith("report.regression.")}
    assert own
    for key in own:
        plain = key.replace(".regression", "")
        assert plain in known
        for lang in ("en", "ko"):
            gaps = [set(re.findall(r"{([a-z_]+)", _raw(name, lang))) for name in (key, plain)]
            assert gaps[0] <= gaps[1], key


def _raw(key, lang):
    class Gap:
        def __init__(self, name):
            self.name = name

        def __format__(self, spec):
            return f"{{{self.name}}}"

        def __str__(self):
            return f"{{{self.name}}}"

    names = (
        "count arm accuracy when winner loser data win lose points low high share items line columns near far arms "
        "start seed zero one first same best second parts pilot"
    )
    return tr(key, lang, **{name: Gap(name) for name in names.split()})


def test_the_line_that_least_squares_draws():
    x = np.linspace(-1, 1, 50)[:, None]
    assert readings.line_fit(x, 3 * x[:, 0] + 1, True) == pytest.approx(1)
    assert readings.line_fit(x, np.abs(x[:, 0]), True) == pytest.approx(0, abs=1e-12)
    y = (x[:, 0] > 0).astype(float)
    assert readings.line_fit(x, y, False) == readings.line_accuracy(x, y) == 1
