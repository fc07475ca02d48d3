"""Studies of more than two classes: trained as the engine trains them, looked into, told."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import actlab
from actlab import nets
from actlab.data import margin_by_neighbours, near_and_far, resolve
from actlab.nets import PointSets, TrainSpec
from actlab.report import readings
from actlab.report._png import encoded, regions_map
from actlab.report.sentences import learning, say
from actlab.study.closeup import _distances

SMALL = {"hidden": (6, 5), "seeds": 5, "learning_rates": (0.3, 1.0), "epochs": 20, "batch_size": 32}


@pytest.fixture(scope="module")
def blobs():
    return actlab.compare(["relu", "tanh"], data="blobs:4", test_points=500, **SMALL)


@pytest.fixture(scope="module")
def iris():
    return actlab.compare(["relu", "tanh"], data="iris", **SMALL)


@pytest.mark.parametrize(("name", "outputs"), [("blobs:4", 4), ("iris", 3)])
def test_the_nets_are_those_that_the_engine_trains_alone(name, outputs, request):
    result = request.getfixturevalue(name.partition(":")[0])
    source = resolve(name, n_test=500) if name == "blobs:4" else resolve(name)
    row = result.frame.filter(arm="tanh", learning_rate=0.3, seed=3).row(0, named=True)
    draw = source.draw(3)
    spec = nets.NetSpec(source.dimension, (6, 5), actlab.get("tanh"), result.init["tanh"], outputs, "classes")
    trained = nets.train(
        spec, TrainSpec(20, 32), seeds=[3], learning_rates=[0.3], train_sets=PointSets.stack([draw.train])
    )
    # Accuracy and loss again, in float64, by hand.
    z = nets.look_inside(spec, trained.weights[0], draw.test.X.astype(np.float32)).z[-1]
    assert row["test_accuracy"] == pytest.approx((z.argmax(axis=1) == draw.test.y).mean(), abs=1e-9)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -log_p[np.arange(len(z)), draw.test.y.astype(int)].mean()
    assert row["test_loss"] == pytest.approx(loss, rel=1e-4)


def test_what_is_learned(blobs):
    best = blobs.summary.filter(regime="best")
    ceiling = resolve("blobs:4").bayes_accuracy
    assert (best["estimate"] > 0.75).all()
    assert (best["estimate"] < ceiling + 0.03).all()
    assert blobs.classes == (0, 1, 2, 3)
    assert actlab.compare("relu", data="iris", **SMALL | {"learning_rates": 0.1}).classes[0] == "setosa"


def test_a_collapsed_net_gives_one_class():
    result = actlab.compare("relu", data="blobs", hidden=(2,), seeds=8, learning_rates=30.0, epochs=8, test_points=300)
    failed = result.frame.filter(pl.col("status") == "collapsed")
    assert failed.height > 0
    np.testing.assert_allclose(failed["test_accuracy"], 1 / 3, atol=1e-9)  # 100 points of each class


def test_maps_and_pages(blobs, iris, tmp_path):
    for p in blobs.portraits:
        assert p.probability.shape == (4, len(p.axes[1]), len(p.axes[0]))
        np.testing.assert_allclose(p.probability.sum(axis=0), 1, atol=1e-9)
        assert 0 <= p.near.mean_abs_a[-1] <= 1
        assert p.near.distance < p.far.distance
    assert all(p.probability is None for p in iris.portraits)
    for result, words in ((blobs, "class 3"), (iris, "class versicolor")):
        for lang, word in (("en", words), ("ko", words.replace("class", "클래스"))):
            page = result.report(tmp_path / "page.html", lang=lang).read_text(encoding="utf-8")
            assert word in page
            assert "{" not in page.split("<main")[-1].split("<script")[0]
    assert "직선들" in page


def test_geometry_of_several_boundaries(blobs, iris):
    for column in ("margin_retention", "distance_retention", "far_contrast", "effective_rank"):
        assert blobs.geometry[column].is_finite().all()
    first = blobs.geometry.filter(layer=0)
    assert first["distance_retention"].to_list() == pytest.approx([1] * first.height)
    assert first["far_contrast"].to_list() == pytest.approx([1] * first.height)
    assert iris.geometry["far_contrast"].is_nan().all()  # without a boundary there is no normal
    assert iris.geometry["margin_retention"].is_finite().all()


def test_normals_point_away_from_the_nearest_boundary():
    source = resolve("blobs:5")
    sample = source.draw(0).train
    distance, normals = _distances(source, sample, sample.X[:40])
    assert distance.shape == (40, 5)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1)
    moved = source.signed_distance(sample.X[:40] + 1e-3 * normals).max(axis=1)
    away = moved - distance.max(axis=1)
    assert np.median(away) == pytest.approx(1e-3, rel=1e-3)
    assert (away > 0).mean() > 0.9  # but where two boundaries are equally near


@given(st.integers(0, 999), st.integers(6, 30), st.integers(1, 3))
def test_margins_of_many_classes_against_all_pairs(seed, n, d):
    random = np.random.default_rng(seed)
    X, y = random.integers(-3, 4, size=(n, d)).astype(float), (np.arange(n) % 3).astype(float)
    gaps = np.sqrt(((X[:, None] - X) ** 2).sum(axis=-1))
    np.fill_diagonal(gaps, np.inf)
    same = y[:, None] == y
    own, other = np.where(same, gaps, np.inf).min(axis=1), np.where(~same, gaps, np.inf).min(axis=1)
    np.testing.assert_allclose(margin_by_neighbours(X, y), (other - own) / 2, atol=1e-12)


@pytest.mark.parametrize("name", ["blobs", "spiral:3", "iris", "digits"])
def test_near_and_far_are_both_of_class_1(name):
    source = resolve(name)
    train = source.draw(2).train
    pair = near_and_far(source, train)
    assert train.y[pair.near] == train.y[pair.far] == 1
    assert 0 < pair.near_distance < pair.far_distance


def test_lines_through_several_classes():
    x = np.array([[0.0, 0.0], [0, 1], [4, 0], [4, 1], [2, 9], [2, 8]])
    y = np.array([0.0, 0, 1, 1, 2, 2])
    assert readings.line_accuracy(x, y) == 1.0
    np.testing.assert_array_equal(readings.line_answers(x, y, x), y)
    two = np.where(y == 2, 1.0, y)
    np.testing.assert_array_equal(readings.line_answers(x, two, x), two)


def test_a_net_of_straight_lines_is_told_from_one_that_bends(blobs):
    p = blobs.portraits[0]
    x, y = np.meshgrid(*p.axes)
    straight = np.stack([np.cos(a) * x + np.sin(a) * y for a in 2 * np.pi * np.arange(4) / 4])
    bent = straight.copy()
    bent[3] += 3 * (np.hypot(x, y) < 1)
    cases = ((straight, 1.0, "straight_many"), (bent, 1.0, "bent_many"), (bent, 0.2, "astray_many"))
    for scores, accuracy, shape in cases:
        key = f"boundary.{shape}"
        probability = np.exp(scores) / np.exp(scores).sum(axis=0)
        q = replace(p, probability=probability, status="trained", test_accuracy=accuracy)
        sentence = learning.boundary(q)
        assert sentence.key == key
        assert (learning.embraced(q) == 0) == (key == "boundary.straight_many")
        for lang in ("en", "ko"):
            assert "%" in say(sentence, lang)


def test_the_map_of_regions_is_a_picture():
    from io import BytesIO

    from matplotlib import image

    probability = np.zeros((3, 2, 2))
    probability[0, 0, 0] = probability[1, 0, 1] = probability[2, 1, 1] = 1
    probability[:, 1, 0] = 1 / 3
    pixels = image.imread(BytesIO(encoded(*regions_map(probability))))[::-1]
    assert pixels.shape == (2, 2, 4)
    assert len({tuple(pixels[place][:3]) for place in ((0, 0), (0, 1), (1, 1))}) == 3
    assert pixels[1, 0, 3] == 0  # undecided: clear
    assert pixels[0, 0, 3] == pixels[1, 1, 3] > 0.3
    probability[:, 0, 0] = np.nan
    assert image.imread(BytesIO(encoded(*regions_map(probability))))[::-1][0, 0, 3] == 0
