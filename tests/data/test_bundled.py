"""The sets that come with scikit-learn."""

import pickle

import numpy as np
import pytest
from sklearn import datasets

from actlab.data import BUNDLED, Source, resolve
from actlab.text import UserError

SHAPES = {"digits": (1797, 64, 10), "breast_cancer": (569, 30, 2), "wine": (178, 13, 3), "iris": (150, 4, 3),
          "diabetes": (442, 10, 0)}  # fmt: skip
EACH = pytest.mark.parametrize("name", sorted(SHAPES))


@EACH
def test_the_rows_are_scikit_learns(name):
    settings = {"scaled": False} if name == "diabetes" else {}
    theirs = getattr(datasets, f"load_{name}")(**settings)
    source = resolve(name)
    np.testing.assert_array_equal(source.X, theirs.data)
    np.testing.assert_array_equal(source.y, theirs.target)
    assert source.features == tuple(theirs.feature_names)
    n, d, k = SHAPES[name]
    assert (len(source.y), source.dimension, len(source.classes)) == (n, d, k)
    assert source.task == ("regression" if k == 0 else "binary" if k == 2 else "multiclass")


@EACH
def test_what_the_source_says(name):
    source = resolve(name)
    assert isinstance(source, Source)
    assert (source.name, source.conditional, source.resplits, source.parent) == (name, True, True, None)
    assert source == resolve(name.upper()) == pickle.loads(pickle.dumps(source))
    assert source.n_train + source.n_validation + source.n_test == SHAPES[name][0]
    draw = source.draw(4)
    assert (len(draw.train), len(draw.validation), len(draw.test)) == (
        source.n_train,
        source.n_validation,
        source.n_test,
    )
    assert np.isfinite(draw.test.X).all()
    for value in source.classes:
        assert type(value) in (int, str)
    with pytest.raises(UserError) as caught:
        resolve(name, noise=0.1)
    assert caught.value.key == "data.fixed"


@EACH
def test_classes_keep_their_shares_in_every_part(name):
    source = resolve(name)
    if not source.classes:
        assert abs(source.draw(0).train.y.mean()) < 1e-12
        return
    share = np.bincount(source.y.astype(int)) / len(source.y)
    for seed in range(3):
        draw = source.draw(seed)
        for part in (draw.train, draw.validation, draw.test):
            counts = np.bincount(part.y.astype(int), minlength=len(share))
            assert np.abs(counts - share * len(part)).max() <= 1.5


def test_the_names_are_offered():
    assert set(BUNDLED) == set(SHAPES)
