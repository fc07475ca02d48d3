"""Each arm at its best rate: cross-fitted choice, and a grid that grows while an optimum lies at its edge."""

import pytest
from test_study_tables import rates_of_view

import actlab

# (arms, rates given): far too low, far too high, and about right.
GRIDS = [(("relu", "sigmoid"), (0.001, 0.003)), (("relu", "tanh"), (50.0, 200.0)), (("tanh",), (0.02, 0.2, 2.0))]
MOST_EXTENSIONS = 8


@pytest.fixture(scope="module", params=GRIDS, ids=["low", "high", "inside"])
def tuned(request):
    arms, rates = request.param
    result = actlab.compare(arms, hidden=(4,), seeds=6, learning_rates=rates, epochs=12, test_points=200)
    return result, rates


def test_no_optimum_is_left_at_an_edge(tuned):
    result, given = tuned
    for arm in result.arms:
        rates = result.by_rate.filter(arm=arm)["learning_rate"].to_list()
        chosen = set(rates_of_view(result, 1, arm).values())
        assert set(given) <= set(rates)
        at_edge = chosen & {rates[0], rates[-1]}
        assert not at_edge or len(rates) - len(given) >= MOST_EXTENSIONS
        assert result.views[1].rates[arm] == tuple(sorted(chosen))


def test_the_grid_grows_by_its_own_step(tuned):
    """A new rate continues the last step of the grid, to two digits: 0.001, 0.003, 0.009, 0.027, …"""
    result, given = tuned
    for arm in result.arms:
        rates = result.by_rate.filter(arm=arm)["learning_rate"].to_list()
        grown = [rate for rate in rates if rate not in given]
        for rate in grown:
            i = rates.index(rate)
            inner, further = (rates[i - 1], rates[i - 2]) if rate > max(given) else (rates[i + 1], rates[i + 2])
            assert rate == float(f"{inner * inner / further:.2g}")


def test_the_grid_grows_where_it_must_and_only_there():
    """All arms of the low grid want more; the grid of `learning_rates` is the union of the arms'."""
    low = actlab.compare("relu", hidden=(4,), seeds=6, learning_rates=(0.001, 0.003), epochs=12, test_points=200)
    assert max(low.learning_rates) > 0.05
    assert min(low.learning_rates) == 0.001
    high = actlab.compare("relu", hidden=(4,), seeds=6, learning_rates=(50, 200), epochs=12, test_points=200)
    assert min(high.learning_rates) < 5
    best = low.summary.filter(regime="best")["estimate"].item()
    assert best > low.summary.filter(regime="same")["estimate"].item() + 0.1


def test_fixed_data_tune_on_nets_of_their_own(article):
    """On the split, rates are chosen with 225/75 splits of the training points; results come from all 300."""
    fixed = article.frame.filter(data="moons:article")
    assert set(fixed["role"]) == {"tuning", "result"}
    assert fixed.filter(role="tuning")["validation_accuracy"].is_finite().all()
    assert fixed.filter(role="result")["validation_accuracy"].is_nan().all()
    results = set(fixed.filter(role="result").select("arm", "learning_rate").rows())
    wanted = {(arm, rate) for view in article.views[:2] for arm, rates in view.rates.items() for rate in rates}
    assert results == wanted
    assert set(article.frame.filter(data="moons")["role"]) == {"result"}
