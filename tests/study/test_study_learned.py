"""Learned numbers of activations in a study: PReLU beside ReLU."""

import json

import numpy as np
import pytest

import actlab
from actlab import nets, report
from actlab.report.sentences import headline, tell


@pytest.fixture(scope="module")
def result():
    return actlab.compare(
        ["prelu", "relu", "silu(beta=learned)"], hidden=(5, 4), seeds=6, epochs=8, test_points=100, learning_rates=[0.1]
    )


def test_the_numbers_are_those_of_the_nets(result):
    table = result.learned
    assert table.height == 2 * 6 * 2
    assert set(table["arm"]) == {"prelu", "silu(beta=learned)"}
    source = actlab.data.resolve("moons", n_test=100)
    draws = [source.draw(seed) for seed in range(6)]
    spec = nets.NetSpec(2, (5, 4), actlab.get("prelu"), "he")
    trained = nets.train(
        spec, nets.TrainSpec(8, 64), seeds=range(6), learning_rates=[0.1] * 6, set_of_net=range(6),
        train_sets=nets.PointSets.stack([draw.train for draw in draws]),
    )  # fmt: skip
    want = [[layer.learned[0] for layer in spec.unpack(row)[:-1]] for row in trained.weights]
    mine = table.filter(arm="prelu").sort("seed", "layer")
    np.testing.assert_array_equal(mine["value"].to_numpy().reshape(6, 2), want)
    assert (mine["value"] != 0.25).all()
    assert set(mine["start"]) == {0.25}
    assert set(mine["number"]) == {"alpha"}


def test_they_are_told(result):
    for lang in ("en", "ko"):
        told = tell(headline.lede(result), lang)
        assert "alpha" in told
        assert "beta" in told
        assert told in " ".join(report.table(result).split()) or lang == "ko"
    rows = json.loads(json.dumps(result.to_json()))["learned"]
    (first,) = [row for row in rows if row["arm"] == "prelu" and row["layer"] == 1]
    values = result.learned.filter(arm="prelu", layer=1)["value"].to_numpy()
    assert first["median"] == pytest.approx(np.median(values))
    assert first["nets"] == 6


def test_an_arm_without_them_is_not_in_the_table(result):
    alone = actlab.compare(["relu"], seeds=2, epochs=2, test_points=50, learning_rates=[0.1])
    assert alone.learned.is_empty()
    assert alone.to_json()["learned"] == []
    assert "relu" not in set(result.learned["arm"])


def test_the_formulas_tell_a_learned_arm_from_a_fixed_one():
    result = actlab.compare(["silu", "silu(beta=learned)"], seeds=2, epochs=1, test_points=50, learning_rates=[0.1])
    assert result.formulas["silu"] != result.formulas["silu(beta=learned)"]
    assert result.frame["activation"].n_unique() == 2


@pytest.fixture(scope="module")
def diverging():
    """At 1.0 some nets of prelu diverge and some do not; of the cube all do."""
    return actlab.compare(
        ["prelu", "x**3 * learned(1)"], seeds=32, epochs=40, test_points=100, learning_rates=1.0, geometry_seeds=0
    )


def test_nets_that_diverged_are_left_out_and_counted(diverging):
    """Their slope may well be finite, at ±10^37: it means nothing. Their accuracy counts."""
    status = diverging.frame.filter(arm="prelu").sort("seed")["status"].to_numpy()
    diverged = int((status == "diverged").sum())
    assert 0 < diverged < 32
    values = diverging.learned.filter(arm="prelu", layer=1).sort("seed")["value"].to_numpy()
    assert np.isfinite(values[status == "diverged"]).any()
    kept = values[status != "diverged"]
    rows = json.loads(json.dumps(diverging.to_json()))["learned"]
    (first,) = [row for row in rows if row["arm"] == "prelu" and row["layer"] == 1]
    assert (first["nets"], first["diverged"]) == (32 - diverged, diverged)
    assert first["median"] == pytest.approx(np.median(kept))
    assert first["high"] == pytest.approx(np.quantile(kept, 0.9))
    (cube,) = [row for row in rows if row["arm"] != "prelu" and row["layer"] == 1]
    assert (cube["nets"], cube["diverged"], cube["median"]) == (0, 32, None)
    assert diverging.summary["nets"].to_list() == [32, 32]


def test_what_was_left_out_is_said(diverging):
    diverged = diverging.frame.filter(arm="prelu", status="diverged").height
    english, korean = (tell(headline.lede(diverging), lang) for lang in ("en", "ko"))
    assert f"(medians over {32 - diverged} nets; diverged and left out here: {diverged})" in english
    assert f"신경망 {32 - diverged}개의 중앙값(여기서만 발산한 {diverged}개를 뺌)" in korean
    assert "all nets of x**3 * learned(1) diverged" in english
    assert "모든 신경망이 발산해" in korean
