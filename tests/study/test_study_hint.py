"""How many seeds would have shown a difference: said where none was found and a small one could not have been seen."""

import json

import numpy as np
import pytest

import actlab
from actlab import report
from actlab.report.sentences import headline, tell
from actlab.report.sentences.seeds import hint, needed

SMALL = {"hidden": (3,), "epochs": 20, "test_points": 100, "geometry_seeds": 0, "learning_rates": 0.5}
FEW = {
    "en": "Going by how much these seeds differ, about {seeds} of them would show a difference of 5 points",
    "ko": "의 차이가 있다면 시드 {seeds}개쯤에서 보일 것입니다",
}


@pytest.fixture(scope="module")
def few():
    return actlab.compare(["sigmoid", "relu", "tanh"], **SMALL, seeds=6)


def differences(result, arm, rate=0.5):
    scores = [
        result.frame.filter(arm=name, learning_rate=rate).sort("seed")["test_accuracy"].to_numpy()
        for name in (arm, result.arms[0])
    ]
    return scores[0] - scores[1]


def test_the_number_is_in_the_summary(few):
    rows = {row["arm"]: row for row in few.summary.iter_rows(named=True)}
    assert rows["sigmoid"]["seeds_needed"] is None
    for arm in ("relu", "tanh"):
        d = differences(few, arm)
        assert rows[arm]["seeds_needed"] == actlab.statistics.seeds_to_detect(d, 0.05, comparisons=2)
        # No fewer than the textbook says of a normal spread: (1.96 + 0.84)² s² / δ².
        assert rows[arm]["seeds_needed"] > (2.8 * d.std(ddof=1) / 0.05) ** 2


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_one_sentence_for_all_arms_without_a_difference(few, lang, tmp_path):
    assert (few.summary["difference_low"].drop_nulls() < 0).all()
    seeds = needed(few)
    assert seeds % 10 == 0
    assert 6 < few.summary["seeds_needed"].max() <= seeds < 1.1 * few.summary["seeds_needed"].max() + 10
    assert tell(hint(few), lang).count(f"{seeds:,}") == 1
    text = FEW[lang].format(seeds=f"{seeds:,}")
    assert text in tell(headline.lede(few), lang)
    assert text in " ".join(report.table(few, lang, width=200).split())
    page = few.report(tmp_path / "page.html", lang).read_text(encoding="utf-8")
    assert text.split("{")[0][:20] in page
    assert json.loads(json.dumps(few.to_json()))["hint"] == {"difference": 0.05, "seeds": seeds}


def test_two_arms_are_named():
    result = actlab.compare(["sigmoid", "relu"], **SMALL, seeds=4)
    assert tell(hint(result), "en").endswith("between sigmoid and relu.")
    assert "sigmoid와 relu 사이에" in tell(hint(result), "ko")


def test_nothing_is_said_where_a_difference_was_found_or_could_have_been():
    found = actlab.compare(["x*1e-9", "relu"], **SMALL, seeds=48)
    assert found.summary["difference_low"][1] > 0
    assert (needed(found), hint(found), found.to_json()["hint"]) == (None, [], None)
    same = actlab.compare(["relu", "max(x, 0)"], **SMALL, seeds=128)  # one function, twice
    assert same.summary["detectable"][1] < 0.05
    assert (needed(same), hint(same)) == (None, [])


def test_one_seed_does_not_spread():
    result = actlab.compare(["sigmoid", "relu"], **SMALL, seeds=1)
    assert result.summary["seeds_needed"].null_count() == 2
    assert hint(result) == []
    assert report.table(result)


def test_the_pilot_comes_on_top():
    """Where the first seeds choose the rates, they cannot show a difference at the best ones."""
    result = actlab.compare(
        ["relu", "max(x, 0)*1.0"], **SMALL | {"learning_rates": (0.5, 0.05)}, seeds="auto", until=0.3, most=64
    )
    best = result.summary.filter(regime="best", arm=result.arms[1]).row(0, named=True)
    same = result.summary.filter(regime="same", arm=result.arms[1]).row(0, named=True)
    assert np.isclose(best["difference"], 0)
    more = max(best["seeds_needed"] + 32, same["seeds_needed"])
    assert more <= needed(result) < more + 10
