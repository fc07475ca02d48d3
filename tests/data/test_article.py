"""The article's split against scikit-learn, bit for bit."""

import pickle

import numpy as np
import pytest
from sklearn.datasets import make_moons
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from actlab.data import Article, Moons, Source, resolve
from actlab.text import UserError


@pytest.fixture(scope="module")
def article():
    return resolve("moons:article")


@pytest.fixture(scope="module")
def oracle():
    X, y = make_moons(n_samples=400, noise=0.18, random_state=42)
    scaler = StandardScaler().fit(X)
    return scaler, train_test_split(scaler.transform(X), y, test_size=0.25, random_state=42)


def test_the_points_are_those_of_scikit_learn(article, oracle):
    _, (X_train, X_test, y_train, y_test) = oracle
    draw = article.refit()
    np.testing.assert_array_equal(draw.train.X, X_train, strict=True)
    np.testing.assert_array_equal(draw.test.X, X_test, strict=True)
    np.testing.assert_array_equal(draw.train.y, y_train)
    np.testing.assert_array_equal(draw.test.y, y_test)
    assert len(draw.validation) == 0
    assert draw.validation.X.shape == (0, 2)


def test_what_the_source_says(article):
    assert isinstance(article, Source)
    assert (article.name, article.conditional, article.parent, article.dimension) == ("moons:article", True, "moons", 2)
    assert article == Article() == pickle.loads(pickle.dumps(article))
    assert hash(article) == hash(Article())
    assert article.specification() == {"source": "moons:article"}
    assert article.bayes_accuracy == Moons().bayes_accuracy


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_a_draw_splits_the_300_by_class(article, seed):
    draw, whole = article.draw(seed), article.refit()
    assert (len(draw.train), len(draw.validation), len(draw.test)) == (225, 75, 100)
    assert (article.n_train, article.n_validation, article.n_test) == (225, 75, 100)
    assert abs(draw.validation.y.mean() - whole.train.y.mean()) < 1 / 75
    rows = np.concatenate([np.c_[draw.train.X, draw.train.y], np.c_[draw.validation.X, draw.validation.y]])
    expected = np.c_[whole.train.X, whole.train.y]
    np.testing.assert_array_equal(rows[np.lexsort(rows.T)], expected[np.lexsort(expected.T)])
    np.testing.assert_array_equal(draw.test.X, whole.test.X)


def test_a_fresh_split_for_every_seed_and_the_same_for_one(article):
    np.testing.assert_array_equal(article.draw(7).train.X, article.draw(7).train.X)
    assert not np.array_equal(article.draw(7).train.X, article.draw(8).train.X)


def test_what_a_caller_does_to_a_draw_stays_there(article):
    article.refit().train.X[:] = 0
    article.draw(0).test.X[:] = 0
    assert article.refit().train.X.std() > 0.5
    assert article.refit().test.X.std() > 0.5


def test_the_boundary_is_the_parents_in_the_articles_coordinates(article, oracle):
    scaler, (X_train, *_) = oracle
    moons = Moons()
    raw = scaler.inverse_transform(X_train)
    distance = article.signed_distance(X_train)
    in_parent = moons.signed_distance((raw - moons.mean) / moons.sd)
    np.testing.assert_array_equal(np.sign(distance), np.sign(in_parent))
    # The two standardisations differ by a few per cent (400 points have their own spread), and so do distances.
    ratio = distance / in_parent
    assert ratio.min() > 0.85
    assert ratio.max() < 1.15


@pytest.mark.parametrize("what", ["noise", "n_train", "n_validation", "n_test"])
def test_nothing_about_it_can_be_chosen(what):
    with pytest.raises(UserError) as caught:
        resolve("moons:article", **{what: 300})
    assert caught.value.key == "data.fixed"
