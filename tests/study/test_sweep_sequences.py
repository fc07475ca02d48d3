"""Sweeps over sequences, learned by recurrent nets: they are those of `compare`, and a report says what they did."""

import polars as pl
import pytest
from sweep_factory import done, files

import actlab
from actlab.report.sweeps import write_report
from actlab.study.sweep import Store
from actlab.study.sweep.analysis import analyse
from actlab.text import LANGUAGES

PLAN = """
data = ["adding:6", "recall:4", "moons"]
activations = ["tanh", "relu"]
hidden = [[5], [4, 3]]
learning_rates = 0.1
seeds = 16
epochs = 3
train_points = 64
validation_points = 50
test_points = 100
"""


@pytest.fixture(scope="module")
def where(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sequences")
    assert done(PLAN, folder).nets == 16 * 12
    return folder


@pytest.mark.parametrize(("data", "score"), [("adding:6", "test_r2"), ("recall:4", "test_accuracy")])
def test_the_nets_are_those_of_compare(where, data, score):
    text = PLAN.replace("train_points = 64\n", "").replace("validation_points = 50\n", "").replace("[5], ", "")
    done(text, where)  # sizes that `compare` takes
    other = actlab.compare(
        ["tanh", "relu"], data=data, hidden=(4, 3), seeds=16, learning_rates=0.1, epochs=3, test_points=100
    ).frame
    frame = pl.read_parquet(where / "nets" / "*.parquet").filter(pl.col("train_points") != 64, data=data)
    for arm, formula in (("tanh", "tanh(x)"), ("relu", "max(x, 0)")):
        own, theirs = frame.filter(activation=formula).sort("seed"), other.filter(arm=arm).sort("seed")
        assert own["test_score"].to_list() == theirs[score].to_list()
        assert own["train_loss"].to_list() == theirs["train_loss"].to_list()
    done(PLAN, where)


def test_a_page_says_what_they_did(where, tmp_path):
    store = Store(where)
    found = analyse(store, store.plan())
    assert set(found.summary["data"]) == {"adding:6", "recall:4", "moons"}
    written = write_report(found, store.plan(), store, tmp_path)
    assert all("recall:4" in written.pages[lang].read_text(encoding="utf-8") for lang in LANGUAGES)


def test_again_nothing_is_trained(where):
    before = files(where)
    outcome = done(PLAN, where)
    assert outcome.found == outcome.nets
    assert files(where) == before
