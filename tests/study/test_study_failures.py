"""Nets that fail are counted and named; none is dropped, and none stops the study."""

import numpy as np
import polars as pl
import pytest

import actlab


def test_relu_collapses_at_a_rate_of_5(failing):
    """The published failure: at lr 5 about half of relu nets on the two moons give one class to every point."""
    relu = failing.frame.filter(arm="relu")
    collapsed = relu.filter(status="collapsed")
    assert collapsed.height >= relu.height / 4
    # Half of the test points are of either class: a constant answer is right on about half of them.
    assert collapsed["test_accuracy"].is_between(0.4, 0.6).all()
    assert collapsed["test_loss"].is_finite().all()
    assert relu.filter(status="trained")["test_accuracy"].max() > 0.8


def test_a_diverged_net_has_no_right_answer(failing):
    cube = failing.frame.filter(arm="x*x*x")
    assert set(cube["status"]) == {"diverged"}
    assert (cube["test_accuracy"] == 0).all()
    assert (cube["test_loss"] == np.inf).all()
    row = failing.summary.filter(arm="x*x*x").row(0, named=True)
    assert (row["nets"], row["diverged"], row["collapsed"], row["estimate"]) == (16, 16, 0, 0)
    assert row["difference"] == pytest.approx(-failing.frame.filter(arm="relu")["test_accuracy"].mean())


def test_collapsed_and_diverged_exclude_each_other(failing):
    counts = failing.summary.select("nets", "collapsed", "diverged")
    assert (counts["collapsed"] + counts["diverged"] <= counts["nets"]).all()
    assert failing.frame["status"].value_counts().sort("status").rows() == [
        ("collapsed", failing.summary["collapsed"].sum()),
        ("diverged", 16),
        ("trained", 16 - failing.summary["collapsed"].sum()),
    ]


def test_portraits_of_failed_nets_say_so(failing):
    status = {portrait.arm: portrait.status for portrait in failing.portraits}
    assert status == {"relu": "collapsed", "x*x*x": "diverged"}


def test_failed_nets_are_in_every_table(failing):
    for table in (failing.curves, failing.traces):
        assert table.filter(arm="x*x*x")["seed"].n_unique() == 16
    assert failing.geometry.filter(arm="x*x*x")["seed"].n_unique() == 8


def test_a_study_of_failures_alone(tmp_path):
    """Every answer overflows from the start, at any rate: the study ends, tunes, and its page can be written."""
    arms = ["exp(x*x + 100)", "exp(x*x + 200)"]
    result = actlab.compare(arms, hidden=(4,), seeds=4, learning_rates=(0.05, 0.5), epochs=2, test_points=100)
    assert set(result.frame["status"]) == {"diverged"}
    assert (result.summary["estimate"] == 0).all()
    assert (result.summary.filter(pl.col("difference").is_not_null())["difference"] == 0).all()
    assert (result.summary["median_test_loss"] == np.inf).all()
    assert result.report(tmp_path / "page.html").stat().st_size > 10_000


def test_a_failure_counts_in_the_choice_of_the_rate():
    """Diverged nets validate as 0: a rate at which they diverge loses to one at which they learn."""
    result = actlab.compare("x*x*x", seeds=4, learning_rates=(0.01, 5), epochs=20, test_points=100)
    best = result.views[1].rates["x*x*x"]
    assert set(result.frame.filter(learning_rate=5.0)["status"]) == {"diverged"}
    assert (result.frame.filter(learning_rate=5.0)["validation_accuracy"] == 0).all()
    assert 5.0 not in best
