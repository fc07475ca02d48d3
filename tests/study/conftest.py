"""Small studies that several files look at; each is trained once."""

import pytest
from study_factory import ARTICLE, FAILING, GRID, own_arrays

import actlab


@pytest.fixture(scope="session")
def grid():
    """Three arms on fresh points, with a grid whose common rate is not its smallest."""
    return actlab.compare(["sigmoid", "relu", "tanh"], **GRID)


@pytest.fixture(scope="session")
def article():
    """Two arms on the article's split, with a grid: four views and a gap."""
    return actlab.compare(["sigmoid", "relu"], **ARTICLE)


@pytest.fixture(scope="session")
def arrays():
    """Two arms on a user's own arrays, with a grid."""
    return actlab.compare(
        ["relu", "tanh"], data=own_arrays(), hidden=(4, 3), seeds=4, learning_rates=(0.1, 1), epochs=10, batch_size=16
    )


@pytest.fixture(scope="session")
def failing():
    """relu collapses on most seeds at learning rate 5; the cube diverges on all."""
    return actlab.compare(["relu", "x*x*x"], **FAILING)


@pytest.fixture(params=["grid", "article", "arrays", "failing"])
def study(request):
    return request.getfixturevalue(request.param)
