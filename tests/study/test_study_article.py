"""The article's own setting, and where its difference comes from."""

import pytest

import actlab


@pytest.fixture(scope="module")
def published():
    """2-8-8-1, learning rate 0.05, 800 epochs, batches of 64, on the article's split; 256 seeds of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("actlab.study.Plan.parent", None)  # the generator beside it would take most of the time
        return actlab.compare(["sigmoid", "relu"], data="moons:article", seeds=256, learning_rates=(0.05,))


def test_the_published_accuracies(published):
    """About 80 % and 97.5 % on the article's 100 test points."""
    accuracy = dict(published.summary.select("arm", "estimate").iter_rows())
    assert 0.785 < accuracy["sigmoid"] < 0.81
    assert 0.965 < accuracy["relu"] < 0.982
    assert published.summary["difference_low"][1] > 0.1
    assert published.frame.height == 2 * 256


def test_on_fresh_points_sigmoid_is_less_far_behind():
    """The same nets on fresh points, 32 seeds: almost half of the difference was the split's."""
    result = actlab.compare(["sigmoid", "relu"], data="moons", seeds=32, learning_rates=0.05)
    accuracy = dict(result.summary.select("arm", "estimate").iter_rows())
    assert 0.86 < accuracy["sigmoid"] < 0.895
    assert 0.965 < accuracy["relu"] < 0.982


def test_without_a_grid_the_gap_has_no_third_part():
    settings = {"data": "moons:article", "hidden": (5,), "seeds": 4, "epochs": 2}
    result = actlab.compare(["sigmoid", "relu"], learning_rates=0.05, **settings)
    assert [view.data for view in result.views] == ["moons:article", "moons"]
    assert result.gap is None


def test_at_the_rate_of_its_choice_sigmoid_is_not_behind_much():
    """At lr 5 sigmoid reaches 97 % on fresh points: the difference was the learning rate's."""
    result = actlab.compare("sigmoid", seeds=16, learning_rates=5.0)
    assert result.summary["estimate"].item() > 0.96


def test_the_gap_is_made_of_the_views(article):
    gap = article.gap
    means = dict(article.summary.filter(view=0).select("arm", "estimate").iter_rows())
    ahead = max(article.arms, key=means.get)
    assert gap.arms[0] == ahead
    assert set(gap.arms) == set(article.arms)
    for part, view in ((gap.as_published, 0), (gap.fresh, 2), (gap.fresh_best, 3)):
        row = article.summary.filter(view=view, arm="relu").row(0, named=True)
        sign = 1 if ahead == "relu" else -1
        assert part[0] == pytest.approx(sign * row["difference"], abs=1e-12)
        # One comparison only: the simultaneous interval is the plain one.
        assert sorted(part[1:]) == pytest.approx(sorted(sign * row[f"difference_{end}"] for end in ("low", "high")))
        assert part[1] <= part[0] <= part[2]
    assert gap.as_published[0] >= 0


def test_the_gap_turns_with_the_order_of_the_arms_and_takes_the_largest(article):
    """The leader stands first whichever arm is named first; of several arms the one furthest from the first counts."""
    settings = {"data": "moons:article", "hidden": (5,), "seeds": 5, "learning_rates": (0.05, 0.5), "epochs": 10}
    turned = actlab.compare(["relu", "sigmoid"], **settings).gap
    assert turned == article.gap
    three = actlab.compare(["sigmoid", "softplus", "relu"], **settings)
    means = dict(three.summary.filter(view=0).select("arm", "estimate").iter_rows())
    furthest = max(("softplus", "relu"), key=lambda arm: abs(means[arm] - means["sigmoid"]))
    assert set(three.gap.arms) == {"sigmoid", furthest}


def test_no_gap_where_there_is_nothing_to_part(grid, arrays, failing):
    assert grid.gap is None
    assert arrays.gap is None
    assert failing.gap is None
    settings = {"data": "moons:article", "hidden": (5,), "seeds": 4, "learning_rates": (0.05, 0.5), "epochs": 2}
    assert actlab.compare("relu", **settings).gap is None
